package command

// curlOptions are those of curl(1) that scripts use: first the ones without a
// value.
const curlOptions = "-f|--fail --fail-with-body --fail-early -s|--silent --no-silent -S|--show-error -L|--location --location-trusted -O|--remote-name --remote-name-all -J|--remote-header-name -k|--insecure -v|--verbose -i|--include|--show-headers -I|--head -g|--globoff -G|--get " +
	"-N|--no-buffer -n|--netrc --netrc-optional -q|--disable -#|--progress-bar --no-progress-meter --compressed -4|--ipv4 -6|--ipv6 -0|--http1.0 --http1.1 --http2 --http3 -1|--tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 -2|--sslv2 -3|--sslv3 --ssl --ssl-reqd -a|--append " +
	"--create-dirs -p|--proxytunnel -R|--remote-time -Z|--parallel --retry-connrefused --retry-all-errors -V|--version -h|--help=# -j|--junk-session-cookies --anyauth --basic --digest --negotiate --ntlm --raw --tcp-nodelay --no-keepalive --proxy-insecure --path-as-is -l|--list-only --skip-existing --xattr --no-clobber --remove-on-error --ca-native --tr-encoding " +
	"-o|--output=w --output-dir=w -T|--upload-file=r -K|--config=r -d|--data|--data-ascii= --data-binary= --data-raw= --data-urlencode= --json= -F|--form= --form-string= -H|--header= -X|--request= -u|--user= -U|--proxy-user= -A|--user-agent= -e|--referer= -b|--cookie= -c|--cookie-jar=w -D|--dump-header=w " +
	"-x|--proxy= --socks5= --noproxy= -m|--max-time= --connect-timeout= --retry= --retry-delay= --retry-max-time= -w|--write-out= -C|--continue-at= -r|--range= -z|--time-cond= -y|--speed-time= -Y|--speed-limit= --limit-rate= --max-redirs= --max-filesize= " +
	"-E|--cert= --cert-type= --key=r --key-type= --cacert=r --capath=r --pinnedpubkey= --ciphers= --tls-max= --proto= --proto-default= --proto-redir= --resolve= --connect-to= --dns-servers= --interface= --url= --netrc-file=r --oauth2-bearer= --stderr=w --trace=w --trace-ascii=w --unix-socket=r --keepalive-time= -t|--telnet-option= -P|--ftp-port= -Q|--quote= --parallel-max= --etag-save=w --etag-compare=r --variable= --pass= --aws-sigv4= --libcurl=w"

const wgetOptions = "-V|--version -h|--help -b|--background -e|--execute= -o|--output-file=w -a|--append-output=w -d|--debug -q|--quiet -v|--verbose -nv|--no-verbose --report-speed= -i|--input-file=r -F|--force-html -B|--base= --config=r -t|--tries= --retry-connrefused --retry-on-host-error --retry-on-http-error= " +
	"-O|--output-document=w -nc|--no-clobber -c|--continue --start-pos= --progress= --show-progress -N|--timestamping -S|--server-response --spider -T|--timeout= --dns-timeout= --connect-timeout= --read-timeout= -w|--wait= --waitretry= --random-wait --no-proxy -Q|--quota= --bind-address= --limit-rate= --no-dns-cache -4|--inet4-only -6|--inet6-only --prefer-family= --user= --password= --ask-password --no-iri " +
	"-nd|--no-directories -x|--force-directories -nH|--no-host-directories --protocol-directories -P|--directory-prefix=w --cut-dirs= --http-user= --http-password|--http-passwd= --no-cache --default-page= -E|--adjust-extension --ignore-length --header= --compression= --max-redirect= --proxy-user= --proxy-password= --referer= --save-headers -U|--user-agent= --no-http-keep-alive --no-cookies --load-cookies=r --save-cookies=w --keep-session-cookies --post-data= --post-file=r --method= --body-data= --body-file=r --content-disposition --content-on-error --trust-server-names --auth-no-challenge " +
	"--secure-protocol= --https-only --no-check-certificate|--no-check-certificates --certificate=r --certificate-type= --private-key=r --ca-certificate=r --ca-directory=r --no-hsts --ciphers= -r|--recursive -l|--level= --delete-after -k|--convert-links -K|--backup-converted -m|--mirror -p|--page-requisites -A|--accept= -R|--reject= -D|--domains= -H|--span-hosts -L|--relative -I|--include-directories= -X|--exclude-directories= -np|--no-parent --no-use-server-timestamps --no-glob --no-netrc --unlink --no-passive-ftp --passive-ftp -Y= --no-config --no-if-modified-since"

