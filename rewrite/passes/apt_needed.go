package passes

import (
	"strings"
	"sync"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// aptAdded are recommended packages that the fix adds without asking: small, and
// their lack shows late.
var aptAdded = strings.Fields("cppzmq-dev fonts-liberation2 libc6-dbg libc6-dev libfl-dev libltdl-dev libprotobuf-dev make poppler-data")

// aptPrograms are recommended packages that matter to who names their programs, or
// to who does what they are needed for.
var aptPrograms = func() map[string][]string {
	out := map[string][]string{}
	for p, words := range map[string]string{
		"autoconf":        "autoconf autoreconf autogen.sh bootstrap.sh buildconf",
		"automake":        "automake aclocal autoreconf autogen.sh bootstrap bootstrap.sh buildconf",
		"ca-certificates": "https curl wget git pip pip3 npm yarn pnpm go cargo gem bundle composer mvn gradle rustup",
		"cargo":           "cargo",
		"curl":            "curl",
		"dbus":            "dbus dbus-daemon dbus-launch dbus-run-session dbus-send dbus-uuidgen",
		"fakeroot":        "fakeroot dpkg-buildpackage debuild",
		"file":            "file",
		"git":             "git",
		"gnupg":           "gpg gpg2 gpgconf gpg-agent dirmngr apt-key add-apt-repository apt-add-repository",
		"less":            "less",
		"libtool":         "libtool libtoolize autoreconf autogen.sh bootstrap buildconf",
		"nftables":        "nft",
		"openssh-client":  "ssh scp sftp ssh-add ssh-agent ssh-keygen ssh-keyscan git@",
		"patch":           "patch",
		"pkg-config":      "pkg-config configure autoreconf autogen.sh cmake meson go make",
		"psmisc":          "killall fuser pstree",
		"ssl-cert":        "ssl default-ssl default-ssl.conf ssl-cert-snakeoil.pem",
		"unzip":           "unzip",
		"wget":            "wget",
		"xauth":           "xauth xvfb-run",
		"xxd":             "xxd",
		"zip":             "zip",
	} {
		out[p] = strings.Fields(words)
	}
	return out
}()

// aptTable is what is known of packages.
type aptTable struct {
	recommended map[string][]string
	depended    map[string][]string
	plain       map[string]bool
}

var aptTables = sync.OnceValue(func() aptTable {
	t := aptTable{map[string][]string{}, map[string][]string{}, map[string]bool{}}
	for _, list := range []struct {
		text string
		into map[string][]string
	}{{aptRecommended, t.recommended}, {aptDepended, t.depended}} {
		for entry := range strings.SplitSeq(list.text, ";") {
			if words := strings.Fields(entry); len(words) > 1 {
				list.into[words[0]] = words[1:]
			}
		}
	}
	for name := range strings.FieldsSeq(aptPlain) {
		t.plain[name] = true
	}
	return t
})

// aptKnown is what is known of a file's stages.
type aptKnown struct {
	installed map[*dockerfile.Stage]map[string]bool // by name, so far
	words     map[*dockerfile.Stage]map[string]bool
}

func (k *aptKnown) install(s *dockerfile.Stage, name string) {
	if k.installed[s] == nil {
		k.installed[s] = map[string]bool{}
	}
	k.installed[s][name] = true
}

// has reports whether a stage, or one that it stands on, has installed a package
// by its name.
func (k *aptKnown) has(s *dockerfile.Stage, name string) bool {
	for ; s != nil; s = s.Base {
		if k.installed[s][name] {
			return true
		}
	}
	return false
}

// wordsOf are all words that the instructions of a stage, and of those built on
// it, are made of.
func (k *aptKnown) wordsOf(c *rewrite.Context, stage *dockerfile.Stage) map[string]bool {
	if out, ok := k.words[stage]; ok {
		return out
	}
	out := map[string]bool{}
	k.words[stage] = out
	for _, s := range c.File.Stages {
		if !buildsOn(s, stage) {
			continue
		}
		for _, in := range s.Instructions {
			for word := range strings.FieldsFuncSeq(wholeText(in), func(r rune) bool {
				return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-@", r)
			}) {
				out[word] = true
				if strings.HasPrefix(word, "git@") {
					out["git@"] = true
				}
			}
		}
	}
	return out
}
