package command

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/shell"
)

func meaning(t *testing.T, script string) (Meaning, *shell.Simple) {
	t.Helper()
	s, err := shell.Read(script, shell.POSIX)
	if err != nil || len(s.Commands) == 0 {
		t.Fatalf("%s: %v", script, err)
	}
	return Of(s.Commands[0]), s.Commands[0]
}

// values are the words that a list of a meaning stands for.
func values(m Meaning, list []int) string {
	var out []string
	for _, i := range list {
		out = append(out, m.Roles[i].Value)
	}
	return strings.Join(out, " ")
}

func TestOf(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"apt-get -qq -o X=y install -y curl=8.* gcc", "apt:install p[curl=8.* gcc] net open"},
		{"apt-get -qq -o X=y install -y 'curl=8.*' gcc", "apt:install p[curl=8.* gcc] net whole"},
		{"apt-get install -qqy --no-install-recommends -t stable a b", "apt:install p[a b] net whole"},
		{"apt-get install $PKGS", "apt:install p[] net open"},
		{"apt-get dist-upgrade -y", "apt:upgrade net whole"},
		{"apt-get install --nonsense a", "apt:install p[a] net unknown[2]"},
		{"apt-get -o install a", "apt: unknown[3]"},
		{"apt-get frobnicate a", "apt: unknown[1 2]"},
		{"apk add --no-cache -t .deps a b=1", "apk:install p[a b=1] net whole"},
		{"apk cache clean", "apk:clean whole"},
		{"dnf -y group install x", "dnf:install p[x] net whole"},
		{"pip install --no-cache-dir -r requirements.txt a", "pip:install p[a] r[requirements.txt] net whole"},
		{"pip3.11 install --no-index -f /w a", "pip:install p[a] whole"},
		{"python3 -m pip install -U a", ":<pip:install p[a] net whole> inner 2 whole"},
		{"npm cache clean --force", "npm:clean whole"},
		{"npm install --nonsense x", "npm:install p[x] net unknown[2]"},
		{"rm -rf /a/* b", ": w[/a/* b] whole"},
		{"rm -rf $X", ": w[] open"},
		{"cp -a a b c", ": r[a b] w[c] whole"},
		{"cp -t c a b", ": r[a b] w[c] whole"},
		{"mv a b", ": r[a] w[a b] whole"},
		{"mkdir -pm755 a", ": w[a] whole"},
		{"install -d a b", ": w[a b] whole"},
		{"chmod -x a", ": w[a] whole"},
		{"chmod -R u+x a", ": w[a] whole"},
		{"chown --reference=a b", ": r[a] w[b] whole"},
		{"sed -i s/a/b/ f", ": r[f] w[f] whole"},
		{"sed -n -e p f", ": r[f] whole"},
		{"tar xzf a.tgz -C /b --strip-components=1", ":extract r[a.tgz] w[/b] whole"},
		{"tar -czf a.tgz b", ":create r[b] w[a.tgz] whole"},
		{"tar -xJf a", ":extract r[a] whole"},
		{"tar Cxzf /b a", ":extract r[a] w[/b] whole"},
		{"curl -fsSLo a https://b", ": w[a] net whole"},
		{"curl --output=a -d @b https://c", ": w[a] net unknown[]"},
		{"wget -qO- https://b", ": w[-] net whole"},
		{"wget -q -O a https://b", ": w[a] net whole"},
		{"git clone --depth 1 https://a b", ":clone w[b] net whole"},
		{"git -C a submodule update --init --recursive", ":submodule r[a] w[a] net whole"},
		{"find a -name b -delete", ": r[a] w[a] whole"},
		{"find a -type f -exec chmod 1 {} +", ":<: w[{}] whole> inner 5 r[a] w[a] partly"},
		{"[ -f a ]", ": r[a] whole"},
		{"test -n -f", ": whole"},
		{"set -eux -o pipefail", ": whole"},
		{"set -- -a", ": whole"},
		{"echo -n -foo", ": whole"},
		{"sudo -u a env -i B=c apt-get update", ":<:<apt:update net whole> inner 3 whole> inner 3 whole"},
		{"timeout -k 5 10 make -j$(nproc) all", ":<: net open> inner 4 open"},
		{"xargs -r rm -f", ":<: whole> inner 2 partly"},
		{"sh -c 'apt-get update'", ":<apt:update net whole> inner 0 whole"},
		{"bash -euxo pipefail -c 'a; b'", ": partly"},
		{"su - a -c 'npm ci'", ":<npm:install net whole> inner 0 whole"},
		{"exec frobnicate", ":<? unknown[0]> inner 1 unknown[1]"},
		{"command -v a", ": whole"},
		{"useradd -r -d /a -s /b c", ": w[/a] whole"},
		{"/usr/bin/apt-get update", "apt:update net whole"},
		{"./apt-get update", "? unknown[0 1]"},
		{"./configure --prefix=/a CC=b", ": net partly"},
		{"make -j 8 install", ": net partly"},
		{"go build -o a ./b", "go:build r[./b] w[a] net whole"},
		{"go mod download", "go:download net whole"},
		{"gcc -O2 -I/a -o b c.c -lm", ": r[/a c.c] w[b] whole"},
		{"mvn -B -DskipTests package", "mvn: net partly"},
		{"pacman -Syu --noconfirm a", "pacman:install p[a] net whole"},
		{"rpm -qa", "rpm:query whole"},
		{"dpkg -i a.deb", "apt:install r[a.deb] whole"},
		{"adduser -DHs /bin/sh -u 1 a", ": whole"},
		{"A=b", ": whole"},
		{"$X a", "? unknown[0 1]"},
	} {
		m, _ := meaning(t, tt.script)
		if got := describe(m); got != strings.Replace(tt.want, " unknown[]", " whole", 1) {
			t.Errorf("%s: %s, want %s", tt.script, got, tt.want)
		}
	}
}

