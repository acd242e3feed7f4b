package command

// Programs that run another command.
var wrapPrograms = []program{
	{ // env(1)
		names: "env", style: posix, special: environment, grammar: grammar{options: "-i|--ignore-environment -u|--unset= -C|--chdir=r -0|--null -v|--debug -S|--split-string="},
	},
	{ // sudo(8), doas(1)
		names: "sudo doas", style: posix, special: environment, grammar: grammar{options: "-E|--preserve-env=? -H|--set-home -n|--non-interactive -u|--user= -g|--group= -i|--login -s|--shell -S|--stdin -k -K -b -A -P -h= -p= -C= -D|--chdir=r -R=r -v -l -V"},
	},
	{names: "nice ionice chrt", style: posix, grammar: grammar{options: "-n|--adjustment|--classdata= -c|--class= -t -# -p=", operands: "c"}},
	{names: "timeout", style: posix, grammar: grammar{options: "-s|--signal= -k|--kill-after= --foreground --preserve-status -v|--verbose -t=", operands: "t c"}},
	{names: "nohup time exec command builtin setsid eatmydata catchsegv fakeroot chronic unbuffer stdbuf ccache distcc dumb-init tini winpty noglob xx-go-wrapper", style: posix, grammar: grammar{options: "-p -v -V -f -o= -a= -c -l -w -i= -e= -s -g --", operands: "c"}, after: func(p *parse) {
		if p.m.Program == "command" && p.has("-v -V") {
			asks(p)
		}
	}},
	{names: "gosu su-exec setuidgid chpst", style: posix, grammar: grammar{options: "-u= --version", operands: "t c"}},
	{names: "setpriv runuser", style: posix, grammar: grammar{options: "--reuid= --regid= --clear-groups --init-groups --groups= --no-new-privs --inh-caps= --keep-groups -u|--user= -g|--group= --", operands: "c"}},
	{names: "chroot", style: posix, grammar: grammar{options: "--userspec= --groups= --skip-chdir", operands: "r c"}},
	{names: "flock", style: posix, grammar: grammar{options: "-x|--exclusive|-e -s|--shared -n|--nonblock -w|--timeout= -u -c= -E= -o -F", operands: "w c"}},
	{names: "xvfb-run", style: posix, grammar: grammar{options: "-a|--auto-servernum -s|--server-args= -n|--server-num= -e|--error-file=w -l -f= -w=", operands: "c"}},
	{names: "busybox toybox", style: posix, grammar: grammar{options: "--install --list -s", operands: "c"}},
	{names: "strace ltrace watch retry", style: posix, grammar: grammar{options: "-f -o=w -e= -n= -t= -q", operands: "c"}},
	{ // xargs(1): there are more words than these
		names: "xargs", style: posix, grammar: grammar{options: "-0|--null -r|--no-run-if-empty -t|--verbose -p -x|--exit -a|--arg-file=r -d|--delimiter= -E= -e=? -I= -i=? -L= -l=? -n|--max-args= -P|--max-procs= -s= --replace=? --max-lines=? --show-limits", operands: "c"}, after: runsFiles,
	},
	{ // a POSIX shell; bash(1)
		names: "sh bash dash ash ksh zsh", style: posix, plus: true, special: runShell,
		grammar: grammar{options: "-c -e -x -u -v -n -f -a -i -l|--login -s -h -m -p -r -o= -O= --posix --norc --noprofile --rcfile=r --version -E -B -C -H -T"},
	},
	{names: "eval", style: posix, grammar: grammar{operands: "s"}, after: func(p *parse) { p.partly = p.partly || p.m.Script == nil }},
	{ // su(1)
		names: "su", special: runAs, grammar: grammar{options: "-c|--command=s -l|--login -s|--shell= -m|-p|--preserve-environment -f|--fast -g= -G= -P|--pty -w=", operands: "t t*"},
	},
}

// asks: command -v only says where programs are.
func asks(p *parse) {
	if p.m.Inner == nil {
		return
	}
	for i := p.m.InnerWords; i < len(p.words); i++ {
		p.role(i, Text, "", p.words[i].Value)
	}
	p.m.Inner, p.m.InnerWords = nil, 0
}

// environment reads options, then A=b, then a command.
func environment(p *parse) {
	p.prefixed()
	p.settle()
}

func (p *parse) prefixed() {
	for i := 1; i < len(p.words); {
		w := p.words[i]
		switch {
		case w.Static && w.Value == "--" && !p.ended:
			p.role(i, Option, "", "")
			p.ended = true
			i++
		case len(w.Prefix) > 1 && w.Prefix[0] == '-' && !p.ended:
			i = max(p.option(i), i+1)
		case assignment(w.Prefix):
			p.ended = true
			p.role(i, Text, "", w.Value)
			i++
		case w.Static && w.Value == "-":
			p.role(i, Option, "", "")
			i++
		default:
			p.inner(i)
			return
		}
	}
}

func assignment(prefix string) bool {
	for i := range len(prefix) {
		c := prefix[i]
		switch {
		case c == '=':
			return i > 0
		case c == '_', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9' && i > 0, c == '.' || c == '-':
		default:
			return false
		}
	}
	return false
}

// runShell reads a shell's options, then a script's text with -c, or a file.
func runShell(p *parse) {
	for i := 1; i < len(p.words); {
		w := p.words[i]
		dash := len(w.Prefix) > 1 && (w.Prefix[0] == '-' || w.Prefix[0] == '+')
		switch {
		case w.Static && w.Value == "--" && !p.ended:
			p.role(i, Option, "", "")
			p.ended = true
			i++
			continue
		case dash && !p.ended:
			i = max(p.option(i), i+1)
			continue
		}
		p.ended = true
		p.operands = append(p.operands, i)
		i++
	}
	roles := []string{"r", "t*"}
	switch {
	case p.has("-c"):
		roles[0] = "s"
		p.partly = len(p.operands) == 0
	case p.has("-s"):
		roles[0] = "t*"
		p.partly = true
	default:
		p.partly = !p.has("--version")
	}
	p.assign(roles)
	if p.has("-c") && len(p.operands) > 0 && p.m.Script == nil {
		p.partly = true
	}
}

// runAs reads su, whose - is short for -l, and whose words behind the user are
// those of a shell.
func runAs(p *parse) {
	for i := 1; i < len(p.words); {
		if w := p.words[i]; w.Static && w.Value == "-" {
			p.role(i, Option, "-l", "")
			i++
			continue
		}
		i = p.scanOne(i)
	}
	p.settle()
	p.partly = p.partly || p.m.Script == nil
}

// shellPrograms: Windows, whose programs scripts of other shells call too.
var shellPrograms = []program{
	{names: "powershell pwsh cmd powershell.exe cmd.exe", grammar: grammar{options: "-Command= -NoProfile -File=r", operands: "t*"}, style: long, loose: true, after: runsFiles},
}
