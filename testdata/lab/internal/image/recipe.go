// Package image builds the lab's base images from their recipes: one folder
// with a Dockerfile each, whose comments name the images it makes.
//
//	# lab:image TARGET NAME...   the stage TARGET is pushed under these names
//	# lab:rootfs SUITE           the context holds a Debian file tree, rootfs.tar
//	# lab:goroot VERSION         the named context goroot is this Go toolchain
package image

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Recipe is one folder of images.
type Recipe struct {
	Name   string
	Dir    string
	Images []*Image
	Rootfs string
	Goroot string
	// Bases are the images that the Dockerfile takes from elsewhere, as full
	// names: docker.io/library/debian:bookworm.
	Bases []string
}

// Image is one stage of a recipe under its official names.
type Image struct {
	Recipe *Recipe
	Target string
	Names  []string // as the recipe writes them
}

// String is the name people use.
func (i *Image) String() string { return i.Names[0] }

// ID names files that belong to the image.
func (i *Image) ID() string { return i.Recipe.Name + "." + i.Target }

// Load reads the recipes below dir, each after the ones it builds on.
func Load(dir string) ([]*Recipe, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "Dockerfile"))
	if err != nil {
		return nil, err
	}
	var recipes []*Recipe
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		r := &Recipe{Name: filepath.Base(filepath.Dir(file)), Dir: filepath.Dir(file)}
		if err := r.parse(src); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		recipes = append(recipes, r)
	}
	return order(recipes)
}

func (r *Recipe) parse(src []byte) error {
	for line := range strings.Lines(string(src)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "#" || !strings.HasPrefix(words[1], "lab:") {
			continue
		}
		switch args := words[2:]; {
		case words[1] == "lab:image" && len(args) >= 2:
			r.Images = append(r.Images, &Image{Recipe: r, Target: args[0], Names: args[1:]})
		case words[1] == "lab:rootfs" && len(args) == 1:
			r.Rootfs = args[0]
		case words[1] == "lab:goroot" && len(args) == 1:
			r.Goroot = args[0]
		default:
			return fmt.Errorf("cannot read %q", strings.TrimSpace(line))
		}
	}
	if len(r.Images) == 0 {
		return fmt.Errorf("no line says which images it makes (# lab:image TARGET NAME...)")
	}
	tree, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		return err
	}
	stages, _, err := instructions.Parse(tree.AST, nil)
	if err != nil {
		return err
	}
	for _, image := range r.Images {
		if !slices.ContainsFunc(stages, func(s instructions.Stage) bool { return s.Name == image.Target }) {
			return fmt.Errorf("lab:image names the stage %s, which is not there", image.Target)
		}
	}
	for i, stage := range stages {
		r.addBase(stage.BaseName, stages[:i])
		for _, command := range stage.Commands {
			if from, ok := command.(*instructions.CopyCommand); ok {
				r.addBase(from.From, stages)
			}
		}
	}
	return nil
}

// addBase notes a source unless it is a stage, a context of the lab's or none.
func (r *Recipe) addBase(source string, stages []instructions.Stage) {
	if source == "" || source == "scratch" || source == "goroot" {
		return
	}
	if _, err := strconv.Atoi(source); err == nil {
		return // a stage by its number
	}
	if slices.ContainsFunc(stages, func(s instructions.Stage) bool { return s.Name == source }) {
		return
	}
	if full := fullName(source); !slices.Contains(r.Bases, full) {
		r.Bases = append(r.Bases, full)
	}
}

// fullName spells a name out: python:3.11 is docker.io/library/python:3.11.
func fullName(name string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return reference.TagNameOnly(named).String()
}

// order puts every recipe after those whose images it uses; among the others
// the order is by name.
func order(recipes []*Recipe) ([]*Recipe, error) {
	maker := map[string]*Recipe{}
	for _, r := range recipes {
		for _, image := range r.Images {
			for _, name := range image.Names {
				full := fullName(name)
				if other := maker[full]; other != nil {
					return nil, fmt.Errorf("%s and %s both make %s", other.Name, r.Name, name)
				}
				maker[full] = r
			}
		}
	}
	var sorted []*Recipe
	const visiting, done = 1, 2
	state := map[*Recipe]int{}
	var visit func(r *Recipe) error
	visit = func(r *Recipe) error {
		switch state[r] {
		case visiting:
			return fmt.Errorf("recipe %s needs itself", r.Name)
		case done:
			return nil
		}
		state[r] = visiting
		for _, base := range r.Bases {
			needed := maker[base]
			if needed == nil {
				return fmt.Errorf("recipe %s needs %s, which no recipe makes", r.Name, base)
			}
			if err := visit(needed); err != nil {
				return err
			}
		}
		state[r] = done
		sorted = append(sorted, r)
		return nil
	}
	for _, r := range recipes {
		if err := visit(r); err != nil {
			return nil, err
		}
	}
	return sorted, nil
}

// Select returns the images that name means (a recipe, or one of the names of an
// image) and those they build on; an empty name means all.
func Select(recipes []*Recipe, name string) ([]*Image, error) {
	wanted := map[string]bool{}
	for _, r := range slices.Backward(recipes) {
		for _, image := range r.Images {
			chosen := name == "" || name == r.Name || slices.ContainsFunc(image.Names, func(n string) bool {
				return n == name || wanted[fullName(n)]
			})
			if !chosen {
				continue
			}
			wanted[fullName(image.Names[0])] = true
			for _, base := range r.Bases {
				wanted[base] = true
			}
		}
	}
	var images []*Image
	for _, r := range recipes {
		for _, image := range r.Images {
			if slices.ContainsFunc(image.Names, func(n string) bool { return wanted[fullName(n)] }) {
				images = append(images, image)
			}
		}
	}
	if len(images) == 0 {
		return nil, fmt.Errorf("no recipe and no image is called %s", name)
	}
	return images, nil
}
