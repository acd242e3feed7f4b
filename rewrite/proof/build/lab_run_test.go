package build

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is a server and a tool without any library, for images that have
// nothing else.
const program = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("greeting:", os.Getenv("GREETING"), os.Getuid(), os.Args[1])
		wd, _ := os.Getwd()
		fmt.Fprintln(os.Stderr, "in", wd)
		if os.Args[1] == "fail" {
			os.Exit(255)
		}
		return
	}
	if os.Getenv("GREETING") == "" {
		fmt.Fprintln(os.Stderr, "no greeting is set")
		os.Exit(4)
	}
	http.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, os.Getenv("GREETING")) })
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:18462", nil))
	os.Exit(5)
}
`

// scratchContext is a context with the program, for FROM scratch.
func scratchContext(t *testing.T) string {
	t.Helper()
	dir := folder(t, map[string]string{"src/main.go": program, "src/go.mod": "module program\n"})
	cmd := exec.Command("go", "build", "-o", "../program", ".")
	cmd.Dir, cmd.Env = filepath.Join(dir, "src"), append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// TestLabWithoutShell: commands and the server run in images that have no shell.
func TestLabWithoutShell(t *testing.T) {
	conn := connect(t)
	dir := scratchContext(t)
	file := func(greeting string) []byte {
		return []byte("FROM scratch\nCOPY program /\nENV GREETING=" + greeting + "\nUSER 12:12\nWORKDIR /w\nENTRYPOINT [\"/program\"]\n")
	}
	in := Input{
		Context: dir, SmokeOutput: true, Before: file("hi"), Server: &Server{Port: 18462, Path: "/hello", Wait: 20 * time.Second},
		Smoke: []Command{{Argv: []string{"/program", "one"}}, {Argv: []string{"/program", "fail"}}, {Argv: []string{"/nothing"}}},
	}
	t.Run("same", func(t *testing.T) {
		in := in
		in.After = append([]byte("# so\n"), file("hi")...)
		rep := verify(t, conn, in)
		if rep.Verdict != Same {
			t.Errorf("verdict %s", rep.Verdict)
		}
		o := rep.Smoke[0].After
		if o.Stdout != "greeting: hi 12 one\n" || o.Stderr != "in /w\n" || rep.Smoke[1].After.Exit != 255 || rep.Smoke[2].Before.Error == "" {
			t.Errorf("smoke %+v", rep.Smoke)
		}
		if a := rep.Server.After; a.Status != 200 || a.Body != "hi\n" {
			t.Errorf("server %+v", a)
		}
	})
	t.Run("body", func(t *testing.T) {
		in := in
		in.After = file("ho")
		rep := verify(t, conn, in)
		var kinds []Kind
		for _, c := range rep.Of(Unexpected) {
			kinds = append(kinds, c.Kind)
		}
		if rep.Verdict != Different || len(kinds) != 4 { // the variable, two outputs, the answer
			t.Errorf("%s: %v", rep.Verdict, rep.Of(Unexpected))
		}
	})
	t.Run("does-not-start", func(t *testing.T) {
		in := in
		in.After = file("")
		rep := verify(t, conn, in)
		if rep.Verdict != Broken || !strings.Contains(rep.Server.After.Error, "exit 4") {
			t.Errorf("%s: %+v", rep.Verdict, rep.Server.After)
		}
	})
}

// TestLabGone: a BuildKit that dies in the middle of a build is an error at
// once. A relay stands for the daemon, which others use.
func TestLabGone(t *testing.T) {
	address := os.Getenv("BUILDKIT_HOST")
	connect(t).Close()
	if !strings.HasPrefix(address, "unix://") {
		t.Skip("needs BUILDKIT_HOST=unix://…")
	}
	socket := filepath.Join(t.TempDir(), "s")
	cut := relay(t, socket, strings.TrimPrefix(address, "unix://"))
	conn, err := Connect(t.Context(), Endpoint{Address: "unix://" + socket})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	time.AfterFunc(4*time.Second, cut)
	began := time.Now()
	text := []byte(base + "RUN sleep 60\n")
	_, err = Verify(t.Context(), conn, Input{Before: text, After: text}, io.Discard)
	var gone *goneError
	if !errors.As(err, &gone) || !strings.Contains(err.Error(), "went away during the build") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	t.Log(err)
}

// relay passes a socket on until it is cut.
func relay(t *testing.T, socket, to string) (cut func()) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", to)
			if err != nil {
				in.Close()
				continue
			}
			mu.Lock()
			conns = append(conns, in, out)
			mu.Unlock()
			go func() { io.Copy(in, out); in.Close() }()
			go func() { io.Copy(out, in); out.Close() }()
		}
	}()
	cut = func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			c.Close()
		}
	}
	t.Cleanup(cut)
	return cut
}