var fetchPrograms = []program{
	{names: "curl", grammar: grammar{options: curlOptions, operands: "t*", network: true, offline: "-V -h", when: []when{{options: "-O --remote-name-all", operands: "t*", writes: "."}}}},
	{ // wget(1); busybox's takes a subset
		names: "wget wget2", grammar: grammar{options: wgetOptions, operands: "t*", network: true, writes: ".", when: []when{{options: "-O -P --spider", operands: "t*"}}},
		after: func(p *parse) {
			if p.has("-O -P --spider -V") {
				p.m.WritesFixed = nil
			}
		},
	},
	{names: "aria2c axel", grammar: grammar{options: "-d|--dir=w -o|--out=w -x|--max-connection-per-server= -s|--split= -n= -c|--continue -q|--quiet -a -k= -j= --*", operands: "t*", network: true, writes: "."}},
	{ // git(1) and the pages of its commands
		names:   "git",
		grammar: grammar{options: "-C=x -c= --git-dir=x --work-tree=x --no-pager -p|--paginate --bare --version --exec-path=? --namespace= --literal-pathspecs --no-replace-objects --config-env= --no-optional-locks -v"},
		verbs: []verb{
			{names: "clone", grammar: grammar{
				options:  "-q|--quiet -v|--verbose --progress -n|--no-checkout --bare --mirror --depth= -b|--branch= --single-branch --no-single-branch --recursive|--recurse-submodules=? --shallow-submodules --no-shallow-submodules --remote-submodules --no-tags --tags -l|--local -s|--shared --reference= --dissociate --filter= --sparse -j|--jobs= -o|--origin= -c|--config= --shallow-since= --shallow-exclude= --template= --separate-git-dir=w -u|--upload-pack= --revision= --also-filter-submodules --reject-shallow --no-hardlinks --bundle-uri= -4 -6",
				operands: "t w", network: true,
			}},
			{names: "fetch,pull", to: "fetch", grammar: grammar{options: "-q|--quiet -v --depth= --unshallow --all --tags|-t --no-tags|-n --recurse-submodules=? --no-recurse-submodules -f|--force -p|--prune -j|--jobs= --update-shallow -u --rebase=? --ff-only --no-rebase --shallow-since= --deepen= --filter= --no-edit --progress -4 -6 --refetch", operands: "t*", network: true, writes: "."}},
			{names: "checkout,switch,reset,restore,clean,revert,stash,rm,mv", to: "checkout", grammar: grammar{options: "-q|--quiet -b= -B= --detach|-d -f|--force --track|-t --orphan= --hard --soft --mixed -x -X -e= -c= -i -p --recurse-submodules --progress -fdx -fd --ours --theirs --no-edit --no-commit|-n --cached -r --source|-s= --staged --worktree --ignore-other-worktrees", operands: "t*", writes: "."}},
			{names: "submodule,submodule update,submodule init,submodule sync,submodule foreach,submodule add,submodule deinit,submodule status", to: "submodule", grammar: grammar{options: "-q|--quiet --init --recursive --depth= --force|-f --remote --recommend-shallow --no-recommend-shallow -j|--jobs= --progress --single-branch --merge --rebase --all --checkout -b= --filter= --no-fetch -N --reference=", operands: "t*", network: true, writes: "."}},
			{names: "config", grammar: grammar{options: "--global --system --local --worktree -f|--file=w --add --get --get-all --unset --unset-all --replace-all -l|--list --bool --int --type= -e --remove-section --rename-section -z --get-regexp --show-origin --path --default=", operands: "t*", writes: "."}},
			{names: "init", grammar: grammar{options: "-q|--quiet --bare -b|--initial-branch= --template= --shared=? --separate-git-dir=w --object-format=", operands: "w"}},
			{names: "add,commit,tag,merge,rebase,cherry-pick,am,apply,branch,gc,prune,reflog,repack,notes,worktree,update-index,update-ref,symbolic-ref,filter-branch,sparse-checkout,read-tree,replace,bisect", to: "change", grammar: grammar{options: "-q|--quiet -A|--all -f|--force -m|--message= -a -s --amend --allow-empty --allow-empty-message --no-edit --no-verify|-n --author= -d|--delete -D -M -v --verbose -p= -R|--reverse -u -3|--3way --check --directory= --whitespace= --ignore-whitespace --reject --index --no-ff --ff-only --abort --continue --onto= --aggressive --prune=? --expire= --expire-unreachable= --auto --now --no-commit --strategy= -X= --skip --keep-cr --stat --exclude= --include= --cone --no-cone -S= --no-gpg-sign -b -B -t -c= -l -i --set-upstream-to= --contains= --list --show-current --depth= --squash --signoff --unidiff-zero --unsafe-paths --allow-unrelated-histories --fixup=", operands: "t*", writes: "."}},
			{names: "remote,remote add,remote set-url,remote remove,remote rm,remote update,remote rename,remote show,remote prune,remote get-url,remote set-branches", to: "remote", grammar: grammar{options: "-f -t= -m= --tags --no-tags --mirror=? -v --add --push --delete -n", operands: "t*", network: true, writes: "."}},
			{names: "lfs,lfs install,lfs pull,lfs fetch,lfs checkout,lfs prune", to: "lfs", grammar: grammar{options: "--system --skip-repo --skip-smudge --local --force -I|--include= -X|--exclude= --all", operands: "t*", network: true, writes: "."}},
			{names: "archive", grammar: grammar{options: "--format= --prefix= -o|--output=w --remote= -l -v -#", operands: "t*"}},
			{names: "push,ls-remote", grammar: grammar{options: "-q|--quiet --tags -f|--force --all --mirror -u --heads|-h -t --refs --exit-code --sort= --delete|-d --get-url --symref", operands: "t*", network: true}},
			{names: "log,show,diff,status,rev-parse,rev-list,describe,ls-files,ls-tree,cat-file,show-ref,blame,grep,merge-base,name-rev,shortlog,for-each-ref,diff-index,hash-object,version,help,whatchanged,verify-commit,verify-tag,check-ignore,var,diff-tree,count-objects,fsck,format-patch", to: "query", grammar: grammar{options: "-# -n= -s|--short=? -1 -p -q --* -z -b -e -l -t -r -h -v -c -w -U=", operands: "t*"}},
		},
	},
	{ // hg(1), svn(1)
		names: "hg", grammar: grammar{options: "-R|--repository=x -q|--quiet -v|--verbose -y|--noninteractive --config= --cwd=r --insecure --debug"}, verbs: []verb{
			{names: "clone", grammar: grammar{options: "-r|--rev= -u|--updaterev= -b|--branch= -U|--noupdate --pull --stream", operands: "t w", network: true}},
			{names: "pull,update,up,incoming,purge,import,identify,id,revert,checkout", grammar: grammar{options: "-u|--update -r|--rev= -C|--clean -b|--branch= -i -a|--all", operands: "t*", network: true, writes: "."}},
		},
	},
	{
		names: "svn", grammar: grammar{options: "-q|--quiet -r|--revision= --depth= --non-interactive --trust-server-cert --trust-server-cert-failures= --username= --password= --no-auth-cache --force --ignore-externals -N --config-option="}, verbs: []verb{
			{names: "checkout,co,export", to: "checkout", grammar: grammar{operands: "t w", network: true, writes: "."}},
			{names: "update,up,info,list,ls,cat,log,revert,switch", grammar: grammar{operands: "t*", network: true, writes: "."}},
		},
	},
	{ // tar(1)
		names: "tar bsdtar gtar", bundle: true,
		grammar: grammar{
			options: "-x|--extract|--get -c|--create -t|--list -r|--append -u|--update -A|--catenate|--concatenate -d|--diff|--compare --delete -f|--file=t -C|--directory=t -z|--gzip|--gunzip|--ungzip -j|--bzip2 -J|--xz --lzma --lzip --lzop --zstd -Z|--compress -a|--auto-compress -I|--use-compress-program= -v|--verbose -p|--preserve-permissions|--same-permissions --no-same-permissions " +
				"-k|--keep-old-files --skip-old-files --keep-newer-files --overwrite --unlink-first|-U -m|--touch -O|--to-stdout -P|--absolute-names -h|--dereference --hard-dereference -S|--sparse -w|--interactive -W|--verify -l|--check-links -b= -M -L= -o|--no-same-owner --same-owner -s|--preserve-order --numeric-owner --owner= --group= --mode= --mtime= --sort= --strip-components|--strip= --strip-path= " +
				"--exclude= -X|--exclude-from=r --exclude-vcs --exclude-vcs-ignores --wildcards --no-wildcards --wildcards-match-slash --no-wildcards-match-slash --anchored --no-anchored --ignore-case -T|--files-from=r --null --no-recursion --recursion --transform|--xform= --one-file-system --remove-files --totals=? --checkpoint=? --checkpoint-action= --warning= --no-overwrite-dir --overwrite-dir --ignore-failed-read --delay-directory-restore --xattrs --no-xattrs --xattrs-include= --xattrs-exclude= --acls --no-acls --selinux --no-selinux -H|--format= --posix --pax-option= --to-command= --force-local --record-size= --blocking-factor= -g|--listed-incremental=x --newer|-N= --show-transformed-names --no-auto-compress --clamp-mtime -n --quoting-style= --no-quote-chars= --exclude-caches --exclude-backups --version --help -i --ignore-zeros --no-ignore-zeros -K= --no-check-device --full-time --no-mac-metadata --uid= --gid= --keep-directory-symlink",
			operands: "t*",
			when: []when{
				{options: "-x", verb: "extract", operands: "t*"},
				{options: "-c -r -u -A", verb: "create", operands: "r*"},
				{options: "-t -d", verb: "list", operands: "t*"},
			},
		},
		after: afterTar,
	},
	{ // unzip(1), zip(1), 7z
		names: "unzip", grammar: grammar{options: "-d=w -o -q -n -u -f -j -l -t -p -c -v -a -aa -L -X -K -C -D -DD -qq -V -U -UU -W -^ -Z -1 -x= -O= -P= -B -:", operands: "r t*", writes: ".", when: []when{{options: "-l -t -p -c -v -Z", operands: "r t*"}}},
		after: func(p *parse) {
			if p.has("-d -l -t -p -c -v -Z") {
				p.m.WritesFixed = nil
			}
		},
	},
	{names: "zip", grammar: grammar{options: "-r|--recurse-paths -q|--quiet -# -j|--junk-paths -y|--symlinks -u|--update -m|--move -d|--delete -X|--no-extra -x|--exclude= -i|--include= -@ -e -P= -D -v -g -T -s=", operands: "w r*"}},
	{names: "7z 7za 7zr p7zip", grammar: grammar{options: "-y -o* -t* -m* -p* -aoa -bd -bso0 -r -x*", operands: "t r t*", writes: "."}},
	{ // gzip(1), bzip2(1), xz(1), zstd(1)
		names:   "gzip gunzip bzip2 bunzip2 xz unxz lzma unlzma zstd unzstd pigz pbzip2 lz4 lzip uncompress compress",
		grammar: grammar{options: "-d|--decompress|--uncompress -k|--keep -f|--force -c|--stdout|--to-stdout -q|--quiet -v|--verbose -t|--test -l|--list -# -n|--no-name -N|--name -r|--recursive -S|--suffix= -T|--threads= -T* -z|--compress -e|--extreme --best --fast --rm -o=w -p= --long=? --ultra -m -h -V|--version --format= -M= --rsyncable -s -L -D=r", operands: "x*"},
	},
	{names: "zcat bzcat xzcat zstdcat gzcat", grammar: grammar{options: "-f -q", operands: "r*"}},
	{ // scp(1), rsync(1), ssh(1), ssh-keyscan(1)
		names: "ssh-keyscan", grammar: grammar{options: "-t= -H -p= -T= -4 -6 -v -D -O= -f=r", operands: "t*", network: true},
	},
	{names: "ssh-keygen", grammar: grammar{options: "-t= -b= -f=x -N= -C= -q -A -R= -y -l -E= -P= -F= -m= -e -i -v", operands: "t*", writes: "/etc/ssh /root/.ssh"}},
	{names: "ssh", style: posix, grammar: grammar{options: "-o= -i=r -p= -l= -T -t -v -q -N -f -4 -6 -A -F=r -n -V", operands: "t*", network: true}},
	{names: "scp", grammar: grammar{options: "-r -q -p -C -P= -i=r -o= -v -B -3", operands: "t*", network: true, writes: "."}},
	{names: "rsync", grammar: grammar{options: "-a|--archive -v|--verbose -q|--quiet -r|--recursive -l|--links -p|--perms -t|--times -g|--group -o|--owner -D -z|--compress -u|--update -L|--copy-links -H|--hard-links -A|--acls -X|--xattrs -P --delete --delete-after --delete-excluded --exclude= --include= --exclude-from=r --files-from=r --remove-source-files --progress --stats -e|--rsh= --chown= --chmod= --no-* --info= -h --safe-links --ignore-existing --existing --inplace --partial -m -c --backup --timeout= -R|--relative -x|--one-file-system -I --ignore-times --numeric-ids -K --keep-dirlinks", operands: "r* w"}},
	{names: "aws gsutil gcloud az kubectl helm s3cmd gh oc", grammar: grammar{options: "--* -q -y -r -n= -f= -m -o=", operands: "t*", network: true, writes: "."}, after: func(p *parse) { p.partly = true }},
	{ // docker(1), podman(1), skopeo(1), ctr(8): what they do is outside the build
		names: "docker podman buildah skopeo crane ctr nerdctl", loose: true, grammar: grammar{options: "--version -v", operands: "t*", network: true}, after: func(p *parse) { p.partly = true },
	},
	{ // gpg(1)
		names: "gpg gpg2 gpgv", style: long, loose: true,
		grammar: grammar{
			options:  "--batch --yes --no-tty --quiet|-q --verbose|-v --keyserver= --keyserver-options= --recv-keys|--recv-key|--receive-keys --recv|-recv --import --export|-export --armor|-a --dearmor|-dearmor --enarmor --verify --output|-o=w --homedir=x --keyring=x --no-default-keyring --primary-keyring=x --secret-keyring=x --fingerprint --with-fingerprint --with-colons --list-keys|-k --list-secret-keys --show-keys --no-options --trust-model= --always-trust --ignore-time-conflict --no-auto-check-trustdb --import-ownertrust --export-ownertrust --delete-keys --delete-key --decrypt|-d --encrypt|-e --sign|-s --detach-sign|-b --clear-sign|--clearsign --gen-key --full-generate-key --quick-generate-key|--quick-gen-key --passphrase= --passphrase-file=r --passphrase-fd= --pinentry-mode= --local-user|-u= --recipient|-r= --no-permission-warning --lock-never --status-fd= --status-file=w --logger-fd= --debug-level= --refresh-keys --fetch-keys --search-keys --send-keys --import-options= --export-options= --check-sigs --auto-key-retrieve --auto-key-locate= --locate-keys --locate-external-keys --version --no-symkey-cache --disable-dirmngr --no-autostart --with-subkey-fingerprint --list-packets --keyid-format= --edit-key --command-fd= --max-output= --no-auto-key-retrieve --no-auto-key-locate --no-secmem-warning --digest-algo= --cipher-algo= --expert --symmetric|-c",
			operands: "t*",
			when: []when{
				{options: "--recv-keys --recv --fetch-keys --refresh-keys --search-keys --send-keys --locate-keys --locate-external-keys", verb: "key", operands: "t*", network: true},
				{options: "--verify", verb: "verify", operands: "r*"},
				{options: "--import --show-keys --dearmor --decrypt --import-ownertrust", verb: "key", operands: "r*"},
			},
		},
	},
	{names: "gpgconf gpg-connect-agent dirmngr", grammar: grammar{options: "--kill= --launch= --list-dirs --reload --homedir=x -K= -R= --create-socketdir --remove-socketdir --check-programs --daemon --verbose|-v", operands: "t*"}},
	{ // openssl(1)
		names: "openssl", style: long, loose: true, grammar: grammar{options: "-out=w -in=r -key=r -keyout=w -CA=r -CAkey=r -config=r -newkey= -days= -subj= -nodes -x509 -new -sha256 -noout -text -binary -hex -base64 -d -e -passout= -passin= -inform= -outform= -connect= -servername= -showcerts -extensions= -addext= -sha1 -sha512 -fingerprint -verify= -batch -CAcreateserial -set_serial= -hash -extfile=r -req -pkeyopt= -algorithm= -aes256 -des3 -name= -inkey=r -export -salt -k= -md=", operands: "t*", network: true},
	},
}

// afterTar: what -f and -C name is read or written by what tar does.
func afterTar(p *parse) {
	extract := p.has("-x") && !p.has("-O --to-command")
	create := p.has("-c -r -u -A --delete")
	for i, r := range p.m.Roles {
		if r.Kind != Text && r.Kind != Option {
			continue
		}
		open := p.open[i]
		switch {
		case r.Value == "" && p.words[i].Static: // the option, whose value is the next word
		case r.Option == "-f" && r.Value == "-":
		case r.Option == "-f" && create:
			p.role(i, Write, "-f", r.Value)
		case r.Option == "-f":
			p.role(i, Read, "-f", r.Value)
		case r.Option == "-C" && extract:
			p.role(i, Write, "-C", r.Value)
		case r.Option == "-C":
			p.role(i, Read, "-C", r.Value)
		}
		p.open[i] = p.open[i] || open && !p.words[i].Glob
	}
	if extract && !p.has("-C") {
		p.m.WritesFixed = append(p.m.WritesFixed, ".")
	}
}