// describe prints a meaning in one line.
func describe(m Meaning) string {
	if m.Manager == "other" {
		m.Manager = ""
	}
	out := m.Manager + ":" + m.Verb
	if !m.Known {
		out = "?"
	}
	if m.Inner != nil {
		out += fmt.Sprintf("<%s> inner %d", describe(*m.Inner), m.InnerWords)
	}
	for _, l := range []struct {
		name string
		list []int
	}{{"p", m.Packages}, {"r", m.Reads}, {"w", m.Writes}} {
		if len(l.list) > 0 {
			out += " " + l.name + "[" + values(m, l.list) + "]"
		}
	}
	if m.Network {
		out += " net"
	}
	switch {
	case m.Whole:
		out += " whole"
	case len(m.Unknown) > 0:
		out += " unknown" + fmt.Sprint(m.Unknown)
	case len(m.Open) > 0:
		out += " open"
	default:
		out += " partly"
	}
	return out
}

func TestOptions(t *testing.T) {
	m, _ := meaning(t, "apt-get --assume-yes -o A=b --option=C=d -oE=f install -t x --no-install-recommends a")
	if !slices.Equal(m.Options["-o"], []string{"A=b", "C=d", "E=f"}) || !m.Has("-y") || m.Options["-t"][0] != "x" || !m.Has("--no-install-recommends") {
		t.Errorf("%+v", m.Options)
	}
	if m, _ := meaning(t, "apt-get update"); !slices.Contains(m.WritesFixed, "/var/lib/apt/lists") {
		t.Errorf("%q", m.WritesFixed)
	}
}

