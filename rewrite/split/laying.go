package split

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
)

// copied lays down what a COPY takes.
func (w *walk) copied(in *dockerfile.Instruction, c *instructions.CopyCommand) {
	if laid, ok := effect.LaidBy(in, w.env); ok {
		for _, l := range laid {
			if !l.Dir {
				w.files.put(l.Dest, l.From)
				continue
			}
			owner, _, _ := strings.Cut(l.Attr, " ")
			if e := w.files.mkdir(l.Dest); owner != "" {
				e.owner = []string{"chown " + owner + " " + l.Dest}
			}
		}
		return
	}
	if w.tree == nil && c.From == "" {
		w.files.opaque(w.abs(w.expandText(c.DestPath)))
		return
	}
	dest := w.expandText(c.DestPath)
	w.into(dest, c.SourcePaths)
	for _, content := range c.SourceContents {
		if at := w.abs(dest); strings.HasSuffix(dest, "/") {
			w.files.put(path.Join(at, content.Path), "")
		} else {
			w.files.put(at, "")
		}
	}
}

// added lays down what an ADD takes, of which nobody knows what it unpacks.
func (w *walk) added(c *instructions.AddCommand) {
	dest := w.expandText(c.DestPath)
	at := w.abs(dest)
	for _, src := range c.SourcePaths {
		name := strings.TrimPrefix(path.Clean("/"+w.expandText(src)), "/")
		if name == "" {
			name = "."
		}
		switch {
		case strings.Contains(src, "://") || strings.ContainsAny(src, "*?[") || c.Chown != "" || !w.tree.Plain(name):
			w.into(dest, []string{src})
		case w.tree.IsDir(name):
			if w.tree.Files().Partial != "" || w.files.isSystem(at) && at != "/" {
				w.into(dest, []string{src})
				continue
			}
			for _, f := range w.tree.Files().Below(name) {
				rest := f.Path
				if name != "." {
					rest = strings.TrimPrefix(f.Path, name+"/")
				}
				w.files.put(path.Join(at, rest), f.Path)
			}
			w.files.mkdir(at)
		case strings.HasSuffix(dest, "/") || dest == "." || w.files.isDir(at) || len(c.SourcePaths) > 1:
			w.files.put(path.Join(at, path.Base(name)), name)
		default:
			w.into(dest, []string{src})
		}
	}
}

// into lays down sources at a place that may be a folder or a file.
func (w *walk) into(dest string, sources []string) {
	if len(sources) == 0 {
		return
	}
	at := w.abs(dest)
	if !w.files.isSystem(at) {
		w.files.opaque(at)
		w.files.at[at].unread = true
		return
	}
	for _, src := range sources {
		src = w.expandText(src)
		clean := strings.TrimPrefix(src, "/")
		if strings.ContainsAny(src, "*?[") || strings.Contains(src, "://") || w.tree.IsDir(strings.Trim(clean, "/")) || strings.HasSuffix(src, "/") || strings.Contains(src, ".tar") || strings.HasSuffix(src, ".tgz") {
			refuse("what %s brings into %s is not known", src, at)
		}
		w.files.put(path.Join(at, lastOf(clean)), strings.TrimSuffix(clean, "/"))
	}
}

// expandText is a path of the Dockerfile with its variables replaced.
func (w *walk) expandText(s string) string {
	out, ok := w.resolve(s)
	if !ok {
		refuse("the path %s depends on a variable", s)
	}
	return out
}

// folders finds the folders of the system that the file takes for itself: it works
// in them, or copies into them.
func (w *walk) folders() {
	w.files.own = map[string]bool{}
	for _, in := range w.stage.Instructions {
		for _, word := range in.Fields() {
			if at := strings.TrimSuffix(word.S, "/"); slices.Contains(free, at) && (in.Is("WORKDIR") || in.Is("COPY") || in.Is("ADD")) {
				w.files.own[at] = true
			}
		}
	}
}

// give says again what belongs to whom, where a user's number may be another one in
// the last stage: COPY keeps numbers.
func (w *walk) give() {
	if !w.loose {
		return
	}
	if w.byUser {
		refuse("files belong to a system user whose number is not given, and may be another one in the last stage")
	}
	for _, o := range w.owners {
		taken := slices.ContainsFunc(w.plan.Copies, func(c Copy) bool {
			return slices.ContainsFunc(c.Paths, func(p string) bool {
				return p == o.at || strings.HasPrefix(p, o.at+"/") || strings.HasPrefix(o.at, p+"/")
			})
		})
		if taken {
			w.again(o.text)
			w.plan.Early = true
		}
	}
}
