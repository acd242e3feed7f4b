package debian

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"maps"
	"path"
	"slices"
	"strings"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Lack is something that files of the image want and the image does not have.
type Lack struct {
	Name  string // a library, or a program that scripts are run by
	Files []string
	Of    []string // packages with such files
}

// searched is where scripts find programs given to env.
var searched = []string{"usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin"}

// lacks reads what programs and libraries say they need: shared libraries (the
// dynamic section of ELF files) and interpreters.
func (r *root) lacks() (missing, interpreters []Lack) {
	libs, runs := map[string]*Lack{}, map[string]*Lack{}
	note := func(m map[string]*Lack, name string, f *file) {
		l := m[name]
		if l == nil {
			l = &Lack{Name: name}
			m[name] = l
		}
		l.Files = append(l.Files, "/"+f.path)
		if !slices.Contains(l.Of, f.pkg) {
			l.Of = append(l.Of, f.pkg)
		}
	}
	has := map[string][]*file{} // by name
	paths := r.paths()
	for _, p := range paths {
		has[path.Base(p)] = append(has[path.Base(p)], r.files[p])
	}
	for _, p := range paths {
		f := r.files[p]
		if f.kind != tar.TypeReg || f.content == nil {
			continue
		}
		switch {
		case bytes.HasPrefix(f.data, []byte("#!")) && f.mode&0o111 != 0:
			if name := interpreter(f.data); name != "" && !r.runs(name) {
				note(runs, name, f)
			}
		case bytes.HasPrefix(f.data, []byte(elf.ELFMAG)):
			list, own := needed(f.data)
			for _, name := range list {
				reached := func(at *file) bool { return reaches(f, at, own) }
				if !slices.ContainsFunc(has[path.Base(name)], reached) {
					note(libs, name, f)
				}
			}
		}
	}
	for _, name := range sortedKeys(libs) {
		missing = append(missing, *libs[name])
	}
	for _, name := range sortedKeys(runs) {
		interpreters = append(interpreters, *runs[name])
	}
	return missing, interpreters
}

// loaderDirs are the folders that the loader of Debian's C library looks into without
// a cache.
var loaderDirs = []string{"usr/lib", "usr/lib/*-linux-gnu*", "usr/lib64", "usr/lib32", "usr/libx32"}

// reaches tells whether a library is found from a file: in the loader's folders, in
// one that the file names, or in one of the same package, as that of a program that
// has loaded it before.
func reaches(from, library *file, own []string) bool {
	dir := path.Dir(library.path)
	if library.pkg == from.pkg {
		return true
	}
	for _, pattern := range loaderDirs {
		if ok, _ := path.Match(pattern, dir); ok {
			return true
		}
	}
	for _, d := range own {
		d = strings.NewReplacer("${ORIGIN}", "/"+path.Dir(from.path), "$ORIGIN", "/"+path.Dir(from.path)).Replace(d)
		probe := &file{path: strings.TrimPrefix(path.Join("/", d), "/")}
		if mergeUsr(probe); probe.path == dir {
			return true
		}
	}
	return false
}

// interpreter is the program that a script names in its first line: a path, or the
// name that env is given.
func interpreter(data []byte) string {
	line, _, _ := bytes.Cut(data[2:min(len(data), 258)], []byte("\n"))
	words := strings.Fields(string(line))
	if len(words) == 0 {
		return ""
	}
	if path.Base(words[0]) == "env" {
		for _, w := range words[1:] {
			if !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
				return w
			}
		}
	}
	return words[0]
}

func (r *root) runs(name string) bool {
	if path.IsAbs(name) {
		return r.at(name) != nil
	}
	return slices.ContainsFunc(searched, func(dir string) bool { return r.at(dir+"/"+name) != nil })
}

// needed lists the libraries of a program or library and the loader it is run by, and
// the folders that it names for them.
func needed(data []byte) (names, own []string) {
	e, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, nil // no program: it has just the first bytes of one
	}
	list, err := e.ImportedLibraries()
	if err != nil {
		return nil, nil
	}
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		dirs, _ := e.DynString(tag) // none, where it has none
		for _, d := range dirs {
			own = append(own, strings.Split(d, ":")...)
		}
	}
	for _, p := range e.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz == 0 || p.Filesz > maxPath {
			continue
		}
		if text, err := bounded(p.Open(), maxPath); err == nil {
			list = append(list, strings.TrimRight(string(text), "\x00"))
		}
	}
	return slices.DeleteFunc(list, func(name string) bool { return name == "" }), own
}
