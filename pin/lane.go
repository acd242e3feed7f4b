package pin

import (
	"context"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// lane is the traffic with one host: how many requests are under way, and
// until when the host told us to wait.
type lane struct {
	slots chan struct{}

	mu    sync.Mutex
	until time.Time
	cause int // the HTTP status that closed the lane
}

func newLane(parallel int) *lane { return &lane{slots: make(chan struct{}, parallel)} }

func (l *lane) enter(ctx context.Context) error {
	// Select picks at random where both are ready; a context that has ended
	// must never send.
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lane) leave() { <-l.slots }

// close keeps the lane shut until the time given. A later time stands.
func (l *lane) close(until time.Time, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.until) {
		l.until, l.cause = until, status
	}
}

func (l *lane) closed() (time.Time, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until, l.cause
}

// patience is what one request may still wait because a host said so.
type patience struct {
	left  time.Duration
	slept time.Time // the closing time already sat out
}

// ready waits until the host may be asked. It fails at once where that takes
// longer than the patience left.
func (r *Resolver) ready(ctx context.Context, l *lane, host string, p *patience) error {
	for {
		until, status := l.closed()
		now := r.now()
		// A time sat out once is over even if the clock disagrees with the sleep.
		if !until.After(now) || !until.After(p.slept) {
			return nil
		}
		d := until.Sub(now)
		if d > p.left {
			return limited(host, status, until, now, "try again later")
		}
		p.left -= d
		p.slept = until
		if err := r.sleep(ctx, d); err != nil {
			return err
		}
	}
}

// maxRetryAfter keeps a silly Retry-After from overflowing a time.Duration.
const maxRetryAfter = 10 * 365 * 24 * time.Hour

// retryAfter reads the header of that name, in seconds or as a date. It is 0
// where there is none, none to be read, or none in the future.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseUint(v, 10, 64); err == nil {
		if n > uint64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(n) * time.Second
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(t.Sub(now), 0), maxRetryAfter)
}

// backoff is the pause before the next attempt: 0.5 s, 1 s, 2 s and up to a
// tenth more, which depends on the address only so that runs are repeatable.
func backoff(attempt int, url string) time.Duration {
	base := 500 * time.Millisecond << (attempt - 1)
	h := fnv.New32a()
	h.Write([]byte(url))
	h.Write([]byte{byte(attempt)})
	return base + base*time.Duration(h.Sum32()%100)/1000
}

// realSleep waits for d or until the context ends.
func realSleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
