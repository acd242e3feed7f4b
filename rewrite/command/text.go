package command

// Programs that read text and print it, after the manual pages of GNU coreutils,
// grep, sed and gawk.
var textPrograms = []program{
	{names: "echo", style: posix, loose: true, grammar: grammar{options: "-n -e -E", operands: "t*"}},
	{names: "printf", style: posix, loose: true, grammar: grammar{operands: "t*"}},
	{names: "sed gsed", grammar: grammar{
		options: "-i|--in-place=? -e|--expression= -f|--file=r -n|--quiet|--silent -E|-r|--regexp-extended -s|--separate -u|--unbuffered -z|--null-data -l= --posix --follow-symlinks --debug --sandbox -b", operands: "t r*",
		when: []when{{options: "-e -f", operands: "r*"}},
	}, after: afterSed},
	{names: "grep egrep fgrep rg zgrep", grammar: grammar{
		options: "-E|--extended-regexp -F|--fixed-strings -G -P|--perl-regexp -e|--regexp= -f|--file=r -i|--ignore-case -y -v|--invert-match -w|--word-regexp -x|--line-regexp -c|--count --color|--colour=? -L|--files-without-match -l|--files-with-matches -m|--max-count= -o|--only-matching -q|--quiet|--silent -s|--no-messages -b -H|--with-filename -h|--no-filename --label= -n|--line-number -T -Z|--null -A|--after-context= -B|--before-context= -C|--context= -# -a|--text --binary-files= -D= -d= -I --exclude= --exclude-from=r --exclude-dir= --include= -r|--recursive -R|--dereference-recursive -z|--null-data --line-buffered -U", operands: "t r*",
		when: []when{{options: "-e -f", operands: "r*"}},
	}},
	{names: "awk gawk mawk nawk", style: posix, grammar: grammar{options: "-F|--field-separator= -v|--assign= -f|--file=r -e= --posix --re-interval -r -W=", operands: "t r*", when: []when{{options: "-f", operands: "r*"}}}, after: func(p *parse) {
		p.partly = true // a program of its own, which may write files
	}},
	{names: "head tail", grammar: grammar{options: "-n|--lines= -c|--bytes= -q|--quiet|--silent -v|--verbose -f|--follow=? -F -# -z --pid= -s= --retry", operands: "r*"}},
	{names: "sort", grammar: grammar{options: "-u|--unique -r|--reverse -n|--numeric-sort -V|--version-sort -k|--key= -t|--field-separator= -o|--output=w -f -b -d -g -h -i -M -R -c|--check=? -C -m|--merge -s|--stable -S= -T=w -z|--zero-terminated --parallel=", operands: "r*"}},
	{names: "uniq", grammar: grammar{options: "-c|--count -d|--repeated -D -u|--unique -i|--ignore-case -f= -s= -w= -z", operands: "r w"}},
	{names: "cut", grammar: grammar{options: "-d|--delimiter= -f|--fields= -c|--characters= -b|--bytes= -s|--only-delimited --complement --output-delimiter= -n -z", operands: "r*"}},
	{names: "tr", style: posix, grammar: grammar{options: "-d|--delete -s|--squeeze-repeats -c|-C|--complement -t|--truncate-set1", operands: "t t"}},
	{names: "wc", grammar: grammar{options: "-l|--lines -w|--words -c|--bytes -m|--chars -L", operands: "r*"}},
	{names: "tee", grammar: grammar{options: "-a|--append -i|--ignore-interrupts -p --output-error=?", operands: "w*"}},
	{names: "paste join expand unexpand fold fmt column", grammar: grammar{options: "-d|--delimiters= -s|--serial -t= -w= -i -a -1= -2= -o= -e= -v=", operands: "r*"}},
	{names: "base64 base32", grammar: grammar{options: "-d|-D|--decode -i|--ignore-garbage -w|--wrap=", operands: "r"}},
	{names: "md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum shasum sum", grammar: grammar{options: "-c|--check -b|--binary -t|--text -s|--status -q|--quiet -w|--warn --strict --ignore-missing --tag -z -a|--algorithm= --length=", operands: "r*"}},
	{names: "jq yq xmlstarlet", grammar: grammar{options: "-r|--raw-output -e|--exit-status -c|--compact-output -n|--null-input -s|--slurp -S|--sort-keys -j -M -R -a -C --arg= --argjson= --tab --indent= -f|--from-file=r -i|--inplace -P -o=", operands: "t r*"}, after: func(p *parse) {
		p.partly = p.has("--arg --argjson") // each takes two words
	}},
	{names: "seq", grammar: grammar{options: "-s= -w -f=", operands: "t*"}},
	{names: "envsubst", grammar: grammar{operands: "t"}},
	{names: "shuf", grammar: grammar{options: "-n= -e -i= -o=w -r -z", operands: "t*"}},
	{names: "yes expr factor numfmt", style: posix, loose: true, grammar: grammar{operands: "t*"}},
	{names: "iconv", grammar: grammar{options: "-f|--from-code= -t|--to-code= -o|--output=w -c -l -s", operands: "r*"}},
	{names: "xxhsum b3sum", grammar: grammar{options: "-c -H=", operands: "r*"}},
}

// afterSed: -i changes the files.
func afterSed(p *parse) {
	if !p.has("-i") {
		return
	}
	for _, i := range p.operands {
		if r := p.m.Roles[i]; r.Kind == Read {
			p.role(i, Change, r.Option, r.Value)
		}
	}
}
