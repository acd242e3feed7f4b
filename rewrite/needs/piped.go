package needs

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// settings are scripts that are known for what they call. Each comes with the
// programs: those that it cannot do without and does not install itself.
var settings = []struct {
	address string
	needs   string
}{
	{"deb.nodesource.com/", "apt-get"}, // installs ca-certificates, curl and gnupg itself
	{"sh.rustup.rs", "curl"},
	{"install.python-poetry.org", "python3"},
	{"astral.sh/uv", "tar curl"},
	{"bootstrap.pypa.io/get-pip", "python3"},
	{"get.pnpm.io/install.sh", "curl"},
	{"bun.sh/install", "unzip curl"},
	{"deno.land/install.sh", "unzip curl"},
	{"deno.land/x/install", "unzip curl"},
	{"nvm-sh/nvm", "curl"},
	{"creationix/nvm", "curl"},
	{"get.helm.sh", "curl tar openssl"},
	{"getcomposer.org/installer", "php"},
	{"taskfile.dev/install.sh", "curl tar"},
	{"aquasecurity/trivy", "curl tar"},
	{"anchore/syft", "curl tar"},
	{"anchore/grype", "curl tar"},
	{"packagecloud.io/", "gpg"},
	{"yarnpkg.com/install.sh", "curl tar gpg"},
	{"just.systems/install.sh", "curl tar"},
	{"golangci/golangci-lint", "curl tar"},
}

// piped takes a shell, or another interpreter, that is given its script by a pipe.
func (r *reader) piped(s *shell.Script, i int, c *shell.Simple) {
	if c.In&shell.Pipe == 0 || c.In&shell.PipeFirst != 0 || i == 0 {
		return
	}
	words := c.Words
	for len(words) > 1 && words[0].Static && (words[0].Value == "sudo" || words[0].Value == "env" || strings.HasPrefix(words[0].Value, "-") || strings.Contains(words[0].Prefix, "=")) {
		words = words[1:]
	}
	name := path.Base(words[0].Value)
	if !slices.Contains([]string{"sh", "bash", "dash", "zsh", "python", "python3", "php", "perl"}, name) {
		return
	}
	for _, w := range words[1:] {
		if name != "php" && name != "perl" && w.Static && (!strings.HasPrefix(w.Value, "-") || w.Value == "-c") && !slices.ContainsFunc(words, func(o shell.Word) bool { return o.Value == "-s" || o.Value == "-" }) {
			return // it has a script of its own
		}
	}
	from := s.Commands[i-1]
	text := s.Text[from.Lo:from.Hi]
	if n := from.Name(); n == "echo" || n == "printf" || n == "cat" && strings.Contains(text, "<<") {
		return
	}
	for _, known := range settings {
		if strings.Contains(text, known.address) {
			for p := range strings.FieldsSeq(known.needs) {
				r.need(Command, p)
			}
			return
		}
	}
	r.unknown(r.by + " runs a script from elsewhere: " + clip(text))
}
