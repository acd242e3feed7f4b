package command

// dnfOptions are those of dnf(8), yum(8), microdnf(8) and tdnf(8).
const dnfOptions = "-y|--assumeyes|--yes -q|--quiet -v|--verbose -e|--errorlevel= -d|--debuglevel= -C|--cacheonly -c|--config=r -R|--randomwait= " +
	"-b|--best --nobest --skip-broken --allowerasing --assumeno --refresh --nogpgcheck --nogpg --nodocs --nobase " +
	"--setopt= --enablerepo|--enable-repo= --disablerepo|--disable-repo= --repo|--repoid= --repofrompath= -x|--exclude|--excludepkgs= --installroot=w --releasever= " +
	"--disableplugin= --enableplugin= --noplugins --noautoremove --downloadonly --downloaddir|--destdir=w --forcearch= --arch= " +
	"--color= --obsoletes --security --bugfix --advisory= --sec-severity= --rpmverbosity= --installed --available --all --showduplicates --qf|--queryformat= " +
	"--save --add-repo= --enable --disable --set-enabled --set-disabled --dump --resolve --url --urls --alldeps --skip-unavailable --no-best --use-host-config --duplicates --latest-limit= --oldinstallonly --allowdowngrade --reposync --define= -D= --spec --srpm --nodeps --recursive --userinstalled"

const rpmInstalls = "/ /var/lib/rpm /var/lib/dnf /var/cache"

