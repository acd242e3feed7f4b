package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
)

// splitting is a COPY of sources that is to be split for the sake of an install.
type splitting struct {
	c           *rewrite.Context
	copied, run placed
	between     []placed
	script      *script
	install     installing
	root, at    string
	needs       install.Needs
}

func (s *splitting) fix() (*rewrite.Fix, string) {
	if s.needs.Hazard != "" {
		return nil, s.needs.Hazard
	}
	ignore, why := s.ignored()
	if why != "" {
		return nil, why
	}
	s.needs.Reads = slices.DeleteFunc(slices.Clone(s.needs.Reads), func(r string) bool {
		return len(ignore) > 0 && slices.Contains(s.needs.Makes, r) && s.c.Facts.Context.IsDir(r)
	})
	if name := notCopied(s.needs.Reads, s.copied.Laid, s.c.Facts.Context); name != "" {
		return nil, fmt.Sprintf("%s, which it reads, is not copied there", name)
	}
	for _, l := range s.copied.Laid {
		if l.Dir && l.Dest == s.at && !strings.HasSuffix(l.Attr, " made") {
			return nil, fmt.Sprintf("%s gets the mode of the context's folder, %s, from the COPY that makes it", s.at, strings.TrimSpace(l.Attr))
		}
	}
	lines, why := copyLines(s.c, s.copied, s.root, s.needs.Reads)
	if why != "" {
		return nil, why
	}
	claim := rewrite.SameWork
	early := s.early()
	for _, b := range s.between {
		if err := s.copied.Swap(b.Step, early); err != nil {
			return nil, fmt.Sprintf("line %d needs what is copied before it: %v", s.c.Line(b.in), err)
		}
	}
	fix := &rewrite.Fix{Ignore: ignore}
	var edits []dockerfile.Edit
	last := s.run.in
	if s.needs.Fetch != "" {
		if why := s.mayFetch(); why != "" {
			return nil, why
		}
		claim = rewrite.NoClaim
		line := matchCase("RUN", s.run.in.Node.Value) + " "
		if flags := flagsOf(s.run.in); flags != "" {
			line += flags + " "
		}
		line += s.needs.Fetch
		if len(s.between) == 0 {
			lines += line + s.eol()
			edits = append(edits, dockerfile.Edit{Span: dockerfile.Span{Start: s.copied.in.Block().Start, End: s.copied.in.Block().Start}, New: lines})
		} else {
			last = s.between[len(s.between)-1].in
			moved, ok := s.copied.in.MoveAfter(last, lines)
			if !ok {
				return nil, "a comment would become a parser directive"
			}
			moved[1].New = line + s.eol() + moved[1].New
			edits = moved
		}
		fix.Title = fmt.Sprintf("COPY %s and %s first", names(s.needs.Reads), s.needs.Fetch)
	} else if s.run.Effect.Opaque != "" {
		cut, why := s.cut(lines)
		if why != "" {
			return nil, why
		}
		claim, edits = rewrite.NoClaim, cut
		fix.Title = fmt.Sprintf("COPY %s before it, the rest behind it, and what follows it in a RUN of its own", names(s.needs.Reads))
	} else {
		if err := s.copied.Swap(s.run.Step, early); err != nil && len(ignore) == 0 && s.needs.Frozen == "" {
			return nil, err.Error()
		}
		moved, ok := s.copied.in.MoveAfter(last, lines)
		if !ok {
			return nil, "a comment would become a parser directive"
		}
		edits = moved
		if s.needs.Frozen != "" {
			claim = rewrite.NoClaim
			edit, ok := s.script.replace(s.install.Lo, s.install.Hi, s.needs.Frozen)
			if !ok || s.install.Frozen != s.needs.Frozen {
				return nil, "it may rewrite its lock file, which the COPY of the sources would put back"
			}
			edits = append(edits, edit)
		}
		fix.Title = fmt.Sprintf("COPY %s before it, the rest behind it", names(s.needs.Reads))
	}
	if len(ignore) > 0 {
		claim = rewrite.NoClaim
		fix.Title += "; " + strings.Join(ignore, ", ") + " into .dockerignore"
	}
	fix.Claim, fix.Edits, fix.Why = claim, edits, s.why()
	return fix, ""
}

