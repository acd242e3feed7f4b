package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// longestWord bounds what is compared: comparing costs the product of the
// lengths, and nobody mistypes a name into something this long.
const longestWord = 64

// Suggest returns the choice that a mistyped word most likely meant. Case and
// the difference between - and _ do not count.
func Suggest(word string, choices []string) (string, bool) {
	n := utf8.RuneCountInString(word)
	if n == 0 || n > longestWord {
		return "", false
	}
	limit := max(1, (n+1)/3)
	folded := fold(word)
	best, found := "", false
	for _, c := range choices {
		if utf8.RuneCountInString(c) > longestWord {
			continue
		}
		d := levenshtein.Distance(folded, fold(c), nil)
		if d > limit {
			continue
		}
		// Being stricter from here on makes the first of equals win.
		best, found, limit = c, true, d-1
		if d == 0 {
			break
		}
	}
	return best, found
}

func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), "_", "-")
}

// didYouMean returns the suggestion as the end of a message, or nothing.
func didYouMean(word string, choices []string) string {
	s, ok := Suggest(word, choices)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", s)
}
