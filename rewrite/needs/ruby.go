package needs

import (
	"path"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

var gemLocked = regexp.MustCompile(`(?m)^    ([A-Za-z0-9_.-]+) \(([^)\n]*)\)`)

// ruby takes what gem and bundle install. Of gems that are ready for the platform
// the lock file has the name of the platform behind the version.
func (r *reader) ruby(m command.Meaning, args []shell.Word) {
	if m.Program == "gem" {
		for i, w := range args[1:] {
			if i > 0 && args[1].Value == "install" && (strings.HasSuffix(w.Value, ".gem") || strings.HasPrefix(w.Prefix, "./")) {
				r.gemspecs()
				continue
			}
			if i > 0 && w.Static && !strings.HasPrefix(w.Value, "-") && args[1].Value == "install" && !digits(w.Value) {
				r.dependency(&r.out.Ruby, w.Value, true) // what it depends on is not told
			}
		}
		return
	}
	if len(args) < 2 || args[1].Static && args[1].Value == "exec" || args[1].Value == "config" || args[1].Value == "package" {
		return
	}
	if args[1].Static && args[1].Value != "install" && args[1].Value != "update" && !strings.HasPrefix(args[1].Value, "-") {
		return
	}
	data, name := r.manifest(path.Join(r.abs("."), "Gemfile.lock"))
	if data == nil {
		r.unreadList("bundle", "Gemfile.lock")
		return
	}
	by := r.by
	r.by = name
	ready := map[string]bool{}
	all := gemLocked.FindAllStringSubmatch(string(data), -1)
	for _, m := range all {
		if strings.Contains(m[2], "x86_64-linux") || strings.Contains(m[2], "-linux-gnu") {
			ready[m[1]] = true
		}
	}
	for _, m := range all {
		if !ready[m[1]] {
			r.dependency(&r.out.Ruby, m[1], false)
		}
	}
	if strings.Contains(string(data), "\nGIT\n") || strings.HasPrefix(string(data), "GIT\n") {
		r.need(Command, "git")
	}
	if strings.Contains(string(data), `git ls-files`) {
		r.need(Command, "git")
	}
	r.by = by
}

var (
	gemDepends = regexp.MustCompile(`add_(?:runtime_)?dependency[ (]+["']([A-Za-z0-9_.-]+)`)
	gemExtends = regexp.MustCompile(`\.extensions\s*(?:=|<<)`)
)

// gemspecs reads what describes the gems of the project in the working directory.
func (r *reader) gemspecs() {
	found := false
	for _, one := range r.files.laid {
		name := one.src
		if one.image != "" || !strings.HasSuffix(name, ".gemspec") && !one.folder {
			continue
		}
		names := []string{name}
		if one.folder {
			list, err := r.tree.List(name)
			if err != nil {
				continue
			}
			names = nil
			for _, n := range list {
				if strings.HasSuffix(n, ".gemspec") {
					names = append(names, path.Join(name, n))
				}
			}
		}
		for _, n := range names {
			data, err := r.tree.Read(n)
			if err != nil {
				continue
			}
			found = true
			if gemExtends.Match(data) {
				r.unknown(n + " compiles")
			}
			by := r.by
			r.by = n
			for _, m := range gemDepends.FindAllSubmatch(data, -1) {
				r.dependency(&r.out.Ruby, string(m[1]), true)
			}
			r.by = by
		}
	}
	if !found {
		r.unreadList("gem", "the gemspec")
	}
}

func digits(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }
