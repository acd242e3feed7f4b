package command

// pipOptions are those of `pip help` and of `pip help install`, download, wheel.
const pipOptions = "-h|--help --debug --isolated --require-virtualenv --python= -v|--verbose -V|--version -q|--quiet --log=w --no-input " +
	"--keyring-provider= --proxy= --retries= --timeout|--default-timeout= --exists-action= --trusted-host= --cert=r --client-cert=r --cache-dir=w --no-cache-dir " +
	"--no-cache --disable-pip-version-check --no-color --no-python-version-warning --use-feature= --use-deprecated= --resume-retries="

const pipInstall = "-r|--requirement=r -c|--constraint=r --no-deps --pre -e|--editable=r -t|--target=w --platform= --python-version= --implementation= --abi= " +
	"--user --root=w --prefix=w --src=w -U|--upgrade --upgrade-strategy= --force-reinstall -I|--ignore-installed --ignore-requires-python --no-build-isolation " +
	"--use-pep517 --no-use-pep517 --check-build-dependencies --break-system-packages -C|--config-settings|--config-setting= --global-option= --install-option= --compile --no-compile " +
	"--no-warn-script-location --no-warn-conflicts --no-binary= --only-binary= --prefer-binary --require-hashes --progress-bar= --root-user-action= --report=w --group= --dry-run " +
	"--no-clean -i|--index-url|--pypi-url= --extra-index-url= --no-index -f|--find-links= -w|--wheel-dir=w -d|--dest=w --no-verify --build-option= --use-wheel --build=w --process-dependency-links --egg --allow-all-external --system"

