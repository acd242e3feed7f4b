package debian

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	maxTries     = 3
	maxRedirects = 5
	stall        = time.Minute // without a byte, after which a transfer is given up
)

// fetcher gets files from mirrors. Nothing it returns is to be believed unless a
// digest was given.
type fetcher struct {
	client *http.Client
	agent  string
}

func newFetcher(transport http.RoundTripper, agent string) *fetcher {
	return &fetcher{agent: agent, client: &http.Client{
		Transport: transport,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("redirected more than %d times", maxRedirects)
			}
			if req.URL.Scheme != "https" && (req.URL.Scheme != "http" || via[0].URL.Scheme == "https") {
				return errors.New("redirected away from https")
			}
			return nil
		},
	}}
}

// errMissing is a file that the mirror does not have.
var errMissing = errors.New("the mirror does not have it")

// get reads a file of at most limit bytes. With a digest (SHA-256 in hexadecimal
// digits) the file must have exactly that size and digest.
func (f *fetcher) get(ctx context.Context, address string, limit int64, digest string) ([]byte, error) {
	var err error
	for try := range maxTries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Duration(try) * 500 * time.Millisecond):
			}
		}
		var data []byte
		var again bool
		data, again, err = f.once(ctx, address, limit)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && digest != "" {
			sum := sha256.Sum256(data)
			if int64(len(data)) != limit || hex.EncodeToString(sum[:]) != digest {
				// Once more: a mirror in the middle of an update mends itself.
				err, again = errors.New("size or SHA-256 is not what the archive's index says"), true
			}
		}
		if err == nil {
			return data, nil
		}
		if !again {
			break
		}
	}
	return nil, fmt.Errorf("%s: %w", shown(address), err)
}

// once reads a file a single time, and tells whether another try may help.
func (f *fetcher) once(ctx context.Context, address string, limit int64) (data []byte, again bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(stall, func() { cancel(errors.New("no answer in time")) })
	defer idle.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, false, errors.New("this is no address")
	}
	req.Header.Set("User-Agent", f.agent)
	resp, err := f.client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // the address stands before it already
		}
		return nil, true, slow(ctx, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, false, errMissing
	case resp.StatusCode != http.StatusOK:
		return nil, resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests, fmt.Errorf("the mirror answers with status %d", resp.StatusCode)
	case resp.ContentLength > limit:
		return nil, false, fmt.Errorf("it is larger than %d bytes", limit)
	}
	var out bytes.Buffer
	if resp.ContentLength > 0 {
		out.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := out.ReadFrom(io.LimitReader(&ticking{resp.Body, idle}, limit+1))
	switch {
	case err != nil:
		return nil, true, slow(ctx, err)
	case n > limit:
		return nil, false, fmt.Errorf("it is larger than %d bytes", limit)
	}
	return out.Bytes(), false, nil
}

func slow(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// ticking puts off the end of a transfer as long as bytes come.
type ticking struct {
	io.Reader
	idle *time.Timer
}

func (t *ticking) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if n > 0 {
		t.idle.Reset(stall)
	}
	return n, err
}

// shown is an address without what may be a password in it.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	return u.Redacted()
}