var rpmPrograms = []program{
	{
		names: "dnf yum microdnf tdnf dnf5 dnf-3", manager: "dnf", grammar: grammar{options: dnfOptions, offline: "-C"},
		verbs: []verb{
			{names: "install,reinstall,localinstall,install-n,localupdate,in", to: "install", grammar: grammar{operands: "p*", network: true, writes: rpmInstalls}},
			{names: "remove,erase,rm,autoerase,remove-n", to: "remove", grammar: grammar{options: "--oldinstallonly --duplicates", operands: "p*", writes: rpmInstalls}},
			{names: "autoremove", grammar: grammar{operands: "p*", writes: rpmInstalls}},
			{names: "upgrade,update,dist-upgrade,distro-sync,distrosync,downgrade,upgrade-minimal,update-minimal,swap,up,update-to", to: "upgrade", grammar: grammar{operands: "p*", network: true, writes: rpmInstalls}},
			{names: "groupinstall,group install,groupupdate,group upgrade", to: "install", grammar: grammar{operands: "p*", network: true, writes: rpmInstalls}},
			{names: "groupremove,group remove", to: "remove", grammar: grammar{operands: "p*", writes: rpmInstalls}},
			{names: "grouplist,group list,group info", to: "query", grammar: grammar{operands: "p*", network: true}},
			{names: "clean", grammar: grammar{operands: "t*", writes: "/var/cache/dnf /var/cache/yum /var/cache/libdnf5 /var/cache/tdnf"}},
			{names: "makecache,check-update,updateinfo", to: "update", grammar: grammar{operands: "t*", network: true, writes: "/var/cache"}},
			{names: "builddep,build-dep", to: "build-dep", grammar: grammar{operands: "p*", network: true, writes: rpmInstalls}},
			{names: "download,reposync", to: "download", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "config-manager", to: "repository", grammar: grammar{operands: "t*", writes: "/etc"}},
			{names: "copr,copr enable,copr disable", to: "repository", grammar: grammar{operands: "t*", network: true, writes: "/etc/yum.repos.d"}},
			{names: "module enable,module disable,module reset", to: "module", grammar: grammar{operands: "p*", network: true, writes: "/etc/dnf"}},
			{names: "module install,module switch-to", to: "install", grammar: grammar{operands: "p*", network: true, writes: rpmInstalls}},
			{names: "module list,list,info,search,provides,whatprovides,repolist,repoquery,deplist,module info,history,check", to: "query", grammar: grammar{operands: "p*", network: true}},
			{names: "mark,mark install,mark remove,mark user,versionlock,versionlock add", to: "mark", grammar: grammar{operands: "p*", writes: "/etc /var/lib/dnf"}},
		},
	},
	{ // yum-config-manager(1)
		names: "yum-config-manager", manager: "dnf", grammar: grammar{options: dnfOptions, operands: "t*", network: true, writes: "/etc/yum.repos.d /etc/yum.conf"},
	},
	{ // yum-builddep(1)
		names: "yum-builddep", manager: "dnf", grammar: grammar{options: dnfOptions, operands: "p*", network: true, writes: rpmInstalls},
	},
	{ // yumdownloader(1)
		names: "yumdownloader", manager: "dnf", grammar: grammar{options: dnfOptions, operands: "p*", network: true, writes: "."},
	},
	{ // zypper(8)
		names: "zypper zypp", manager: "zypper",
		grammar: grammar{
			options: "-n|--non-interactive --non-interactive-include-reboot-patches -q|--quiet -v|--verbose --no-gpg-checks --gpg-auto-import-keys -p|--plus-repo= " +
				"-R|--root=w --installroot=w --no-refresh --no-color --no-cd --no-remote --releasever= -D|--reposd-dir=r -C|--cache-dir=w --disable-repositories --ignore-unknown -i",
		},
		verbs: []verb{
			{names: "install,in", to: "install", grammar: grammar{options: "-y|--no-confirm -l|--auto-agree-with-licenses -t|--type= -r|--repo|--from= --no-recommends --recommends --force -f --force-resolution --oldpackage --replacefiles --allow-unsigned-rpm -C|--capability --dry-run -d|--download-only --download= --allow-vendor-change --allow-downgrade -n|--name --details --no-force-resolution", operands: "p*", network: true, writes: rpmInstalls}},
			{names: "remove,rm", to: "remove", grammar: grammar{options: "-y|--no-confirm -u|--clean-deps -t|--type= -U|--no-clean-deps --dry-run", operands: "p*", writes: rpmInstalls}},
			{names: "update,up,dup,dist-upgrade,patch,full-upgrade", to: "upgrade", grammar: grammar{options: "-y|--no-confirm -l|--auto-agree-with-licenses -t|--type= -r|--repo|--from= --no-recommends --allow-vendor-change --allow-downgrade --with-update --with-optional --updatestack-only --replacefiles", operands: "p*", network: true, writes: rpmInstalls}},
			{names: "refresh,ref", to: "update", grammar: grammar{options: "-f|--force -s|--services -b|--force-build -d|--force-download -r|--repo=", operands: "t*", network: true, writes: "/var/cache/zypp"}},
			{names: "clean,cc", to: "clean", grammar: grammar{options: "-a|--all -m|--metadata -M|--raw-metadata -r|--repo=", operands: "t*", writes: "/var/cache/zypp"}},
			{names: "addrepo,ar", to: "repository", grammar: grammar{options: "-f|--refresh -c|--check -C|--no-check -d|--disable -e|--enable -G|--no-gpgcheck|--no-gpg-checks -g|--gpgcheck -n|--name= -p|--priority= -r|--repo= -t|--type= -k|--keep-packages -K|--no-keep-packages --gpgcheck-allow-unsigned", operands: "t*", network: true, writes: "/etc/zypp"}},
			{names: "removerepo,rr,modifyrepo,mr,renamerepo,nr,addlock,al,removelock,rl,addservice,as,refresh-services,refs", to: "repository", grammar: grammar{options: "-a|--all -e|--enable -d|--disable -p|--priority= -r|--refresh -G -g", operands: "t*", writes: "/etc/zypp"}},
			{names: "repos,lr,search,se,info,if,list-updates,lu,packages,pa,patches,what-provides,wp,locks,ll", to: "query", grammar: grammar{options: "-s|--details -i|--installed-only -d -u -r= -t=", operands: "t*", network: true}},
			{names: "source-install,si", to: "build-dep", grammar: grammar{options: "-d|--build-deps-only -y", operands: "p*", network: true, writes: rpmInstalls}},
		},
	},
	{ // rpm(8): the mode is an option
		names: "rpm", manager: "rpm",
		grammar: grammar{
			options: "-i|--install -U|--upgrade -F|--freshen -e|--erase -q|--query -V|--verify -K|--checksig --import --initdb --rebuilddb --setperms --eval|-E= --showrc " +
				"-v|--verbose -h|--hash --nodeps --force --nosignature --nodigest --excludedocs --percent --quiet --test --replacepkgs --replacefiles --oldpackage --noscripts --notriggers --nogpgcheck --justdb " +
				"-a|--all -f|--file -p|--package -l|--list -s|--state -c|--configfiles -d|--docfiles -R|--requires --provides --qf|--queryformat= --whatprovides --whatrequires --scripts --changelog " +
				"--root|-r=w --dbpath=w --prefix=w --relocate= -D|--define= --ignorearch --ignoreos --noverify --allmatches --nofiledigest --nocaps --last --reinstall",
			operands: "p*",
			when: []when{
				{options: "-q -V -K --eval --showrc", verb: "query", operands: "t*"},
				{options: "--import", verb: "key", operands: "r*", network: true, writes: "/var/lib/rpm"},
				{options: "-e", verb: "remove", operands: "p*", writes: rpmInstalls},
				{options: "-i -U -F --reinstall", verb: "install", operands: "p*", network: true, writes: rpmInstalls},
				{options: "--rebuilddb --initdb", verb: "rebuild", writes: "/var/lib/rpm"},
			},
		},
	},
}
