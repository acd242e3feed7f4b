package needs

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// called takes one command, whose words begin at from.
func (r *reader) called(c *shell.Simple, m command.Meaning, from int) {
	args := c.Words[from:]
	if !args[0].Static {
		return
	}
	r.command(args[0].Value)
	value := func(i int) string {
		if i < len(args) && args[i].Static {
			return args[i].Value
		}
		return ""
	}
	switch name := m.Program; name {
	case "sh", "bash", "dash", "ash", "ksh":
		r.shellFile(args, name)
	case ".", "source":
		r.sourced(args)
	case "apt-get", "apt", "apk", "dnf", "yum", "microdnf":
		r.system(m, args)
	case "dpkg":
		for _, w := range args[1:] {
			if w.Static && (w.Value == "-i" || w.Value == "--install") {
				r.unknown(r.by + " installs packages with dpkg, which brings nothing along that they depend on")
			}
		}
	case "tar":
		r.tar(args)
	case "apt-key", "add-apt-repository":
		r.need(Command, "gpg")
		r.need(Certificates, "ca-certificates")
	case "python", "python3", "python2", "node", "nodejs", "ruby", "perl", "php", "java", "Rscript":
		r.interpreter(m, args)
	case "pip", "pip3", "uv", "pipx", "poetry", "pipenv", "easy_install", "pdm":
		r.python(m, args)
	case "npm", "yarn", "pnpm", "npx", "pnpx", "bun":
		r.node(m, args)
	case "gem", "bundle", "bundler":
		r.ruby(m, args)
	case "cargo":
		if v := value(1); slices.Contains([]string{"build", "install", "run", "test", "rustc", "b", "chef"}, v) {
			r.need(Command, "cc")
			r.rust(v, slices.ContainsFunc(args, func(w shell.Word) bool { return w.Static && strings.HasPrefix(w.Value, "--path") }))
		}
	case "go":
		r.golang(args)
	case "make", "gmake":
		r.make(args)
	case "composer":
		r.need(Command, "unzip")
		r.need(Certificates, "ca-certificates")
	case "git":
		r.remote(args)
	case "cmake":
		r.need(Command, "c++")
		r.need(Command, "make")
	case "cpan", "cpanm", "cpm", "carton", "luarocks", "opam":
		r.need(Command, "make")
		r.need(Command, "gcc")
	case "mix":
		r.mix(value(1))
	case "conda", "mamba", "micromamba":
		r.need(Certificates, "ca-certificates")
	}
	if strings.HasPrefix(path.Base(m.Program), "python") && m.Manager == "" && m.Program != "python" && m.Program != "python3" {
		r.interpreter(m, args)
	}
}

// remote is what git calls for what it fetches.
func (r *reader) remote(args []shell.Word) {
	for _, w := range args {
		if strings.HasPrefix(w.Prefix, "git@") || strings.HasPrefix(w.Prefix, "ssh://") {
			r.need(Command, "ssh")
		}
	}
}

// shellFile reads the file that a shell is given.
func (r *reader) shellFile(args []shell.Word, name string) {
	d := shell.POSIX
	if name == "bash" || name == "ksh" {
		d = shell.Bash
	}
	for i := 1; i < len(args); i++ {
		w := args[i]
		switch {
		case !w.Static:
			if text := r.expand(w.Prefix); text == "" {
				r.unknown(r.by + " gives " + name + " a script that only the shell knows")
			}
			return
		case strings.HasPrefix(w.Value, "-") && strings.Contains(strings.TrimPrefix(w.Value, "--"), "c") && !strings.HasPrefix(w.Value, "--"), w.Value == "-s", w.Value == "-", w.Value == "--version":
			return // its words, or what is piped to it, are looked at elsewhere
		case w.Value == "-o", w.Value == "-O", w.Value == "+o":
			i++
		case strings.HasPrefix(w.Value, "-"), strings.HasPrefix(w.Value, "+"):
		default:
			if !r.file(r.abs(w.Value), &d) {
				r.missing(w.Value)
			}
			return
		}
	}
}

// missing is a script that is not to be had.
func (r *reader) missing(name string) {
	if r.tree == nil {
		r.unknown(r.by + " runs " + name + ", which cannot be read without the build context")
		return
	}
	r.unknown(r.by + " runs " + name + ", which is not in the build context")
}

