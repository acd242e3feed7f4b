package credentials

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// write writes files below a new folder and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// auths writes a file with a user for each key, whose password is the key.
func auths(users map[string]string) string {
	var all []string
	for key, user := range users {
		all = append(all, fmt.Sprintf("%q: {\"auth\": %q}", key, base64.StdEncoding.EncodeToString([]byte(user+":"+key))))
	}
	return `{"auths": {` + strings.Join(all, ", ") + `}}`
}

// userOf is what For says, in short.
func userOf(t *testing.T, s *Store, repository string) string {
	t.Helper()
	user, password, token, err := s.For(repository)
	if err != nil {
		t.Errorf("%s: %v", repository, err)
	}
	if token != "" {
		return "token " + token
	}
	if (user == "") != (password == "") {
		t.Errorf("%s: %q with %q", repository, user, password)
	}
	return user
}

func find(t *testing.T, environ ...string) *Store {
	t.Helper()
	s, err := Find(environ)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDockerFile(t *testing.T) {
	home := write(t, map[string]string{".docker/config.json": auths(map[string]string{
		"https://index.docker.io/v1/":      "hub",
		"quay.io":                          "quay",
		"https://old.example.com/v1/":      "old",
		"port.example.com:5000":            "port",
		"example.com":                      "plain",
		"https://prefix.example.com/team/": "never",
	})})
	s := find(t, "HOME="+home)
	for repository, want := range map[string]string{
		"docker.io/library/python":            "hub",
		"index.docker.io/library/python":      "hub",
		"registry-1.docker.io/library/python": "hub",
		"quay.io/a/b":                         "quay",
		"old.example.com/x":                   "old",
		"port.example.com:5000/x":             "port",
		"port.example.com/x":                  "",
		"port.example.com:5001/x":             "",
		"example.com/x":                       "plain",
		"example.com.evil.example/x":          "",
		"sub.example.com/x":                   "",
		"evil.example/example.com":            "",
		"prefix.example.com/team/x":           "",
		"notdocker.io/library/python":         "",
		"docker.io.evil.example/x":            "",
		"":                                    "",
		"/x":                                  "",
	} {
		if got := userOf(t, s, repository); got != want {
			t.Errorf("%q: got %q, want %q", repository, got, want)
		}
	}
	if len(s.Docker().AuthConfigs) != 6 {
		t.Errorf("the file as a whole: %v entries", len(s.Docker().AuthConfigs))
	}
	if (&Store{}).Docker() == nil || len(find(t, "HOME="+t.TempDir()).Docker().AuthConfigs) != 0 {
		t.Error("without a file")
	}
}

func TestNamespaces(t *testing.T) {
	dir := write(t, map[string]string{"containers/auth.json": auths(map[string]string{
		"quay.io/team-a":            "a",
		"quay.io/team-a/deep/image": "deep",
		"docker.io/team":            "team",
		"docker.io":                 "hub",
		"r.example.com":             "host",
		"r.example.com/x":           "x",
	})})
	s := find(t, "XDG_RUNTIME_DIR="+dir, "HOME="+t.TempDir())
	for repository, want := range map[string]string{
		"quay.io/team-a/image":              "a",
		"quay.io/team-a/deep/image":         "deep",
		"quay.io/team-a/deep/other":         "a",
		"quay.io/team-b/image":              "", // not another team's
		"quay.io/team-ab/image":             "",
		"docker.io/team/app":                "team",
		"registry-1.docker.io/team/app":     "team",
		"docker.io/library/python":          "hub",
		"r.example.com/x/y":                 "x",
		"r.example.com/y/x":                 "host",
		"other.example.com/r.example.com/x": "",
	} {
		if got := userOf(t, s, repository); got != want {
			t.Errorf("%q: got %q, want %q", repository, got, want)
		}
	}
}

func TestOrder(t *testing.T) {
	dir := write(t, map[string]string{
		"docker/config.json":           auths(map[string]string{"both.example": "docker", "docker.example": "docker"}),
		"named.json":                   auths(map[string]string{"both.example": "named"}),
		"run/containers/auth.json":     auths(map[string]string{"both.example": "run", "run.example": "run"}),
		".config/containers/auth.json": auths(map[string]string{"run.example": "config", "config.example": "config"}),
	})
	environ := []string{"HOME=" + dir, "DOCKER_CONFIG=" + dir + "/docker", "XDG_RUNTIME_DIR=" + dir + "/run"}
	named := append([]string{"REGISTRY_AUTH_FILE=" + dir + "/named.json"}, environ...)
	inline := append([]string{"DOCKER_AUTH_CONFIG=" + auths(map[string]string{"both.example": "inline"})}, environ...)
	missing := append([]string{"REGISTRY_AUTH_FILE=" + dir + "/none.json"}, environ...)
	for _, tc := range []struct {
		environ          []string
		repository, want string
	}{
		{environ, "both.example/x", "docker"},
		{environ, "run.example/x", "run"},
		{environ, "config.example/x", "config"},
		{named, "both.example/x", "named"},
		{named, "docker.example/x", "docker"},
		{named, "run.example/x", ""}, // as Podman: it stands for its files
		{inline, "both.example/x", "inline"},
		{inline, "docker.example/x", "docker"},
		{missing, "both.example/x", "docker"},
	} {
		if got := userOf(t, find(t, tc.environ...), tc.repository); got != tc.want {
			t.Errorf("%s of %.30q: got %q, want %q", tc.repository, tc.environ[0], got, tc.want)
		}
	}
}

const script = `#!/bin/sh
read server
case "$1 $server" in
"get https://index.docker.io/v1/") echo '{"ServerURL":"x","Username":"hub","Secret":"s"}' ;;
"get token.example") echo '{"ServerURL":"x","Username":"<token>","Secret":"abc"}' ;;
"get fails.example") echo 'SECRET it is locked'; exit 1 ;;
"get garbage.example") echo '{"Username": SECRET' ;;
"get hangs.example") sleep 20 ;;
"get floods.example") exec yes SECRET ;;
*) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`

func TestHelpers(t *testing.T) {
	bin := write(t, map[string]string{"docker-credential-fake": script})
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	secret := base64.StdEncoding.EncodeToString([]byte("left:over"))
	dir := write(t, map[string]string{
		"config.json":          `{"auths": {"quay.io": {"auth": "` + secret + `"}}, "credsStore": "fake", "credHelpers": {"gone.example": "gone", "slash.example": "../x", "docker.io": "fake"}}`,
		"containers/auth.json": auths(map[string]string{"fails.example": "podman"}),
	})
	s := find(t, "DOCKER_CONFIG="+dir, "XDG_CONFIG_HOME="+dir)
	s.patience = 2 * time.Second
	for repository, want := range map[string]string{
		"docker.io/library/python": "hub",
		"token.example/x":          "token abc",
		"unknown.example/x":        "",
		"quay.io/x":                "", // the store keeps it all
		"fails.example/x":          "podman",
	} {
		if got := userOf(t, s, repository); got != want {
			t.Errorf("%s: got %q, want %q", repository, got, want)
		}
	}
	for repository, want := range map[string]string{
		"garbage.example/x": "docker-credential-fake fails for garbage.example",
		"gone.example/x":    "docker-credential-gone is to know the credentials for gone.example and is not on PATH",
		"slash.example/x":   "not a name",
		"floods.example/x":  "docker-credential-fake fails for floods.example",
		"hangs.example/x":   "docker-credential-fake has no answer for hangs.example within 2s",
	} {
		start := time.Now()
		user, password, token, err := s.For(repository)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") || user+password+token != "" {
			t.Errorf("%s: %q, %v", repository, user, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", repository, took)
		}
	}
	// One that hangs is not waited for twice, and all may ask at once.
	var wait sync.WaitGroup
	start := time.Now()
	for range 20 {
		wait.Go(func() { _, _, _, _ = s.For("hangs.example/y") })
	}
	wait.Wait()
	if took := time.Since(start); took > time.Second {
		t.Errorf("asked again: %v", took)
	}
}

// TestHelperOfOneHost: credHelpers leave the other registries to the file.
func TestHelperOfOneHost(t *testing.T) {
	bin := write(t, map[string]string{"docker-credential-fake": script})
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	text := strings.TrimSuffix(auths(map[string]string{"quay.io": "quay", "token.example": "never"}), "}") + `, "credHelpers": {"token.example": "fake"}}`
	for _, environ := range []string{
		"DOCKER_CONFIG=" + write(t, map[string]string{"config.json": text}),
		"REGISTRY_AUTH_FILE=" + filepath.Join(write(t, map[string]string{"x": text}), "x"),
	} {
		s := find(t, environ, "HOME="+t.TempDir())
		if got := userOf(t, s, "quay.io/x"); got != "quay" {
			t.Errorf("beside it: %q", got)
		}
		if got := userOf(t, s, "token.example/x"); got != "token abc" {
			t.Errorf("its own: %q", got)
		}
	}
}

func TestMalformed(t *testing.T) {
	good := auths(map[string]string{"quay.io": "quay"})
	for _, tc := range []struct{ text, want string }{
		{"{\"auths\": {\n  \"a.b\": SECRET", "config.json:2: not what docker login"},
		{`{"auths": "SECRET"}`, "config.json:1: not what docker login"},
		{`{"auths": {"a.b": {"auth": "SECRET!"}}}`, "config.json: not what docker login"},
		{`{"auths": {"a.b": {"auth": "` + base64.StdEncoding.EncodeToString([]byte("SECRET")) + `"}}}`, "config.json: not what docker login"},
		{`["SECRET"]`, "config.json:1: not what"},
		{strings.Repeat(" ", maxFile+1), "larger than 4 MiB"},
	} {
		dir := write(t, map[string]string{"config.json": tc.text, "containers/auth.json": good})
		s, err := Find([]string{"DOCKER_CONFIG=" + dir, "XDG_RUNTIME_DIR=" + dir, "HOME=" + t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), dir) {
			t.Errorf("%.60q: %v", tc.text, err)
		}
		if s == nil || s.Docker() == nil || userOf(t, s, "quay.io/x") != "quay" {
			t.Errorf("%.60q: the other file is lost", tc.text)
		}
	}
	if _, err := Find([]string{"HOME=" + os.DevNull}); err != nil {
		t.Errorf("a home that is no folder: %v", err)
	}
	if _, err := Find([]string{"REGISTRY_AUTH_FILE=" + t.TempDir()}); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("a folder: %v", err)
	}
	for _, empty := range []string{"", "\n", "{}", "null", `{"auths": null}`, `{"auths": {"a.b": {}}}`} {
		dir := write(t, map[string]string{"config.json": empty})
		if got := userOf(t, find(t, "DOCKER_CONFIG="+dir, "HOME="+dir), "a.b/c"); got != "" {
			t.Errorf("%q: %q", empty, got)
		}
	}
}
