package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/bot/markdown"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
)

const (
	// MaxBody bounds a body: GitHub takes 65,536 characters, which are at most as
	// many as bytes.
	MaxBody = 65_536

	home      = "https://github.com/restow/restow"
	passPages = home + "/blob/main/docs/passes/"

	maxCell    = 300 // characters of a cell of a table
	maxRefused = 30  // rows of what was left alone
	maxListed  = 20  // files, values and commands that are listed
	shortDiff  = 25  // lines of a diff that is shown without a click
)

// body is the text of the pull request. What has to be in it comes to a few thousand
// bytes; rows of the table and diffs take the rest, and what finds no place is
// counted.
func (g *group) body(cfg Config, hash string) string {
	most := cmp.Or(cfg.MaxBody, MaxBody)
	lead, tail := g.lead(), g.order()+g.proof()+g.reproduce()+g.unwanted()
	end := "\n" + marker(g.name, hash) + "\n"
	left := most - len(lead) - len(tail) - len(end) - 400 // the words about what is left out
	table := g.table(left * 6 / 10)
	refused := g.refused(left / 10)
	diffs := g.diffs(left - len(table) - len(refused))
	return lead + table + tail + refused + diffs + end
}

func (g *group) lead() string {
	where := count(len(g.parts), "Dockerfile")
	if len(g.parts) == 1 {
		where = code(g.parts[0].Path)
	}
	what := count(len(g.changes), "change") + " in " + where
	counts := map[string]int{}
	for _, c := range g.changes {
		counts[c.Safety]++
	}
	var kinds []string
	for _, s := range safeties {
		if n := counts[s.name]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d **%s** (%s)", n, s.name, s.means))
		}
	}
	return fmt.Sprintf("[restow](%s) made %s: %s.\n\n", home, what, strings.Join(kinds, ", "))
}

var safeties = []struct{ name, means string }{
	{string(rewrite.Identical), "the same build graph and image config, checked"},
	{string(rewrite.Safe), "what the pass claims was checked on this very file"},
	{"proven", "builds before and after gave the same"},
	{string(rewrite.Unsafe), "nothing is claimed: please look"},
}

// table has a row for each change. The one file that there is stands above it.
func (g *group) table(most int) string {
	var b strings.Builder
	head, rule := "| File | Line | Pass | What | Why | Safety |\n", "|---|--:|---|---|---|---|\n"
	if len(g.parts) == 1 {
		head, rule = strings.TrimPrefix(head, "| File "), strings.TrimPrefix(rule, "|---")
	}
	b.WriteString(head + rule)
	for i, c := range g.changes {
		row := fmt.Sprintf("| %d | [%s](%s%s.md) | %s | %s | %s |\n", c.Line, c.Pass, passPages, c.Pass, text(c.Title), text(c.Why), c.Safety)
		if len(g.parts) > 1 {
			row = "| " + code(c.Path) + " " + row
		}
		if b.Len()+len(row) > most {
			fmt.Fprintf(&b, "\n%s more: the table would be too long.\n", count(len(g.changes)-i, "change"))
			break
		}
		b.WriteString(row)
	}
	return b.String()
}

func text(s string) string { return markdown.Text(markdown.Cut(s, maxCell)) }
func code(s string) string { return markdown.Code(markdown.Cut(s, maxCell)) }

// order says which pull request goes first where that matters.
func (g *group) order() string {
	var b strings.Builder
	for _, e := range g.after {
		fmt.Fprintf(&b, "\n**Merge the pull request of `%s` first.** Both touch the same lines, or one builds on the other; restow makes this one anew then.\n", branch(e.name))
	}
	for _, e := range g.before {
		fmt.Fprintf(&b, "\nThe pull request of `%s` touches the same lines: once this one is merged, restow makes that one anew.\n", branch(e.name))
	}
	for _, p := range g.parts {
		if len(p.Joined) > 0 {
			fmt.Fprintf(&b, "\nAll changes of %s are here, those of %s too: apart they would not give the same file.\n", code(p.Path), strings.Join(p.Joined, ", "))
		}
	}
	return b.String()
}

// proof says what was checked and how, and what was not.
func (g *group) proof() string {
	var checked, covered, not []string
	add := func(list *[]string, s string) {
		if s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, p := range g.parts {
		for _, c := range p.Checked {
			add(&checked, c)
		}
		add(&covered, p.Compared)
		if p.Unchecked != "" {
			add(&not, code(p.Path)+": "+text(p.Unchecked))
		}
		if len(p.StandIns) > 0 {
			names := p.StandIns[:min(len(p.StandIns), maxListed)]
			add(&not, code(p.Path)+" needs build arguments that have no default; it was compiled with made-up values for "+text(strings.Join(names, ", ")))
		}
	}
	var b strings.Builder
	b.WriteString("\n### What was checked\n\n")
	if len(checked) > 0 {
		b.WriteString("BuildKit compiled the files before and after, in the process and without building. It was compared and holds:\n\n")
		for _, c := range checked {
			b.WriteString("- " + text(c) + "\n")
		}
		for _, c := range covered {
			b.WriteString("\nCompared: " + markdown.Text(c) + "\n")
		}
	} else {
		b.WriteString("BuildKit's parser and compiler take the files. No more than that is claimed.\n")
	}
	proven := slices.ContainsFunc(g.changes, func(c Change) bool { return c.Safety == "proven" })
	if !proven {
		not = append(not, "No image was built, and neither sizes nor times were measured: `restow verify` does both")
	}
	if slices.ContainsFunc(g.changes, func(c Change) bool { return c.Safety == string(rewrite.Unsafe) }) {
		not = append(not, "Of the changes marked unsafe nothing was shown but that BuildKit compiles the file")
	}
	b.WriteString("\nNot shown:\n\n")
	for i, n := range not {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(not)-i)
			break
		}
		b.WriteString("- " + n + ".\n")
	}
	return b.String()
}

