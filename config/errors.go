package config

import (
	"errors"
	"fmt"
)

// mostErrors bounds what is reported for one file: beyond it the file is most
// likely not a configuration at all.
const mostErrors = 20

// Error is one thing wrong in a file. An error returned for a file joins all
// that were found, so use errors.As or unwrap the list.
type Error struct {
	File    string // as shown to the user
	Line    int    // from 1; 0 when it concerns the whole file
	Col     int    // from 1, in characters
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Message)
}

// joinFound joins the errors of one file, at most mostErrors of them.
func joinFound(file string, errs []error) error {
	if len(errs) > mostErrors {
		errs = append(errs[:mostErrors:mostErrors], &Error{
			File:    file,
			Message: "more errors follow, fix the ones above first",
		})
	}
	return errors.Join(errs...)
}