var pythonPrograms = []program{
	{
		names: "pip pip3", manager: "pip", version: true, grammar: grammar{options: pipOptions, offline: "--no-index"},
		verbs: []verb{
			{names: "install", grammar: grammar{options: pipInstall, operands: "p*", network: true}},
			{names: "download", grammar: grammar{options: pipInstall, operands: "p*", network: true, writes: "."}},
			{names: "wheel", grammar: grammar{options: pipInstall, operands: "p*", network: true}},
			{names: "uninstall", to: "remove", grammar: grammar{options: "-y|--yes -r|--requirement=r --root-user-action= --break-system-packages", operands: "p*"}},
			{names: "freeze,list,show,check,debug,inspect,search,index,hash,help", to: "query", grammar: grammar{options: "-f|--files -r|--requirement=r -l|--local --path= -o|--outdated -e|--editable --format= --all --user --exclude= --exclude-editable --not-required", operands: "p*"}},
			{names: "cache purge,cache remove", to: "clean", grammar: grammar{operands: "t*"}},
			{names: "cache dir,cache info,cache list", to: "query", grammar: grammar{operands: "t*"}},
			{names: "config,config set,config unset,config list,config get", to: "config", grammar: grammar{options: "--global --user --site", operands: "t*"}},
		},
	},
	{ // uv's own help
		names: "uv", manager: "uv", grammar: grammar{
			options: "-q|--quiet -v|--verbose -n|--no-cache --cache-dir=w --offline --native-tls --no-progress --directory=r --project=r --config-file=r --no-config --color= --allow-insecure-host= --system-certs",
			offline: "--offline --no-index",
		},
		verbs: []verb{
			{names: "pip install", to: "install", grammar: grammar{options: pipInstall + " -p|--python= --index= --default-index= --index-strategy= --no-sources --link-mode= --compile-bytecode --torch-backend= --no-build --reinstall --all-extras --extra= -o= --exclude-newer= --prerelease= --resolution= --no-build-package= --no-binary-package=", operands: "p*", network: true}},
			{names: "pip sync", to: "install", grammar: grammar{options: pipInstall + " -p|--python=", operands: "r*", network: true}},
			{names: "pip uninstall", to: "remove", grammar: grammar{options: pipInstall + " -y", operands: "p*"}},
			{names: "pip compile,pip freeze,pip list,pip check,pip show", to: "query", grammar: grammar{options: "-o|--output-file=w --system", operands: "r*", network: true}},
			{names: "sync", to: "install", grammar: grammar{options: uvSync, network: true, writes: "."}},
			{names: "lock,export", to: "lock", grammar: grammar{options: uvSync + " -o|--output-file=w --format= --no-hashes --no-emit-project --no-annotate --no-header", network: true, writes: "."}},
			{names: "add", to: "install", grammar: grammar{options: uvSync, operands: "p*", network: true, writes: "."}},
			{names: "run", grammar: grammar{options: uvSync + " --with= --with-requirements=r --script -m=", operands: "t*", network: true, writes: "."}},
			{names: "venv", grammar: grammar{options: "-p|--python= --seed --system-site-packages --relocatable --clear --allow-existing --prompt= --managed-python --no-managed-python", operands: "w", network: true}},
			{names: "build", grammar: grammar{options: "-o|--out-dir=w --wheel --sdist --all-packages --package= --no-build-isolation", operands: "r", network: true, writes: "."}},
			{names: "python install,tool install,tool run", to: "install", grammar: grammar{options: "-p|--python= --with= --from= -i|--install-dir=w --default --preview --force", operands: "p*", network: true}},
			{names: "cache clean,cache prune", to: "clean", grammar: grammar{options: "--ci --force", operands: "t*"}},
			{names: "version,cache dir,python find,python list,python pin", to: "query", grammar: grammar{operands: "t*"}},
		},
	},
	{ // poetry's own help
		names: "poetry", manager: "poetry", grammar: grammar{options: "-h|--help -q|--quiet -V|--version --ansi --no-ansi -n|--no-interaction --no-plugins --no-cache -C|--directory=r -P|--project=r -v|--verbose -vv -vvv"},
		verbs: []verb{
			{names: "install,sync", to: "install", grammar: grammar{options: "--without= --with= --only= --no-dev --sync --no-root --no-directory --dry-run -E|--extras= --all-extras --all-groups --only-root --compile --remove-untracked --dev", network: true, writes: "."}},
			{names: "add,update,remove,lock", to: "install", grammar: grammar{options: "-G|--group= -D|--dev --lock --no-update --regenerate -E|--extras= --allow-prereleases", operands: "p*", network: true, writes: "."}},
			{names: "config", grammar: grammar{options: "--list --unset --local", operands: "t*"}},
			{names: "build,export,self add,self update,publish", to: "build", grammar: grammar{options: "-f|--format= -o|--output=w --without-hashes --with= --without= --only= --dev --without-urls --all-extras -E|--extras= --with-credentials --clean", operands: "t*", network: true, writes: "."}},
			{names: "run", grammar: grammar{operands: "t*"}},
			{names: "cache clear", to: "clean", grammar: grammar{options: "--all", operands: "t*"}},
			{names: "env use,env info,env list,env remove,check,show,version,about", to: "query", grammar: grammar{options: "-p|--path --lock --all -s|--short", operands: "t*"}},
		},
	},
	{ // conda's and mamba's own help
		names: "conda mamba micromamba", manager: "conda", grammar: grammar{
			options: "-y|--yes -q|--quiet -v|--verbose --json -n|--name= -p|--prefix=w -c|--channel= --override-channels --offline --no-deps --freeze-installed --no-pin --dry-run -k|--insecure --debug --version -r|--root-prefix=w " +
				"--strict-channel-priority --solver= --experimental-solver=", offline: "--offline",
		},
		verbs: []verb{
			{names: "install,update,upgrade", to: "install", grammar: grammar{options: "-f|--file=r --all --update-deps --force-reinstall --only-deps --update-all --no-update-deps --copy --satisfied-skip-solve", operands: "p*", network: true}},
			{names: "create,env create,env update", to: "install", grammar: grammar{options: "-f|--file=r --clone= --copy --prune --no-default-packages", operands: "p*", network: true}},
			{names: "remove,uninstall,env remove", to: "remove", grammar: grammar{options: "--all --force|--force-remove --features", operands: "p*"}},
			{names: "clean", grammar: grammar{options: "-a|--all -t|--tarballs -i|--index-cache -p|--packages -f|--force-pkgs-dirs -l|--logfiles --lock --trash"}},
			{names: "config,config set,config append,config prepend", to: "config", grammar: grammar{options: "--set --append --prepend --add --get --show --show-sources --system --env --remove --remove-key=", operands: "t*"}},
			{names: "init,shell init,shell hook", to: "init", grammar: grammar{options: "-s|--shell= --all --system --user --reverse", operands: "t*"}},
			{names: "run", grammar: grammar{options: "--no-capture-output|--live-stream -s", operands: "t*"}},
			{names: "list,info,search,env list,env export,activate,build,pack", to: "query", grammar: grammar{options: "-e|--envs|--explicit --base --export --all --md5 --full-name", operands: "t*"}},
		},
	},
	{ // python3(1)
		names: "python python3 python2 pypy pypy3", version: true, style: posix,
		grammar: grammar{options: "-c= -m= -b -B -d -E -h -i -I -O -OO -P -q -s -S -u -v -V|--version -W= -x -X= --help", operands: "r t*"},
		after:   afterPython,
	},
	{ // pyenv's own help; virtualenv(1)
		names: "virtualenv pyvenv", manager: "pip", grammar: grammar{options: "-p|--python= --system-site-packages --no-site-packages --without-pip --always-copy --no-download --download --pip= --setuptools= --wheel= --no-setuptools --no-wheel -v -q --clear --symlinks --copies", operands: "w", network: true},
	},
	{names: "pipx", manager: "pip", grammar: grammar{options: "-q|--quiet -v|--verbose --global"}, verbs: []verb{
		{names: "install,inject,upgrade", to: "install", grammar: grammar{options: "--include-deps --python= --pip-args= --index-url= -f|--force --suffix= --preinstall=", operands: "p*", network: true}},
		{names: "ensurepath,list,environment", to: "query"},
		{names: "run", grammar: grammar{operands: "t*", network: true}},
	}},
	{names: "pipenv", manager: "pipenv", grammar: grammar{options: "--python= --three --site-packages --clear -q|--quiet -v|--verbose --rm --venv --bare"}, verbs: []verb{
		{names: "install,sync,update,lock,requirements", to: "install", grammar: grammar{options: "--system --deploy -d|--dev --ignore-pipfile --skip-lock --pre -r|--requirements=? --keep-outdated --categories= --extra-pip-args= --hash", operands: "p*", network: true, writes: "."}},
		{names: "run", grammar: grammar{operands: "t*"}},
		{names: "uninstall", to: "remove", grammar: grammar{options: "--all", operands: "p*", writes: "."}},
	}},
	{names: "easy_install", manager: "pip", grammar: grammar{options: "-U|--upgrade -i|--index-url= -q|--quiet -Z", operands: "p*", network: true}},
	{names: "pyenv", grammar: grammar{options: "--version"}, verbs: []verb{
		{names: "install", grammar: grammar{options: "-s|--skip-existing -f|--force -v|--verbose -k|--keep", operands: "t*", network: true}},
		{names: "*", grammar: grammar{options: "-f|--force --path --no-rehash", operands: "t*"}},
	}},
	{names: "pytest py.test", grammar: grammar{options: "-v|--verbose -q|--quiet -x -s -n= -k= -m= --cov=? --cov-report= --tb= --*", operands: "r*", writes: "."}},
}

