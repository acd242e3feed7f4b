package project

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// HistoryFormat is what git log has to be told, besides -z and --name-status, for
// [ReadHistory] to read what it prints.
const HistoryFormat = "--format=format:%x01"

// Limits bound a history. A zero field stands for the largest bound.
type Limits struct {
	Commits int   // 50,000 at most
	Bytes   int64 // of git's output, 256 MiB at most
	Paths   int   // different ones, 500,000 at most
}

const (
	maxCommits      = 50_000
	maxHistoryBytes = 256 << 20
	maxHistoryPaths = 500_000
	maxTouches      = 20_000_000 // of a path by a commit
	maxPathBytes    = 1 << 16
)

func (l Limits) orLargest() Limits {
	pick := func(n, most int) int {
		if n <= 0 || n > most {
			return most
		}
		return n
	}
	return Limits{pick(l.Commits, maxCommits), int64(pick(int(min(l.Bytes, maxHistoryBytes)), maxHistoryBytes)), pick(l.Paths, maxHistoryPaths)}
}

// ReadHistory reads what git log -z --name-status -M prints in [HistoryFormat],
// newest commit first; commits that touch nothing do not count. Renames are
// followed: what older commits did to the former name counts for the new one. At a
// bound it stops and History.Stopped says so. On an error it gives the commits that
// were read whole before it.
func ReadHistory(r io.Reader, l Limits) (*History, error) {
	l = l.orLargest()
	in := &historyReader{in: bufio.NewReaderSize(r, maxPathBytes), limits: l, ids: map[string]int32{}, names: map[string]int32{}}
	err := in.all()
	return in.history(), err
}

type historyReader struct {
	in      *bufio.Reader
	limits  Limits
	read    int64
	touches int

	commits int
	now     []int32          // what the commit being read touches
	renamed []rename         // in it
	ids     map[string]int32 // by the last name of a path
	names   map[string]int32 // by the name that commits from here on have for it
	paths   []string
	touched [][]int32
	stopped string
}

type rename struct {
	from string
	to   int32
}

// token reads up to the next NUL byte. What it gives is valid until the next one.
func (h *historyReader) token() ([]byte, error) {
	data, err := h.in.ReadSlice(0)
	h.read += int64(len(data))
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("a path in the history has more than %d bytes", maxPathBytes)
	case errors.Is(err, io.EOF):
		return data, err
	case err != nil:
		return nil, err
	}
	return data[:len(data)-1], nil
}

// all reads the commits. Each is \x01, and where it touches something a line feed,
// its changes and an empty token: git sets apart with NUL what it prints.
func (h *historyReader) all() error {
	for {
		t, err := h.token()
		if errors.Is(err, io.EOF) {
			if len(t) > 0 && t[0] != 1 {
				return io.ErrUnexpectedEOF
			}
			h.end()
			if len(t) > 1 {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		if len(t) == 0 {
			continue // the end of a commit
		}
		if t[0] == 1 {
			h.end()
			if t = t[1:]; len(t) == 0 {
				continue // it touches nothing
			}
			if t[0] != '\n' {
				return errors.New("the history is not in the format that was asked for")
			}
			t = t[1:]
			if h.commits == h.limits.Commits {
				h.stopped = fmt.Sprintf("only the newest %d commits were looked at", h.commits)
			}
		}
		if h.stopped = h.bound(); h.stopped != "" {
			h.now, h.renamed = nil, nil
			return nil
		}
		if err := h.change(t); err != nil {
			return err
		}
	}
}

// bound says which bound is met.
func (h *historyReader) bound() string {
	switch {
	case h.stopped != "":
		return h.stopped
	case h.read > h.limits.Bytes:
		return fmt.Sprintf("only the newest %d commits were looked at: what they touch is more than %d bytes", h.commits, h.limits.Bytes)
	case len(h.paths) > h.limits.Paths:
		return fmt.Sprintf("only the newest %d commits were looked at: they touch more than %d files", h.commits, h.limits.Paths)
	case h.touches >= maxTouches:
		return fmt.Sprintf("only the newest %d commits were looked at: they touch %d files in all", h.commits, maxTouches)
	}
	return ""
}

// change reads what a commit did to a path, whose status is read already.
func (h *historyReader) change(status []byte) error {
	if len(status) == 0 || status[0] < 'A' || status[0] > 'X' {
		return errors.New("the history is not in the format that was asked for")
	}
	kind := status[0]
	name, err := h.path()
	if err != nil {
		return err
	}
	if kind != 'R' && kind != 'C' {
		h.touch(name)
		return nil
	}
	// The former name counts by itself as well: a folder that it was in is one
	// that the commit touched. What a copy was made of did not change.
	from := string(name)
	if kind == 'R' {
		h.touch(name)
	}
	if name, err = h.path(); err != nil {
		return err
	}
	if id := h.touch(name); kind == 'R' && from != string(name) {
		h.renamed = append(h.renamed, rename{from, id})
	}
	return nil
}

// path reads a path; a link, a device or a submodule is one like any other. It is
// valid until the next token.
func (h *historyReader) path() ([]byte, error) {
	t, err := h.token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF // git ends the last one with NUL, too
	case err != nil:
		return nil, err
	case len(t) == 0 || t[0] == '/':
		return nil, fmt.Errorf("the history has a path %q", t)
	}
	return t, nil
}

func (h *historyReader) touch(name []byte) int32 {
	id, ok := h.names[string(name)]
	if !ok {
		id = h.id(string(name))
		h.names[string(name)] = id
	}
	h.now = append(h.now, id)
	h.touches++
	return id
}

func (h *historyReader) id(name string) int32 {
	id, ok := h.ids[name]
	if !ok {
		id = int32(len(h.paths))
		h.ids[name] = id
		h.paths, h.touched = append(h.paths, name), append(h.touched, nil)
	}
	return id
}

// end closes the commit that was read. Only now do its renames count: two files
// may have changed names.
func (h *historyReader) end() {
	if len(h.now) == 0 {
		return
	}
	for _, id := range h.now {
		if at := h.touched[id]; len(at) == 0 || at[len(at)-1] != int32(h.commits) {
			h.touched[id] = append(at, int32(h.commits))
		}
	}
	for _, r := range h.renamed {
		h.names[r.from] = r.to
	}
	h.commits++
	h.now, h.renamed = h.now[:0], h.renamed[:0]
}

// history sorts what was read by path. Names that are no paths are left out.
func (h *historyReader) history() *History {
	out := &History{commits: h.commits, stopped: h.stopped}
	order := make([]int, 0, len(h.paths))
	for i, name := range h.paths {
		if fs.ValidPath(name) && len(h.touched[i]) > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(h.paths[a], h.paths[b]) })
	out.paths, out.touched = make([]string, len(order)), make([][]int32, len(order))
	for i, k := range order {
		out.paths[i], out.touched[i] = h.paths[k], h.touched[k]
	}
	return out
}
