package install

import (
	"net/url"
	"path"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const pipSource = "pip.pypa.io: Requirements File Format; pip install; Configuration; Local project installs"

// pip: pip install and its kin read the files that -r, -c, -f and the requirements
// themselves name, and nothing else of a project. A project that is to be
// installed itself reads its own sources, in whichever way its build backend
// likes ("Local project installs").
func pip(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if n, ok := setupPy(s, cmd, m); ok {
		return n, true
	}
	if m.Manager != "pip" || strings.TrimRight(m.Program, "0123456789.-") != "pip" {
		return Needs{}, false
	}
	if m.Verb != "install" && m.Verb != "download" && m.Verb != "wheel" {
		return Needs{}, false
	}
	p := &pipInstall{line: newLine(s, cmd, m, "pip", pipSource)}
	p.run()
	p.pyenv()
	p.environment("PIP_")
	if m.Verb == "download" && !m.Has("-d") || m.Verb == "wheel" && !m.Has("-w") {
		p.made(".")
	}
	return p.Needs, true
}

// setupPy: the project's own script, which reads its sources.
func setupPy(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if !strings.HasPrefix(m.Program, "python") || len(cmd.Words) < 3 || path.Base(cmd.Words[1].Value) != "setup.py" {
		return Needs{}, false
	}
	l := newLine(s, cmd, m, "pip", pipSource)
	l.hazard("python setup.py runs the project's own build, which reads its sources")
	return l.Needs, true
}

// pipInstall is one pip install, or the same of uv.
type pipInstall struct {
	*line
	project func(file string) // takes a -r pyproject.toml, which uv knows
}

func (p *pipInstall) run() {
	for i, r := range p.m.Roles {
		w := p.cmd.Words[i]
		switch {
		case r.Option == "-r" || r.Option == "-c":
			if r.Value == "" && r.Kind == command.Option {
				continue // its value is the next word
			}
			if !w.Static {
				p.hazard("which file %s names is only known when it runs", r.Option)
				continue
			}
			p.file(r.Value)
		case r.Option == "-e" && r.Kind == command.Read:
			if !w.Static {
				p.hazard("what -e names is only known when it runs")
				continue
			}
			p.editable(r.Value, "")
		case r.Option == "-f" || r.Option == "-i" || r.Option == "--extra-index-url":
			p.links(r.Value, "")
		case r.Option == "--group" && r.Value != "":
			p.group(r.Value)
		case r.Option == "--client-cert" && r.Kind == command.Read:
			p.named(r.Value)
		case r.Kind == command.Write && r.Option != "":
			p.made(r.Value)
		case r.Kind == command.Package:
			p.operand(w)
		case r.Kind == command.Read && r.Option == "": // uv pip sync FILE
			p.operandFile(w)
		}
	}
	p.venv()
}

// file is one that -r or -c names on the command line, or in the environment.
func (p *pipInstall) file(name string) {
	if strings.Contains(name, "://") {
		if rest, ok := strings.CutPrefix(name, "file://"); ok {
			p.file(rest)
			return
		}
		p.remote(name, "")
		return
	}
	at, ok := p.inContext(name)
	switch {
	case name == "" || name == "-":
		p.hazard("what it is fed is only known when it runs")
	case !ok:
		return // nothing of the context; whoever wrote it there stays before it
	case p.project != nil && path.Ext(name) == ".toml":
		p.project(at)
	default:
		p.requirementFile(at, 0)
	}
}

func (p *pipInstall) operandFile(w shell.Word) {
	if !w.Static {
		p.hazard("which files it reads is only known when it runs")
		return
	}
	p.file(w.Value)
}

func (p *pipInstall) operand(w shell.Word) {
	switch {
	case w.Static:
		p.requirement(w.Value, "")
	case w.Glob:
		p.glob(w.Value)
	case w.Split || w.Prefix == "" || strings.HasPrefix(w.Prefix, ".") || strings.Contains(w.Prefix, "/"):
		p.hazard("what it installs is only known when it runs")
	}
}

// glob: a pattern of archives. The folder is what has to be there, since one more
// archive in it would match as well.
func (p *pipInstall) glob(pattern string) {
	dir := path.Dir(pattern)
	if strings.ContainsAny(dir, `*?[\`) || !archiveName(pattern) {
		p.hazard("what %s stands for is only known when it runs", pattern)
		return
	}
	p.named(dir)
}

// named notes a file or folder that the command line names.
func (p *pipInstall) named(name string) {
	if at, ok := p.inContext(name); ok && name != "" {
		p.has(at)
	}
}

func (p *pipInstall) made(name string) {
	if at, ok := p.inContext(name); ok && name != "" {
		p.makes(at)
	}
}

// archiveName: what pip takes for a file to install by its name alone.
func archiveName(name string) bool {
	for _, end := range []string{".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return true
		}
	}
	return false
}

// requirement is one that a file or the command line gives. Paths are relative to
// the working directory, even those of a file.
func (p *pipInstall) requirement(req, file string) {
	req, _, _ = strings.Cut(req, " ;")
	if _, address, ok := strings.Cut(req, "@"); ok && (strings.Contains(address, "://") || strings.HasPrefix(strings.TrimSpace(address), "file:")) && !strings.Contains(req[:strings.Index(req, "@")], "://") {
		req = strings.TrimSpace(address) // name @ address
	}
	if strings.Contains(req, "://") || strings.HasPrefix(req, "file:") {
		p.address(req, file)
		return
	}
	name, _, _ := strings.Cut(req, "[") // extras
	name, _, _ = strings.Cut(strings.TrimSpace(name), ";")
	if strings.Contains(name, "${") && strings.ContainsAny(name, "/.") {
		p.hazard("what %s stands for is only known when it runs", req)
		return
	}
	at, ok := p.inContext(name)
	switch {
	case !strings.Contains(name, "/") && !strings.HasPrefix(name, ".") && !archiveName(name):
		return // a name, which pip looks up in an index
	case !ok:
		if file != "" {
			p.hazard("%s installs %s, which is outside of what was copied", file, name)
		}
	case p.Tree.IsDir(at):
		p.local(name, file)
	case archiveName(name):
		p.has(at)
	default:
		p.hazard("%s is not in the build context", name)
	}
}

// address is a requirement by URL. Only those of files are of the context.
func (p *pipInstall) address(req, file string) {
	scheme, rest, _ := strings.Cut(req, ":")
	if !strings.HasSuffix(scheme, "file") { // git+file too
		return
	}
	u, err := url.Parse("file:" + rest)
	if err != nil {
		p.hazard("%s is no address", req)
		return
	}
	name := u.Path
	if name == "" {
		name = u.Opaque
	}
	at, ok := p.inContext(name)
	switch {
	case !ok:
	case archiveName(name):
		p.has(at)
	default:
		p.local(name, file)
	}
}

func (p *pipInstall) local(name, file string) {
	what := "the project in " + name
	if path.Clean(name) == "." {
		what = "the project itself"
	}
	if file == "" {
		file = "the command"
	}
	p.hazard("%s installs %s, which reads its sources", file, what)
}

// editable is a folder, or a repository, which is then cloned into src/.
func (p *pipInstall) editable(what, file string) {
	scheme, _, remote := strings.Cut(what, "://")
	if remote && !strings.HasSuffix(scheme, "file") {
		p.made("src")
		return
	}
	name, _, _ := strings.Cut(what, "[")
	if _, ok := p.inContext(strings.TrimPrefix(name, "file://")); !ok && file == "" {
		return
	}
	p.local(strings.TrimPrefix(name, "file://"), file)
}

// remote: a requirements file from elsewhere may name paths of the project.
func (p *pipInstall) remote(name, file string) {
	if file != "" {
		name += ", which " + file + " names"
	}
	p.hazard("what it reads is up to %s", name)
}

// links is a place to look for archives: an address, or a folder or page of the
// context, relative to the file that names it if it is there.
func (p *pipInstall) links(value, dir string) {
	value = strings.TrimPrefix(value, "file://")
	if value == "" || strings.Contains(value, "://") || strings.Contains(value, "${") {
		return
	}
	if dir != "" {
		if at, ok := p.at(dir, value); ok && p.has(at) {
			return
		}
	}
	p.named(value)
}