const uvSync = "--frozen --locked --no-dev --dev --no-install-project --no-install-workspace --no-install-package= --extra= --all-extras --no-extra= --group= --no-group= --all-groups --only-group= --only-dev --no-editable " +
	"--inexact --exact --link-mode= --compile-bytecode --python|-p= --no-sources --package= --all-packages --active --no-default-groups --index-url= --index= --default-index= --reinstall --no-build-isolation --no-build -U|--upgrade --refresh --no-sync --isolated --managed-python"

// afterPython: behind -c and -m there are only arguments; -m pip is pip.
func afterPython(p *parse) {
	for i := 1; i < len(p.words); i++ {
		w := p.words[i]
		if w.Static && (w.Value == "-c" || w.Value == "-m") {
			for _, at := range p.operands {
				p.role(at, Text, "", p.words[at].Value)
			}
			if w.Value == "-m" && i+1 < len(p.words) && p.words[i+1].Static && (p.words[i+1].Value == "pip" || p.words[i+1].Value == "virtualenv" || p.words[i+1].Value == "pytest" || p.words[i+1].Value == "pipx") {
				p.inner(i + 1)
			}
			if w.Value == "-m" && p.m.Inner == nil || w.Value == "-c" {
				p.partly = true // what the module or program does is not in the words
			}
			return
		}
		if p.m.Roles[i].Kind != Option {
			break
		}
	}
	if !p.m.Has("-V") && !p.m.Has("-h") {
		p.partly = true
	}
}
