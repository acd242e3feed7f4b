package install

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/restow/restow/rewrite/shell"
)

// Bounds of requirements files. pip has none.
const (
	maxRequirementLines = 100_000
	maxRequirementDepth = 50
)

// requirementLine is a line of a requirements file: an option with its value, or
// a requirement.
type requirementLine struct{ option, value string }

var (
	requirementComment = regexp.MustCompile(`(^|\s+)#.*$`)
	requirementBreaks  = regexp.MustCompile(`\r\n|[\n\r\v\f\x{1c}-\x{1e}\x{85}\x{2028}\x{2029}]`) // as Python's splitlines
	requirementBlanks  = regexp.MustCompile(`^\s*#`)
	requirementEnv     = regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)
)

// requirementOptions are the options that a requirements file may have, true with
// a value (pip, Requirements File Format: "Supported options").
var requirementOptions = map[string]bool{
	"-i": true, "--index-url": true, "--pypi-url": true, "--extra-index-url": true, "--no-index": false, "-c": true, "--constraint": true,
	"-r": true, "--requirement": true, "-e": true, "--editable": true, "-f": true, "--find-links": true, "--no-binary": true,
	"--only-binary": true, "--prefer-binary": false, "--require-hashes": false, "--pre": false, "--trusted-host": true, "--use-feature": true,
	"--process-dependency-links": false, "-Z": false, "--always-unzip": false,
}

// requirements takes a requirements file apart as pip does (Requirements File
// Format: "Structure", "Encoding", "Comments", "Line continuations", "Using
// environment variables"). What it does not know is in unknown.
func requirements(data []byte, env func(string) (string, bool)) (lines []requirementLine, unknown string) {
	text, ok := requirementText(data)
	if !ok {
		return nil, "its encoding"
	}
	physical := requirementBreaks.Split(text, maxRequirementLines+1)
	if len(physical) > maxRequirementLines {
		return nil, "its length"
	}
	for _, logical := range joinRequirements(physical) {
		logical = strings.TrimSpace(requirementComment.ReplaceAllString(logical, ""))
		logical = requirementEnv.ReplaceAllStringFunc(logical, func(v string) string {
			if value, ok := env(v[2 : len(v)-1]); ok && value != "" {
				return value
			}
			return v
		})
		if logical == "" {
			continue
		}
		if !strings.HasPrefix(logical, "-") {
			// Options behind a requirement (--hash) concern it alone.
			requirement, _, _ := strings.Cut(logical, " -")
			lines = append(lines, requirementLine{value: strings.TrimSpace(requirement)})
			continue
		}
		some, what := requirementWords(logical)
		if what != "" && unknown == "" {
			unknown = what
		}
		lines = append(lines, some...)
	}
	return lines, unknown
}

// requirementText decodes a file by its byte order mark, as UTF-8 otherwise. The
// bytes of other encodings that pip takes from a comment only differ outside of
// ASCII, where no path is looked for.
func requirementText(data []byte) (string, bool) {
	for _, bom := range []struct {
		mark string
		wide int
	}{{"\xef\xbb\xbf", 1}, {"\xff\xfe\x00\x00", 4}, {"\xff\xfe", 2}, {"\xfe\xff", -2}} {
		rest, ok := bytes.CutPrefix(data, []byte(bom.mark))
		switch {
		case !ok:
		case bom.wide == 1:
			return string(rest), true
		case bom.wide == 4:
			return "", false
		default:
			return wideText(rest, bom.wide < 0), true
		}
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", false
	}
	return string(data), true
}

func wideText(data []byte, bigEndian bool) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		lo, hi := data[2*i], data[2*i+1]
		if bigEndian {
			lo, hi = hi, lo
		}
		units[i] = uint16(lo) | uint16(hi)<<8
	}
	return string(utf16.Decode(units))
}

// joinRequirements joins lines that end in a backslash. A comment among them ends
// the line that it stands in.
func joinRequirements(lines []string) (out []string) {
	var parts strings.Builder
	open := false
	for _, l := range lines {
		comment := requirementBlanks.MatchString(l)
		if strings.HasSuffix(l, `\`) && !comment {
			parts.WriteString(strings.Trim(l, `\`))
			open = true
			continue
		}
		if comment {
			l = " " + l
		}
		parts.WriteString(l)
		out, open = append(out, parts.String()), false
		parts.Reset()
	}
	if open {
		out = append(out, parts.String())
	}
	return out
}

// requirementWords reads a line of options.
func requirementWords(line string) (out []requirementLine, unknown string) {
	script, err := shell.Read(line, shell.POSIX)
	var words []string
	if err == nil && len(script.Commands) == 1 && len(script.Commands[0].Redirs) == 0 && !slices.ContainsFunc(script.Commands[0].Words, func(w shell.Word) bool { return !w.Static }) {
		for _, w := range script.Commands[0].Words {
			words = append(words, w.Value)
		}
	} else {
		words = strings.Fields(line) // a URL with & in it, which shlex does not mind
	}
	for i := 0; i < len(words); i++ {
		name, value, attached := strings.Cut(words[i], "=")
		if !strings.HasPrefix(name, "--") && len(name) > 2 && name[0] == '-' {
			name, value, attached = words[i][:2], words[i][2:], true
		}
		full, known := requirementOption(name)
		if !known {
			return out, words[i]
		}
		if requirementOptions[full] && !attached {
			if i++; i == len(words) {
				return out, full
			}
			value = words[i]
		}
		out = append(out, requirementLine{full, value})
	}
	return out, ""
}

// requirementOption is an option by its name or the beginning of it, as Python's
// optparse takes it.
func requirementOption(name string) (string, bool) {
	if _, ok := requirementOptions[name]; ok {
		return name, true
	}
	found := ""
	for full := range requirementOptions {
		if len(name) > 2 && strings.HasPrefix(full, name) {
			if found != "" {
				return "", false
			}
			found = full
		}
	}
	return found, found != ""
}

// requirementFile notes what a requirements or constraints file of the context
// makes pip read. Files that it names with -r and -c lie relative to it.
func (p *pipInstall) requirementFile(file string, depth int) {
	if depth > maxRequirementDepth {
		p.hazard("%s: files include each other more than %d deep", file, maxRequirementDepth)
		return
	}
	if !p.first("requirements", file) {
		return
	}
	if !p.needed(file) {
		return
	}
	data, ok := p.text(file)
	if !ok {
		return
	}
	lines, unknown := requirements([]byte(data), p.lookup)
	if unknown != "" {
		p.hazard("%s has something that is not known: %s", file, unknown)
	}
	for _, l := range lines {
		switch l.option {
		case "":
			p.requirement(l.value, file)
		case "-e", "--editable":
			p.editable(l.value, file)
		case "-r", "--requirement", "-c", "--constraint":
			if strings.Contains(l.value, "://") {
				p.remote(l.value, file)
				continue
			}
			at, ok := p.at(path.Dir(file), l.value)
			if !ok {
				p.hazard("%s names %s, which is outside of what was copied", file, l.value)
				continue
			}
			p.requirementFile(at, depth+1)
		case "-f", "--find-links", "-i", "--index-url", "--pypi-url", "--extra-index-url":
			p.links(l.value, path.Dir(file))
		}
	}
}

func (p *pipInstall) lookup(name string) (string, bool) {
	if p.Env == nil {
		return "", false
	}
	return p.Env(name)
}
