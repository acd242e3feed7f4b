package effect

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	lex "github.com/moby/buildkit/frontend/dockerfile/shell"
)

func (w *wording) copy(c *instructions.CopyCommand) {
	for _, src := range c.SourcePaths {
		name, known := w.expand(src)
		if c.From == "" {
			w.out.reads(contextPath(name, known))
		}
	}
	if c.From != "" {
		w.out.reads(Place{Image, literal(c.From)})
	}
	w.destination(c.SourcesAndDest, c.Chown, c.Chmod, c.Link)
}

func (w *wording) add(c *instructions.AddCommand) {
	w.expand(c.Checksum)
	for _, src := range c.SourcePaths {
		name, known := w.expand(src)
		// dfgitutil.ParseGitRef takes more for a repository than an address; what
		// only looks like one is a file as well.
		address := strings.Contains(name, "://")
		if !known || address || strings.Contains(name, "git") {
			from := name
			if !known {
				from = "*"
			}
			w.out.reads(Place{Network, from})
		}
		if !known || !address {
			w.out.reads(contextPath(name, known))
		}
	}
	w.destination(c.SourcesAndDest, c.Chown, c.Chmod, c.Link)
}

// destination notes what a COPY or ADD writes (dispatchCopy). Whether a source is
// a file, a folder or an archive is not known here: all that is below the
// destination counts as written.
func (w *wording) destination(c instructions.SourcesAndDest, chown, chmod string, linked bool) {
	out, e := w.out, w.env
	owner, known := w.expand(chown)
	if !known || owner != "" && !numeric(owner) {
		out.reads(e.accounts()...)
	}
	mode, modeKnown := w.expand(chmod)
	root := known && modeKnown && owner == "" && mode == ""
	for _, doc := range c.SourceContents {
		if doc.Expand {
			w.document(doc.Data)
		}
	}
	dest, known := w.expand(c.DestPath)
	if !known || !absolute(dest) {
		out.reads(Place{Kind: Workdir})
	}
	name, ok := e.within(dest)
	if !known || !ok {
		out.writes(everyFile)
		return
	}
	names := []string{name}
	if strings.HasSuffix(dest, "/") && len(c.SourcePaths) == 0 {
		names = nil // heredocs are files and go by their names
		for _, doc := range c.SourceContents {
			names = append(names, path.Join(name, path.Base(doc.Path)))
		}
	}
	for _, n := range names {
		for i, f := range e.files(n) {
			out.writes(f)
			if e.site != nil && below("/etc/passwd", f.Name) {
				out.writes(Place{Kind: Accounts})
			}
			switch {
			case f.Name == "*":
			case linked:
				w.laid(f.Name, root)
			default:
				// What happens where a link leads nowhere is not relied on.
				out.in(e, path.Dir(f.Name), root && i == 0)
			}
		}
	}
}

// laid notes what --link does besides: its layer is made on its own and laid over
// the image, so that the folders above the destination are afterwards as it makes
// them, whoever made them before, and a link or a file on the way gives way.
func (w *wording) laid(name string, root bool) {
	top, _, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if root {
		w.out.writes(Place{RootFolder, "/" + top})
	} else {
		w.out.reads(Place{RootFolder, "/" + top})
		w.out.writes(Place{Folder, "/" + top})
	}
	if missing, some := w.env.missing(path.Dir(name)); some {
		w.out.writes(Place{Folder, missing})
	}
	for _, l := range w.env.linksAbove(name) {
		w.out.writes(Place{File, l})
	}
}

// accounts is where names of users are looked up.
func (e Env) accounts() []Place {
	if e.site != nil {
		return []Place{{Kind: Accounts}}
	}
	return passwd
}

// document reads the variables of a heredoc that is expanded: by a lexer of its
// own, which keeps quotes (SupportsSingleWordExpansionRaw in dispatch).
func (w *wording) document(text string) {
	l := lex.NewLex('\\')
	l.SkipProcessQuotes = true
	w.read(variablesIn(l, text))
}

// copied notes in e which folders a COPY or ADD leaves behind.
func (w *wording) copied(e *Env, dest string, linked bool) {
	dest, known := w.expand(dest)
	name, ok := w.env.within(dest)
	if !known || !ok || w.env.loose != "" {
		return
	}
	if !strings.HasSuffix(dest, "/") {
		if linked {
			e.forget(maskedOf([]Place{{File, name}}, Place.mask)) // a file takes the place of a folder
		}
		name = path.Dir(name) // the last part may be a file
	}
	e.found(name)
}
