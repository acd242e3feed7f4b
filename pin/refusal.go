package pin

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// serverError is the body of a refusal.
type serverError struct {
	Errors []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

// refused makes an error of an answer that is not the one hoped for, and
// closes it. what is asked for, as in "tag 3.11 of library/python".
func (s *station) refused(resp *http.Response, login bool, what, repo string) *Error {
	settle(resp)
	var body serverError
	// Many registries answer with a page; then only the status counts.
	_ = json.NewDecoder(resp.Body).Decode(&body)
	code, message := "", ""
	if len(body.Errors) > 0 {
		code, message = body.Errors[0].Code, body.Errors[0].Message
	}
	var e *Error
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return denied(s.label, resp.StatusCode, login, message)
	case http.StatusNotFound:
		switch code {
		case "NAME_UNKNOWN":
			e = failure(ErrNotFound, s.label, "there is no repository %s (404)", repo)
		case "MANIFEST_UNKNOWN":
			e = failure(ErrNotFound, s.label, "there is no %s (404)", what)
		default:
			e = failure(ErrNotFound, s.label, "there is no %s, or no such repository (404)", what)
		}
	default:
		if code != "" {
			message = code + ": " + message
		}
		e = failure(ErrBadAnswer, s.label, "answers with status %d for %s%s", resp.StatusCode, what, serverSays(message))
	}
	e.Status = resp.StatusCode
	return e
}

func denied(host string, status int, login bool, said string) *Error {
	sent := "no credentials were sent; if it is private, log in with: docker login " + host
	if login {
		sent = "the credentials sent do not allow it; log in anew with: docker login " + host
	}
	e := failure(ErrDenied, host, "access denied (%d)%s; it may not exist; %s", status, serverSays(said), sent)
	e.Status = status
	return e
}

func serverSays(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(", it says %s", quote(text))
}
