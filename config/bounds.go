package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What numbers and durations may be. A year is as good as for ever.
const (
	maxNumber   = 64
	maxDuration = 365 * day
	day         = 24 * time.Hour
	agePattern  = `^([0-9]+d|([0-9]+(\.[0-9]+)?(ms|s|m|h))+)$`
)

var ageForm = regexp.MustCompile(agePattern)

// parseAge reads a duration as Go writes it, or whole days.
func parseAge(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if !ageForm.MatchString(text) {
		return 0, fmt.Errorf("expected a duration such as 30m, 12h or 7d, found %s", quote(text))
	}
	var d time.Duration
	var err error
	if digits, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(digits, 10, 16)
		d = time.Duration(n) * day // at most 65535
	} else {
		d, err = time.ParseDuration(text)
	}
	// What does not fit a number is too long as well.
	if err != nil || d > maxDuration {
		return 0, fmt.Errorf("expected a duration from 0s to %dd, found %s", maxDuration/day, quote(text))
	}
	return d, nil
}

// parseNumber reads a whole number.
func parseNumber(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > maxNumber {
		return 0, fmt.Errorf("expected a whole number from 1 to %d, found %s", maxNumber, quote(text))
	}
	return n, nil
}
