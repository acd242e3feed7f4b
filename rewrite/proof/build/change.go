package build

import "fmt"

// Kind says what a change concerns.
type Kind string

// The kinds of changes.
const (
	Config  Kind = "config"  // a field of the image configuration
	File    Kind = "file"    // a file of the final image
	Package Kind = "package" // a Debian package
	Library Kind = "library" // a library that a program needs
	Program Kind = "program" // what a script, ENTRYPOINT, CMD or HEALTHCHECK runs
	Smoke   Kind = "smoke"   // a smoke command
	Service Kind = "server"  // what the server answers
)

// Class says whether a change counts.
type Class string

// The classes. The zero value is the one that counts.
const (
	Unexpected Class = ""
	Expected   Class = "expected" // what the rewrite says it does
	Volatile   Class = "volatile" // differs from build to build by its nature
	Unstable   Class = "unstable" // differs between two builds of before, too
)

// Change is one difference between the images.
type Change struct {
	Kind   Kind   `json:"kind"`
	What   string `json:"what"` // added, removed, content, mode, owner, type, link, device, xattr, missing, value, exit, output
	Path   string `json:"path"` // or the field, or the command
	Before string `json:"before,omitzero"`
	After  string `json:"after,omitzero"`
	Class  Class  `json:"class,omitzero"`
	Why    string `json:"why,omitzero"`
	Files  int    `json:"files,omitzero"`  // below a folder that came or went whole; more scripts of the same need
	Bytes  int64  `json:"bytes,omitzero"`  // of files that came or went
	Breaks bool   `json:"breaks,omitzero"` // the image after does not work
}

// String is the change in a line.
func (c Change) String() string {
	s := fmt.Sprintf("%s %s: %s", c.Kind, c.Path, c.What)
	switch {
	case c.Before != "" && c.After != "":
		s += fmt.Sprintf(" (%s → %s)", clip(c.Before, 100), clip(c.After, 100))
	case c.Before != "":
		s += fmt.Sprintf(" (was %s)", clip(c.Before, 100))
	case c.After != "":
		s += fmt.Sprintf(" (now %s)", clip(c.After, 100))
	}
	switch {
	case c.Files > 0 && c.Kind == File:
		s += fmt.Sprintf(", with %s below it", count(c.Files, "file"))
	case c.Files > 0:
		s += fmt.Sprintf(", and %d more", c.Files)
	}
	if c.Bytes > 0 {
		s += ", " + bytesText(c.Bytes)
	}
	if c.Why != "" {
		s += ": " + c.Why
	}
	return s
}

// count is a number with its noun: 1 file, 2 files.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// bytesText is a size as people read it.
func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}
