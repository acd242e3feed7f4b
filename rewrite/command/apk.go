package command

// apkOptions are the global options of apk(8) and those of its commands
// (apk-add(8), apk-del(8), …).
const apkOptions = "-h|--help -p|--root=w -q|--quiet -U|--update-cache --update -v|--verbose -V|--version -i|--interactive -f|--force " +
	"--force-binary-stdout --force-broken-world --force-missing-repositories --force-non-repository --force-old-apk " +
	"--force-overwrite --force-refresh -X|--repository= --allow-untrusted --arch= --cache-dir=w --cache-max-age= " +
	"--keys-dir=r --no-cache --no-check-certificate --no-interactive --no-network --no-progress --print-arch --progress " +
	"--progress-fd= --purge --repositories-file=r --timeout= --wait= -s|--simulate --clean-protected --no-commit-hooks " +
	"--no-scripts --no-logfile --overlay-from-stdin --initdb -l|--latest -u|--upgrade -t|--virtual= --no-chown --usermode " +
	"-r|--rdepends -a|--available --ignore --no-self-upgrade --self-upgrade-only --prune -R|--recursive -L|--link -o|--output=w --stdout --url -e|--installed -d|--description"

const apkInstalls = "/ /lib/apk /etc/apk /var/cache/apk"

var apkPrograms = []program{
	{
		names: "apk", manager: "apk", grammar: grammar{options: apkOptions, offline: "--no-network -s"},
		verbs: []verb{
			{names: "add", to: "install", grammar: grammar{operands: "p*", network: true, writes: apkInstalls}},
			{names: "del", to: "remove", grammar: grammar{operands: "p*", writes: apkInstalls}},
			{names: "update", grammar: grammar{network: true, writes: "/var/cache/apk"}},
			{names: "upgrade,fix", to: "upgrade", grammar: grammar{operands: "p*", network: true, writes: apkInstalls}},
			{names: "fetch", to: "download", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "cache clean", to: "clean", grammar: grammar{writes: "/var/cache/apk"}},
			{names: "cache sync,cache download,cache purge", to: "cache", grammar: grammar{operands: "p*", network: true, writes: "/var/cache/apk"}},
			{names: "info,list,search,policy,dot,audit,stats,version,manifest,verify", to: "query", grammar: grammar{operands: "p*"}},
			{names: "index", grammar: grammar{operands: "r*"}},
		},
	},
	{ // busybox's setup of Alpine
		names: "setup-apkrepos setup-timezone", grammar: grammar{options: "-z= -c -1 -f -r", operands: "t*", writes: "/etc"},
	},
	{ // pacman(8): the operation is an option
		names: "pacman", manager: "pacman",
		grammar: grammar{
			options: "-S|--sync -R|--remove -Q|--query -U|--upgrade -D|--database -T|--deptest -F|--files -V|--version -h|--help -y|--refresh -u|--sysupgrade -c|--clean -s|--search|--recursive " +
				"-n|--nosave -q|--quiet -d|--nodeps -i|--info -l|--list -k|--check -o|--owns -p|--print -w|--downloadonly -g|--groups -v|--verbose -b|--dbpath=w -r|--root=w " +
				"--noconfirm --needed --confirm --noprogressbar --overwrite= --asdeps --asexplicit --disable-download-timeout --ignore= --cachedir=w --config=r --disable-sandbox --init --populate --noscriptlet",
			operands: "p*",
			when: []when{
				{options: "-R", verb: "remove", operands: "p*", writes: "/"},
				{options: "-Q -T -F -V -h", verb: "query", operands: "p*"},
				{options: "-U", verb: "install", operands: "r*", writes: "/"},
				{options: "-c", verb: "clean", operands: "p*", writes: "/var/cache/pacman /var/lib/pacman"},
				{options: "-S", verb: "install", operands: "p*", network: true, writes: "/"},
			},
		},
	},
	{ // pacman-key(8)
		names: "pacman-key", manager: "pacman", grammar: grammar{options: "--init --populate -a|--add -r|--recv-keys --keyserver= --lsign-key", operands: "t*", writes: "/etc/pacman.d/gnupg"},
	},
	{ // xbps-install(1)
		names: "xbps-install", manager: "xbps", grammar: grammar{options: "-S|--sync -u|--update -y|--yes -A|--automatic -f|--force -R|--repository= -r|--rootdir=w", operands: "p*", network: true, writes: "/"},
	},
	{ // swupd(1)
		names: "swupd", manager: "swupd", grammar: grammar{options: "--no-boot-update --no-scripts -y|--yes --quiet"},
		verbs: []verb{
			{names: "bundle-add", to: "install", grammar: grammar{operands: "p*", network: true, writes: "/"}},
			{names: "update", to: "upgrade", grammar: grammar{network: true, writes: "/"}},
			{names: "clean", grammar: grammar{options: "--all", writes: "/var/lib/swupd"}},
		},
	},
	{ // emerge(1)
		names: "emerge", manager: "portage",
		grammar: grammar{
			options: "-q|--quiet -v|--verbose -n|--noreplace -u|--update -D|--deep -N|--newuse -1|--oneshot -C|--unmerge -c|--depclean -a|--ask -j|--jobs=# --sync --*", operands: "p*", network: true, writes: "/",
		},
	},
	{ // opkg
		names: "opkg", manager: "opkg", grammar: grammar{options: "--force-* -f=r"},
		verbs: []verb{
			{names: "install", grammar: grammar{operands: "p*", network: true, writes: "/"}},
			{names: "update", grammar: grammar{network: true, writes: "/var"}},
			{names: "remove", grammar: grammar{operands: "p*", writes: "/"}},
		},
	},
}
