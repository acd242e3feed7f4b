package needs

import (
	"path"
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// rust takes the crates of Cargo.lock.
func (r *reader) rust(verb string, local bool) {
	if verb == "install" && !local {
		r.unknown(r.by + " builds crates whose dependencies are not known")
		return
	}
	data, name := r.manifest(path.Join(r.abs("."), "Cargo.lock"))
	if data == nil {
		r.unreadList("cargo", "Cargo.lock")
		return
	}
	by := r.by
	r.by = name
	for _, m := range lockedName.FindAllStringSubmatch(string(data), -1) {
		r.dependency(&r.out.Rust, m[1], false)
	}
	if strings.Contains(string(data), "\nsource = \"git+") {
		r.need(Command, "git")
	}
	r.by = by
}

// mix takes the lock file of an Elixir project: what is made by elixir_make is
// compiled.
func (r *reader) mix(verb string) {
	if !strings.HasPrefix(verb, "deps") && verb != "compile" && verb != "release" && verb != "do" {
		return
	}
	data, name := r.manifest(path.Join(r.abs("."), "mix.lock"))
	if data == nil {
		r.unreadList("mix", "mix.lock")
		return
	}
	by := r.by
	r.by = name
	if strings.Contains(string(data), "elixir_make") {
		r.need(Command, "make")
		r.need(Command, "gcc")
	}
	if strings.Contains(string(data), "{:git,") {
		r.need(Command, "git")
	}
	r.by = by
}

// golang takes the go command: it records the commit where the build context has
// its history.
func (r *reader) golang(args []shell.Word) {
	if len(args) < 2 || !args[1].Static {
		return
	}
	switch args[1].Value {
	case "build", "install", "test", "run":
		if cgo, _ := r.env.Var("CGO_ENABLED"); cgo == "1" {
			r.need(Command, "gcc")
		}
		if _, _, ok := r.source(r.files, path.Join(r.abs("."), ".git/HEAD"), 0); ok {
			r.need(Command, "git")
		}
	}
	if direct, _ := r.env.Var("GOPROXY"); strings.HasPrefix(direct, "direct") {
		r.need(Command, "git")
	}
	if private, _ := r.env.Var("GOPRIVATE"); private != "" {
		r.need(Command, "git")
	}
}
