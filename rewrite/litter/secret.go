package litter

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/project"
)

// secret says what a file of a name is, where its text shows that it holds one.
type secret struct {
	names []string // as path.Match has them
	in    string   // the folder it stands in, where the name alone is not enough
	what  string
	text  *regexp.Regexp // nil where the name is enough
}

// The marks: RFC 7468 for PEM; npm's npmrc(5) for _authToken, _auth and _password;
// the netrc file of GNU inetutils; .pypirc of packaging.python.org; the key files
// of Google Cloud and the AWS CLI's credentials file as their documentation shows
// them; Terraform's state, which holds values in the clear ("Sensitive Data in
// State"); Docker's config.json.
var secrets = []secret{
	{names: []string{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "*.pem", "*.key", "*.ppk"}, what: "a private key", text: regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----|(?m)^PuTTY-User-Key-File-`)},
	{names: []string{".npmrc", ".yarnrc", ".yarnrc.yml"}, what: "a token of a package registry", text: regexp.MustCompile(`(?m)^[^#;\n]*(?:_authToken|_auth|_password|npmAuthToken)["']?\s*[=:]\s*["']?([^\s"'$]{6,})`)},
	{names: []string{".netrc", "_netrc"}, what: "passwords of machines", text: regexp.MustCompile(`(?m)\bpassword\s+[^\s$]+`)},
	{names: []string{".pypirc"}, what: "a password of a package index", text: regexp.MustCompile(`(?m)^\s*password\s*[=:]\s*[^\s$]+`)},
	{
		names: []string{"*.json"}, what: "a key of a cloud account",
		text: regexp.MustCompile(`"private_key"\s*:\s*"-----BEGIN [A-Z ]*PRIVATE KEY-----|"type"\s*:\s*"authorized_user"[^}]*"refresh_token"\s*:\s*"[^"]{10,}"|"refresh_token"\s*:\s*"[^"]{10,}"[^}]*"type"\s*:\s*"authorized_user"`),
	},
	{names: []string{"credentials", "config"}, in: ".aws", what: "keys of a cloud account", text: regexp.MustCompile(`(?m)^\s*aws_secret_access_key\s*=\s*\S{16,}`)},
	{names: []string{"config.json"}, in: ".docker", what: "passwords of image registries", text: regexp.MustCompile(`"auth"\s*:\s*"[A-Za-z0-9+/=]{8,}"`)},
	{names: []string{"*.kdbx"}, what: "a store of passwords"},
	{names: []string{"*.tfstate", "*.tfstate.backup", "terraform.tfstate.*"}, what: "the state of Terraform, which holds secrets in the clear", text: regexp.MustCompile(`"terraform_version"\s*:`)},
}

// placeholder are texts that show a file to be a sample.
var placeholder = regexp.MustCompile(`(?i)\bexample|placeholder|change_?me|your[-_ ]|dummy|fake|xxxx|\.\.\.`)

// tests are folders whose keys are made for tests, and which tests read.
var tests = map[string]bool{"test": true, "tests": true, "__tests__": true, "spec": true, "specs": true, "e2e": true, "mocks": true, "example": true, "examples": true, "samples": true, "docs": true}

// maxSecret bounds a file that is looked into, in bytes, and maxLooked how many are.
const (
	maxSecret = 256 << 10
	maxLooked = 2000
)

// Secrets gives the keys and other secrets of a context, by path. It never tells
// what is in them.
func Secrets(t *project.Tree) (out []Entry) {
	looked := 0
	for _, f := range t.Files().List {
		if f.Type != 0 || ofTests(f.Path) {
			continue
		}
		for _, s := range secrets {
			if !matches(s.names, path.Base(f.Path)) || s.in != "" && path.Base(path.Dir(f.Path)) != s.in {
				continue
			}
			if s.text != nil {
				if looked++; f.Size > maxSecret || looked > maxLooked {
					continue
				}
				data, err := t.Read(f.Path)
				if err != nil || !s.holds(data) {
					continue
				}
			}
			e := Entry{Path: f.Path, Group: Secret, What: s.what, Files: 1, Bytes: f.Size}
			e.pattern(t)
			out = append(out, e)
			break
		}
	}
	return out
}

// holds reports whether a text has the secret, and not a sample in its place.
func (s *secret) holds(data []byte) bool {
	at := s.text.FindSubmatchIndex(data)
	if at == nil {
		return false
	}
	at = at[len(at)-2:] // the value itself, where the expression tells it apart
	end := len(data)
	if i := bytes.IndexByte(data[at[1]:], '\n'); i >= 0 {
		end = at[1] + i
	}
	return !placeholder.Match(data[at[0]:end])
}

func ofTests(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		if spared[part] || tests[part] || part == ".git" {
			return true
		}
	}
	return false
}

var nodeTools = command(`npm|npx|yarn|pnpm|bun`)

// readUnnamed is which tool of a script reads a secret without being told its
// name, "" where none does: npm and yarn read the .npmrc of the folder they work in.
func (e *Entry) readUnnamed(script string) string {
	base := path.Base(e.Path)
	if (base == ".npmrc" || strings.HasPrefix(base, ".yarnrc")) && nodeTools.MatchString(script) {
		return "a package manager that reads it"
	}
	return ""
}