// sourced reads what `.` reads. Files of the system and of tools only set variables.
func (r *reader) sourced(args []shell.Word) {
	if len(args) < 2 || !args[1].Static {
		return // $HOME/.cargo/env and the like
	}
	d, at := shell.Bash, r.abs(args[1].Value)
	if strings.HasSuffix(at, "/bin/activate") || strings.HasPrefix(at, "/etc/") || strings.HasSuffix(at, "/env") || strings.HasPrefix(args[1].Value, "~") || strings.HasSuffix(at, "rc") || strings.HasSuffix(at, "nvm.sh") || strings.HasSuffix(at, ".env") {
		return
	}
	if !r.file(at, &d) {
		r.missing(args[1].Value)
	}
}

// system notes what a package manager of the system installs.
func (r *reader) system(m command.Meaning, args []shell.Word) {
	if m.Verb == "build-dep" || m.Verb == "source" {
		r.need(Command, "gcc")
	}
	if m.Verb != "install" {
		return
	}
	for _, i := range m.Packages {
		if i >= len(args) {
			continue
		}
		name := args[i].Prefix
		if args[i].Static {
			name = args[i].Value
		}
		name, _, _ = strings.Cut(name, "=")
		name, _, _ = strings.Cut(name, "/")
		name, _, _ = strings.Cut(name, ":")
		if name != "" {
			r.out.Installed = append(r.out.Installed, Install{name, m.Manager, r.in, r.at})
		}
	}
}

// packers are the programs that GNU tar calls, by its options and by the ends of
// names.
var packers = []struct{ letter, long, suffix, program string }{
	{"J", "--xz", ".tar.xz .txz", "xz"},
	{"j", "--bzip2", ".tar.bz2 .tbz .tbz2", "bzip2"},
	{"z", "--gzip", ".tar.gz .tgz", "gzip"},
	{"", "--zstd", ".tar.zst", "zstd"},
	{"", "--lzma", ".tar.lzma", "xz"},
}

func (r *reader) tar(args []shell.Word) {
	for i, w := range args[1:] {
		text := w.Prefix
		if w.Static {
			text = w.Value
		}
		for _, p := range packers {
			letters := p.letter != "" && !strings.HasPrefix(text, "--") && (i == 0 || strings.HasPrefix(text, "-")) && !strings.ContainsAny(text, "./") && strings.Contains(text, p.letter)
			ends := slices.ContainsFunc(strings.Fields(p.suffix), func(s string) bool { return w.Static && strings.HasSuffix(text, s) })
			if letters || text == p.long || ends {
				r.need(Command, p.program)
			}
		}
	}
}

// interpreter takes the program of the project that one runs.
func (r *reader) interpreter(m command.Meaning, args []shell.Word) {
	for i, w := range args[1:] {
		switch {
		case !w.Static:
			return
		case w.Value == "-m" && m.Program != "java":
			if i+2 < len(args) && args[i+2].Static {
				r.module(args[i+2].Value)
			}
			return
		case w.Value == "-c" || w.Value == "-e" || w.Value == "-p" || w.Value == "-r" || w.Value == "-":
			return
		case w.Value == "-jar":
			continue
		case strings.HasPrefix(w.Value, "-"):
			continue
		case path.Base(w.Value) == "setup.py":
			r.setup(r.abs(w.Value))
			return
		case interpreterOf(w.Value) != "" || m.Program != "java":
			if m.Program == "java" && !strings.HasSuffix(w.Value, ".jar") {
				return
			}
			r.program(w.Value)
			if name, _, ok := r.source(r.files, r.abs(w.Value), 0); !ok || r.listed(name) {
				r.out.Unread = true
			}
			return
		}
	}
}

// module is what python -m runs, where that is more than Python.
func (r *reader) module(name string) {
	if name == "build" {
		r.out.Unread = true
	}
}

// listed reports whether a file's text is not to be had.
func (r *reader) listed(name string) bool {
	_, err := r.tree.Read(name)
	return err != nil
}

// found takes what find -exec runs.
func (r *reader) found(c *shell.Simple) {
	if c.Name() != "find" {
		return
	}
	for i, w := range c.Words[:len(c.Words)-1] {
		if w.Static && (w.Value == "-exec" || w.Value == "-execdir" || w.Value == "-ok") && c.Words[i+1].Static {
			r.command(c.Words[i+1].Value)
		}
	}
}
