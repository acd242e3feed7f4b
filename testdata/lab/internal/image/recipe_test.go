package image

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// example has its recipes in an order that is not the one to build in.
func example(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "zeta/Dockerfile", "# lab:rootfs bookworm\n# lab:image all zeta:1 zeta:latest\n# lab:image cut zeta:1-slim\nFROM scratch AS all\nFROM all AS cut\n")
	write(t, dir, "app/Dockerfile", "# lab:image run app:2\nFROM mid AS build\nFROM zeta:1-slim AS run\nCOPY --from=build /a /\nCOPY --from=0 /a /\n")
	write(t, dir, "mid/Dockerfile", "# lab:goroot go1.26.8\n# lab:image x mid\nFROM docker.io/library/zeta:1 AS x\nCOPY --from=goroot / /go\n")
	write(t, dir, "far/Dockerfile", "# lab:image x gcr.io/far/far:nonroot\nFROM scratch AS x\n")
	return dir
}

func TestLoad(t *testing.T) {
	recipes, err := Load(example(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range recipes {
		names = append(names, r.Name)
	}
	if want := []string{"zeta", "mid", "app", "far"}; !slices.Equal(names, want) {
		t.Errorf("order %v, want %v", names, want)
	}
	if r := recipes[0]; r.Rootfs != "bookworm" || len(r.Images) != 2 || len(r.Bases) != 0 {
		t.Errorf("got %+v", r)
	}
	if r := recipes[1]; r.Goroot != "go1.26.8" || !slices.Equal(r.Bases, []string{"docker.io/library/zeta:1"}) {
		t.Errorf("got %+v", r)
	}
	if r := recipes[2]; !slices.Equal(r.Bases, []string{"docker.io/library/mid:latest", "docker.io/library/zeta:1-slim"}) {
		t.Errorf("got %+v", r)
	}
}

func TestSelect(t *testing.T) {
	recipes, err := Load(example(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"":                       "zeta:1 zeta:1-slim mid app:2 gcr.io/far/far:nonroot",
		"app":                    "zeta:1 zeta:1-slim mid app:2",
		"mid":                    "zeta:1 mid",
		"zeta:latest":            "zeta:1",
		"zeta":                   "zeta:1 zeta:1-slim",
		"gcr.io/far/far:nonroot": "gcr.io/far/far:nonroot",
	} {
		images, err := Select(recipes, name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, image := range images {
			got = append(got, image.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", name, got, want)
		}
	}
	if _, err := Select(recipes, "nothing"); err == nil {
		t.Error("an unknown name selects something")
	}
}

func TestLoadRefuses(t *testing.T) {
	for want, file := range map[string]string{
		"no line says":         "FROM scratch AS x\n",
		"which is not there":   "# lab:image y a:1\nFROM scratch AS x\n",
		"cannot read":          "# lab:image x\nFROM scratch AS x\n",
		"which no recipe make": "# lab:image x a:1\nFROM b:1 AS x\n",
		"needs itself":         "# lab:image x a:1\nFROM a:1 AS x\n",
	} {
		dir := t.TempDir()
		write(t, dir, "a/Dockerfile", file)
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", file, err, want)
		}
	}
}

func TestHash(t *testing.T) {
	dir := example(t)
	hash := func(bases map[string]string, inputs ...string) string {
		t.Helper()
		recipes, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		h, err := recipes[2].hash(bases, inputs...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	seen := []string{hash(nil)}
	if again := hash(nil); again != seen[0] {
		t.Fatalf("%s became %s", seen[0], again)
	}
	seen = append(seen, hash(map[string]string{"docker.io/library/mid:latest": "sha256:1"}), hash(nil, "v2"))
	write(t, dir, "app/extra", "1")
	seen = append(seen, hash(nil))
	if err := os.Chmod(filepath.Join(dir, "app/extra"), 0o755); err != nil {
		t.Fatal(err)
	}
	seen = append(seen, hash(nil))
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 5 {
		t.Errorf("some change does not show: %v", seen)
	}
}

func TestRecipesOfTheLab(t *testing.T) {
	if _, err := Load("../../images"); err != nil {
		t.Error(err)
	}
}
