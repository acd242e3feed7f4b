package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/workspace"
)

// contextOf is the folder of a Dockerfile's build context: the one that the
// settings name, or compose and bake files where they agree, else the
// Dockerfile's own, which is then assumed.
func contextOf(src workspace.Source, s config.Settings) (dir string, assumed bool) {
	if s.Context != "" {
		return s.Context, false
	}
	contexts := map[string]bool{}
	for _, use := range src.Uses {
		contexts[use.Context] = true
	}
	if len(contexts) == 1 && src.Uses[0].Context != "" {
		return filepath.FromSlash(src.Uses[0].Context), false
	}
	return folder(src), true
}

// folder is where a Dockerfile stands; an inline one stands with its file.
func folder(src workspace.Source) string {
	file, _, _ := strings.Cut(src.Path, "#")
	return filepath.Dir(filepath.FromSlash(file))
}

// inContext is a Dockerfile's path in its build context, slashes between
// folders, or its last part where it stands outside.
func inContext(context, file string) string {
	from, err1 := filepath.Abs(context)
	to, err2 := filepath.Abs(filepath.FromSlash(file))
	name, err3 := filepath.Rel(from, to)
	if err1 != nil || err2 != nil || err3 != nil || name == ".." || strings.HasPrefix(name, ".."+string(filepath.Separator)) {
		name = filepath.Base(file)
	}
	return filepath.ToSlash(name)
}

// factsOf gathers what is known beyond the text: the build context and the
// stages that compose and bake files build. done releases the context.
func factsOf(f *dockerfile.File, src workspace.Source, s config.Settings) (facts rewrite.Facts, done func(), err error) {
	for _, use := range src.Uses {
		if use.Target != "" {
			facts.Targets = append(facts.Targets, use.Target)
		}
		facts.AnyTarget = facts.AnyTarget || slices.Contains(use.Unresolved, "target")
	}
	dir, assumed := contextOf(src, s)
	root, err := os.OpenRoot(dir)
	if err != nil {
		if assumed {
			return facts, func() {}, nil // standard input under a name whose folder is not there
		}
		return facts, nil, fmt.Errorf("%s: the build context cannot be read: %w", f.Name, err)
	}
	tree, err := project.New(root.FS(), inContext(dir, f.Name))
	if err != nil {
		root.Close()
		return facts, nil, fmt.Errorf("%s: the build context %s: %w", f.Name, dir, err)
	}
	if !assumed || tree.Holds(f) {
		facts.Context = tree
	}
	return facts, func() { root.Close() }, nil
}

func unknownIgnores(f *dockerfile.File) (notes []string) {
	var names []string
	for _, p := range passes.Suite {
		names = append(names, p.Name)
	}
	for _, ig := range rewrite.IgnoredNames(f) {
		if ig.Name == "all" || passes.Find(ig.Name) != nil {
			continue
		}
		note := fmt.Sprintf("%s:%d ignore: there is no pass %q", f.Name, ig.Line, ig.Name)
		if like, ok := config.Suggest(ig.Name, names); ok {
			note += fmt.Sprintf(" (did you mean %q?)", like)
		}
		notes = append(notes, note)
	}
	return notes
}
