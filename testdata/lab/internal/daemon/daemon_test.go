package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sleeper(t *testing.T, script string) *Process {
	dir := t.TempDir()
	p := &Process{
		Name:     "sleeper",
		Command:  []string{"sh", "-c", script},
		Record:   filepath.Join(dir, "run", "sleeper.json"),
		Log:      filepath.Join(dir, "logs", "sleeper.log"),
		Identity: "one",
	}
	t.Cleanup(func() { p.Stop(time.Second) })
	return p
}

func TestStartStop(t *testing.T) {
	p := sleeper(t, "echo hello; exec sleep 60")
	if pid, _ := p.Running(); pid != 0 {
		t.Fatalf("runs before its start: %d", pid)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	// Another command finds it by its record.
	again := *p
	if pid, current := again.Running(); pid == 0 || !current {
		t.Fatalf("not found: %d, %t", pid, current)
	}
	again.Identity = "two"
	if pid, current := again.Running(); pid == 0 || current {
		t.Fatalf("with another identity: %d, %t", pid, current)
	}
	err := p.Await(5*time.Second, func() error {
		if strings.Contains(p.Tail(1), "hello") {
			return nil
		}
		return errors.New("no greeting yet")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if pid, _ := p.Running(); pid != 0 {
		t.Fatalf("runs after its end: %d", pid)
	}
	if _, err := os.Stat(p.Record); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("record: %v", err)
	}
}

func TestStopInsists(t *testing.T) {
	p := sleeper(t, "trap '' TERM; echo ready; while :; do sleep 1; done")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.Await(5*time.Second, func() error {
		if strings.Contains(p.Tail(1), "ready") {
			return nil
		}
		return errors.New("not yet")
	})
	if err := p.Stop(200 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
}

// A process that got the id of one that has ended is not that one.
func TestStaleRecord(t *testing.T) {
	p := sleeper(t, "exec sleep 60")
	if err := os.MkdirAll(filepath.Dir(p.Record), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, stale := range []string{`{"pid":1,"started":"12345678901","identity":"one"}`, `{"pid":1`, ``} {
		if err := os.WriteFile(p.Record, []byte(stale), 0o644); err != nil {
			t.Fatal(err)
		}
		if pid, _ := p.Running(); pid != 0 {
			t.Errorf("%q: taken for process %d", stale, pid)
		}
	}
	if err := p.Stop(time.Second); err != nil {
		t.Error(err)
	}
}

func TestAwaitSeesTheEnd(t *testing.T) {
	p := sleeper(t, "sleep 0.2; echo out of luck; exit 3")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	err := p.Await(10*time.Second, func() error { return errors.New("never") })
	if err == nil || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("got %v", err)
	}
}
