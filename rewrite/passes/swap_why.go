package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base"
)

// why is what the swap gains and what it has seen to, with the numbers that the
// table of base images has.
func (s *swap) why() string {
	var parts []string
	from, exact1 := s.from.Packages()
	to, exact2 := s.to.Packages()
	if exact1 != base.Unknown && exact2 != base.Unknown && len(from) != len(to) {
		text := fmt.Sprintf("%s has %d packages, %s %d", s.from.Short(), len(from), tagOf(s.to), len(to))
		if source := s.to.PackagesSource(); source != "" {
			text += " (" + source + ")"
		}
		parts = append(parts, text)
	}
	_, big, source := s.from.Size()
	_, small, _ := s.to.Size()
	if big > 0 && small > 0 {
		parts = append(parts, fmt.Sprintf("%.0f MB unpacked, and %.0f MB (%s)", big, small, source))
	}
	if len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("the same image with less in it (%s)", s.to.Source))
	}
	if len(s.kept) > 0 {
		slices.Sort(s.kept)
		parts = append(parts, "installed: "+strings.Join(slices.Compact(s.kept), ", "))
	}
	parts = append(parts, s.notes...)
	return strings.Join(parts, "; ")
}
