package command

// aptOptions are those of apt-get(8), apt(8) and apt-cache(8), in the order of
// the manual's OPTIONS section.
const aptOptions = "-y|--yes|--assume-yes --assume-no -q|--quiet|-qq -s|--simulate|--just-print|--dry-run|--recon|--no-act " +
	"-d|--download-only -f|--fix-broken -m|--ignore-missing|--fix-missing --no-download -V|--verbose-versions " +
	"-u|--show-upgraded -P|--build-profiles= -b|--compile|--build -h|--help -v|--version --no-install-recommends " +
	"--install-recommends --install-suggests --no-install-suggests --ignore-hold --no-upgrade --only-upgrade " +
	"--allow-downgrades --allow-remove-essential --allow-change-held-packages --force-yes --reinstall --print-uris " +
	"--purge --auto-remove|--autoremove --no-remove --no-auto-remove --list-cleanup --no-list-cleanup " +
	"-t|--target-release|--default-release= --trivial-only --diff-only --dsc-only --tar-only --arch-only --indep-only " +
	"--allow-unauthenticated --no-allow-insecure-repositories --allow-insecure-repositories " +
	"--allow-releaseinfo-change --allow-releaseinfo-change-suite --show-progress --with-new-pkgs --with-source=r " +
	"-c|--config-file=r -o|--option= -a|--host-architecture= --no-show-upgraded --fix-policy --no-cache --error-on= " +
	"-i|--installed --upgradable --all-versions --only-source --names-only|-n --full --format= --no-strict-solver --solver= --update|-U"

// aptState is what apt-get keeps below /var ("FILES" in apt-get(8)), and where
// packages go.
const (
	aptLists    = "/var/lib/apt/lists /var/cache/apt"
	aptArchives = "/var/cache/apt/archives"
	aptInstalls = "/ /var/lib/apt /var/lib/dpkg /var/cache/apt /var/log/apt"
)

