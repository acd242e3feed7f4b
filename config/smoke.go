package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// SmokeCommand is a command that shows that an image works. Exactly one of
// Argv and Shell is set.
type SmokeCommand struct {
	Argv   []string // exec form: the program and its arguments
	Shell  string   // shell form: run by the image's shell
	Output bool     // the output must be the same too, not only the exit code
}

// String returns the command as --smoke takes it.
func (c SmokeCommand) String() string {
	if c.Argv == nil {
		return c.Shell
	}
	return jsonText(c.Argv)
}

// Server says how the program that an image starts is asked whether it works.
type Server struct {
	Port int
	Path string        // begins with a slash, may hold a query
	Wait time.Duration // how long it may take until the port answers
}

// SmokeOutputFor reports whether the output of a command must be the same:
// because it says so or because all do.
func (s Settings) SmokeOutputFor(c SmokeCommand) bool {
	return c.Output || s.SmokeOutput
}

// What commands and servers may be. The first two are far above anything
// useful and bound what aliases can make of a file.
const (
	maxCommands   = 100
	maxArgs       = 1000 // of one command
	maxPort       = 65535
	maxWait       = time.Hour
	defaultPath   = "/"
	defaultWait   = 30 * time.Second
	pathPattern   = `^/[!"$-~]*$` // printable ASCII without space and #
	waitPattern   = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	listInAString = `^\s*\[\s*"`
)

var (
	serverPath = regexp.MustCompile(pathPattern)
	serverWait = regexp.MustCompile(waitPattern)
	listLike   = regexp.MustCompile(listInAString)
)

// parseCommands reads the values of --smoke as JoinList joins them.
func parseCommands(text string) (any, error) {
	items := splitList(text)
	if len(items) > maxCommands {
		return nil, fmt.Errorf("more than %d commands, remove some", maxCommands)
	}
	var out []SmokeCommand
	for _, item := range items {
		c, err := parseCommand(item)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// parseCommand reads one value of --smoke. As in a Dockerfile, a JSON array of
// strings is the exec form, which leaves [ -f /x ] to the shell. What only
// begins like one is a mistake: no shell has a program of such a name.
func parseCommand(text string) (SmokeCommand, error) {
	var parts []any
	err := json.Unmarshal([]byte(text), &parts)
	switch {
	case err != nil && listLike.MatchString(text):
		return SmokeCommand{}, fmt.Errorf("expected a JSON array of strings, found %s: %w", quote(text), err)
	case err != nil || parts == nil:
		return SmokeCommand{Shell: text}, checkShell(text)
	}
	argv := make([]string, 0, len(parts))
	for _, p := range parts {
		arg, ok := p.(string)
		if !ok {
			return SmokeCommand{}, fmt.Errorf("expected a JSON array of strings, found %s, quote every item", quote(text))
		}
		argv = append(argv, arg)
	}
	return SmokeCommand{Argv: argv}, checkArgv(argv)
}

// checkShell refuses a command that cannot be run.
func checkShell(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("expected a command, found an empty one, remove it")
	}
	return checkArgs([]string{text})
}

// checkArgv refuses a list that cannot be run.
func checkArgv(argv []string) error {
	if len(argv) == 0 || strings.TrimSpace(argv[0]) == "" {
		return errors.New("expected a program as the first item of a command, found none")
	}
	if len(argv) > maxArgs {
		return fmt.Errorf("more than %d arguments, use a script", maxArgs)
	}
	return checkArgs(argv)
}

func checkArgs(args []string) error {
	for _, arg := range args {
		if strings.ContainsRune(arg, 0) {
			return errors.New("expected a command, found a zero byte in it, remove it")
		}
	}
	return nil
}

// parsePaths reads a list of paths.
func parsePaths(text string) (any, error) {
	items := splitList(text)
	for i, item := range items {
		var err error
		if items[i], err = contextPath(item); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// contextPath returns a path relative to the build context in its short form.
func contextPath(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errors.New("expected a path, found an empty one, remove it")
	}
	if strings.ContainsRune(text, 0) {
		return "", errors.New("expected a path, found a zero byte in it, remove it")
	}
	if strings.HasPrefix(text, "/") {
		return "", fmt.Errorf("path %s is absolute, make it relative to the build context", quote(text))
	}
	clean := path.Clean(text)
	if clean == "." {
		return "", fmt.Errorf("path %s is the build context itself, name a file in it", quote(text))
	}
	if !fs.ValidPath(clean) {
		return "", fmt.Errorf("path %s leaves the build context, name a file in it", quote(text))
	}
	return clean, nil
}

// parseWait reads how long to wait for a server.
func parseWait(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || !serverWait.MatchString(text) {
		return 0, fmt.Errorf("expected a duration such as 30s or 2m, found %s", quote(text))
	}
	if d <= 0 || d > maxWait {
		return 0, fmt.Errorf("expected a duration of more than 0s and at most %s, found %s", shortDuration(maxWait), text)
	}
	return d, nil
}

// shortDuration writes 1h instead of 1h0m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// jsonText writes a list as JSON, in which a command is read back as it was.
func jsonText(items []string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// Text can always be encoded.
	_ = enc.Encode(items)
	return strings.TrimSuffix(b.String(), "\n")
}

// cloneCommands copies commands so that no part is shared.
func cloneCommands(commands []SmokeCommand) []SmokeCommand {
	out := slices.Clone(commands)
	for i := range out {
		out[i].Argv = slices.Clone(out[i].Argv)
	}
	return out
}
