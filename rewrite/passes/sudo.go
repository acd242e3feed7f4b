package passes

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// Sudo takes sudo away where root calls it.
var Sudo = &rewrite.Pass{
	Name:     "sudo",
	Hadolint: []string{"DL3004"},
	Claim:    rewrite.NoClaim,
	Run:      withoutSudo,
	Doc: `Take sudo away from commands that root runs.

root needs no sudo, which does nothing for it but start another process and clear
the environment. What it has for options goes too: -E, -H, -n and -u root.

Unsafe, since sudo also clears variables and sets PATH and HOME, which the command
gets now as they are.

Refused: a base image whose user is not known, which is another than the official
ones that start as root, unless an earlier command installed packages without sudo
in the same stage; a USER that a variable names; other options, and -u with another
user; a command of the shell's own, such as cd; a sudo whose outcome if, while or !
asks for.
Nothing is said where USER is another than root.`,
}

func withoutSudo(c *rewrite.Context) {
	users := sync.OnceValue(func() map[*dockerfile.Instruction]user { return usersOf(c) })
	for _, s := range scripts(c) {
		if !s.runs("sudo") {
			continue
		}
		user := users()[s.in]
		for _, m := range s.meanings() {
			if user == userUnknown && rootOnly(m) {
				user = userRoot
			}
			if m.Program != "sudo" || !m.Known || user == userOther {
				continue
			}
			f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: "sudo does nothing for root"}
			edit, title, why := s.dropSudo(m)
			switch {
			case user == userUnknown:
				f.Refused = "the base image's user is not known"
			case user == userOpen:
				f.Refused = "a variable names the USER"
			case m.asked() != "":
				f.Refused = "it stands in " + m.asked()
			case why != "":
				f.Refused = why
			default:
				f.Fix = &rewrite.Fix{
					Title: title, Why: "root runs the command in any case",
					Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
				}
			}
			c.Report(f)
		}
	}
}

// user is what is known of who runs a RUN.
type user int

const (
	userUnknown user = iota // the base image's
	userRoot
	userOther
	userOpen // a variable's
)

// rootImages are official images that start as root.
var rootImages = regexp.MustCompile(`^(docker\.io/)?(library/|amd64/|arm32v\d/|arm64v8/|i386/|ppc64le/|riscv64/|s390x/)?(debian|ubuntu|alpine|buildpack-deps|fedora|centos|rockylinux|almalinux|amazonlinux|oraclelinux|archlinux|python|node|golang|ruby|rust|php|perl|gcc|openjdk|eclipse-temurin|nginx|httpd|busybox)([:@]|$)`)

// usersOf tells who runs each instruction, as its stage says by then.
func usersOf(c *rewrite.Context) map[*dockerfile.Instruction]user {
	out, ends := map[*dockerfile.Instruction]user{}, map[*dockerfile.Stage]user{}
	for _, s := range c.File.Stages {
		now := ends[s.Base]
		if s.Base == nil {
			now = userUnknown
			if name := s.From.From.BaseName; rootImages.MatchString(name) || name == "scratch" {
				now = userRoot
			}
		}
		for _, in := range s.Instructions {
			out[in] = now
			switch cmd := in.Command.(type) {
			case *instructions.UserCommand:
				name, _, _ := strings.Cut(cmd.User, ":")
				switch {
				case strings.Contains(name, "$"):
					now = userOpen
				case name == "root" || name == "0":
					now = userRoot
				default:
					now = userOther
				}
			case *instructions.RunCommand:
				if now != userUnknown {
					continue
				}
				if script := readScript(c, in, cmd, shellOf(s.Base)); script != nil && slices.ContainsFunc(script.meanings(), rootOnly) {
					now = userRoot
				}
			}
		}
		ends[s] = now
	}
	return out
}

// rootOnly reports whether a command does what only root can, and is sure to run.
func rootOnly(m meant) bool {
	return m.always() && m.Verb == "install" && slices.Contains([]string{"apt", "apk", "dnf", "zypper"}, m.Manager)
}

// dropSudo takes sudo and its options away from a command, or says why not.
func (s *script) dropSudo(m meant) (edit dockerfile.Edit, title, why string) {
	i := 1
options:
	for i < len(m.Words) {
		v := m.value(i)
		next := m.value(i + 1)
		switch {
		case v == "":
			w := m.Words[i]
			return edit, "", fmt.Sprintf("what `%s` is to sudo is not known", s.Text[w.Lo:w.Hi])
		case v[0] != '-':
			break options
		case v == "--":
			i++
			break options
		case strings.Trim(v, "EHn") == "-", v == "--preserve-env", strings.HasPrefix(v, "--preserve-env="), v == "--set-home", v == "--non-interactive":
			i++
		case (v == "-u" || v == "--user") && (next == "root" || next == "0"):
			i += 2
		case v == "-uroot", v == "--user=root", v == "--user=0":
			i++
		case strings.HasPrefix(v, "-u"), strings.HasPrefix(v, "--user"):
			who := m.Words[i]
			if (v == "-u" || v == "--user") && i+1 < len(m.Words) {
				who.Hi = m.Words[i+1].Hi
			}
			return edit, "", fmt.Sprintf("`sudo %s` runs it as another user", s.Text[who.Lo:who.Hi])
		default:
			return edit, "", fmt.Sprintf("`sudo %s` does more than run the command", v)
		}
	}
	if i >= len(m.Words) {
		return edit, "", "sudo runs no command"
	}
	if name := path.Base(m.value(i)); slices.Contains(ownCommands, name) {
		return edit, "", fmt.Sprintf("`%s` is a command of the shell's own", name)
	}
	lo, hi := m.Words[0].Lo, m.Words[i].Lo
	if slices.ContainsFunc(m.Redirs, func(r shell.Redir) bool { return r.Lo > lo && r.Lo < hi }) {
		return edit, "", "a redirection stands between its words"
	}
	edit, ok := s.replace(lo, hi, "")
	if !ok {
		return edit, "", "a line continuation cuts its words"
	}
	return edit, "remove " + strings.TrimSpace(s.Text[lo:hi]), ""
}

// ownCommands are those of a shell that change it, and that sudo finds nowhere.
var ownCommands = []string{"cd", "export", "source", ".", "exec", "set", "unset", "eval", "exit", "umask", "trap", "ulimit", "alias", "read", "local", "shift", "return", "command"}
