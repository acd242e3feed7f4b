package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// maxPatterns bounds one ignore file: every entry of a walk is held against
// every pattern.
const maxPatterns = 5000

// rules are the patterns in force in one folder. Exclude outranks restow, which
// outranks git, at whatever level they stand; within each the last match wins.
type rules struct{ exclude, restow, git []rule }

// rule is a pattern that holds for exactly the entries git would match. The
// matcher also takes everything below a matching folder; here a folder that
// matches is not entered, so that a "!" further up cannot reach into it.
type rule struct {
	pattern gitignore.Pattern
	domain  []string // the folder its file stands in
	base    bool     // no slash: held against the last segment
	floats  bool     // began with "**/": may match from any segment on
	below   bool     // ended in "/**": all that is below, on purpose
}

// parseRule reads one line of an ignore file; ok is false when it has none.
// The matcher lacks some of git's syntax, which is put into its terms first.
func parseRule(line string, domain []string) (r rule, ok bool) {
	line = strings.TrimSuffix(line, "\r")
	if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
		return rule{}, false
	}
	if !strings.HasSuffix(line, `\ `) {
		line = strings.TrimRight(line, " ")
	}
	r.domain = domain
	body, negated := strings.CutPrefix(line, "!")
	body, folder := strings.CutSuffix(strings.ReplaceAll(body, "[!", "[^"), "/")
	for strings.HasPrefix(body, "**/") {
		body, r.floats = body[len("**/"):], true
	}
	parts := strings.Split(body, "/")
	for i, p := range parts {
		if p != "**" {
			parts[i] = strings.ReplaceAll(p, "**", "*")
		}
	}
	if last := len(parts) - 1; last > 0 && parts[last] == "**" {
		parts, r.below = append(parts, "*"), true
	}
	body = strings.Join(parts, "/")
	if strings.Trim(body, "/") == "" {
		return rule{}, false
	}
	r.base = !strings.Contains(body, "/")
	if negated {
		body = "!" + body
	}
	if folder {
		body += "/"
	}
	r.pattern = gitignore.ParsePattern(body, nil)
	return r, true
}

// checkPattern tells what git would silently never match.
func checkPattern(line string) error {
	if _, ok := parseRule(line, nil); !ok {
		return errors.New("not a pattern")
	}
	for part := range strings.SplitSeq(strings.ReplaceAll(line, "[!", "[^"), "/") {
		if _, err := path.Match(part, ""); err != nil {
			return err
		}
	}
	return nil
}

func (r rule) match(name []string, isDir bool) gitignore.MatchResult {
	depth := len(r.domain)
	if len(name) <= depth || !slices.Equal(name[:depth], r.domain) {
		return gitignore.NoMatch
	}
	name = name[depth:]
	if r.base {
		return r.pattern.Match(name[len(name)-1:], isDir)
	}
	m := r.find(name, isDir)
	if m != gitignore.NoMatch && !r.below && len(name) > 1 && r.find(name[:len(name)-1], true) != gitignore.NoMatch {
		return gitignore.NoMatch // it is a folder above that matches
	}
	return m
}

func (r rule) find(name []string, isDir bool) gitignore.MatchResult {
	for i := range name {
		if m := r.pattern.Match(name[i:], isDir); m != gitignore.NoMatch || !r.floats {
			return m
		}
	}
	return gitignore.NoMatch
}

func (rs *rules) ignored(name []string, isDir bool) bool {
	for _, group := range [][]rule{rs.exclude, rs.restow, rs.git} {
		for _, r := range slices.Backward(group) {
			if m := r.match(name, isDir); m != gitignore.NoMatch {
				return m == gitignore.Exclude
			}
		}
	}
	return false
}

// rulesAbove gives what is in force above the folder to walk: Options.Exclude
// and the ignore files from top down to that folder's parent.
func (f *finder) rulesAbove(top string, prefix []string) (*rules, error) {
	rs := &rules{}
	domain := prefix
	if rel, ok := below(top, f.realCwd); ok {
		domain = segments(rel)
	}
	for _, p := range f.opt.Exclude {
		if r, ok := parseRule(p, domain); ok {
			rs.exclude = append(rs.exclude, r)
		}
	}
	if f.opt.NoIgnore || len(prefix) == 0 {
		return rs, nil
	}
	dir, err := f.open(top)
	if err != nil {
		return nil, fmt.Errorf("%s: %w, make it readable for its ignore files", top, reason(err))
	}
	show := func(rel string) string {
		abs := filepath.Join(top, filepath.FromSlash(rel))
		return f.display(abs, abs)
	}
	for i := range prefix {
		rel := path.Join(append([]string{"."}, prefix[:i]...)...)
		if rs, err = rs.read(dir, rel, prefix[:i], show); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

// read adds the ignore files of one folder. As in git, one that is a symlink
// does not count.
func (rs *rules) read(dir *os.Root, rel string, domain []string, show func(string) string) (*rules, error) {
	git := slices.Clip(rs.git)
	for _, name := range []string{".git/info/exclude", ".gitignore"} {
		more, err := readRules(dir, path.Join(rel, name), domain, show)
		if err != nil {
			return nil, err
		}
		git = append(git, more...)
	}
	restow, err := readRules(dir, path.Join(rel, ".restowignore"), domain, show)
	if err != nil {
		return nil, err
	}
	return &rules{exclude: rs.exclude, git: git, restow: append(slices.Clip(rs.restow), restow...)}, nil
}

func readRules(dir *os.Root, rel string, domain []string, show func(string) string) ([]rule, error) {
	local := filepath.FromSlash(rel)
	// A .git that is a file or a symlink (a worktree, a submodule) keeps its
	// exclude file elsewhere, and is not followed there.
	if info, err := dir.Lstat(local); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	data, info, err := readRegular(dir, local, MaxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w (its folder was left out)", readError(show(rel), info, MaxFileSize, err))
	}
	var all []rule
	for line := range strings.SplitSeq(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		r, ok := parseRule(line, domain)
		if !ok {
			continue
		}
		if len(all) == maxPatterns {
			return nil, fmt.Errorf("%s: more than %d patterns, its folder was left out; use fewer or exclude the folder", show(rel), maxPatterns)
		}
		all = append(all, r)
	}
	return all, nil
}