// reproduce gives the commands that make the same of the same files.
func (g *group) reproduce() string {
	type command struct{ flags, paths string }
	var all []command
	for _, p := range g.parts {
		flags := "--select " + strings.Join(p.Select, ",")
		if slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Safety == string(rewrite.Unsafe) }) {
			flags += " --unsafe"
		}
		if slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Safety == "proven" }) {
			flags += " --verify"
		}
		i := slices.IndexFunc(all, func(c command) bool { return c.flags == flags && len(c.paths) < 1000 })
		if i < 0 {
			i = len(all)
			all = append(all, command{flags: flags})
		}
		all[i].paths += " " + quoteShell(p.Path)
	}
	var b strings.Builder
	left := 0
	for i, c := range all {
		if line := fmt.Sprintf("restow fix --write %s --%s\n", c.flags, c.paths); i < maxListed && b.Len()+len(line) < 6000 {
			b.WriteString(line)
		} else {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "# and %s more\n", count(left, "command"))
	}
	out := "\n### Make it yourself\n" + markdown.Fence("sh", b.String())
	if g.name == Pins || slices.ContainsFunc(g.changes, func(c Change) bool { return c.Pass == "pin-digest" }) {
		out += "\nDigests are those that the registries, or `restow.lock`, gave on the day of this plan.\n"
	}
	return out
}

// quoteShell is a path as a word of a POSIX shell, or of bash where it has control
// characters.
func quoteShell(s string) string {
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "$" + "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + "'"
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("./_-+=:,", r))
	}):
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// unwanted says how to be left alone.
func (g *group) unwanted() string {
	var passes []string
	for _, c := range g.changes {
		if !slices.Contains(passes, c.Pass) {
			passes = append(passes, c.Pass)
		}
	}
	var b strings.Builder
	b.WriteString("\n### If you do not want it\n\n")
	fmt.Fprintf(&b, "- One line: put the comment `# restow: ignore=%s` above the instruction.\n", passes[0])
	fmt.Fprintf(&b, "- The whole repository: `passes: {%s: off}` in `.restow.yaml`.\n", passes[0])
	if len(passes) > 1 {
		fmt.Fprintf(&b, "- The passes here are %s.\n", strings.Join(passes, ", "))
	}
	b.WriteString("- All of this: close the pull request. restow opens it again only when it would change something else.\n")
	return b.String()
}

// refused lists what was found and left alone.
func (g *group) refused(most int) string {
	var all []Refusal
	for _, p := range g.parts {
		all = append(all, p.Refused...)
	}
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n| File | Line | Pass | What | Why not |\n|---|--:|---|---|---|\n")
	for i, r := range all {
		row := fmt.Sprintf("| %s | %d | %s | %s | %s |\n", code(r.Path), r.Line, r.Pass, text(r.Message), text(r.Why))
		if i == maxRefused || b.Len()+len(row) > most {
			fmt.Fprintf(&b, "\nand %d more (`restow fix -v`)\n", len(all)-i)
			break
		}
		b.WriteString(row)
	}
	return "\n" + markdown.Fold(fmt.Sprintf("Left alone: %s", count(len(all), "finding")), b.String())
}

// diffs shows what changes, folded where it is long.
func (g *group) diffs(most int) string {
	var b strings.Builder
	left := 0
	for _, f := range g.files {
		d := f.diff()
		lines := strings.Count(d, "\n")
		show := markdown.Fence("diff", d)
		if lines > shortDiff || len(g.files) > 3 {
			added, removed := tally(d)
			show = markdown.Fold(fmt.Sprintf("%s: +%d −%d", markdown.CodeHTML(markdown.Cut(f.Path, maxCell)), added, removed), show)
		}
		if b.Len()+len(show) > most {
			left++
			continue
		}
		b.WriteString("\n" + show)
	}
	out := "\n### What changes\n" + b.String()
	if left > 0 {
		out += fmt.Sprintf("\n%s left out, which would make this text too long: the forge shows what changes.\n", count(left, "diff"))
	}
	return out
}

// diff is that of the file, as git has it.
func (f File) diff() string {
	if f.Before == nil {
		return diff.Created(f.Path, f.After)
	}
	return diff.Unified(f.Path, f.Before, f.After)
}

// Diff is what the pull request changes, as git apply takes it.
func (r Request) Diff() string {
	var b strings.Builder
	for _, f := range r.Files {
		b.WriteString(f.diff())
	}
	return b.String()
}

func tally(d string) (added, removed int) {
	for line := range strings.Lines(d) {
		switch {
		case strings.HasPrefix(line, "+++ "), strings.HasPrefix(line, "--- "):
		case line[0] == '+':
			added++
		case line[0] == '-':
			removed++
		}
	}
	return added, removed
}
