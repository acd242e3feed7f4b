package command

// goBuild are the build flags that build, get, install, list, run and test share
// (`go help build`).
const goBuild = "-C=r -a -n -p= -race -msan -asan -cover -covermode= -coverpkg= -coverprofile=w -v -work -x -asmflags= -buildmode= -buildvcs= -compiler= -gccgoflags= -gcflags= -installsuffix= -json " +
	"-ldflags= -linkshared -mod= -modcacherw -modfile=r -overlay=r -pgo= -pkgdir=w -tags= -trimpath -toolexec= -o=w -i"

var languagePrograms = []program{
	{
		names: "go xx-go", manager: "go", style: long,
		grammar: grammar{options: "--wrap"}, // of xx-go
		verbs: []verb{
			{names: "build", grammar: grammar{options: goBuild, operands: "r*", network: true, writes: "."}},
			{names: "install", grammar: grammar{options: goBuild, operands: "p*", network: true}},
			{names: "get", to: "install", grammar: grammar{options: goBuild + " -d -t -u=? -insecure -tool -f -fix", operands: "p*", network: true, writes: "."}},
			{names: "mod download", to: "download", grammar: grammar{options: "-C=r -x -json -reuse=r", operands: "p*", network: true}},
			{names: "mod tidy,mod vendor,mod init,mod edit,work sync,work init,work use,work vendor", to: "mod", grammar: grammar{options: "-e -v -x -o=w -go= -compat= -require= -replace= -dropreplace= -droprequire= -module= -exclude= -retract= -fmt -print -json -diff", operands: "t*", network: true, writes: "."}},
			{names: "mod verify,mod graph,mod why", to: "query", grammar: grammar{options: "-m -go=", operands: "t*", network: true}},
			{names: "run,tool,generate", to: "run", grammar: grammar{options: goBuild + " -exec= -run=", operands: "t*", network: true, writes: "."}},
			{names: "test,vet,fix,fmt", to: "test", grammar: grammar{options: goBuild + " -c -exec= -bench= -benchtime= -benchmem -count= -cpu= -failfast -list= -parallel= -run= -short -timeout= -vet= -skip= -shuffle= -args -vettool=", operands: "r*", network: true, writes: "."}},
			{names: "clean", grammar: grammar{options: goBuild + " -cache -testcache -modcache -fuzzcache -r", operands: "p*"}},
			{names: "env", grammar: grammar{options: "-json -u -w -changed", operands: "t*"}},
			{names: "list,version,doc,bug,help,telemetry off", to: "query", grammar: grammar{options: goBuild + " -f= -m -deps -e -test -u -versions -retracted -compiled -export -find", operands: "t*", network: true}},
		},
	},
	{ // cargo(1) and the pages of its commands
		names: "cargo", manager: "cargo",
		grammar: grammar{
			options: "-q|--quiet -v|--verbose -vv --color= --frozen --locked --offline --config= -Z= --manifest-path=r --target-dir=w --target= -p|--package= --workspace|--all --exclude= --bin= --bins --lib --example= --examples --test= --tests --bench= --benches --all-targets " +
				"-r|--release --profile= -F|--features= --all-features --no-default-features -j|--jobs= --message-format= --out-dir|--artifact-dir=w --keep-going --timings -V|--version --list --future-incompat-report --ignore-rust-version -C=r",
			offline: "--offline --frozen",
		},
		verbs: []verb{
			{names: "install,binstall", to: "install", grammar: grammar{options: "--version|--vers= --git= --branch= --tag= --rev= --path=r --root=w --registry= --index= -f|--force --no-track --debug --list -y|--no-confirm --no-symlinks --strategies= --targets= --install-path=w", operands: "p*", network: true}},
			{names: "build,b,check,c,rustc,clippy,doc,rustdoc,test,t,bench,run,r,nextest run,fmt,auditable build,zigbuild,component build,pgrx", to: "build", grammar: grammar{options: "--no-run --doc --no-deps --open --no-fail-fast --check --crate-type= --fix --allow-dirty", operands: "t*", network: true, writes: "."}},
			{names: "fetch", to: "download", grammar: grammar{network: true}},
			{names: "vendor,update,generate-lockfile,add,remove", to: "mod", grammar: grammar{options: "--precise= --aggressive --versioned-dirs --respect-source-config --no-delete --dev --build --git= --path=r", operands: "t*", network: true, writes: "."}},
			{names: "init,new", to: "init", grammar: grammar{options: "--bin --lib --name= --vcs= --edition=", operands: "w"}},
			{names: "chef prepare,chef cook", to: "build", grammar: grammar{options: "--recipe-path=x --no-build --check --zigbuild --bin=", network: true, writes: "."}},
			{names: "clean", grammar: grammar{operands: "t*", writes: "."}},
			{names: "metadata,tree,search,locate-project,pkgid,version,verify-project,cache", to: "query", grammar: grammar{options: "--format-version= --no-deps -a|--autoclean", operands: "t*", network: true}},
		},
	},
	{ // rustup(1)
		names: "rustup rustup-init rustup-init.sh", manager: "rustup", abroad: true,
		grammar: grammar{options: "-y -q|--quiet -v|--verbose --no-modify-path --profile= --default-toolchain= --default-host= --component|-c= --target|-t= --no-update-default-toolchain --toolchain= --force --no-self-update --allow-downgrade --version --force-non-host", network: true},
		verbs: []verb{
			{names: "target add,component add,toolchain install,install,toolchain add,update,toolchain update,default,self update", to: "install", grammar: grammar{operands: "t*", network: true}},
			{names: "target remove,component remove,toolchain remove,toolchain uninstall", to: "remove", grammar: grammar{operands: "t*"}},
			{names: "set,set profile,set auto-self-update,override set,override unset,toolchain link,self uninstall", to: "config", grammar: grammar{operands: "t*"}},
			{names: "show,which,toolchain list,target list,component list,check,run,doc,completions,show active-toolchain", to: "query", grammar: grammar{options: "--installed", operands: "t*"}},
		},
	},
	{ // mvn's own help
		names: "mvn mvnw maven", manager: "mvn", abroad: true,
		grammar: grammar{
			options: "-B|--batch-mode -q|--quiet -e|--errors -X|--debug -o|--offline -U|--update-snapshots -nsu|--no-snapshot-updates -ntp|--no-transfer-progress -N|--non-recursive -ff|--fail-fast -fae|--fail-at-end -fn|--fail-never " +
				"-f|--file=r -s|--settings=r -gs|--global-settings=r -t|--toolchains=r -gt|--global-toolchains=r -pl|--projects= -am|--also-make -amd|--also-make-dependents -rf|--resume-from= -P|--activate-profiles= -P* -D|--define= -D* -T|--threads= -T* -l|--log-file=w -v|--version -V|--show-version -C -c -llr -h|--help -ep=r -emp=",
			operands: "t*", network: true, offline: "-o", writes: ".",
		},
		style: long, after: runsFiles,
	},
	{ // gradle's own help
		names: "gradle gradlew", manager: "gradle", abroad: true,
		grammar: grammar{
			options: "-x|--exclude-task= -q|--quiet -i|--info -d|--debug -s|--stacktrace -S|--full-stacktrace -p|--project-dir=r -b|--build-file=r -c|--settings-file=r -g|--gradle-user-home=w -I|--init-script=r -P|--project-prop= -P* -D|--system-prop= -D* --no-daemon --daemon --offline --parallel --no-parallel --console= --warning-mode= --max-workers= " +
				"--refresh-dependencies --build-cache --no-build-cache --configure-on-demand --no-configuration-cache --configuration-cache --continue -m|--dry-run --rerun-tasks --scan --no-scan --status --stop -v|--version -u|--no-search-upward --write-verification-metadata= --dependency-verification= --project-cache-dir=w --tests= --configuration= --no-watch-fs --gradle-version= --distribution-type= -w -t -a -h|--help",
			operands: "t*", network: true, offline: "--offline", writes: ".",
		},
		style: long, after: runsFiles,
	},
	{names: "sbt lein ant boot mill leiningen", abroad: true, manager: "jvm", style: long, grammar: grammar{options: "-D* -J* -v -f=r --* -no-colors -batch -mem= -U -o", operands: "t*", network: true, writes: "."}, after: runsFiles},
	{ // gem(1)
		names: "gem", manager: "gem", version: true,
		grammar: grammar{options: "-N|--no-document --no-ri --no-rdoc -v|--version= -i|--install-dir=w -n|--bindir=w -f|--force -q|--quiet -V|--verbose --no-verbose --user-install --no-user-install --conservative -s|--source= --clear-sources --prerelease|--pre --platform= --minimal-deps --ignore-dependencies --silent -E|--env-shebang --default --norc -l|--local -r|--remote --system -a|--all -x|--executables -I --backtrace -d|--document= --bulk-threshold= -g|--file=? --without= --debug --add= --remove= -p|--http-proxy= --use-system-libraries --suggestions --no-suggestions"},
		verbs: []verb{
			{names: "install,i", to: "install", grammar: grammar{operands: "p*", network: true}},
			{names: "update", to: "upgrade", grammar: grammar{operands: "p*", network: true}},
			{names: "uninstall", to: "remove", grammar: grammar{operands: "p*"}},
			{names: "cleanup", to: "clean", grammar: grammar{operands: "p*"}},
			{names: "build", grammar: grammar{options: "-o|--output=w", operands: "r", writes: "."}},
			{names: "sources,source", to: "config", grammar: grammar{options: "-a|--add= -r|--remove= -c|--clear-all -u|--update", operands: "t*", network: true}},
			{names: "list,env,environment,search,contents,which,specification,info,query,outdated,dependency,fetch,help", to: "query", grammar: grammar{operands: "t*", network: true}},
		},
	},
	{ // bundle(1)
		names: "bundle bundler", manager: "bundle",
		grammar: grammar{options: "-j|--jobs= --retry= --without= --with= --path=w --deployment --frozen --no-cache --no-prune --quiet --local --full-index --system --gemfile=r --clean --binstubs=? --standalone=? --force --redownload --verbose -V --no-color --global --prefer-local --trust-policy= --shebang= -v|--version", network: true, offline: "--local"},
		verbs: []verb{
			{names: "install", grammar: grammar{network: true, writes: "."}},
			{names: "update,lock,add,remove,outdated", to: "upgrade", grammar: grammar{options: "--all --add-platform= --remove-platform= --bundler=? --conservative --patch --minor --group= --update", operands: "p*", network: true, writes: "."}},
			{names: "config,config set,config unset,config get,config list", to: "config", grammar: grammar{operands: "t*", writes: "."}},
			{names: "exec", to: "run", grammar: grammar{options: "--* -e= -t -r=", operands: "t*"}},
			{names: "clean,cache,package,pack", to: "clean", grammar: grammar{options: "--all --no-install --all-platforms", writes: "."}},
			{names: "check,list,show,info,version,env,platform,binstubs,init,doctor,plugin install", to: "query", grammar: grammar{options: "--dry-run --path=? --all", operands: "t*"}},
		},
		after: afterScript,
	},
	{ // ruby(1), perl(1), rake, rails
		names: "ruby rake rails Rscript R perl php lua luajit elixir erl julia guile scala groovy jruby", version: true, style: posix, loose: true, grammar: grammar{options: "-e= -r= -I= -v|--version", operands: "t*"},
		after: func(p *parse) { p.partly = !p.m.Has("-v") },
	},
	{ // mix's own help
		names: "mix", manager: "mix", grammar: grammar{options: "--force --only= --if-missing --no-archives-check --sha512= --* -f", network: true, writes: "."},
		verbs: []verb{
			{names: "local.hex,local.rebar,archive.install,escript.install,deps.get,deps.update,deps.unlock", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "*", to: "run", grammar: grammar{operands: "t*", network: true, writes: "."}},
		},
		after: afterScript,
	},
	{ // dotnet's own help
		names: "dotnet", manager: "dotnet", grammar: grammar{
			options: "-v|--verbosity|-verbosity= -c|--configuration= -o|--output=w -r|--runtime= -f|--framework= --no-restore --no-build --no-cache --no-dependencies --self-contained --no-self-contained --sc --source|-s= --packages=w --configfile=r --disable-parallel --ignore-failed-sources --interactive --force -a|--arch= --os= --nologo --use-current-runtime|--ucr --version-suffix= " +
				"-p* /p* -m* /m* --property* /* --version --info --list-sdks --list-runtimes --locked-mode --use-lock-file --no-logo --no-incremental --manifest=r --project=r --tl* -nodeReuse* -t* -bl* -warnaserror* -graph",
		},
		verbs: []verb{
			{names: "restore", to: "install", grammar: grammar{operands: "r*", network: true, writes: "."}},
			{names: "build,publish,pack,clean,test,run,msbuild,format,vstest", to: "build", grammar: grammar{options: "--logger|-l= --filter= --collect= --results-directory=w --settings= --launch-profile= --no-launch-profile --blame", operands: "r*", network: true, writes: "."}},
			{names: "tool install,tool update,tool restore,tool uninstall,workload install,workload restore,workload update,workload uninstall", to: "install", grammar: grammar{options: "-g|--global --tool-path=w --version= --add-source= --prerelease --local --skip-manifest-update --skip-sign-check --include-previews --from-rollback-file= --temp-dir=w --create-manifest-if-needed --allow-downgrade", operands: "p*", network: true}},
			{names: "new,sln,sln add,sln remove,add,add package,add reference,remove package,new install", to: "init", grammar: grammar{options: "-n|--name= --no-https --no-update-check --force -lang= --version= --dry-run --no-restore --*", operands: "t*", network: true, writes: "."}},
			{names: "nuget locals", to: "clean", grammar: grammar{options: "-c|--clear -l|--list", operands: "t*"}},
			{names: "nuget add,nuget add source,nuget update source,nuget remove source,nuget push,nuget list source,nuget enable source,nuget disable source", to: "config", grammar: grammar{options: "-n|--name= -u|--username= -p|--password= --store-password-in-clear-text --valid-authentication-types= -k|--api-key=", operands: "t*", network: true}},
			{names: "dev-certs,dev-certs https,help,list package,ef,user-secrets set,build-server shutdown,workload list,tool list,sdk check,tool run", to: "query", grammar: grammar{options: "-t|--trust -ep=w -e -p= --clean -np --check --format= -q --*", operands: "t*"}},
			{names: "*", to: "run", grammar: grammar{options: "--*", operands: "t*"}},
		},
		after: afterScript,
	},
	{ // nuget
		names: "nuget", manager: "nuget", style: long, grammar: grammar{options: "-OutputDirectory=w -Version= -Source= -ConfigFile=r -Name= -UserName= -Password= -NonInteractive -x", operands: "t*", network: true, writes: "."},
	},
	{ // cabal, stack, opam, luarocks, cpan, cpanm, dart, flutter, swift, nimble, shards, zef, hg-like helpers
		names: "cabal stack opam luarocks cpan cpanm dart flutter swift nimble shards zef rosdep vcs colcon rebar3 rebar conan vcpkg mkdocs deno", manager: "other",
		grammar: grammar{options: "--* -y -j=# -n -q -v -r -i -a -f -s= -p= -t= -c -g", operands: "t*", network: true, writes: "."},
		after:   runsFiles,
	},
}
