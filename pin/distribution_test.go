package pin

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// distribution starts the reference implementation of a registry, as Debian has
// it, and gives its address.
func distribution(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		if os.Getenv("RESTOW_CI") != "" {
			t.Fatal("needs Debian's docker-registry")
		}
		t.Skip("needs Debian's docker-registry: apt-get install docker-registry")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	text := fmt.Sprintf("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: %s\nhttp:\n  addr: %s\n", filepath.Join(dir, "data"), addr)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 200 {
		resp, err := http.Get("http://" + addr + "/v2/")
		if err == nil {
			resp.Body.Close()
			return addr
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("docker-registry does not answer")
	return ""
}

// push puts a tag with an index of two platforms, or with one image, into a registry.
func push(t *testing.T, ref string, index bool) {
	t.Helper()
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(256, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !index {
		if err := remote.Write(tag, image); err != nil {
			t.Fatal(err)
		}
		return
	}
	other, err := random.Image(256, 2)
	if err != nil {
		t.Fatal(err)
	}
	list := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: other, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}})
	if err := remote.WriteIndex(tag, list); err != nil {
		t.Fatal(err)
	}
}

// TestDistribution: digests of a real registry, beside those that crane tells.
func TestDistribution(t *testing.T) {
	addr := distribution(t)
	r := New(Options{})
	for i, repo := range []string{"library/python", "a", "team/deep/er/app"} {
		for j, tag := range []string{"latest", "3.13", "1.2.3-alpine"} {
			ref := addr + "/" + repo + ":" + tag
			push(t, ref, (i+j)%2 == 0)
			want, err := crane.Digest(ref)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Resolve(context.Background(), ref)
			if err != nil || got.Digest != want {
				t.Errorf("%s: %v %v, crane says %s", ref, got, err, want)
			}
			there, err := r.Inspect(context.Background(), addr+"/"+repo+"@"+want)
			if err != nil || (len(there.Children) == 2) != ((i+j)%2 == 0) {
				t.Errorf("%s: %+v %v", ref, there, err)
			}
		}
	}
	if _, err := r.Resolve(context.Background(), addr+"/a:none"); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a missing tag: %v", err)
	}
	// A copy has the digest of the original, and sends nothing that is there.
	from, err := r.Resolve(context.Background(), addr+"/library/python:latest")
	if err != nil {
		t.Fatal(err)
	}
	var seen bool
	done, err := r.Copy(context.Background(), addr+"/library/python:latest@"+from.Digest, addr+"/hub/python:latest", func(Copied) { seen = true })
	if err != nil || done.Sent == 0 || !seen {
		t.Fatalf("%+v %v", done, err)
	}
	if got, err := crane.Digest(addr + "/hub/python:latest"); err != nil || got != from.Digest {
		t.Errorf("the copy has %s %v, not %s", got, err, from.Digest)
	}
	again, err := r.Copy(context.Background(), addr+"/library/python:latest@"+from.Digest, addr+"/hub/python:latest", nil)
	if err != nil || again.Sent > 0 {
		t.Errorf("the second copy: %+v %v", again, err)
	}
}
