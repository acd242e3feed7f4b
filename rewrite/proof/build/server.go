package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
)

// Server says how to ask the image's own command, a server, for an answer.
type Server struct {
	Port int
	Path string        // of an HTTP GET; "" only waits for the port
	Wait time.Duration // for the port; 30 seconds when 0
}

// Answer is what a server gave.
type Answer struct {
	Status int    `json:"status"`
	Body   string `json:"body"` // the beginning
	Type   string `json:"type,omitzero"`
	Error  string `json:"error,omitzero"` // why there is no answer
	Unable string `json:"-"`              // why it could not be asked
	sum    string
	steady bool // a second GET gave the same body
}

// maxBody bounds an answer.
const maxBody = 32 << 20

// serve starts the image's own command and asks it. The container shares the
// network of BuildKit's host where BuildKit is set up so; then the server is on
// this machine's loopback.
func (r *run) serve(ctx context.Context, c gateway.Client, ref gateway.Reference, img *image) (*Answer, error) {
	s := *r.in.Server
	if s.Wait == 0 {
		s.Wait = 30 * time.Second
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	switch {
	case !r.conn.local || !r.conn.hostNet && r.in.Network != "host":
		return &Answer{Unable: "BuildKit's containers do not share this machine's network; ask for the host network, or use a buildkitd on this machine with networkMode = \"host\""}, nil
	case listens(ctx, address):
		return &Answer{Unable: fmt.Sprintf("something else listens on port %d of this machine", s.Port)}, nil
	}
	p, err := r.start(ctx, c, ref, img, img.command())
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return &Answer{Error: "it does not start: " + clip(err.Error(), 500)}, nil
	}
	defer func() {
		p.stop()
		// The next server wants the same port.
		for range 50 {
			if ctx.Err() != nil || !listens(ctx, address) {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	until := time.After(s.Wait)
	for !listens(ctx, address) {
		select {
		case err := <-p.ended:
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			o := p.outcome(err)
			return &Answer{Error: fmt.Sprintf("it ended with exit %d before it listened: %s", o.Exit, clip(or(o.Error, lastLine(o.Stderr, o.Stdout)), 400))}, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-until:
			return &Answer{Error: fmt.Sprintf("nothing listened on port %d within %s", s.Port, s.Wait)}, nil
		case <-time.After(100 * time.Millisecond):
		}
	}
	if s.Path == "" {
		return &Answer{steady: true}, nil
	}
	return ask(ctx, "http://"+address+"/"+strings.TrimPrefix(s.Path, "/"), s.Wait)
}

func listens(ctx context.Context, address string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// ask gets a page twice, the first time as often as it takes: a server may
// listen before it answers.
func ask(ctx context.Context, url string, wait time.Duration) (*Answer, error) {
	transport := &http.Transport{} // without the proxies of the environment
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport, Timeout: wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var first *Answer
	deadline := time.Now().Add(wait)
	for {
		a, err := get(ctx, client, url)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err == nil {
			if first == nil {
				first = a
				continue
			}
			first.steady = first.sum == a.sum
			return first, nil
		}
		if time.Now().After(deadline) {
			return &Answer{Error: "it listens but does not answer: " + err.Error()}, nil
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func get(ctx context.Context, client *http.Client, url string) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	head := strings.ToValidUTF8(string(body[:min(len(body), maxOutput)]), "\uFFFD")
	return &Answer{Status: resp.StatusCode, Body: head, Type: resp.Header.Get("Content-Type"), sum: hex.EncodeToString(sum[:])}, nil
}

// compareAnswers lists what the server answers otherwise.
func compareAnswers(s *Server, b, a *Answer) (out []Change, notes []string) {
	c := Change{Kind: Service, Path: fmt.Sprintf("GET %s on port %d", or(s.Path, "(only the port)"), s.Port)}
	switch {
	case b.Unable != "" || a.Unable != "":
		return nil, []string{"the server was not asked: " + or(b.Unable, a.Unable)}
	case b.Error != "":
		return nil, []string{"the server of the image before gave no answer to compare with: " + b.Error}
	case a.Error != "":
		c.What, c.Before, c.After, c.Breaks = "answer", fmt.Sprintf("status %d", b.Status), a.Error, true
		return []Change{c}, nil
	case b.Status != a.Status:
		c.What, c.Before, c.After, c.Breaks = "status", strconv.Itoa(b.Status), strconv.Itoa(a.Status), b.Status < 400 && a.Status >= 400
		return []Change{c}, nil
	case !b.steady:
		return nil, []string{"the server before answers each GET with another body, so that only the status was compared"}
	case b.sum != a.sum:
		c.What = "body"
		c.Before, c.After = firstDifference(Outcome{Stdout: b.Body}, Outcome{Stdout: a.Body}), firstDifference(Outcome{Stdout: a.Body}, Outcome{Stdout: b.Body})
		return []Change{c}, nil
	}
	return nil, nil
}
