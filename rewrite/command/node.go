package command

// npmOptions: npm takes any --key=value as configuration (npm-config(7)); those
// that take a value as the next word are listed. A flag that is not is refused.
const npmOptions = "-g|--global --location= -D|--save-dev|--dev -S|--save -O|--save-optional -E|--save-exact -P|--save-prod -B|--save-bundle --no-save --production --prod --omit= --include= --only= " +
	"--legacy-peer-deps --strict-peer-deps --force|-f --ignore-scripts --no-audit --audit --no-fund --fund --no-optional --no-package-lock --package-lock --package-lock-only --prefer-offline --prefer-online --offline " +
	"--unsafe-perm --no-bin-links --no-progress --progress --no-update-notifier --no-color --verbose|-d --silent|-s --quiet|-q --loglevel= --prefix|-C=w --cache=w --registry= --userconfig=r --workspace|-w= --workspaces|-ws --include-workspace-root " +
	"--if-present --install-links --foreground-scripts --fetch-timeout= --fetch-retries= --fetch-retry-mintimeout= --fetch-retry-maxtimeout= --maxsockets= --engine-strict --dry-run --tag= --access= -y|--yes --json --long|-l --depth= --parseable|-p -h|--help -v|--version --strict-ssl= --scripts-prepend-node-path --build-from-source --no-shrinkwrap --install-strategy="

const yarnOptions = "--frozen-lockfile --pure-lockfile --immutable --immutable-cache --check-cache --no-lockfile --production|--prod=? --non-interactive --network-timeout= --network-concurrency= --network-mutex= --ignore-scripts --ignore-engines --ignore-optional --ignore-platform --prefer-offline --offline " +
	"--silent|-s --verbose --no-progress --cache-folder=w --modules-folder=w --cwd=r --registry= --force --flat --har --link-duplicates --no-bin-links --check-files --skip-integrity-check --focus --mode= --inline-builds --json --no-default-rc --mutex= --prefix|--global-folder=w --no-cache -v|--version -h|--help --mirror --use-yarnrc=r --link-folder=w --preferred-cache-folder=w --emoji= --no-emoji --latest -W|--ignore-workspace-root-check -D|--dev -E|--exact -P|--peer -O|--optional -T|--tilde --all -A --scripts-prepend-node-path --update-checksums -p|--parallel -t|--topological"

const pnpmOptions = "--frozen-lockfile --no-frozen-lockfile --prefer-frozen-lockfile --lockfile-only --fix-lockfile -P|--prod|--production -D|--dev|--save-dev --no-optional --offline --prefer-offline --ignore-scripts -r|--recursive -w|--workspace-root --filter|-F= --filter-prod= -g|--global -C|--dir=r --store-dir=w --virtual-store-dir=w --reporter= --silent|-s --shamefully-hoist --no-verify-store-integrity --strict-peer-dependencies --no-strict-peer-dependencies --force -O|--save-optional -E|--save-exact --legacy --registry= --if-present --parallel --stream --aggregate-output --workspace-concurrency= --unsafe-perm --network-concurrency= --child-concurrency= --node-linker= --package-import-method= --loglevel= --side-effects-cache --color --no-color -v|--version -h|--help --ignore-workspace --config.*"

