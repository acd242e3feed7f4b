package build

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

// maxWalk bounds the files of a context that are looked at.
const maxWalk = 50_000

// maxCommits is how many commits say which file changes most often.
const maxCommits = 500

// chooseTouch chooses the file whose change stands for the next edit: the one of
// the image's sources that git saw change most often, else a source file. It
// says why; without a file it says why not.
func chooseTouch(in *Input) (files []string, why string) {
	if len(in.Touch) > 0 {
		for _, f := range in.Touch {
			name := path.Clean(filepath.ToSlash(f))
			info, err := os.Stat(filepath.Join(in.Context, name))
			if !fs.ValidPath(name) || err != nil || !info.Mode().IsRegular() || in.Context == "" {
				return nil, fmt.Sprintf("%s is no file of the build context", f)
			}
			files = append(files, name)
		}
		return files, "as asked for"
	}
	if in.Context == "" {
		return nil, "there is no build context"
	}
	f, err := dockerfile.Parse(in.Name, in.Before)
	if err != nil {
		return nil, "the Dockerfile cannot be read to see what it copies"
	}
	tree, err := project.New(os.DirFS(in.Context), in.Name)
	if err != nil {
		return nil, "the ignore file cannot be read"
	}
	copied := copiedBy(f)
	usable := func(name string) bool {
		info, err := os.Lstat(filepath.Join(in.Context, name))
		return err == nil && info.Mode().IsRegular() && copied(name) && !tree.Ignored(name)
	}
	var h *project.History
	if in.History != nil {
		h = in.History()
	}
	if name, times := mostChanged(h, usable); name != "" {
		return []string{name}, fmt.Sprintf("of the files that are copied into the image, it changed most often in git: %s", count(times, "commit"))
	}
	if name := sourceFile(in.Context, usable); name != "" {
		return []string{name}, "a source file that is copied into the image"
	}
	return nil, "no file of the build context that is copied into the image was found"
}

// copiedBy tells which files of the context COPY and ADD take. Sources with
// variables take all, for what they name is not known.
func copiedBy(f *dockerfile.File) func(name string) bool {
	var sources []string
	for _, in := range f.Instructions {
		switch c := in.Command.(type) {
		case *instructions.AddCommand:
			sources = append(sources, c.SourcePaths...)
		case *instructions.CopyCommand:
			if c.From == "" {
				sources = append(sources, c.SourcePaths...)
			}
		case *instructions.RunCommand:
			for _, m := range instructions.GetMounts(c) {
				if m.From == "" && m.Type == instructions.MountTypeBind {
					sources = append(sources, or(m.Source, "/"))
				}
			}
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(sources, func(src string) bool {
			if strings.Contains(src, "$") {
				return true
			}
			src = strings.TrimPrefix(path.Clean("/"+src), "/")
			for p := name; p != "."; p = path.Dir(p) {
				if ok, err := path.Match(src, p); ok && err == nil {
					return true
				}
			}
			return src == ""
		})
	}
}

// dull are files whose change is not the edit of every day.
func dull(name string) bool {
	base := strings.ToLower(path.Base(name))
	for _, part := range []string{"dockerfile", ".dockerignore", "changelog", "license", "readme", ".lock", "-lock.", "go.sum", ".gitignore"} {
		if strings.Contains(base, part) {
			return true
		}
	}
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, ".md")
}

// mostChanged is the usable file that the last commits changed most often.
func mostChanged(h *project.History, usable func(string) bool) (string, int) {
	if !h.Known() {
		return "", 0
	}
	h = h.Newest(maxCommits)
	best, most := "", 0
	for _, name := range h.Paths() {
		if dull(name) {
			continue
		}
		if n, _ := h.Changes(name); n > most && usable(name) { // of several, the first by name
			best, most = name, n
		}
	}
	return best, most
}

var sourceExts = []string{
	".go", ".py", ".js", ".ts", ".tsx", ".jsx", ".mjs", ".java", ".kt", ".rs", ".rb", ".php", ".c", ".cc", ".cpp", ".cs", ".ex", ".scala", ".swift",
	".sh", ".html", ".css", ".vue", ".svelte", ".tmpl", ".sql", ".conf", ".yaml", ".yml", ".json", ".toml", ".txt",
}

// sourceFile chooses a source file: by the kind, then the one edited last, then
// by name.
func sourceFile(dir string, usable func(string) bool) (best string) {
	bestRank, bestTime, seen := len(sourceExts), time.Time{}, 0
	_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if seen++; seen > maxWalk {
			return fs.SkipAll
		}
		if err != nil {
			return nil // what cannot be read is not chosen
		}
		if d.IsDir() {
			if name := d.Name(); p != dir && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor") {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return nil
		}
		name := filepath.ToSlash(rel)
		rank := slices.Index(sourceExts, strings.ToLower(path.Ext(name)))
		if rank < 0 || dull(name) || strings.Contains(name, "test") || !usable(name) {
			return nil
		}
		rank = min(rank, slices.Index(sourceExts, ".sh")) // all languages are alike
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if rank < bestRank || rank == bestRank && info.ModTime().After(bestTime) {
			best, bestRank, bestTime = name, rank, info.ModTime()
		}
		return nil
	})
	return best
}
