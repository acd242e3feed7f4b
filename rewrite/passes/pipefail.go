package passes

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// Pipefail has a pipe fail with any of its parts.
var Pipefail = &rewrite.Pass{
	Name:     "pipefail",
	Hadolint: []string{"DL4006"},
	Claim:    rewrite.NoClaim,
	Run:      pipefail,
	Doc: `Put SHELL ["/bin/bash", "-o", "pipefail", "-c"] before a RUN with a pipe.

A shell takes a pipe for done when its last part is: curl … | tar x, where curl
fails, builds an image without the files. With pipefail it fails with any part.
The SHELL goes before the first such RUN of the stage, and holds for all behind it.

Unsafe: those scripts run in bash and no longer in sh, a part whose failure did
not matter now stops the build, CMD and ENTRYPOINT in shell form start bash too,
and so do stages built on this one.

Refused: an image that is not known to have bash, which is one of a distribution
or a language by Docker's official name, not of Alpine, or one in which an earlier
RUN installed bash or ran it; a script from there on that sh and bash read
differently: echo with a backslash or -e, [ a == b ], [[, source, {a,b}, $'…', &>,
variables that bash sets, such as $UID. Also a part of a pipe whose reader stops
early (head, grep -q, sed …q), or that never ends (yes): it fails by a signal, and
all is well; grep and diff ahead of another part, which fail where they find
nothing or something; and a pipe that if or while asks. Nothing is said of a stage
that has a SHELL, nor of scripts that speak of pipefail themselves.`,
}

const bashShell = `SHELL ["/bin/bash", "-o", "pipefail", "-c"]`

func pipefail(c *rewrite.Context) {
	all := scripts(c)
	done := map[*dockerfile.Stage]bool{} // a SHELL above decides
	for _, stage := range c.File.Stages {
		done[stage] = done[stage.Base] || slices.ContainsFunc(stage.Instructions, func(in *dockerfile.Instruction) bool { return in.Is("SHELL") })
		at := slices.IndexFunc(all, func(s *script) bool { return s.stage == stage && s.piped() })
		if done[stage] || at < 0 {
			continue
		}
		done[stage] = true
		s := all[at]
		f := rewrite.Finding{At: s.in, Message: "a pipe hides the failure of all its parts but the last"}
		switch f.Refused = s.noPipefail(c, all); {
		case f.Refused != "":
		case c.File.FreesDirective(dockerfile.Span{Start: s.in.Block().Start, End: s.in.Block().Start}):
			f.Refused = "a comment would turn into a parser directive"
		default:
			f.Fix = &rewrite.Fix{
				Title: "insert " + bashShell, Why: "a build stops where any part of a pipe fails",
				Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{s.in.InsertBefore(bashShell)},
			}
		}
		c.Report(f)
	}
}

// piped reports whether a script has a pipe without set -o pipefail.
func (s *script) piped() bool {
	if !strings.Contains(s.Text, "|") || strings.Contains(s.Text, "pipefail") {
		return false
	}
	return slices.ContainsFunc(s.Commands, func(c *shell.Simple) bool {
		return c.In&shell.Pipe != 0 && c.In&shell.PipeLast == 0
	})
}

// noPipefail is why the SHELL cannot stand before a RUN.
func (s *script) noPipefail(c *rewrite.Context, all []*script) string {
	if why := noBash(c, s); why != "" {
		return why
	}
	read := map[*dockerfile.Instruction]*script{}
	for _, other := range all {
		read[other.in] = other
	}
	for _, in := range c.File.Instructions[s.in.Index:] {
		if !buildsOn(in.Stage, s.stage) {
			continue
		}
		where := func() string {
			if in == s.in {
				return ""
			}
			return fmt.Sprintf(" in line %d", c.Line(in))
		}
		other := read[in]
		switch {
		case in.Is("ONBUILD"):
			return fmt.Sprintf("the trigger%s would run in bash too", where())
		case !in.Is("RUN"), other == nil && in.JSON():
			continue
		case other == nil:
			return fmt.Sprintf("the script%s is not one that restow reads", where())
		}
		if word := differs(other); word != "" {
			return fmt.Sprintf("`%s`%s means something else to bash", word, where())
		}
		if word := fails(other); word != "" {
			return fmt.Sprintf("`%s`%s may fail its pipe though all is well", word, where())
		}
	}
	return ""
}

