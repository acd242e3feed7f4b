package passes

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// NpmCi has npm install what the lock file says.
var NpmCi = &rewrite.Pass{
	Name:  "npm-ci",
	Claim: rewrite.NoClaim,
	Run:   npmCi,
	Doc: `Write npm ci where npm install installs a project that has a lock file.

npm install takes newer versions where package.json and the lock disagree, and
writes the lock anew; npm ci installs what the lock says, and fails where the two
disagree. So a build gets the same packages twice. Options that both know stay,
and --no-save goes, since npm ci never saves.

Unsafe, since the files of the image change: npm ci removes a node_modules that is
there, and stops a build whose lock is out of date.

Refused: a build context that is not known, or has no package-lock.json and no
npm-shrinkwrap.json, or keeps it out by .dockerignore; a lock or package.json that
no COPY, ADD or bind mount before brings to the folder in which npm runs; a cd
in the script but for one to an absolute path at its begin; options such as --prefix or --no-package-lock, which speak of another
folder or of no lock; a branch, a loop or a function of a script that speaks of
the lock file, such as npm ci || npm install; a node older than 8.`,
}

func npmCi(c *rewrite.Context) {
	for _, s := range scripts(c) {
		if !s.runs("npm") {
			continue
		}
		for _, m := range s.meanings() {
			in, from := unwrapped(m)
			if in.Program != "npm" || in.Verb != "install" || in.Has("-g") || npmVerb(in) != "install" || npmNames(m, in, from) {
				continue
			}
			f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: "npm install may take other versions than the lock file has"}
			edits, why := s.toCi(m, in, from)
			if why == "" {
				why = npmLocked(c, s)
			}
			if f.Refused = why; why == "" {
				f.Fix = &rewrite.Fix{
					Title: "npm install → npm ci", Why: "it installs what the lock file says, and fails where package.json says otherwise",
					Claim: rewrite.NoClaim, Edits: edits,
				}
			}
			c.Report(f)
		}
	}
}

// npmVerb is install for all that npm calls it; "" for others, such as ci.
func npmVerb(in command.Meaning) string {
	for _, r := range in.Roles {
		if r.Kind == command.Verb && slices.Contains([]string{"install", "i", "in", "ins", "inst", "isntall", "add"}, r.Value) {
			return "install"
		}
	}
	return ""
}

// npmKnown are the options that npm ci reads as npm install does (npm-ci(1)).
var npmKnown = []string{
	"--production", "--prod", "--omit", "--include", "--only", "--legacy-peer-deps", "--strict-peer-deps", "--force", "-f", "--ignore-scripts",
	"--no-audit", "--audit", "--no-fund", "--fund", "--no-optional", "--prefer-offline", "--prefer-online", "--offline", "--unsafe-perm",
	"--no-bin-links", "--no-progress", "--progress", "--no-update-notifier", "--no-color", "--verbose", "-d", "--silent", "-s", "--quiet", "-q",
	"--loglevel", "--registry", "--cache", "--foreground-scripts", "--fetch-timeout", "--fetch-retries", "--maxsockets", "--install-links", "--no-save",
}

// toCi is npm ci in the place of npm install, or why it cannot be.
func (s *script) toCi(m meant, in command.Meaning, from int) (edits []dockerfile.Edit, why string) {
	if m.asked() != "" {
		return nil, "it stands in " + m.asked()
	}
	if place := standsIn(m); place != "" && aboutLock.MatchString(s.Text) {
		return nil, "it stands in " + place + ", and the script speaks of the lock file"
	}
	if open := slices.Concat(in.Packages, in.Unknown, in.Open); len(open) > 0 {
		w := m.Words[from+open[0]]
		return nil, "`" + s.Text[w.Lo:w.Hi] + "` may be a package"
	}
	for i, r := range in.Roles {
		w := m.Words[from+i]
		edit, ok := dockerfile.Edit{}, true
		switch name, _, _ := strings.Cut(w.Value, "="); {
		case r.Kind == command.Verb:
			edit, ok = s.replace(w.Lo, w.Hi, "ci")
		case w.Value == "--no-save":
			if edit, ok = s.remove(w); !ok {
				edit, ok = s.removeLine(w)
			}
		case r.Kind == command.Option && strings.HasPrefix(w.Value, "-") && !slices.Contains(npmKnown, name):
			if name == "--no-package-lock" || name == "--no-shrinkwrap" {
				return nil, name + " asks for the lock file to be left alone"
			}
			return nil, "npm ci may not know " + name
		default:
			continue
		}
		if !ok {
			return nil, "a line continuation cuts its words"
		}
		edits = append(edits, edit)
	}
	return edits, ""
}

// npmNames reports whether a package is named, in words that are known.
func npmNames(m meant, in command.Meaning, from int) bool {
	return slices.ContainsFunc(in.Packages, func(i int) bool { return m.Words[from+i].Prefix != "" })
}

