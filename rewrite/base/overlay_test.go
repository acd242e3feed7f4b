package base

import (
	"slices"
	"testing"
)

func TestOverlay(t *testing.T) {
	o, err := NewOverlay([]Own{
		{Image: "registry.example.com/hub/*", Like: "docker.io/library/*"},
		{Image: "registry.example.com/team/python:*-run", Like: "python:*-slim", Packages: []string{"zlib1g", "bash", "bash"}, Manager: "none"},
		{Image: "registry.example.com/team/tool", Commands: []string{"tool", "sh"}, Shell: "bash", Suite: "bookworm"},
		{Image: "python:3.12", Commands: []string{"only"}},
	}, []Rule{
		{From: "python:*-slim", To: "registry.example.com/hardened/python:*", Rename: map[string]string{"libpq5": "libpq"}},
		{From: "docker.io/library/*", To: "registry.example.com/hub/*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	mirrored, known := o.Find("registry.example.com/hub/python:3.12-slim")
	if known != Live || mirrored.Exact != Given || mirrored.Like() != "python:3.12-slim" || mirrored.Ref() != "registry.example.com/hub/python:3.12-slim" {
		t.Errorf("the mirror's is %+v, %v", mirrored, known)
	}
	if p, exact := mirrored.Packages(); len(p) != 87 || exact != Simulated {
		t.Errorf("the mirror's has %d packages, %s", len(p), exact)
	}
	if mirrored.Counterpart("full") != nil {
		t.Error("the mirror's has a counterpart in the other repository")
	}
	run, _ := o.Find("registry.example.com/team/python:3.12-run")
	if p, exact := run.Packages(); !slices.Equal(p, []string{"bash", "zlib1g"}) || exact != Given {
		t.Errorf("the team's has the packages %v, %s", p, exact)
	}
	if m, exact := run.Manager(); m != "none" || exact != Given {
		t.Errorf("the team's has the manager %s, %s", m, exact)
	}
	if c, _ := run.Config(); c == nil || c.Cmd[0] != "python3" || run.Version() != "3.12.14" {
		t.Errorf("the team's has the config %v and the version %s", c, run.Version())
	}
	tool, _ := o.Find("registry.example.com/team/tool:9@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	if has, known := tool.Has("curl"); has || !known || tool.Distro != "debian" || tool.Libc != "glibc" || !tool.Shell().Bash || tool.Digest == "" {
		t.Errorf("the tool is %+v, its shell %v", tool, tool.Shell())
	}
	if p, exact := tool.Packages(); p != nil || exact != Unknown {
		t.Errorf("the tool has the packages %v, %s", p, exact)
	}
	// More about an image that the table has: the rest stands.
	more, _ := o.Find("python:3.12")
	if has, _ := more.Has("python3"); has || more.Counterpart("slim") == nil {
		t.Error("what is given of python:3.12 does not count, or all else is lost")
	}
	if i, known := o.Find("registry.example.com/team/python:3.12"); known != UnknownImage {
		t.Errorf("what no pattern fits is %+v", i)
	}
	if _, known := o.Find("registry.example.com/hub/a/b:1"); known != UnknownImage {
		t.Error("* stands for a slash")
	}
	if i, known := o.Find("registry.example.com/hub/nosuchimage:1"); known != UnknownImage || i.Variant != "" {
		t.Errorf("a mirror of what is not known is %v", i)
	}
	if i, known := o.Find("registry.example.com/hub/python:3.6"); known != Retired || len(EndOfLife(i, november)) == 0 {
		t.Errorf("a mirror of a retired tag is %v", i)
	}
	for ref, want := range map[string]string{
		"python:3.12-slim": "registry.example.com/hardened/python:3.12",
		"library/node:24":  "registry.example.com/hub/node:24",
		"someone/else:1":   "",
		"python:3.12-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "registry.example.com/hardened/python:3.12",
	} {
		i, _ := o.Find(ref)
		to, rename, _ := o.Swap(i)
		if to != want || (want == "registry.example.com/hardened/python:3.12") != (rename["libpq5"] == "libpq") {
			t.Errorf("%s leads to %q with %v, want %q", ref, to, rename, want)
		}
	}
	var none *Overlay
	if _, known := none.Find("python:3.12"); known != Live {
		t.Error("no overlay hides the table")
	}
	if _, _, ok := none.Swap(more); ok {
		t.Error("no overlay leads somewhere")
	}
}

func TestOverlayRefused(t *testing.T) {
	for _, bad := range []Own{
		{}, {Image: "a@sha256:b"}, {Image: "a/*/*"}, {Image: "a:*-*"}, {Image: "a:1", Like: "b:*"}, {Image: "a", Like: "*"}, {Image: "a:*", Like: "b:*-*"},
	} {
		if _, err := NewOverlay([]Own{bad}, nil); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if _, err := NewOverlay(nil, []Rule{{From: "a"}}); err == nil {
		t.Error("a rule that leads nowhere was taken")
	}
}
