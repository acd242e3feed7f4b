package passes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// SecretsInBuild finds passwords and tokens that stand in the file itself.
var SecretsInBuild = &rewrite.Pass{
	Name:  "secrets-in-build",
	Claim: rewrite.Advice,
	Run:   secretsInBuild,
	Doc: `Find passwords and tokens written into RUN, or into the values of ARG and ENV.

Whoever has the image has its history, and with it each of these lines. A secret
mount is there for the one RUN and in no layer:

    RUN --mount=type=secret,id=token,env=TOKEN tool --token "$TOKEN"

Found are addresses with a password, tokens and private keys by their shape,
variables named like a secret that get a text, options such as --password, curl -u
and Authorization headers. What is found is never shown: of a token the first four
characters, of the rest nothing. A name that says dummy, example and the like is no
secret, and neither is a variable's value, whose ARG or ENV is found by its name
(secrets-used-in-arg-or-env).

Not fixed: the command that uses the value may need another way to get it, and a
secret that was in a file is to be replaced by a new one in any case.`,
}

var (
	tokenShapes = regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|A[KS]IA[0-9A-Z]{16}|xox[abeprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|sk_live_[A-Za-z0-9]{16,}|AIza[0-9A-Za-z_-]{35}|dckr_pat_[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{40,})|-----BEGIN [A-Z ]*PRIVATE KEY-----`)
	userInfo    = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s/:@'"]*:([^\s/@'"$` + "`" + `{}<>]+)@([A-Za-z0-9.-]+)`)
	authHeader  = regexp.MustCompile(`(?i)\bauthorization:\s*(bearer|token|basic)\s+[A-Za-z0-9._~+/=-]{8,}`)
	secretName  = regexp.MustCompile(`(?i)(PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$`)
	secretFlag  = regexp.MustCompile(`(?i)^--?([a-z]+-)*(password|passwd|token|secret|api-?key|access-?key|private-?key)$`)
	noSecret    = regexp.MustCompile(`(?i)^(.{0,3}|.*(dummy|example|placeholder|change_?me|fake|foobar|your[-_]?|xxxx).*|true|false|none|null|secret|password|token|/.*|https?://.*|-.*)$`)
	// byName is what BuildKit's check SecretsUsedInArgOrEnv finds by name.
	byName = regexp.MustCompile(`(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)`)
)

func secretsInBuild(c *rewrite.Context) {
	read := map[*dockerfile.Instruction]*script{}
	for _, s := range scripts(c) {
		read[s.in] = s
	}
	for _, in := range c.File.Instructions {
		var found []string
		switch cmd := in.Command.(type) {
		case *instructions.ArgCommand:
			for _, arg := range cmd.Args {
				if arg.Value != nil && !byName.MatchString(arg.Key) {
					found = append(found, shapes(*arg.Value, "ARG "+arg.Key)...)
				}
			}
		case *instructions.EnvCommand:
			for _, kv := range cmd.Env {
				if !byName.MatchString(kv.Key) {
					found = append(found, shapes(kv.Value, "ENV "+kv.Key)...)
				}
			}
		case *instructions.RunCommand:
			found = shapes(in.Text.S, "RUN")
			for _, h := range in.Heredocs {
				found = append(found, shapes(string(c.File.Bytes(h.Body)), "RUN")...)
			}
			if s := read[in]; s != nil {
				found = append(found, s.secrets()...)
			}
		}
		slices.Sort(found)
		for _, text := range slices.Compact(found) {
			c.Report(rewrite.Finding{At: in, Message: text})
		}
	}
}

// shapes finds what is a secret by its looks.
func shapes(text, where string) (out []string) {
	for _, m := range tokenShapes.FindAllString(text, -1) {
		switch {
		case strings.Contains(m, "EXAMPLE"):
		case strings.HasPrefix(m, "-----"):
			out = append(out, secretIn("a private key", where, "key"))
		default:
			out = append(out, secretIn("a token that begins with "+m[:4], where, "token"))
		}
	}
	for _, m := range userInfo.FindAllStringSubmatch(text, -1) {
		if !noSecret.MatchString(m[1]) {
			out = append(out, secretIn("the password for "+m[2], where, "password"))
		}
	}
	if m := authHeader.FindString(text); m != "" {
		out = append(out, secretIn("the value of an Authorization header", where, "token"))
	}
	return out
}

// secretIn is what is said of a secret: what it is, where, and what to do.
func secretIn(what, where, id string) string {
	id = strings.ToLower(id)
	return fmt.Sprintf("%s stands in %s, and stays in the image's history: RUN --mount=type=secret,id=%s,env=%s keeps it out",
		what, where, id, strings.ToUpper(strings.ReplaceAll(id, "-", "_")))
}

// secrets finds texts that the words around them say to be secret.
func (s *script) secrets() (out []string) {
	add := func(name, what, value string) {
		if value != "" && !noSecret.MatchString(value) {
			out = append(out, secretIn("a text for "+what, "RUN", strings.ToLower(name)))
		}
	}
	for _, m := range s.meanings() {
		in, from := unwrapped(m)
		for _, a := range m.Assigns {
			if secretName.MatchString(a.Name) && a.Value.Static {
				add(a.Name, a.Name, a.Value.Value)
			}
		}
		for i := range m.Words {
			v := m.value(i)
			name, value, cut := strings.Cut(v, "=")
			switch {
			case cut && secretName.MatchString(name) && !strings.HasPrefix(name, "-") && (from > i || m.Program == "export" || m.Program == "env"):
				add(name, name, value)
			case cut && secretFlag.MatchString(name):
				add(strings.TrimLeft(name, "-"), name, value)
			case secretFlag.MatchString(v) && strings.HasPrefix(v, "--"):
				add(strings.TrimLeft(v, "-"), v, m.value(i+1))
			}
		}
		if in.Program != "curl" {
			continue
		}
		for _, user := range in.Options["-u"] {
			_, password, _ := strings.Cut(user, ":")
			add("password", "curl -u", password)
		}
	}
	return out
}
