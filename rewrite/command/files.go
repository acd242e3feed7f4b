package command

// Programs of GNU coreutils and findutils after their manual pages, where
// busybox's take the same options or fewer.
var filePrograms = []program{
	{names: "rm", grammar: grammar{options: "-f|--force -i -I --interactive=? -r|-R|--recursive -d|--dir -v|--verbose --one-file-system --no-preserve-root --preserve-root=?", operands: "w*"}},
	{names: "rmdir", grammar: grammar{options: "-p|--parents -v|--verbose --ignore-fail-on-non-empty", operands: "w*"}},
	{names: "unlink shred", grammar: grammar{options: "-u -n= -z -v -f", operands: "w*"}},
	{names: "mkdir", grammar: grammar{options: "-p|--parents -m|--mode= -v|--verbose -Z --context=?", operands: "w*"}},
	{names: "mkfifo", grammar: grammar{options: "-m|--mode=", operands: "w*"}},
	{names: "mknod", grammar: grammar{options: "-m|--mode=", operands: "w t t t"}},
	{names: "cp", grammar: grammar{
		options: "-a|--archive -r|-R|--recursive -f|--force -i|--interactive -n|--no-clobber -u|--update=? -p --preserve=? --no-preserve= -L|--dereference -P|--no-dereference -H -d -l|--link -s|--symbolic-link -v|--verbose -t|--target-directory=w -T|--no-target-directory -x|--one-file-system --parents --backup=? -b -S|--suffix= --remove-destination --reflink=? --sparse= --strip-trailing-slashes --attributes-only -Z --copy-contents --debug", operands: "r* w",
		when: []when{{options: "-t", operands: "r*"}},
	}},
	{names: "mv", grammar: grammar{
		options: "-f|--force -i|--interactive -n|--no-clobber -u|--update=? -v|--verbose -t|--target-directory=w -T|--no-target-directory --backup=? -b -S|--suffix= --strip-trailing-slashes -Z", operands: "x* w",
		when: []when{{options: "-t", operands: "x*"}},
	}},
	{names: "ln", grammar: grammar{
		options: "-s|--symbolic -f|--force -n|--no-dereference -r|--relative -v|--verbose -i|--interactive -T|--no-target-directory -t|--target-directory=w -L|--logical -P|--physical --backup=? -b -S|--suffix= -d|-F|--directory", operands: "r* w",
		when: []when{{options: "-t", operands: "r*"}},
	}},
	{names: "link", grammar: grammar{operands: "r w"}},
	{names: "install", grammar: grammar{
		options: "-d|--directory -D -m|--mode= -o|--owner= -g|--group= -v|--verbose -p|--preserve-timestamps -s|--strip --strip-program= -t|--target-directory=w -T|--no-target-directory -c -C|--compare -b --backup=? -S|--suffix= -Z", operands: "r* w",
		when: []when{{options: "-d", operands: "w*"}, {options: "-t", operands: "r*"}},
	}},
	{names: "chmod", special: chmod, grammar: grammar{options: "-R|--recursive -v|--verbose -c|--changes -f|--quiet|--silent --reference=r --preserve-root --no-preserve-root -h -H -L -P", operands: "t w*", when: []when{{options: "--reference", operands: "w*"}}}},
	{names: "chown chgrp", grammar: grammar{options: "-R|--recursive -v|--verbose -c|--changes -f|--quiet|--silent -h|--no-dereference --dereference -H -L -P --reference=r --from= --preserve-root --no-preserve-root", operands: "t w*", when: []when{{options: "--reference", operands: "w*"}}}},
	{names: "touch", grammar: grammar{options: "-a -c|--no-create -d|--date= -h|--no-dereference -m -r|--reference=r -t= --time= -f", operands: "w*"}},
	{names: "truncate", grammar: grammar{options: "-s|--size= -c|--no-create -o -r|--reference=r", operands: "w*"}},
	{names: "cat tac rev nl od hexdump xxd", grammar: grammar{options: "-A|--show-all -b -e -E -n|--number -s -t= -T -u -v -c -x -p -r -l= -w= -N= -j= -C", operands: "r*"}},
	{names: "ls dir vdir", grammar: grammar{options: "-a|--all -A|--almost-all -l -h|--human-readable -t -r|--reverse -R|--recursive -d|--directory -1 -S -s -i -n -o -g -G -F|--classify=? -p -L -H -k -m -q -Q -u -U -v -x -X -Z -c -C -b -B -f -D -I= -w= -T= --color=? --full-time --time-style= --group-directories-first --sort= --time= --si --zero --hide= --ignore=", operands: "r*"}},
	{names: "stat", grammar: grammar{options: "-c|--format= --printf= -L|--dereference -f|--file-system -t|--terse", operands: "r*"}},
	{names: "file", grammar: grammar{options: "-b|--brief -L -i|--mime --mime-type -s -z -k", operands: "r*"}},
	{names: "du df", grammar: grammar{options: "-s|--summarize -h|--human-readable -a|--all -c|--total -k -m -b|--bytes -d|--max-depth= -x -L -B= -T -P -i --exclude= --apparent-size --output=? -t=", operands: "r*"}},
	{names: "readlink realpath", grammar: grammar{options: "-f|--canonicalize -e -m -n -q|--quiet -s|--strip|--no-symlinks -v -z --relative-to=r --relative-base=r -L -P", operands: "r*"}},
	{names: "basename", grammar: grammar{options: "-a|--multiple -s|--suffix= -z|--zero", operands: "t*"}},
	{names: "dirname", grammar: grammar{options: "-z|--zero", operands: "t*"}},
	{names: "mktemp", grammar: grammar{options: "-d|--directory -u|--dry-run -q|--quiet -p|--tmpdir=w --suffix= -t", operands: "t", writes: "/tmp"}},
	{names: "dd", grammar: grammar{operands: "t*"}, after: func(p *parse) { keyFiles(p, "if=", "of=") }},
	{names: "sync", grammar: grammar{options: "-d -f", operands: "r*"}},
	{names: "split csplit", grammar: grammar{options: "-b= -l= -n= -d -a= -C= --additional-suffix= -f= -s -z", operands: "r t*", writes: "."}},
	{names: "patch", grammar: grammar{options: "-p|--strip= -i|--input=r -d|--directory=x -N|--forward -R|--reverse -f|--force -t|--batch -s|--quiet|--silent -E -u -l -b --dry-run --verbose -o=w -r|--reject-file=w -F|--fuzz= --binary --no-backup-if-mismatch --ignore-whitespace --merge=?", operands: "x r", writes: "."}},
	{names: "diff cmp comm filterdiff", grammar: grammar{options: "-u -U= -r -N -q -s -b -w -a -B -c -i -y -1 -2 -3 -p= --* -x=", operands: "r*"}},
	{names: "find", special: find},
	{names: "test", special: condition},
	{names: "[", special: condition},
	{names: "setcap", grammar: grammar{options: "-q -v -n= -r -f", operands: "t w*"}},
	{names: "getcap", grammar: grammar{options: "-r -v -n", operands: "r*"}},
	{names: "setfacl", grammar: grammar{options: "-R|--recursive -m|--modify= -d|--default -b -k -x= --set= -n -P -L", operands: "w*"}},
	{names: "chattr", grammar: grammar{options: "-R -V -f", operands: "t w*"}},
	{names: "mount umount", grammar: grammar{options: "-t= -o= -a -l -f -n -r -w --bind --rbind -v", operands: "t*"}},
	{names: "tree", grammar: grammar{options: "-a -L= -d -f -I= -h -s", operands: "r*"}},
	{names: "sponge", grammar: grammar{options: "-a", operands: "w"}},
	{names: "fix-permissions", abroad: true, grammar: grammar{operands: "w*"}}, // of Jupyter's and OpenShift's images
	{names: "ldd nm objdump readelf scanelf pax-utils size strings", grammar: grammar{options: "--* -n -e -m -q -l -a -h -d -D -S -x -f -p -r -R -y -B -F= -E= -T= -k= -u -v -t -b -i -s -W -w -C -nBR", operands: "r*"}},
	{names: "strip", grammar: grammar{options: "-s|--strip-all -g|-S|--strip-debug --strip-unneeded -p|--preserve-dates -v -o=w -R|--remove-section= -K= -N= -x -X --strip-dwo --only-keep-debug", operands: "w*"}},
	{names: "upx dos2unix unix2dos", grammar: grammar{options: "-# --* -q -o=w -k -n -f -v", operands: "x*"}},
}

// chmod takes modes that look like options: -x, -w (chmod(1)).
func chmod(p *parse) {
	for i := 1; i < len(p.words); i++ {
		w := p.words[i]
		if w.Static && len(w.Value) > 1 && w.Value[0] == '-' && isMode(w.Value[1:]) {
			p.operands = append(p.operands, i)
			continue
		}
		if next := p.scanOne(i); next > i {
			i = next - 1
		}
	}
	p.settle()
}

func isMode(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case 'r', 'w', 'x', 'X', 's', 't', 'u', 'g', 'o':
		default:
			return false
		}
	}
	return true
}
