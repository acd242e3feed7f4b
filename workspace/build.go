package workspace

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// build is what one compose service or bake target says of its build.
type build struct {
	kind       string // "service" or "target"
	name       string
	context    value
	dockerfile value
	inline     value
	target     value
	args       map[string]value
	contexts   map[string]bool
	open       map[string]bool // of "args" and "contexts", those that are no constant as a whole
	// partial: what is left unset here may be set elsewhere, by the file this
	// one overrides or by what it extends or inherits.
	partial bool
}

// value is a setting. One that is set but not known holds a variable or is
// computed: it is skipped, never guessed.
type value struct {
	text       string
	set, known bool
}

func newBuild(kind, name string) build {
	return build{
		kind: kind, name: name,
		args: map[string]value{}, contexts: map[string]bool{}, open: map[string]bool{},
	}
}

func known(text string) value { return value{text: text, set: true, known: true} }

// takeBuilds adds the Dockerfiles a compose or bake file names.
func (w *walk) takeBuilds(rel string) {
	name := w.display(rel)
	// The file may be a symlink; it is read where it leads, inside the root, and
	// what it names is relative to where it stands.
	actual, ok := w.locate(w.join(rel))
	if !ok {
		return
	}
	data, info, err := readRegular(w.dir, filepath.FromSlash(actual), MaxFileSize)
	if err != nil {
		w.f.fail(readError(name, info, MaxFileSize, err))
		return
	}
	builds, err := parseBuilds(path.Base(rel), name, data)
	if err != nil {
		w.f.fail(err)
		return
	}
	for _, b := range builds {
		b.partial = b.partial || isOverride(path.Base(rel))
		w.takeBuild(rel, b)
	}
}

func parseBuilds(base, name string, data []byte) ([]build, error) {
	return guard(name, func() ([]build, error) {
		switch {
		case isCompose(base):
			return parseCompose(name, data)
		case isJSON(base):
			return parseBakeJSON(name, data)
		}
		return parseBakeHCL(name, data)
	})
}

// guard keeps a parser that panics on hostile input from ending the run.
func guard(name string, parse func() ([]build, error)) (builds []build, err error) {
	defer func() {
		if r := recover(); r != nil {
			builds, err = nil, fmt.Errorf("%s: cannot be understood (%v), exclude it or mend it", name, r)
		}
	}()
	return parse()
}

func (w *walk) takeBuild(rel string, b build) {
	use := Use{File: w.display(rel), Name: b.name, Unresolved: slices.Collect(maps.Keys(b.open))}
	note := func(what string, v value) string {
		if v.set && !v.known || !v.set && b.partial {
			use.Unresolved = append(use.Unresolved, what)
		}
		return v.text
	}
	folder := filepath.Dir(w.join(rel))
	if b.context.known && isRemote(b.context.text) {
		b.context.known = false
	}
	if b.context.known {
		folder = absolute(folder, b.context.text)
	}
	if b.context.known || !b.context.set && !b.partial {
		use.Context = path.Join(w.name, w.relative(folder))
	}
	note("context", b.context)
	use.Target = note("target", b.target)
	for _, k := range slices.Sorted(maps.Keys(b.args)) {
		if v := b.args[k]; v.known {
			if use.BuildArgs == nil {
				use.BuildArgs = map[string]string{}
			}
			use.BuildArgs[k] = v.text
		} else {
			use.Unresolved = append(use.Unresolved, "args."+k)
		}
	}
	use.NamedContexts = slices.Sorted(maps.Keys(b.contexts))
	if b.partial {
		use.Unresolved = append(use.Unresolved, "args", "contexts")
	}
	slices.Sort(use.Unresolved)
	use.Unresolved = slices.Compact(use.Unresolved)

	if b.inline.set {
		w.takeInline(rel, b, use)
		return
	}
	if file, ok := dockerfile(folder, b); ok {
		if actual, ok := w.locate(file); ok {
			w.take(actual, w.shown(file, actual), []Use{use})
		}
	}
}

// dockerfile gives the absolute path of the Dockerfile that b builds, when that
// is a file and b says enough to know which.
func dockerfile(folder string, b build) (string, bool) {
	switch {
	case b.context.set && !b.context.known:
		return "", false
	case b.dockerfile.set && !b.dockerfile.known:
		return "", false
	case b.dockerfile.set:
		return absolute(folder, b.dockerfile.text), true
	case b.partial && !b.context.set:
		return "", false // it only adds to a build described elsewhere
	}
	return filepath.Join(folder, "Dockerfile"), true
}

func (w *walk) takeInline(rel string, b build, use Use) {
	if !b.inline.known {
		return
	}
	identity := w.join(rel) + "#" + b.name
	w.f.add(identity, candidate{Source: Source{
		Path:     use.File + "#" + b.name,
		Content:  []byte(b.inline.text),
		ReadOnly: fmt.Sprintf("inline in %s (%s %s): restow does not rewrite inline Dockerfiles yet", use.File, b.kind, b.name),
		Uses:     []Use{use},
	}})
}

// shown is the path below the root to display for a named file: the name given
// when it is inside, so that a link is shown as a link.
func (w *walk) shown(file, actual string) string {
	if rel, ok := below(w.abs, file); ok {
		return filepath.ToSlash(rel)
	}
	return actual
}

// relative gives a folder relative to the root, with ".." when it is outside.
func (w *walk) relative(folder string) string {
	rel, err := filepath.Rel(w.abs, folder)
	if err != nil {
		return filepath.ToSlash(folder)
	}
	return filepath.ToSlash(rel)
}

func absolute(folder, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(folder, name)
}

// isRemote tells a build context that is no folder: a URL, an scp-style git
// address, the shorthand github.com/…, another target, standard input.
func isRemote(context string) bool {
	afterVolume := context[len(filepath.VolumeName(context)):]
	return context == "-" || strings.Contains(afterVolume, ":") || strings.HasPrefix(context, "github.com/")
}
