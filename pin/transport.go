package pin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	maxAttempts  = 4
	maxRedirects = 5
	// maxBody bounds every answer that [allowing] does not let be larger, in bytes:
	// what the OCI distribution specification recommends for manifests.
	maxBody = 4 << 20
	// maxErrorBody is how much of a refusal is read, in bytes.
	maxErrorBody = 64 << 10
)

// errScheme stops the attempt to reach a registry by the scheme it is not set up for.
var errScheme = errors.New("not the scheme of this registry")

// errSlow is why a request ended that took longer than Options.Timeout.
var errSlow = errors.New("no answer in time")

// wire carries every request that asking one registry leads to, its token
// server and redirects included. It is where all limits are kept, whoever the
// http.Client is.
type wire struct {
	r         *Resolver
	scheme    string // of the registry
	host      string // of the registry, host[:port]
	trust     http.RoundTripper
	strangers http.RoundTripper // for other hosts: a certificate that is not checked is excused for the registry alone
}

// RoundTrip sends the request, again where that may help. The body of the
// answer is bounded in time and size, and holds a place in the host's lane
// until it is closed.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := w.check(req); err != nil {
		return nil, err
	}
	var (
		ctx  = req.Context()
		host = hostLabel(req.URL.Host)
		l    = w.r.lane(req.URL.Host)
		p    = &patience{left: w.r.opt.MaxWait}
	)
	for attempt := 1; ; attempt++ {
		if err := w.r.ready(ctx, l, host, p); err != nil {
			return nil, err
		}
		resp, err := w.once(req, l)
		pause, err := w.judge(req, resp, err, l, attempt)
		if err != nil {
			return nil, err
		}
		if pause < 0 {
			return resp, nil
		}
		if pause == 0 {
			continue // ready waits
		}
		if err := w.r.sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// judge decides what follows an attempt: a pause before the next one, 0 where
// the lane itself is closed for a while, or -1 where the answer stands.
func (w *wire) judge(req *http.Request, resp *http.Response, err error, l *lane, attempt int) (time.Duration, error) {
	host := hostLabel(req.URL.Host)
	if err != nil {
		if cut := req.Context().Err(); cut != nil {
			return 0, cut
		}
		if attempt == maxAttempts || req.Method == http.MethodPost || !broken(err) {
			return 0, explain(host, err)
		}
		return backoff(attempt, req.URL.String()), nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		now := w.r.now()
		told := retryAfter(resp.Header, now)
		discard(resp)
		var until time.Time
		if told > 0 {
			until = now.Add(told)
			l.close(until, resp.StatusCode)
		}
		if attempt == maxAttempts {
			return 0, limited(host, resp.StatusCode, until, now, "try again later")
		}
		if told > 0 {
			return 0, nil
		}
		return backoff(attempt, req.URL.String()), nil
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		discard(resp)
		if attempt < maxAttempts {
			return backoff(attempt, req.URL.String()), nil
		}
		e := failure(ErrUnreachable, host, "fails with status %d, asked %d times", resp.StatusCode, attempt)
		e.Status = resp.StatusCode
		return 0, e
	}
	// To follow would carry a refresh token to wherever the answer points.
	if req.Method == http.MethodPost && resp.StatusCode/100 == 3 {
		discard(resp)
		return 0, failure(ErrNotAllowed, host, "its token server sends us elsewhere with our credentials")
	}
	return -1, nil
}

// check holds the rules for redirects, on each hop: http.Client leaves in
// Request.Response the answer that led here.
func (w *wire) check(req *http.Request) error {
	host := hostLabel(req.URL.Host)
	if req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		return failure(ErrNotAllowed, host, "we are sent to an address that is not http")
	}
	if req.Response == nil && req.URL.Host == w.host && req.URL.Scheme != w.scheme {
		return errScheme
	}
	first, hops := req, 0
	for first.Response != nil && first.Response.Request != nil {
		from := first.Response.Request
		if from.URL.Scheme == "https" && first.URL.Scheme == "http" {
			return failure(ErrNotAllowed, hostLabel(from.URL.Host), "it redirects from https to plain http")
		}
		first = from
		hops++
	}
	if hops > maxRedirects {
		return failure(ErrBadAnswer, hostLabel(first.URL.Host), "it redirects more than %d times", maxRedirects)
	}
	return nil
}

