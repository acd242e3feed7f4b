package shell

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestRecent: the same text gives the same script, in each dialect its own, and
// what is kept stays within its bounds.
func TestRecent(t *testing.T) {
	a, _ := Read("echo $'a'", POSIX)
	b, _ := Read("echo $'a'", Bash)
	again, _ := Read("echo $'a'", POSIX)
	if a == b || a != again {
		t.Error("a script is not kept, or for the wrong dialect")
	}
	for i := range 5 * maxRecent {
		if _, err := Read(fmt.Sprintf("echo %d", i), POSIX); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(recent.young) + len(recent.old); n > 2*maxRecent || n < maxRecent {
		t.Errorf("%d scripts are kept", n)
	}
	for i := range 100 {
		if _, err := Read(strings.Repeat(" ", 30<<10)+fmt.Sprint("echo ", i), POSIX); err != nil {
			t.Fatal(err)
		}
	}
	size := 0
	for _, generation := range []map[readKey]*Script{recent.young, recent.old} {
		for key := range generation {
			size += len(key.script)
		}
	}
	if size > 2*maxRecentBytes {
		t.Errorf("%d bytes are kept", size)
	}
	if _, err := Read("echo (", POSIX); err == nil {
		t.Error("what does not parse is taken")
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 2000 {
				text := fmt.Sprintf("echo %d", i%700)
				if s, err := Read(text, POSIX); err != nil || s.Text != text {
					t.Errorf("%s: %v, %v", text, s, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
