package build

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
)

// steps collects what BuildKit says of a build while it runs.
type steps struct {
	byDigest map[string]*step
	order    []string
	pulled   bool // layers of a base image were fetched or unpacked
	logs     map[string][]byte
}

type step struct {
	name   string
	cached bool
	failed string
	spans  map[int64]time.Time // by start; a step starts anew after a look into the cache
}

func newSteps() *steps {
	return &steps{byDigest: map[string]*step{}, logs: map[string][]byte{}}
}

// maxLog bounds what is kept of a step's output: its end.
const maxLog = 8 << 10

func (s *steps) add(st *client.SolveStatus) {
	for _, v := range st.Vertexes {
		x := s.byDigest[string(v.Digest)]
		if x == nil {
			x = &step{spans: map[int64]time.Time{}}
			s.byDigest[string(v.Digest)], s.order = x, append(s.order, string(v.Digest))
		}
		x.name, x.failed = v.Name, v.Error
		x.cached = x.cached || v.Cached
		if v.Started != nil && v.Completed != nil {
			x.spans[v.Started.UnixNano()] = *v.Completed
		}
	}
	for _, v := range st.Statuses {
		if strings.HasPrefix(v.ID, "extracting ") || strings.HasPrefix(v.ID, "sha256:") {
			s.pulled = s.pulled || strings.Contains(s.name(string(v.Vertex)), "FROM ") || strings.HasPrefix(v.ID, "extracting ")
		}
	}
	for _, l := range st.Logs {
		s.logs[string(l.Vertex)] = lastBytes(append(s.logs[string(l.Vertex)], l.Data...), maxLog)
	}
}

func lastBytes(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}

func (s *steps) name(d string) string {
	if x := s.byDigest[d]; x != nil {
		return x.name
	}
	return ""
}

// counts reports whether a vertex is a step of the Dockerfile. Sending the
// context, pulling base images and exporting are not: they depend on what was
// there before, not on the text.
func (x *step) counts() bool {
	for _, front := range []string{"[internal]", "[auth]", "exporting ", "importing ", "resolve ", "docker-image://", "local://", "sending ", "preparing ", "load "} {
		if strings.HasPrefix(x.name, front) {
			return false
		}
	}
	if strings.HasPrefix(x.name, "[") {
		_, rest, ok := strings.Cut(x.name, "] ")
		return ok && !strings.HasPrefix(rest, "FROM ")
	}
	return true
}

// Step is a step that was executed, as reports show it.
type Step struct {
	Name    string  `json:"name"`
	Whole   string  `json:"-"` // the name without its end cut off
	Seconds float64 `json:"seconds"`
	took    time.Duration
}

// executed are the steps that were run rather than taken from the cache, the
// longest first, the sum of their times and how many steps there were.
func (s *steps) executed() (out []Step, sum time.Duration, total int) {
	for _, d := range s.order {
		x := s.byDigest[d]
		if !x.counts() {
			continue
		}
		total++
		if x.cached || len(x.spans) == 0 {
			continue
		}
		took := x.took()
		sum += took
		out = append(out, Step{clip(x.name, 300), x.name, seconds(took), took})
	}
	slices.SortStableFunc(out, func(a, b Step) int { return cmp.Compare(b.took, a.took) })
	return out, sum, total
}

// took adds up a step's time spans; those that overlap count once.
func (x *step) took() (total time.Duration) {
	starts := make([]int64, 0, len(x.spans))
	for at := range x.spans {
		starts = append(starts, at)
	}
	slices.Sort(starts)
	var end time.Time
	for _, at := range starts {
		from, to := time.Unix(0, at), x.spans[at]
		if from.Before(end) {
			from = end
		}
		if to.After(from) {
			total += to.Sub(from)
			end = to
		}
	}
	return total
}

// failure is the step that failed and the end of what it printed.
func (s *steps) failure() (name, log string) {
	for _, d := range slices.Backward(s.order) {
		if x := s.byDigest[d]; x.failed != "" && x.counts() {
			return x.name, strings.ToValidUTF8(string(s.logs[d]), "\uFFFD")
		}
	}
	return "", ""
}

// Times are the repeated measurements of one thing, in seconds.
type Times struct {
	Runs   []float64 `json:"runs"`
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
}

func timesOf(runs []time.Duration) Times {
	var t Times
	for _, r := range runs {
		t.Runs = append(t.Runs, seconds(r))
	}
	if len(runs) == 0 {
		return t
	}
	sorted := slices.Sorted(slices.Values(t.Runs))
	t.Min, t.Max, t.Median = sorted[0], sorted[len(sorted)-1], sorted[len(sorted)/2]
	if n := len(sorted); n%2 == 0 {
		t.Median = (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return t
}

// String is the median with its spread.
func (t Times) String() string {
	switch len(t.Runs) {
	case 0:
		return "not measured"
	case 1:
		return fmt.Sprintf("%.1f s", t.Median)
	}
	return fmt.Sprintf("%.1f s (%.1f to %.1f in %d runs)", t.Median, t.Min, t.Max, len(t.Runs))
}