// removeLine takes a word away with its line, where that holds nothing else and is
// not the script's last.
func (s *script) removeLine(w shell.Word) (dockerfile.Edit, bool) {
	f := s.in.File
	span, ok := s.span(w.Lo, w.Hi)
	if !ok {
		return dockerfile.Edit{}, false
	}
	line := f.LineSpan(span.Start)
	rest := string(f.Src[line.Start:span.Start]) + string(f.Src[span.End:line.End])
	return dockerfile.Edit{Span: line}, line.End < s.in.Lines.End && strings.Trim(rest, " \t\r\n") == string(f.Escape)
}

// aboutLock finds scripts in which npm install may be for where there is no lock
// file, or an old one: npm ci || npm install.
var aboutLock = regexp.MustCompile(`npm (ci|clean-install)|lock|shrinkwrap`)

var oldNode = regexp.MustCompile(`(^|/)node:[0-7](\D|$)`)

// npmLocked is why the lock file is not sure to stand beside package.json in the
// folder that a script runs in; "" if it does.
func npmLocked(c *rewrite.Context, s *script) string {
	for _, m := range s.meanings() {
		if in, _ := unwrapped(m); slices.Contains([]string{"cd", "pushd", "popd"}, in.Program) && s.cdFirst() == "" {
			return "cd leaves the folder that WORKDIR names"
		}
	}
	base := s.stage
	for base.Base != nil {
		base = base.Base
	}
	if oldNode.MatchString(base.From.From.BaseName) {
		return "the npm of " + base.From.From.BaseName + " has no ci"
	}
	if c.Facts.Context == nil {
		return "the build context is not known"
	}
	there := copiedTo(c, s)
	lock, ok := there("package-lock.json")
	if !ok {
		if shrink, found := there("npm-shrinkwrap.json"); found {
			lock, ok = shrink, true
		}
	}
	switch _, project := there("package.json"); {
	case !ok:
		return "no package-lock.json of the build context is copied to its folder before"
	case c.Facts.Context.Ignored(lock):
		return ".dockerignore keeps " + lock + " out"
	case !project:
		return "no package.json of the build context is copied to its folder before"
	}
	return ""
}

// copiedTo tells for a name whether the build context has a file that stands in
// the script's folder by that name when it runs, and which. Paths are compared as
// they are written: a variable is itself.
func copiedTo(c *rewrite.Context, s *script) func(name string) (source string, ok bool) {
	type from struct {
		sources []string
		dest    string
	}
	var copies []from
	dir := "." // the base image's own
	var chain []*dockerfile.Stage
	for b := s.stage; b != nil; b = b.Base {
		chain = append(chain, b)
	}
	at := func(p string) string {
		if !path.IsAbs(p) && !strings.HasPrefix(p, "$") {
			p = path.Join(dir, p) + p[len(strings.TrimRight(p, "/")):]
		}
		return p
	}
	for _, b := range slices.Backward(chain) {
		for _, in := range b.Instructions {
			if in == s.in {
				break
			}
			switch cmd := in.Command.(type) {
			case *instructions.WorkdirCommand:
				dir = path.Clean(at(cmd.Path))
			case *instructions.CopyCommand:
				if cmd.From == "" && !cmd.Parents && len(cmd.ExcludePatterns) == 0 {
					copies = append(copies, from{cmd.SourcePaths, at(cmd.DestPath)})
				}
			case *instructions.AddCommand:
				copies = append(copies, from{cmd.SourcePaths, at(cmd.DestPath)})
			}
		}
	}
	for _, m := range mountsOf(s.in) {
		if m.kind == "bind" && m.from == "" && m.target != "" {
			copies = append(copies, from{[]string{m.source}, at(m.target)})
		}
	}
	if to := s.cdFirst(); to != "" {
		dir = path.Clean(to)
	}
	return func(name string) (string, bool) {
		for _, copied := range slices.Backward(copies) {
			for _, src := range copied.sources {
				if file, ok := copiedAs(c, src, copied.dest, path.Join(dir, name)); ok {
					return file, true
				}
			}
		}
		return "", false
	}
}

// copiedAs reports whether copying src to dest brings a file of the context to
// target, and which.
func copiedAs(c *rewrite.Context, src, dest, target string) (string, bool) {
	src = strings.TrimPrefix(path.Join("/", src), "/")
	there := func(file string) (string, bool) {
		ok, _ := c.Facts.Context.Exists(file)
		return file, ok
	}
	folder, name := path.Split(target)
	file := path.Join(path.Dir(src), name)
	if match, err := path.Match(src, file); err == nil && match {
		if path.Clean(dest) == path.Clean(folder) || path.Clean(dest) == target {
			return there(file)
		}
		return "", false
	}
	below, ok := strings.CutPrefix(target, path.Clean(dest)+"/")
	if path.Clean(dest) == "." {
		below, ok = target, !path.IsAbs(target)
	}
	if path.Clean(dest) == "/" {
		below, ok = strings.CutPrefix(target, "/")
	}
	if !ok || strings.ContainsAny(src, "*?[") {
		return "", false
	}
	return there(path.Join(src, below))
}