var (
	// hasBash are official images on Debian, Ubuntu or an RPM distribution, whose
	// base systems have bash at /bin/bash.
	hasBash = regexp.MustCompile(`^(docker\.io/)?(library/|amd64/|arm32v\d/|arm64v8/|i386/|ppc64le/|riscv64/|s390x/)?(debian|ubuntu|buildpack-deps|python|node|golang|ruby|rust|php|perl|openjdk|eclipse-temurin|gcc|maven|gradle|mysql|mariadb|postgres|redis|mongo|nginx|httpd|tomcat|jenkins|wordpress|r-base|julia|swift|elixir|erlang|haskell|fedora|centos|rockylinux|almalinux|amazonlinux|oraclelinux|archlinux)([:@]|$)` +
		`|^opensuse/(leap|tumbleweed)([:@]|$)|^registry\.access\.redhat\.com/ubi\d+|^quay\.io/(centos|fedora)/|^registry\.fedoraproject\.org/fedora([:@]|$)`)
	lacksBash = regexp.MustCompile(`alpine|busybox|distroless|scratch|micro|windows|nanoserver`)
)

// noBash is why the image is not sure to have bash when the RUN begins.
func noBash(c *rewrite.Context, s *script) string {
	base := s.stage
	for ; ; base = base.Base {
		for _, in := range base.Instructions {
			if in == s.in {
				break
			}
			if ran := readRunBash(c, in); ran {
				return ""
			}
		}
		if base.Base == nil {
			break
		}
	}
	name := base.From.From.BaseName
	if ref, _, _ := strings.Cut(name, "@"); hasBash.MatchString(name) && !lacksBash.MatchString(ref) && !strings.Contains(ref, "$") {
		return ""
	}
	return "whether " + name + " has bash is not known"
}

// readRunBash reports whether a RUN installs bash or runs it.
func readRunBash(c *rewrite.Context, in *dockerfile.Instruction) bool {
	cmd, ok := in.Command.(*instructions.RunCommand)
	if !ok {
		return false
	}
	if !cmd.PrependShell {
		return len(cmd.CmdLine) > 0 && (cmd.CmdLine[0] == "/bin/bash" || cmd.CmdLine[0] == "bash")
	}
	s := readScript(c, in, cmd, nil)
	if s == nil {
		return false
	}
	return slices.ContainsFunc(s.meanings(), func(m meant) bool {
		u, from := unwrapped(m)
		if m.In&(shell.Conditional|shell.Function|shell.Loop|shell.Condition|shell.Negated) != 0 {
			return false
		}
		if path.Base(m.value(from)) == "bash" {
			return true
		}
		return u.Verb == "install" && slices.Contains([]string{"apk", "apt", "dnf", "zypper"}, u.Manager) && slices.ContainsFunc(u.Packages, func(i int) bool {
			return m.value(from+i) == "bash"
		})
	})
}

// differs is the first word of a script that sh and bash read differently.
func differs(s *script) string {
	if mayBeBash(s.Text) {
		if m := bashOnly.FindString(s.Text); m != "" {
			return strings.TrimSpace(m)
		}
	}
	for _, c := range s.Commands {
		name := c.Name()
		if slices.Contains(ownMeaning, name) {
			return name
		}
		for i, w := range c.Words[min(len(c.Words), 1):] {
			text := s.Text[w.Lo:w.Hi]
			switch {
			case name == "echo" && (slashed(w, text) || i == 0 && strings.HasPrefix(text, "-") && strings.ContainsAny(text, "eE")):
				return "echo " + text
			case name == "printf" && i == 0 && (strings.Contains(text, `\x`) || strings.Contains(text, `\u`) || strings.Contains(text, "%q")):
				return "printf " + text
			case (name == "[" || name == "test") && text == "==":
				return s.Text[c.Lo:c.Hi]
			case strings.Contains(text, "{") && braces.MatchString(text):
				return text
			}
		}
	}
	return ""
}

