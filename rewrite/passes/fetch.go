package passes

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// CurlFail has curl fail where the server has no file.
var CurlFail = &rewrite.Pass{
	Name:  "curl-fail",
	Claim: rewrite.NoClaim,
	Run:   curlFail,
	Doc: `Add -f to a curl whose output is kept.

Without it curl is content with any answer: the page that says 404 is written to
the file, or read by the next command of the pipe, and the build goes on. wget
fails by itself.

Unsafe: a build that took an error page for the file stops now, which is the point.

Refused: a variable that may hold the option; a curl whose outcome if, while or !
asks for.
Nothing is said of a curl that has --fail or --fail-with-body, asks for the status
itself (-w, -I, -o /dev/null), or uploads.`,
}

func curlFail(c *rewrite.Context) {
	for _, s := range scripts(c) {
		if !s.runs("curl") {
			continue
		}
		for _, m := range s.meanings() {
			in, from := unwrapped(m)
			if in.Program != "curl" || !s.keeps(m, in) || asksStatus(in) {
				continue
			}
			f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: "curl without -f takes an error page for the file"}
			edit, title, ok := s.addFail(m, from)
			open := s.optionVariable(m, from)
			switch {
			case m.asked() != "":
				f.Refused = "it stands in " + m.asked()
			case open != "":
				f.Refused = fmt.Sprintf("`%s` may hold the option", open)
			case !ok:
				f.Refused = "a line continuation cuts its words"
			default:
				f.Fix = &rewrite.Fix{
					Title: title, Why: "a build stops where the server has no such file",
					Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
				}
			}
			c.Report(f)
		}
	}
}

// keeps reports whether the output of a curl goes to a file or to another command.
func (s *script) keeps(m meant, in command.Meaning) bool {
	if in.Has("-o") || in.Has("-O") || in.Has("--remote-name-all") || m.In&shell.Pipe != 0 && m.In&shell.PipeLast == 0 {
		return true
	}
	return slices.ContainsFunc(m.Redirs, func(r shell.Redir) bool {
		return r.Fd == 1 && (r.Op == ">" || r.Op == ">>" || r.Op == ">|") && r.Target.Value != "/dev/null"
	})
}

// asksStatus reports whether a curl minds the status already, or is no download.
func asksStatus(in command.Meaning) bool {
	for _, o := range []string{"-f", "--fail-with-body", "-w", "-I", "-T", "-V", "-h", "-K"} {
		if in.Has(o) {
			return true
		}
	}
	return slices.Contains(in.Options["-o"], "/dev/null")
}

var (
	// curlFlags are options in one word that -f can join; a last o has its value
	// in the next.
	curlFlags = regexp.MustCompile(`^-[sSLkJgv46#]+[sSLkJgv46#O]*o?$`)
	optionish = regexp.MustCompile(`(?i)^"?\$\{?\w*(opts?|options?|args?|flags?)\b`)
)

func (s *script) addFail(m meant, from int) (edit dockerfile.Edit, title string, ok bool) {
	for i := from + 1; i < len(m.Words); i++ {
		w := m.Words[i]
		if v := m.value(i); s.Text[w.Lo:w.Hi] == v && curlFlags.MatchString(v) {
			edit, ok = s.insert(w.Lo+1, "f")
			return edit, v + " → -f" + v[1:], ok
		}
	}
	edit, ok = s.insert(m.Words[from].Hi, " -f")
	return edit, "add -f", ok
}

// optionVariable is a word that may expand to options; "" if there is none.
func (s *script) optionVariable(m meant, from int) string {
	for _, w := range m.Words[from:] {
		if text := s.Text[w.Lo:w.Hi]; !w.Static && optionish.MatchString(text) {
			return text
		}
	}
	return ""
}

// HTTPSAdvice finds downloads that anyone on the way can change.
var HTTPSAdvice = &rewrite.Pass{
	Name:  "https-advice",
	Claim: rewrite.Advice,
	Run:   httpsAdvice,
	Doc: `Find what curl, wget and ADD fetch by http:// from other machines.

Anyone on the way can change it, and the image runs it. Most servers answer
https:// as well; where one does not, a checksum does what is needed.

Not fixed: whether the server answers https:// is not in the file. Nothing is said
of hosts that are local by their name or address, of ADD --checksum=, nor of a RUN
that checks a sum or a signature.`,
}

var checksSums = regexp.MustCompile(`\b(sha\d+sum|shasum|md5sum|b2sum|gpgv?|openssl|cosign|minisign)\b`)

func httpsAdvice(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		add, ok := in.Command.(*instructions.AddCommand)
		if !ok || add.Checksum != "" {
			continue
		}
		for _, src := range add.SourcePaths {
			if host := openHost(src); host != "" {
				c.Report(rewrite.Finding{At: in, Message: "ADD fetches from " + host + " by http://, and anyone on the way can change it"})
			}
		}
	}
	for _, s := range scripts(c) {
		if !s.runs("curl", "wget") || checksSums.MatchString(s.Text) {
			continue
		}
		for _, m := range s.meanings() {
			in, from := unwrapped(m)
			if in.Program != "curl" && in.Program != "wget" {
				continue
			}
			for _, w := range m.Words[min(from+1, len(m.Words)):] {
				if host := openHost(w.Prefix); host != "" {
					c.Report(rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: in.Program + " fetches from " + host + " by http://, and anyone on the way can change it"})
				}
			}
		}
	}
}

// openHost is the host of an http:// address, without who asks it; "" for other
// addresses, for hosts that are local, and for those that a variable names.
func openHost(text string) string {
	if !strings.HasPrefix(strings.ToLower(text), "http://") {
		return ""
	}
	rest, _, _ := strings.Cut(text[len("http://"):], "/")
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	u, err := url.Parse("http://" + rest)
	if err != nil || strings.ContainsAny(rest, "${`") {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() {
			return ""
		}
		return host
	}
	_, top, dotted := strings.Cut(host, ".")
	for _, local := range []string{"local", "localhost", "internal", "lan", "test", "home.arpa", "localdomain"} {
		if top == local || strings.HasSuffix(top, "."+local) {
			return ""
		}
	}
	if !dotted || top == "" {
		return "" // a machine of the same network, or the rest is a variable's
	}
	return host
}
