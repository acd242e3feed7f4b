package needs

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
)

// layout is where files of the build context stand in a stage.
type layout struct {
	stage  *dockerfile.Stage
	laid   []laid
	partly string // why that is not all
}

// laid is a file or folder that an instruction lays down: of the build context, or
// of another stage.
type laid struct {
	dest, src string
	folder    bool
	from      *dockerfile.Stage // nil for the build context
	image     string            // what COPY --from names where it is no stage
}

// layoutOf follows the COPYs of a stage and of those it is built on.
func (f *File) layoutOf(stage *dockerfile.Stage) *layout {
	if l, ok := f.layouts[stage]; ok {
		return l
	}
	l := &layout{stage: stage}
	f.layouts[stage] = l // a stage never copies from itself, but a hostile file may say so
	if stage.Base != nil {
		below := f.layoutOf(stage.Base)
		l.laid, l.partly = slices.Clone(below.laid), below.partly
	}
	env := effect.At(stage, f.tree)
	for _, in := range stage.Instructions {
		switch c := in.Command.(type) {
		case *instructions.CopyCommand:
			f.lay(l, in, env, c.SourcePaths, c.DestPath, c.From)
		case *instructions.AddCommand:
			f.lay(l, in, env, c.SourcePaths, c.DestPath, "")
		}
		if len(l.laid) > maxLaid {
			l.partly = "the stage copies too much to be followed"
			break
		}
		env = env.After(in)
	}
	return l
}

func (f *File) lay(l *layout, in *dockerfile.Instruction, env effect.Env, sources []string, dest, from string) {
	dest, ok := expandIn(env, dest)
	if !ok {
		return
	}
	into := strings.HasSuffix(dest, "/") || dest == "." || strings.HasSuffix(dest, "/.") || len(sources) > 1
	if !path.IsAbs(dest) {
		dir, known := env.Workdir()
		if !known {
			dir = "/" // most images have no other, and then the working directory of the project is below it
		}
		dest = path.Join(dir, dest)
	}
	dest = path.Clean(dest)
	dir, known := env.Workdir()
	into = into || known && dir == dest
	var stage *dockerfile.Stage
	if from != "" {
		stage = stageOf(in.File, from)
	}
	for _, src := range sources {
		src, ok := expandIn(env, src)
		if !ok || strings.Contains(src, "://") {
			continue
		}
		if from != "" {
			f.layFrom(l, src, dest, from, stage, into)
			continue
		}
		src = strings.TrimPrefix(path.Clean("/"+src), "/")
		if src == "" {
			src = "."
		}
		for _, name := range f.matches(src) {
			if f.tree.IsDir(name) {
				l.laid = append(l.laid, laid{dest: dest, src: name, folder: true})
				continue
			}
			at := dest
			if into {
				at = path.Join(dest, path.Base(name))
			}
			l.laid = append(l.laid, laid{dest: at, src: name})
		}
	}
}

// layFrom notes what comes from a stage or an image, where a name may be of a
// file or of a folder: it is taken for both.
func (f *File) layFrom(l *layout, src, dest, from string, stage *dockerfile.Stage, into bool) {
	folder := strings.HasSuffix(src, "/") || strings.HasSuffix(src, "/.")
	src = path.Clean("/" + src)
	one := laid{dest: dest, src: src, folder: true, from: stage, image: from}
	bin := []string{"bin", "sbin"}
	if !into || folder || !slices.Contains(bin, path.Base(path.Dir(src))) && (!slices.Contains(bin, path.Base(dest)) || slices.Contains(bin, path.Base(src))) {
		l.laid = append(l.laid, one) // but what stands in a folder of programs, or goes to one, is one of them
	}
	if into {
		one.dest, one.folder = path.Join(dest, path.Base(src)), false
		l.laid = append(l.laid, one)
	}
}

// matches are the names of the build context that a source names.
func (f *File) matches(src string) (out []string) {
	if !strings.ContainsAny(src, `*?[\`) {
		return []string{src}
	}
	dir, last := path.Split(src)
	names, err := f.tree.List(path.Clean(dir + "."))
	if err != nil || strings.ContainsAny(dir, `*?[\`) {
		return nil
	}
	for _, n := range names {
		if ok, err := path.Match(last, n); err == nil && ok {
			out = append(out, path.Join(dir, n))
		}
	}
	return out
}

func stageOf(f *dockerfile.File, name string) *dockerfile.Stage {
	if s := f.StageByName(name); s != nil {
		return s
	}
	for _, s := range f.Stages {
		if name == itoa(s.Index) {
			return s
		}
	}
	return nil
}

// source is the file of the build context that stands at a path of the image. from
// is what COPY --from names where it comes from there and is not to be told.
func (f *File) source(l *layout, at string, depth int) (name, from string, ok bool) {
	for _, one := range slices.Backward(l.laid) {
		src := one.src
		if rest, below := strings.CutPrefix(at, strings.TrimSuffix(one.dest, "/")+"/"); below && one.folder {
			src = path.Join(one.src, rest)
		} else if at != one.dest || one.folder && one.image == "" {
			continue
		}
		if one.image == "" {
			if f.tree.Has(src) && !f.tree.IsDir(src) {
				return src, "", true
			}
			continue
		}
		from = one.image
		if one.from != nil && depth < maxDepth && one.from != l.stage && one.from.Index < l.stage.Index {
			if name, _, ok := f.source(f.layoutOf(one.from), src, depth+1); ok {
				return name, "", true
			}
		}
		return "", from, false
	}
	return "", "", false
}

// names reports whether a program by that path is laid down by its name, or with a
// folder of the build context. What a folder from another stage holds is not known:
// it need not have a program of every name.
func (r *reader) names(at string) bool {
	if name, _, ok := r.source(r.files, at, 0); ok && name != "" {
		return true
	}
	return slices.ContainsFunc(r.files.laid, func(one laid) bool {
		return !one.folder && one.dest == at || one.folder && one.image != "" && one.dest == at
	})
}

// fromStage is the stage or image that a file comes from, "" for none.
func (r *reader) fromStage(at string) string {
	_, from, _ := r.source(r.files, at, 0)
	return from
}

// abs is a path of the image.
func (r *reader) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	dir := r.dir
	if dir == "" {
		dir, _ = r.env.Workdir()
	}
	return path.Join("/", dir, name)
}

var variables = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?`)

// expandIn writes the values of variables in their places.
func expandIn(env effect.Env, text string) (string, bool) {
	ok := true
	text = strings.Trim(text, `"'`)
	out := variables.ReplaceAllStringFunc(text, func(v string) string {
		value, known := env.Var(strings.Trim(v, "${}"))
		ok = ok && known
		return value
	})
	return out, ok && !strings.Contains(out, "$")
}

func (r *reader) expand(text string) string {
	out, ok := expandIn(r.env, text)
	if !ok {
		return ""
	}
	return out
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}
