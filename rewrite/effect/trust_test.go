package effect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/project"
)

// TestTrusted names what programs that are taken at their word write in the
// project's folder, /app, and why others are not.
func TestTrusted(t *testing.T) {
	const any = "*"
	for _, tt := range []struct{ run, writes, reads, why string }{
		{"apt-get update && apt-get install -y curl", "", "", ""},
		{"apt-get install -y ./x.deb", "", "/app/x.deb", ""},
		{"apt-get download curl", any, "", "apt-get"},
		{"apt-get source curl", any, "", "apt-get"},
		{"apt-get -o Dir=/app install curl", any, "", "apt-get"},
		{"dpkg -i x.deb", "", "/app/x.deb", ""},
		{"dnf install -y ./x.rpm", "", "/app/x.rpm", ""},
		{"dnf install -y --installroot /app x", "/app", "/app", ""},
		{"apk add --no-cache --virtual .deps gcc", "", "", ""},
		{"useradd -m -d /app app", "/app", "/app", ""},
		{"adduser -h /app -D app", "/app", "/app", ""},
		{"git clone https://example.com/y.git", "/app", "/app", ""},
		{"git clone https://example.com/y /opt/y", "", "", ""},
		{"git config user.name a", "/app", "/app", ""},
		{"wget https://example.com/y.tgz", "/app", "/app", ""},
		{"wget -O - https://example.com/y", "", "", ""},
		{"wget -P /app/x https://example.com/y", "/app/x", "/app/x", ""},
		{"curl -LO https://example.com/y", "/app", "/app", ""},
		{"curl -fsSL https://example.com/y -o a", "/app/a", "/app/a", ""},
		{"curl https://example.com/y | sh", any, "", "sh"},
		{"curl -sL https://example.com/y | tar xz -C /usr/local", "", "", ""},
		{"tar xzf /tmp/x.tgz", "/app", "/app", ""},
		{"sed -i s/a/b/ x.conf", "/app/x.conf", "/app/x.conf", ""},
		{"pip install flask", "", "", ""},
		{"pip install -t /app/lib flask", "/app/lib", "/app/lib", ""},
		{"npm install -g --prefix /app/x left-pad", "/app/x", "", ""},
		{"npm config set prefix /app", any, "", "npm"},
		{"npm ci", "/app/node_modules", "", ""},
		{"make", any, "", "make"},
		{"./x.sh", any, "", "x.sh"},
	} {
		tree, err := project.New(fstest.MapFS{
			"package.json":      {Data: []byte(`{"name":"a","version":"1.0.0"}`)},
			"package-lock.json": {Data: []byte(`{"name":"a","lockfileVersion":3,"packages":{}}`)},
		}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		s := stageOf(t, "FROM debian:12\nWORKDIR /app\nCOPY . .\nRUN "+tt.run+"\n")
		e := At(s, tree)
		var x Effect
		for _, in := range s.Instructions {
			x = Of(in, e)
			e = e.After(in)
		}
		in := func(ps []Place) string {
			var out []string
			for _, p := range ps {
				if p.Kind == File && (p.Name == "*" || below(p.Name, "/app")) && !slices.Contains(out, p.Name) {
					out = append(out, p.Name)
				}
			}
			return strings.Join(out, " ")
		}
		if got := in(x.Writes); got != tt.writes {
			t.Errorf("%s writes %q, want %q (%s)", tt.run, got, tt.writes, x.Opaque)
		}
		if got := in(x.Reads); tt.reads != "" && !strings.Contains(" "+got+" ", " "+tt.reads+" ") {
			t.Errorf("%s reads %q, want %q", tt.run, got, tt.reads)
		}
		if (tt.why == "") != (x.Opaque == "") || !strings.Contains(x.Opaque, tt.why) {
			t.Errorf("%s: %q, want %q", tt.run, x.Opaque, tt.why)
		}
	}
}

// TestMovedByVariables: a variable that tells a package manager where it has its
// files counts.
func TestMovedByVariables(t *testing.T) {
	for _, tt := range []struct{ head, run, writes string }{
		{"ENV NPM_CONFIG_PREFIX=/app/npm", "npm install -g left-pad", "/app/npm"},
		{"ENV PIP_TARGET=/app/lib", "pip install flask", "/app/lib"},
		{"ARG PIP_TARGET", "pip install flask", "*"},
		{"ENV PATH=/app/venv/bin:$PATH", "pip install flask", "/app/venv"},
		{"ENV APP_HOME=/app", "pip install flask", ""},
	} {
		s := stageOf(t, fmt.Sprintf("FROM debian:12\n%s\nRUN %s\n", tt.head, tt.run))
		e := At(s, nil)
		x := Effect{}
		for _, in := range s.Instructions {
			x = Of(in, e)
			e = e.After(in)
		}
		got := ""
		for _, p := range x.Writes {
			if p.Kind == File && (p.Name == "*" || below(p.Name, "/app")) {
				got = p.Name
			}
		}
		if got != tt.writes {
			t.Errorf("%s, %s writes %q, want %q (%s)", tt.head, tt.run, got, tt.writes, x.Opaque)
		}
	}
}

// TestStamp tells variables that name a build from those that name something else.
func TestStamp(t *testing.T) {
	for name, want := range map[string]bool{
		"BUILD_SHA": true, "VCS_REF": true, "GIT_COMMIT": true, "APP_VERSION": true, "VERSION": true, "BUILD_DATE": true, "COMMIT_SHA": true, "build_number": true, "SOURCE_COMMIT": true,
		"NODE_VERSION": false, "CACHEBUST": false, "CACHE_DATE": false, "PATH": false, "GITHUB_TOKEN": false, "PYTHON_VERSION": false, "TARGETARCH": false, "DEBIAN_FRONTEND": false, "USER_ID": false,
	} {
		if Stamp(name) != want {
			t.Errorf("Stamp(%s) is %v", name, !want)
		}
	}
}