var nodePrograms = []program{
	{
		names: "npm", manager: "npm", grammar: grammar{options: npmOptions, offline: "--offline"},
		verbs: []verb{
			{names: "install,i,add,in,ins,inst,isntall", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "ci,clean-install,install-clean", to: "install", grammar: grammar{network: true, writes: "."}},
			{names: "install-test,it", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "uninstall,remove,rm,un,r,unlink", to: "remove", grammar: grammar{operands: "p*", writes: "."}},
			{names: "update,up,upgrade", to: "upgrade", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "prune,dedupe,ddp", to: "prune", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "cache clean,cache clear,cache rm,cache verify", to: "clean", grammar: grammar{operands: "t*"}},
			{names: "cache add,cache ls", to: "cache", grammar: grammar{operands: "t*", network: true}},
			{names: "config,config set,config get,config delete,config list,config ls,set,get,c set", to: "config", grammar: grammar{options: "--*", operands: "t*"}},
			{names: "run,run-script,rum,urn,test,t,start,stop,restart,exec,x", to: "run", grammar: grammar{options: "--*", operands: "t*", network: true, writes: "."}},
			{names: "rebuild,rb,link,ln,pack,init,version,shrinkwrap", to: "build", grammar: grammar{operands: "t*", network: true, writes: "."}},
			{names: "ls,list,la,ll,view,info,show,outdated,root,bin,prefix,help,audit,doctor,ping,whoami,explain,fund,search", to: "query", grammar: grammar{operands: "t*", network: true}},
			{names: "pkg,pkg set,pkg get,pkg delete", to: "config", grammar: grammar{operands: "t*", writes: "."}},
			{names: "login,adduser,publish,audit fix", grammar: grammar{operands: "t*", network: true, writes: "."}},
		},
		after: afterScript,
	},
	{
		names: "yarn yarnpkg", manager: "yarn", grammar: grammar{options: yarnOptions, network: true, offline: "--offline", writes: "."},
		verbs: []verb{
			{names: "install", grammar: grammar{network: true, writes: "."}},
			{names: "add,global add,workspace add", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "remove,global remove", to: "remove", grammar: grammar{operands: "p*", writes: "."}},
			{names: "upgrade,up,global upgrade,dedupe", to: "upgrade", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "cache clean,cache clear", to: "clean", grammar: grammar{operands: "t*"}},
			{names: "cache dir,cache list,list,info,why,config get,config list,licenses,outdated,versions,global bin,global dir,global list,bin", to: "query", grammar: grammar{operands: "t*"}},
			{names: "config,config set,config delete,set version,policies set-version,plugin import,config unset", to: "config", grammar: grammar{options: "-g|--global -H|--home", operands: "t*", network: true, writes: "."}},
			{names: "workspaces focus", to: "install", grammar: grammar{operands: "t*", network: true, writes: "."}},
			{names: "*", to: "run", grammar: grammar{options: "--* -p=", operands: "t*", network: true, writes: "."}},
		},
		after: afterScript,
	},
	{
		names: "pnpm", manager: "pnpm", grammar: grammar{options: pnpmOptions, offline: "--offline"},
		verbs: []verb{
			{names: "install,i", to: "install", grammar: grammar{network: true, writes: "."}},
			{names: "add", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "fetch", to: "download", grammar: grammar{network: true, writes: "."}},
			{names: "remove,rm,uninstall,un", to: "remove", grammar: grammar{operands: "p*", writes: "."}},
			{names: "update,up,upgrade,prune,dedupe", to: "upgrade", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "deploy", grammar: grammar{operands: "w", network: true}},
			{names: "store prune", to: "clean", grammar: grammar{}},
			{names: "store path,list,ls,why,root,bin,licenses,outdated", to: "query", grammar: grammar{operands: "t*"}},
			{names: "config,config set,setup,config get,config delete,env use,import", to: "config", grammar: grammar{operands: "t*"}},
			{names: "*", to: "run", grammar: grammar{options: "--*", operands: "t*", network: true, writes: "."}},
		},
		after: afterScript,
	},
	{
		names: "npx pnpx bunx", manager: "npm", style: posix, grammar: grammar{options: "-y|--yes --no-install -p|--package= -q|--quiet --prefix=w -c|--call= --no --loglevel= --ignore-existing", operands: "p t*", network: true, writes: "."},
		after: func(p *parse) { p.partly = true },
	},
	{
		names: "bun", manager: "bun", grammar: grammar{options: "--frozen-lockfile --production|-p --no-save --ignore-scripts --cwd=r --verbose --silent --no-progress -g|--global -d|--dev -f|--force --no-cache --backend= --omit= --linker= --filter= --bun|-b"},
		verbs: []verb{
			{names: "install,i,add", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "remove,rm", to: "remove", grammar: grammar{operands: "p*", writes: "."}},
			{names: "*", to: "run", grammar: grammar{options: "--*", operands: "t*", network: true, writes: "."}},
		},
		after: afterScript,
	},
	{
		names: "corepack", manager: "corepack", grammar: grammar{options: "-g|--global --install-directory=w --activate -o|--output=w --all"},
		verbs: []verb{
			{names: "enable,disable", to: "config", grammar: grammar{operands: "t*"}},
			{names: "prepare,install,use,pack,up,hydrate", to: "install", grammar: grammar{operands: "t*", network: true}},
		},
	},
	{ // node(1)
		names: "node nodejs", style: posix, grammar: grammar{options: "-e|--eval= -p|--print= -v|--version -r|--require= -c|--check -i --*", operands: "r t*"},
		after: func(p *parse) { p.partly = !p.m.Has("-v") },
	},
	{ // node-gyp, gulp, grunt, tsc, ng, lerna, turbo and nx run what the project says
		names: "node-gyp gulp grunt tsc ng lerna turbo nx webpack vite next bower ember rollup", grammar: grammar{options: "--* -p=r -g -c=r -w", operands: "t*", network: true, writes: "."},
		after: func(p *parse) { p.partly = true },
	},
	{names: "nvm", manager: "nvm", grammar: grammar{options: "--latest-npm --no-progress --silent --default -b -s --reinstall-packages-from= --lts=?", operands: "t*"}, verbs: []verb{
		{names: "install", grammar: grammar{operands: "t*", network: true}},
		{names: "*", grammar: grammar{operands: "t*"}},
	}},
	{names: "n", manager: "n", grammar: grammar{options: "-q|--quiet -d|--download -a|--arch= --insecure", operands: "t*", network: true, writes: "/usr/local"}},
}

// afterScript: a script of package.json does what it likes.
func afterScript(p *parse) {
	if p.m.Verb == "run" {
		p.partly = true
	}
}