// once sends the request a single time.
func (w *wire) once(req *http.Request, l *lane) (*http.Response, error) {
	if err := l.enter(req.Context()); err != nil {
		return nil, err
	}
	// The time starts when it is our turn, not while we queue.
	ctx, cancel := context.WithTimeoutCause(req.Context(), w.r.opt.Timeout, errSlow)
	end := sync.OnceFunc(func() {
		cancel()
		l.leave()
	})
	out := req.Clone(ctx)
	out.Header.Set("User-Agent", w.r.opt.UserAgent)
	if req.Response != nil && !sameHost(first(req).URL, req.URL) {
		out.Header.Del("Authorization")
	}
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			end()
			return nil, err
		}
		out.Body = body
	}
	w.r.count(req.Method)
	through := w.strangers
	if req.URL.Host == w.host {
		through = w.trust
	}
	resp, err := through.RoundTrip(out)
	if err != nil {
		slow := context.Cause(ctx) == errSlow
		end()
		if slow && req.Context().Err() == nil {
			return nil, w.slow(req)
		}
		return nil, err
	}
	limit := bodyLimit(req.Context())
	resp.Body = &body{in: resp.Body, left: limit, end: end, explain: func(err error) error {
		if cut := req.Context().Err(); cut != nil {
			return cut
		}
		if context.Cause(ctx) == errSlow {
			return w.slow(req)
		}
		if err == io.EOF {
			return err
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return failure(ErrBadAnswer, hostLabel(req.URL.Host), "its answer is truncated")
		}
		return explain(hostLabel(req.URL.Host), err)
	}, large: func() error {
		return tooLarge(hostLabel(req.URL.Host), limit)
	}}
	return resp, nil
}

func (w *wire) slow(req *http.Request) *Error {
	return &Error{Kind: ErrUnreachable, Host: hostLabel(req.URL.Host), Err: &reason{"no answer within " + w.r.opt.Timeout.String(), errSlow}}
}

func tooLarge(host string, limit int64) *Error {
	return failure(ErrBadAnswer, host, "its answer is larger than %d MiB", limit>>20)
}

type limitKey struct{}

// allowing lets the answers to requests with the context be of another size, in
// bytes, than maxBody.
func allowing(ctx context.Context, limit int64) context.Context {
	return context.WithValue(ctx, limitKey{}, limit)
}

// bodyLimit is how large an answer may be, in bytes.
func bodyLimit(ctx context.Context) int64 {
	if limit, ok := ctx.Value(limitKey{}).(int64); ok {
		return limit
	}
	return maxBody
}

// first is the request that a chain of redirects began with.
func first(req *http.Request) *http.Request {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	return req
}

func sameHost(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// body is the bounded body of an answer.
type body struct {
	in      io.ReadCloser
	left    int64
	end     func()
	explain func(error) error
	large   func() error
}

func (b *body) Read(p []byte) (int, error) {
	// One byte more than allowed is asked for, to tell full from too large.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.in.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		b.left = 0
		return n, b.large()
	}
	b.left -= int64(n)
	// The end counts too: a server that sees us hang up may close its answer as
	// if it were whole.
	if err != nil {
		err = b.explain(err)
	}
	return n, err
}

func (b *body) Close() error {
	defer b.end()
	return b.in.Close()
}

// discard reads what little an answer still has, so that its connection can
// be used again, and closes it.
func discard(resp *http.Response) {
	// What fails here costs a connection and nothing else.
	_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody)
	_ = resp.Body.Close()
}
