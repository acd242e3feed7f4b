package command

import "strings"

// scanOne reads one word with what belongs to it, and returns the index behind.
func (p *parse) scanOne(i int) int {
	w := p.words[i]
	switch {
	case p.ended:
	case w.Static && w.Value == "--":
		p.role(i, Option, "", "")
		p.ended = true
		return i + 1
	case len(w.Prefix) > 1 && w.Prefix[0] == '-':
		return max(p.option(i), i+1)
	}
	p.operands = append(p.operands, i)
	return i + 1
}

// keyFiles gives words of the form key=file the role of a file.
func keyFiles(p *parse, read, write string) {
	for _, i := range p.operands {
		if v, ok := strings.CutPrefix(p.words[i].Value, read); ok {
			p.role(i, Read, read, v)
		}
		if v, ok := strings.CutPrefix(p.words[i].Value, write); ok {
			p.role(i, Write, write, v)
		}
	}
}

// findTests are the tests, actions and options of find(1) with the number of
// arguments that follow.
var findTests = counts("0 -daystart -depth -d -follow -ignore_readdir_race -mount -noleaf -noignore_readdir_race -xdev -empty -executable -false -true -nogroup -nouser "+
	"-readable -writable -delete -ls -print -print0 -prune -quit -not -and -or -a -o ( ) ! , -warn -nowarn",
	"1 -maxdepth -mindepth -amin -anewer -atime -cmin -cnewer -ctime -fstype -gid -group -ilname -iname -inum -ipath -iregex -iwholename -links -lname -mmin -mtime "+
		"-name -newer -newermt -newerct -newerat -path -perm -regex -regextype -samefile -size -type -uid -used -user -wholename -xtype -printf -fprint -fprint0 -fls -context",
	"2 -fprintf")

func counts(lists ...string) map[string]int {
	out := map[string]int{}
	for _, list := range lists {
		fields := strings.Fields(list)
		for _, name := range fields[1:] {
			out[name] = int(fields[0][0] - '0')
		}
	}
	return out
}

// find reads find's expression. Its starting points are written where -delete
// or -exec of something that is not known to be harmless is in it.
func find(p *parse) {
	i, n := 1, len(p.words)
	var roots []int
	for ; i < n; i++ {
		w := p.words[i]
		if w.Static && (w.Value == "-H" || w.Value == "-L" || w.Value == "-P") {
			p.role(i, Option, w.Value, "")
			continue
		}
		if strings.HasPrefix(w.Prefix, "-") || w.Static && (w.Value == "(" || w.Value == "!") {
			break
		}
		roots = append(roots, i)
	}
	kind := Read
	for i < n {
		w := p.words[i]
		args, known := findTests[w.Value]
		switch {
		case !w.Static:
			i++ // an expression that is not known
			continue
		case w.Value == "-exec" || w.Value == "-execdir" || w.Value == "-ok" || w.Value == "-okdir":
			kind = Change
			i = p.exec(i)
			continue
		case !known:
			i++
			continue
		case w.Value == "-delete":
			kind = Change
		}
		p.m.Options[w.Value] = append(p.m.Options[w.Value], "")
		p.role(i, Option, w.Value, "")
		for i++; args > 0 && i < n; args, i = args-1, i+1 {
			p.role(i, Text, w.Value, p.words[i].Value)
			if strings.HasPrefix(w.Value, "-fprint") || w.Value == "-fls" {
				p.role(i, Write, w.Value, p.words[i].Value)
			}
		}
	}
	for _, at := range roots {
		p.role(at, kind, "", p.words[at].Value)
	}
	if len(roots) == 0 && kind == Change {
		p.m.WritesFixed = append(p.m.WritesFixed, ".")
	}
}

// exec reads the command of -exec up to its ; or +. The first is Inner.
func (p *parse) exec(i int) int {
	p.m.Options["-exec"] = append(p.m.Options["-exec"], "")
	p.role(i, Option, "-exec", "")
	end := i + 1
	for end < len(p.words) && (!p.words[end].Static || p.words[end].Value != ";" && (p.words[end].Value != "+" || p.words[end-1].Value != "{}")) {
		end++
	}
	in := of(p.words[i+1:end], p.depth+1)
	for at := i + 1; at < end; at++ {
		p.m.Roles[at] = Role{Kind: Inner}
	}
	if p.m.Inner == nil && len(in.Roles) > 0 {
		p.m.Inner, p.m.InnerWords = &in, i+1
	}
	p.partly = true // {} stands for files that only find knows
	if end == len(p.words) {
		return end
	}
	p.role(end, Option, "-exec", "")
	return end + 1
}

// condition reads test(1): the file behind -e, -f and the like is read, all
// else is text.
func condition(p *parse) {
	for i := 1; i < len(p.words); i++ {
		w := p.words[i]
		p.role(i, Text, "", w.Value)
		before := p.words[i-1]
		if i > 1 && before.Static && len(before.Value) == 2 && before.Value[0] == '-' && strings.IndexByte("abcdefghkpuwxrsLSONG", before.Value[1]) >= 0 &&
			before.Value != "-a" && (i == 2 || p.words[i-2].Value == "!" || p.words[i-2].Value == "-a" || p.words[i-2].Value == "-o" || p.words[i-2].Value == "(") {
			p.role(i, Read, before.Value, w.Value)
		}
	}
}