var aptPrograms = []program{
	{
		names: "apt-get apt aptitude", manager: "apt", grammar: grammar{options: aptOptions, offline: "--no-download -s --print-uris"},
		verbs: []verb{
			{names: "update", grammar: grammar{network: true, writes: aptLists}},
			{names: "upgrade,dist-upgrade,full-upgrade,safe-upgrade,dselect-upgrade", to: "upgrade", grammar: grammar{operands: "p*", network: true, writes: aptInstalls}},
			{names: "install,reinstall", to: "install", grammar: grammar{operands: "p*", network: true, writes: aptInstalls}},
			{names: "remove", grammar: grammar{operands: "p*", writes: aptInstalls}},
			{names: "purge", to: "remove", grammar: grammar{operands: "p*", writes: aptInstalls}},
			{names: "autoremove,auto-remove,autopurge", to: "autoremove", grammar: grammar{operands: "p*", writes: aptInstalls}},
			{names: "clean", grammar: grammar{writes: aptArchives}},
			{names: "distclean,dist-clean", to: "clean", grammar: grammar{writes: aptLists}},
			{names: "autoclean,auto-clean", to: "clean", grammar: grammar{writes: aptArchives}},
			{names: "build-dep,satisfy", to: "build-dep", grammar: grammar{operands: "p*", network: true, writes: aptInstalls}},
			{names: "source,download,changelog", to: "download", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "check,indextargets,moo,help"},
			{names: "list,search,show,policy,depends,rdepends,showsrc", to: "query", grammar: grammar{operands: "p*"}},
			{names: "markauto,unmarkauto,hold,unhold", to: "mark", grammar: grammar{operands: "p*", writes: "/var/lib/apt"}},
		},
	},
	{ // apt-cache(8)
		names: "apt-cache", manager: "apt", grammar: grammar{options: aptOptions},
		verbs: []verb{{names: "*", to: "query", grammar: grammar{operands: "p*"}}},
	},
	{ // apt-mark(8)
		names: "apt-mark", manager: "apt", grammar: grammar{options: aptOptions},
		verbs: []verb{
			{names: "auto,manual,minimize-manual,hold,unhold", to: "mark", grammar: grammar{options: "-f|--file=r", operands: "p*", writes: "/var/lib/apt /var/lib/dpkg"}},
			{names: "showauto,showmanual,showhold", to: "query", grammar: grammar{operands: "p*"}},
		},
	},
	{ // apt-key(8)
		names: "apt-key", manager: "apt",
		grammar: grammar{options: "--keyring= --keyserver= --keyserver-options= --recv-keys|--recv|--recv-key --homedir= --no-tty --fetch-keys --fingerprint --list-keys --export --batch --quiet"},
		verbs: []verb{
			{names: "add", to: "key", grammar: grammar{operands: "r", writes: "/etc/apt"}},
			{names: "adv", to: "key", grammar: grammar{operands: "t*", network: true, writes: "/etc/apt"}},
			{names: "del", to: "key", grammar: grammar{operands: "t*", writes: "/etc/apt"}},
			{names: "list,export,exportall,finger,update,net-update", to: "key", grammar: grammar{operands: "t*"}},
		},
	},
	{ // apt-config(8)
		names: "apt-config", manager: "apt", grammar: grammar{options: aptOptions},
		verbs: []verb{{names: "dump,shell", to: "query", grammar: grammar{operands: "t*"}}},
	},
	{ // add-apt-repository(1)
		names: "add-apt-repository apt-add-repository", manager: "apt",
		grammar: grammar{
			options:  "-y|--yes -n|--no-update -u|--update -r|--remove -s|--enable-source -P|--ppa= -U|--uri= -S|--sourceslist= -c|--component= -p|--pocket= -m|--massive-debug -k|--keyserver=",
			operands: "t*", network: true, writes: "/etc/apt /var/lib/apt/lists /var/cache/apt",
		},
	},
	{ // dpkg(1)
		names: "dpkg", manager: "apt",
		grammar: grammar{
			options: "-i|--install --unpack --configure -r|--remove -P|--purge -V|--verify -C|--audit -l|--list -L|--listfiles -s|--status -S|--search " +
				"-p|--print-avail --print-architecture --print-foreign-architectures --add-architecture= --remove-architecture= --compare-versions " +
				"-c|--contents -I|--info -x|--extract -X|--vextract -e|--control -b|--build -f|--field --clear-selections --set-selections --get-selections " +
				"--force-* --no-force-* --refuse-* -a|--pending -R|--recursive -G -B|--auto-deconfigure -E|--skip-same-version -O|--selected-only --no-triggers --triggers " +
				"--admindir=r --instdir=w --root=w --path-exclude= --path-include= --ignore-depends= --no-act|--dry-run|--simulate -D= --debug= --status-fd= --assert-* --no-pager --fsys-tarfile",
			operands: "p*", writes: aptInstalls,
			when: []when{
				{options: "-i --unpack", verb: "install", operands: "r*", writes: aptInstalls},
				{options: "-r -P", verb: "remove", operands: "p*", writes: aptInstalls},
				{options: "--print-architecture --print-foreign-architectures", verb: "query"},
				{options: "--add-architecture --remove-architecture", verb: "architecture", writes: "/var/lib/dpkg/arch"},
				{options: "-l -s -L -p", verb: "query", operands: "p*"},
				{options: "-S --compare-versions", verb: "query", operands: "t*"},
				{options: "-c -I --fsys-tarfile", verb: "query", operands: "r"},
				{options: "-x -X -e", verb: "extract", operands: "r w"},
				{options: "-b", verb: "build", operands: "r w"},
				{options: "--configure", verb: "configure", operands: "p*", writes: aptInstalls},
				{options: "--set-selections --clear-selections", verb: "mark", writes: "/var/lib/dpkg"},
				{options: "--get-selections", verb: "query", operands: "t*"},
			},
		},
	},
	{ // dpkg-query(1)
		names: "dpkg-query", manager: "apt",
		grammar: grammar{options: "-f|--showformat= -W|--show -l|--list -s|--status -L|--listfiles -S|--search --admindir=r --no-pager", operands: "t*"},
	},
	{ // dpkg-reconfigure(8)
		names: "dpkg-reconfigure", manager: "apt",
		grammar: grammar{options: "-f|--frontend= -p|--priority= -u|--unseen-only --default-priority --force --no-reload -a|--all", operands: "p*", writes: "/"},
	},
	{ // dpkg-architecture(1), dpkg-buildflags(1)
		names:   "dpkg-architecture dpkg-buildflags",
		grammar: grammar{options: "-q|--query= -l|--list -e|--equal= -i|--is= -s|--print-set -u|--print-unset -f|--force -a|--host-arch= -t|--host-type= -A= -T= -W= -P= -E= -c|--command= --get= --export=? --dump --status --print --query-features=", operands: "t*"},
	},
	{ // dpkg-divert(1), dpkg-statoverride(1), update-alternatives(1)
		names:   "dpkg-divert dpkg-statoverride",
		grammar: grammar{options: "--add --remove --list --rename --no-rename --local --divert=w --package= --quiet --update --force", operands: "t*", writes: "/var/lib/dpkg"},
	},
	{
		names: "update-alternatives alternatives",
		grammar: grammar{
			options:  "--install --slave --set --auto --remove --remove-all --config --display --list --query --force --quiet --verbose --skip-auto --altdir=w --admindir=w --get-selections --all",
			operands: "t*", writes: "/etc/alternatives /var/lib/dpkg/alternatives",
		},
	},
	{ // debconf-set-selections(1)
		names: "debconf-set-selections", manager: "apt",
		grammar: grammar{options: "-c|--checkonly -v|--verbose -u|--unseen", operands: "r*", writes: "/var/cache/debconf"},
	},
	{ // install_packages, of Bitnami's images; clean-install, of Kubernetes's: apt-get update, install, clean
		names: "install_packages clean-install", manager: "apt", grammar: grammar{operands: "p*", network: true, writes: aptInstalls},
	},
	{names: "unminimize", manager: "apt", grammar: grammar{network: true, writes: "/"}},
	{ // mk-build-deps(1)
		names: "mk-build-deps", manager: "apt",
		grammar: grammar{options: "-i|--install -r|--remove -t|--tool= -a|--arch= -s|--root-cmd= -B|--build-dep -A|--build-indep", operands: "r*", network: true, writes: "/ ."},
	},
}