// mayFetch says why the step that fetches cannot be put before the sources; "" where
// it can.
func (s *splitting) mayFetch() string {
	for _, m := range mountsOf(s.run.in) {
		if m.kind == "bind" && m.from == "" {
			return "the RUN mounts the build context, which changes as the sources do"
		}
	}
	if !strings.Contains(s.needs.Fetch, "mkdir ") {
		return ""
	}
	// It makes folders for a moment, that must not be there.
	for _, p := range stepsOf(s.c, s.copied.in.Stage) {
		if p.in == s.copied.in {
			break
		}
		if !p.in.Is("RUN") && p.Effect.Opaque == "" && !p.in.Is("WORKDIR") && p.Effect.WritesTo(effect.Place{Kind: effect.File, Name: path.Join(s.at, "src")}) {
			return fmt.Sprintf("line %d may have made the folder that `%s` makes for a moment", s.c.Line(p.in), s.needs.Fetch)
		}
	}
	return ""
}

// early are the files that the new copies lay.
func (s *splitting) early() map[effect.Laid]bool {
	var out []effect.Laid
	folders := map[string]bool{}
	for _, l := range s.copied.Laid {
		if !l.Dir && reads(s.needs.Reads, l.From) {
			out = append(out, l)
			for d := path.Dir(l.Dest); d != "/"; d = path.Dir(d) {
				folders[d] = true
			}
		}
	}
	for _, l := range s.copied.Laid {
		if l.Dir && folders[l.Dest] {
			out = append(out, l)
		}
	}
	return effect.Early(out)
}

// ignored are the patterns that keep out of the context what the install makes.
func (s *splitting) ignored() (patterns []string, why string) {
	kept := ""
	if s.c.Facts.Sharing != nil {
		_, kept = s.c.Facts.Sharing()
	}
	for _, made := range s.needs.Makes {
		there := slices.IndexFunc(s.copied.Laid, func(l effect.Laid) bool {
			return !l.Dir && (l.From == made || strings.HasPrefix(l.From, made+"/"))
		})
		switch {
		case there < 0, s.needs.Fetch != "":
			continue // the fetch leaves it alone, or the build makes it anew
		case s.needs.Frozen != "" && locked(made) == 1:
			continue // its frozen form leaves it alone
		case !slices.Contains([]string{"node_modules", ".venv", "vendor", "_build", "deps"}, path.Base(made)) || s.copied.Laid[there].From == made:
			return nil, fmt.Sprintf("the context has %s, which the install writes", made)
		}
		pattern, ok := project.Pattern(made)
		if !ok {
			return nil, fmt.Sprintf("the context has %s, and no line of .dockerignore means just that", made)
		}
		if kept != "" {
			return nil, fmt.Sprintf("the context has %s, which the install writes, and .dockerignore has to stay: %s", made, kept)
		}
		patterns = append(patterns, pattern)
	}
	return patterns, ""
}

func (s *splitting) eol() string { return s.copied.in.File.EOL(s.copied.in.Lines.Start) }

// why says what is gained, with the numbers of the history where there is one.
func (s *splitting) why() string {
	copied := s.copied.in.Command.(*instructions.CopyCommand).SourcePaths
	h := history(s.c)
	few, of, known := h.Frequency(s.needs.Reads...)
	many := h.Taken(copied, nil).Len()
	if !known {
		return fmt.Sprintf("an edit of another file than %s does not run it again", names(s.needs.Reads))
	}
	return fmt.Sprintf("%s changed in %d of %d commits, what is copied in %d: it runs again for %s of builds instead of %s",
		names(s.needs.Reads), few, of, many, share(few, of), share(many, of))
}

// history is that of the build context, without what .dockerignore leaves out.
func history(c *rewrite.Context) *project.History {
	if c.Facts.History == nil {
		return nil
	}
	h := c.Facts.History()
	if c.Facts.Context == nil {
		return h
	}
	return h.Only(func(name string) bool { return !c.Facts.Context.Excluded(name) })
}

// share is a part of a whole in percent.
func share(n, of int) string {
	if of == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
}

// names lists a few paths.
func names(list []string) string {
	if len(list) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
	}
	return strings.Join(list, ", ")
}
