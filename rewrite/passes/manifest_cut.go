package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
)

// cut takes a RUN apart behind its installs, and puts the COPY of the sources
// between the two; lines take the COPY's place. What stands in one list, joined by
// &&, runs in two RUNs as it did in one, but for what the shell remembers: then it
// is refused.
func (s *splitting) cut(lines string) ([]dockerfile.Edit, string) {
	if s.needs.Frozen != "" {
		return nil, "it may rewrite its lock file, which the COPY of the sources would put back"
	}
	top := s.script.Top
	last := -1
	all, _ := s.script.installs(s.run, s.c.Facts.Context, s.root, s.at)
	for i, item := range top {
		if slices.ContainsFunc(all, func(in installing) bool { return item.Node.Simple == in.Simple }) {
			last = i
		}
	}
	if last < 0 {
		return nil, s.run.Effect.Opaque
	}
	for i, item := range top {
		switch words, ok := plainWords(item); {
		case item.Op != "&&" && i+1 < len(top):
			return nil, fmt.Sprintf("the RUN is more than commands joined by &&: %s", s.run.Effect.Opaque)
		case i <= last && (!ok || slices.Contains([]string{"cd", "set", "export", "umask", "alias", ".", "source", "ulimit"}, words[0])):
			return nil, fmt.Sprintf("what follows it in the RUN needs the sources, and `%s` before it the same shell", s.script.Text[item.Lo:item.Hi])
		case i > last && ok && s.cleans(words):
			return nil, fmt.Sprintf("`%s` in the same RUN cleans up behind it, and another command there needs the sources", s.script.Text[item.Lo:item.Hi])
		}
	}
	if last+1 >= len(top) || slices.ContainsFunc(all, func(in installing) bool { return in.In != 0 }) {
		return nil, s.run.Effect.Opaque
	}
	f := s.run.in.File
	from, ok1 := s.script.in.Span(s.script.args.Sub(top[last].Hi-1, top[last].Hi))
	to, ok2 := s.script.in.Span(s.script.args.Sub(top[last+1].Lo, top[last+1].Lo+1))
	if !ok1 || !ok2 || len(s.run.in.Heredocs) > 0 {
		return nil, s.run.Effect.Opaque
	}
	gap := string(f.Src[from.End:to.Start])
	if strings.ContainsAny(gap, "#") {
		return nil, "a comment stands between it and what follows in the RUN"
	}
	block := s.copied.in.Block()
	head := s.run.in.Keyword().S + " "
	if flags := flagsOf(s.run.in); flags != "" {
		head += flags + " "
	}
	return []dockerfile.Edit{
		{Span: block, New: lines},
		{Span: dockerfile.Span{Start: from.End, End: to.Start}, New: s.eol() + string(f.Bytes(block)) + head},
	}, ""
}

// cleans reports whether a command takes away what the install leaves elsewhere than
// in the project.
func (s *splitting) cleans(words []string) bool {
	if words[0] != "rm" {
		return slices.Contains(words, "clean") || slices.Contains(words, "purge") || slices.Contains(words, "prune")
	}
	return slices.ContainsFunc(words[1:], func(w string) bool {
		return path.IsAbs(w) && !within(path.Clean(w), s.at) || strings.HasPrefix(w, "~")
	})
}
