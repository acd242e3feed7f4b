package effect

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Source is a path of the build context that an instruction names: a source of
// COPY or ADD, or of a bind mount.
type Source struct {
	In *dockerfile.Instruction
	// Path is slash-separated and clean, "" for the root of the context. It may be
	// a pattern. Where a variable has no one value it is the folder before it.
	Path  string
	Known bool
}

// Sources are the paths of the build context that a file names, in its order. A
// variable stands for the value that the file gives it, a build argument for its
// default: who builds with another one knows what the context has to hold.
func Sources(f *dockerfile.File) (out []Source) {
	vars, many := map[string]string{}, map[string]bool{}
	for _, in := range f.Instructions {
		w := wording{env: Env{vars: vars}, escape: f.Escape, out: &Effect{}}
		set := func(key, value string) {
			value, known := w.expand(value)
			old, again := vars[key]
			if !known || again && old != value {
				many[key] = true
			}
			vars[key] = value
			if many[key] {
				delete(vars, key)
			}
		}
		add := func(words []string) {
			for _, word := range words {
				out = append(out, source(in, w, word))
			}
		}
		switch c := in.Command.(type) {
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				set(kv.Key, kv.Value)
			}
		case *instructions.CopyCommand:
			if c.From == "" {
				add(c.SourcePaths)
			}
		case *instructions.AddCommand:
			add(local(c.SourcePaths))
		case *instructions.RunCommand:
			out = append(out, w.bound(in, c)...)
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				if kv.Value != nil {
					set(kv.Key, *kv.Value)
				}
			}
		}
	}
	return out
}

// local are the sources of an ADD that are not fetched.
func local(words []string) (out []string) {
	for _, w := range words {
		if !strings.Contains(w, "://") {
			out = append(out, w)
		}
	}
	return out
}

func source(in *dockerfile.Instruction, w wording, word string) Source {
	value, known := w.expand(word)
	if !known {
		value, _, _ = strings.Cut(strings.Trim(word, `"'`), "$")
		if strings.ContainsAny(value, "\"'\\`") {
			value = ""
		}
		value = value[:strings.LastIndexByte(value, '/')+1]
	}
	return Source{in, strings.TrimPrefix(path.Clean("/"+value), "/"), known}
}

// bound are the sources of a RUN's bind mounts.
func (w *wording) bound(in *dockerfile.Instruction, c *instructions.RunCommand) (out []Source) {
	if len(instructions.GetMounts(c)) == 0 {
		return nil
	}
	mounts, err := w.expandedMounts(in)
	if err != nil {
		return []Source{{In: in}} // a variable without a value: it may be any path
	}
	for _, m := range mounts {
		if m.Type == instructions.MountTypeBind && m.From == "" {
			out = append(out, Source{in, strings.TrimPrefix(path.Clean("/"+m.Source), "/"), true})
		}
	}
	return out
}
