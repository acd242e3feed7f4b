package pin

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The kinds of failure. An *Error Is exactly one of them.
var (
	// ErrNotFound: the registry answers and has no such tag, digest or repository.
	ErrNotFound = errors.New("not found")
	// ErrDenied: the registry or its token server wants other credentials, or any.
	ErrDenied = errors.New("access denied")
	// ErrLimited: we are to wait longer than we may, or were put off too often.
	ErrLimited = errors.New("requests limited")
	// ErrUnreachable: no usable connection or only server errors.
	ErrUnreachable = errors.New("registry unreachable")
	// ErrBadAnswer: the answer is not what the protocol asks for.
	ErrBadAnswer = errors.New("bad answer")
	// ErrNotAllowed: our own rules forbid the request.
	ErrNotAllowed = errors.New("not allowed")
	// ErrOffline: nothing may be asked and the cache does not know.
	ErrOffline = errors.New("offline")
	// ErrReference: the reference cannot be read.
	ErrReference = errors.New("bad reference")
)

// Error is why a reference has no answer.
type Error struct {
	Ref    string    // the reference asked about
	Host   string    // who failed, as users know it: docker.io for Docker Hub
	Status int       // HTTP status; 0 where none came
	Kind   error     // one of the sentinels
	Until  time.Time // ErrLimited: when the host may be asked again; zero if it did not say
	Err    error     // the words, and the cause

	mirrors []error // what the endpoints before this one said
}

// Error says who failed and how; what mirrors said comes first. It holds no
// credentials, and text of a server only quoted and cut.
func (e *Error) Error() string {
	var b strings.Builder
	for _, m := range e.mirrors {
		b.WriteString(m.Error())
		b.WriteString("; ")
	}
	if e.Host != "" {
		b.WriteString(e.Host)
		b.WriteString(": ")
	}
	if e.Err == nil {
		return b.String() + e.Kind.Error()
	}
	return b.String() + e.Err.Error()
}

// Unwrap leaves the mirrors out: what a mirror lacks says nothing of the
// registry, and a digest is only gone when the last one asked says so.
func (e *Error) Unwrap() []error {
	all := make([]error, 0, 2)
	if e.Kind != nil {
		all = append(all, e.Kind)
	}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

// reason gives a cause our own words. The cause stays reachable for errors.As.
type reason struct {
	text  string
	cause error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.cause }

func failure(kind error, host string, format string, args ...any) *Error {
	return &Error{Kind: kind, Host: host, Err: fmt.Errorf(format, args...)}
}

// toError makes an *Error of any error; words that are not ours are quoted.
func toError(err error, host string) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: ErrUnreachable, Host: host, Err: &reason{"request failed: " + quote(err.Error()), err}}
}

// join makes one error of what several endpoints said. The last one decides the kind.
func join(failed []*Error) *Error {
	last := *failed[len(failed)-1]
	for _, e := range failed[:len(failed)-1] {
		last.mirrors = append(last.mirrors, e)
	}
	return &last
}

// about is a copy of the error that names the reference: the error itself may
// be remembered for others.
func about(ref string, err *Error) *Error {
	e := *err
	e.Ref = ref
	return &e
}

// limited is a 429 or 503. The zero until means the host did not say.
func limited(host string, status int, until, now time.Time, advice string) *Error {
	when := ""
	if !until.IsZero() {
		layout := "15:04:05"
		if until.Sub(now) > 12*time.Hour {
			layout = time.DateTime
		}
		when = " until " + until.In(now.Location()).Format(layout)
	}
	what := "limited our requests (429)"
	if status != 429 {
		what = fmt.Sprintf("is not available (%d)", status)
	}
	e := failure(ErrLimited, host, "%s%s; %s", what, when, advice)
	e.Status, e.Until = status, until
	return e
}

// maxServerText is how much of a server's own words is shown, in bytes.
const maxServerText = 200

// quote makes foreign text safe to print: bounded, with every control and
// format character escaped.
func quote(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > maxServerText {
		cut := maxServerText
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strconv.QuoteToGraphic(s)
}

func isKind(err, kind error) bool { return err != nil && errors.Is(err, kind) }