// mayBeBash reports whether bashOnly can find anything in a text: it costs less.
func mayBeBash(text string) bool {
	if strings.Contains(text, "&>") {
		return true
	}
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 == len(text) {
			return false
		}
		text = text[i+1:]
		if name := strings.TrimPrefix(text, "{"); text[0] == '\'' || text[0] == '"' || name != "" && strings.IndexByte("UEGHRSOMPFDB", name[0]) >= 0 {
			return true
		}
	}
}

// slashed reports whether echo may make something of a backslash in a word.
func slashed(w shell.Word, text string) bool {
	return strings.Contains(text, `\`) && (backslash.MatchString(w.Value) || !w.Static && backslash.MatchString(text))
}

var (
	// ownMeaning are words that only one of the shells knows, or reads otherwise.
	ownMeaning = []string{"[[", "function", "source", "type", "let", "declare", "typeset", "select", "alias", "shopt", "pushd", "popd", "mapfile", "readarray"}
	// bashOnly are quotes, redirections and variables that mean something to bash
	// only. UID and the like cannot be set there.
	bashOnly = regexp.MustCompile(`&>|(^|[ =])\$['"]|\$\{?(UID|EUID|GROUPS|HOSTNAME|RANDOM|SRANDOM|SECONDS|OSTYPE|HOSTTYPE|MACHTYPE|PIPESTATUS|FUNCNAME|DIRSTACK|SHELLOPTS|BASH\w*|EPOCH\w+)\b`)
	// braces are what bash makes several words of.
	braces = regexp.MustCompile(`(^|[^$\\{"'])\{[^{}"' ]*(,|\.\.)[^{}"' ]*\}`)
	// backslash is one that echo makes something of.
	backslash = regexp.MustCompile(`\\[abcefnrtv0\\]`)
)

// fails is the command that makes a pipe fail although all is well.
func fails(s *script) string {
	for i, c := range s.Commands {
		if c.In&shell.Pipe == 0 {
			continue
		}
		name, text := path.Base(c.Name()), s.Text[c.Lo:c.Hi]
		reader, last := c.In&shell.PipeFirst == 0, c.In&shell.PipeLast != 0
		early := false // it stops reading before the end
		switch name {
		case "head", "true", ":":
			early = true
		case "grep", "egrep", "fgrep", "zgrep":
			early = slices.ContainsFunc(c.Words, func(w shell.Word) bool { return quietGrep.MatchString(s.Text[w.Lo:w.Hi]) })
		case "sed":
			early = slices.ContainsFunc(c.Words, func(w shell.Word) bool { return quitSed.MatchString(w.Value) })
		case "awk", "gawk", "mawk":
			early = strings.Contains(text, "exit")
		}
		if !last && i+1 < len(s.Commands) && strings.HasSuffix(s.Commands[i+1].Name(), "sum") {
			continue // checking nothing fails as well
		}
		if reader && early || !last && slices.Contains([]string{"yes", "grep", "egrep", "fgrep", "diff", "cmp"}, name) {
			return text
		}
		if !last && c.In&shell.Condition != 0 {
			return name // if or while asks for the outcome
		}
	}
	return ""
}

var (
	quietGrep = regexp.MustCompile(`^(-[A-Za-z]*[qm]\w*|--quiet|--silent|--max-count.*)$`)
	quitSed   = regexp.MustCompile(`(^|[;{/\d$ ])[qQ]\s*\d*\s*(;|\}|$)`)
)
