package command

var phpPrograms = []program{
	{ // composer's own help
		names: "composer composer.phar", manager: "composer", abroad: true,
		grammar: grammar{
			options: "-h|--help -q|--quiet -V|--version --ansi --no-ansi -n|--no-interaction --profile --no-plugins --no-scripts -d|--working-dir=r --no-cache -v|--verbose -vv -vvv --prefer-source --prefer-dist --prefer-install= --dry-run --dev --no-dev --no-autoloader --no-progress --no-suggest " +
				"-o|--optimize-autoloader|--optimize -a|--classmap-authoritative --apcu-autoloader --apcu-autoloader-prefix= --ignore-platform-req= --ignore-platform-reqs --no-install --no-update -W|--with-all-dependencies -w|--with-dependencies --update-no-dev --update-with-dependencies --update-with-all-dependencies --sort-packages --prefer-stable --prefer-lowest --fixed --no-audit --strict-psr --apcu --no-security-blocking",
		},
		verbs: []verb{
			{names: "install,i", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "require,global require,req", to: "install", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "update,upgrade,u,global update", to: "upgrade", grammar: grammar{options: "--lock --with= --root-reqs", operands: "p*", network: true, writes: "."}},
			{names: "remove", grammar: grammar{operands: "p*", network: true, writes: "."}},
			{names: "create-project", to: "install", grammar: grammar{options: "-s|--stability= --repository= --keep-vcs --remove-vcs --no-secure-http", operands: "p w t", network: true, writes: "."}},
			{names: "dump-autoload,dumpautoload,run-script,run,exec,init,archive", to: "build", grammar: grammar{options: "--*", operands: "t*", writes: "."}},
			{names: "config,global config", to: "config", grammar: grammar{options: "-g|--global --unset --json --auth --merge --list -a", operands: "t*", writes: "."}},
			{names: "clear-cache,clearcache,cc", to: "clean"},
			{names: "self-update,selfupdate", to: "upgrade", grammar: grammar{options: "--1 --2 --stable --preview --snapshot --rollback -r --clean-backups --set-channel-only --update-keys", operands: "t", network: true}},
			{names: "show,info,validate,diagnose,about,check-platform-reqs,licenses,audit,outdated,status,global exec,suggests", to: "query", grammar: grammar{options: "--*", operands: "t*", network: true}},
		},
	},
	{ // pecl(1), pear(1)
		names: "pecl pear", manager: "pecl", grammar: grammar{options: "-v -q -D|--define= -D* -f|--force -n|--nodeps -r|--register-only -s|--soft -B|--nobuild -Z|--nocompress -R|--installroot=w -P|--packagingroot=w -o|--onlyreqdeps -a|--alldeps -O|--offline -p|--pretend --configureoptions= --ignore-errors"},
		verbs: []verb{
			{names: "install", grammar: grammar{operands: "p*", network: true, writes: "/tmp/pear /usr/local"}},
			{names: "upgrade,upgrade-all", to: "upgrade", grammar: grammar{operands: "p*", network: true}},
			{names: "uninstall", to: "remove", grammar: grammar{operands: "p*"}},
			{names: "update-channels,channel-update,channel-discover,channel-add", to: "update", grammar: grammar{operands: "t*", network: true}},
			{names: "clear-cache", to: "clean", grammar: grammar{writes: "/tmp/pear"}},
			{names: "download,bundle", to: "download", grammar: grammar{options: "-d=w", operands: "p*", network: true, writes: "."}},
			{names: "config-set,config-create,config-get,config-show,list,info,run-tests,package-validate,package,list-files", to: "config", grammar: grammar{operands: "t*"}},
		},
	},
	{ // scripts of the official php image
		names: "docker-php-ext-install docker-php-ext-enable", manager: "php", grammar: grammar{options: "-j=# --ini-name=", operands: "p*", writes: "/usr/local /usr/src"},
	},
	{names: "docker-php-ext-configure", manager: "php", grammar: grammar{options: "--*", operands: "p", writes: "/usr/src"}},
	{names: "docker-php-source", manager: "php", grammar: grammar{writes: "/usr/src"}, verbs: []verb{{names: "extract,delete", grammar: grammar{writes: "/usr/src"}}}},
	{names: "install-php-extensions", manager: "php", abroad: true, grammar: grammar{options: "--cleanup", operands: "p*", network: true, writes: "/"}},
	{names: "phpize phpenmod phpdismod", grammar: grammar{options: "-v= -s= --clean", operands: "t*", writes: "/etc/php ."}},
	{ // a2enmod(8)
		names: "a2enmod a2dismod a2enconf a2disconf a2ensite a2dissite", grammar: grammar{options: "-q|--quiet -m|--maintmode -p|--purge -f|--force", operands: "t*", writes: "/etc/apache2 /var/lib/apache2"},
	},
}