// TestTable: no name is there twice, and every list of options and operands is
// well formed.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	check := func(name string, g grammar) {
		given := map[string]bool{}
		for field := range strings.FieldsSeq(g.options) {
			names, rest, valued := strings.Cut(field, "=")
			if valued && (len(rest) > 2 || strings.Trim(rest, "?#trwxps") != "") {
				t.Errorf("%s: %s", name, field)
			}
			for o := range strings.SplitSeq(names, "|") {
				if o == "" || o[0] != '-' && o[0] != '/' || len(o) < 2 {
					t.Errorf("%s: %s", name, field)
				}
				if given[o] {
					t.Errorf("%s: %s is there twice", name, o)
				}
				given[o] = true
			}
		}
		for _, operands := range append([]string{g.operands}, all(g.when)...) {
			if strings.Count(operands, "*") > 1 {
				t.Errorf("%s: %s", name, operands)
			}
			for f := range strings.FieldsSeq(operands) {
				if f = strings.TrimSuffix(f, "*"); len(f) != 1 || !strings.Contains("trwxpcs", f) {
					t.Errorf("%s: %s", name, operands)
				}
			}
		}
		for _, o := range strings.Fields(g.offline) {
			if !strings.HasPrefix(o, "-") {
				t.Errorf("%s: %s", name, o)
			}
		}
	}
	for _, family := range families {
		for _, p := range family {
			for name := range strings.FieldsSeq(p.names) {
				if seen[name] {
					t.Errorf("%s is in the table twice", name)
				}
				seen[name] = true
			}
			check(p.names, p.grammar)
			verbs := map[string]bool{}
			for _, v := range p.verbs {
				check(p.names+" "+v.names, v.grammar)
				for name := range strings.SplitSeq(v.names, ",") {
					if verbs[name] {
						t.Errorf("%s: %s is there twice", p.names, name)
					}
					verbs[name] = true
				}
			}
		}
	}
	if len(seen) < 300 {
		t.Errorf("%d programs", len(seen))
	}
}

func all(ws []when) (out []string) {
	for _, w := range ws {
		out = append(out, w.operands)
	}
	return out
}

// FuzzOf: it never panics, and its numbers are those of words.
func FuzzOf(f *testing.F) {
	for _, family := range families {
		for _, p := range family {
			name := strings.Fields(p.names)[0]
			f.Add(name + " -a --b=c d $e *f")
			for _, v := range p.verbs {
				f.Add(name + " -x " + strings.Split(v.names, ",")[0] + " -y a --z")
			}
		}
	}
	for _, s := range []string{"tar xf", "tar fff a", "find -exec", "find ( -exec a ;", "env env env a", "sh -c 'sh -c \"sh -c a\"'", "chmod -x", "su - -c", "python -m", "xargs", "command -v", "-", "make -j", "cp", "[ -f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		s, err := shell.Read(script, shell.POSIX)
		if err != nil {
			return
		}
		for _, c := range s.Commands {
			checkMeaning(t, script, Of(c), len(c.Words))
		}
	})
}

func checkMeaning(t *testing.T, script string, m Meaning, n int) {
	if len(m.Roles) != n || m.Whole && (!m.Known || len(m.Unknown)+len(m.Open) > 0) {
		t.Fatalf("%q: %+v", script, m)
	}
	used := map[int]int{}
	for at, list := range [][]int{m.Packages, m.Reads, m.Writes, m.Unknown, m.Open} {
		for k, i := range list {
			if i < 0 || i >= n || k > 0 && list[k-1] >= i {
				t.Fatalf("%q: list %d is %v of %d words", script, at, list, n)
			}
			used[i] |= 1 << at
		}
	}
	for i, in := range used {
		// A word is a package, or a file, or unknown; it may be read and written,
		// and open besides if it is known.
		if kind := in &^ 16; kind != 0 && kind != 1 && kind != 2 && kind != 4 && kind != 6 && kind != 8 || in&8 != 0 && in&16 != 0 {
			t.Fatalf("%q: word %d is in lists %b", script, i, in)
		}
	}
	if m.Inner != nil {
		if m.InnerWords < 0 || m.InnerWords > 0 && m.InnerWords+len(m.Inner.Roles) > n {
			t.Fatalf("%q: inner from %d of %d", script, m.InnerWords, n)
		}
		checkMeaning(t, script, *m.Inner, len(m.Inner.Roles))
	}
}
