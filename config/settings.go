package config

import (
	"slices"
	"strings"
	"time"
)

// Settings are the values that apply to the Dockerfiles of one folder.
type Settings struct {
	Passes      map[string]PassSetting // by pass name
	Select      []string               // as written: pass names or rule names
	Ignore      []string               // likewise
	Unsafe      bool
	Merge       string // related or all
	ReorderGain int    // seconds a build that a move has to save
	Caches      string // mount or clean
	SwapTo      string // slim, distroless or alpine
	Exclude     []string
	ExcludeDir  string // absolute folder that Exclude is relative to; empty without Exclude
	Context     string // absolute; empty if not set
	Offline     bool
	Color       string // auto, always or never

	Smoke       []SmokeCommand
	SmokeOutput bool     // compare the output of every smoke command
	Server      *Server  // nil: the image runs no server
	Touch       []string // relative to the build context, with slashes

	LockFile     string              // absolute; empty if not set
	RegistryArgs bool                // an ARG before a pinned tag may name the registry
	InlineArgs   bool                // write out a reference whose ARGs leave no place for a digest
	Mirrors      map[string][]string // by registry or prefix: where digests are looked up, in order
	Insecure     []string            // host: without TLS, https://host: with an unchecked certificate
	Mirror       []Rename            // in the order of the file
	CacheTTL     time.Duration       // how long a tag's digest is taken from the cache; 0: never
	Parallel     int                 // requests at once to one registry, from 1
	Bot          Bot                 // of the file at the top of the repository
	Bases        []Base              // in the order of the file
	Allow        []string            // the only registries to ask, *.example.com for subdomains; empty: all
	PublicOnly   bool                // connect to public addresses only

	File string // the file that was read, as shown to the user, or empty

	origins map[string]origin // by key, or by flag without one
	aliases map[string]string // rule name to pass name
	show    func(path string) string
}

// Origin says where the value of a key comes from.
type Origin struct {
	Key   string
	Value string // as YAML on one line
	From  string // default, environment RESTOW_…, flag --…, or file:line
}

// Origins returns every key with its value and where that comes from, sorted
// by key.
func (s Settings) Origins() []Origin {
	var out []Origin
	for i := range table {
		if key := table[i].Key; key != "" {
			out = append(out, Origin{Key: key, Value: s.yaml(key), From: s.from(key)})
		}
	}
	slices.SortFunc(out, func(a, b Origin) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// from returns where a key was set; Settings made without a Loader do not
// know it.
func (s Settings) from(key string) string {
	if o, ok := s.origins[key]; ok {
		return o.text
	}
	return "default"
}

// Enabled reports whether a pass runs and why. A pass runs unless it is turned
// off in passes, is listed in ignore, or is missing from a select that lists
// anything. Each place may name it by pass name or by rule name; rule is the
// rule that the pass takes care of, or empty.
func (s Settings) Enabled(pass, rule string) (on bool, why string) {
	setting, name, isSet := s.passSetting(pass, rule)
	if isSet && !setting.Enabled {
		return false, "turned off as " + name + " by " + setting.origin()
	}
	if name, ok := s.listed(s.Ignore, pass, rule); ok {
		return false, "ignored as " + name + " by " + s.from("ignore")
	}
	if len(s.Select) > 0 {
		name, ok := s.listed(s.Select, pass, rule)
		if !ok {
			return false, "not selected by " + s.from("select")
		}
		return true, "selected as " + name + " by " + s.from("select")
	}
	if isSet {
		return true, "turned on as " + name + " by " + setting.origin()
	}
	return true, "on by default"
}

// UnsafeFor reports whether the unsafe fixes of a pass are applied. What is
// said about the pass refines what is said about all, except that whoever runs
// the tool can refuse unsafe fixes altogether, by flag or variable.
func (s Settings) UnsafeFor(pass, rule string) bool {
	if !s.Unsafe && s.origins["unsafe"].level >= fromEnv {
		return false
	}
	if p, _, ok := s.passSetting(pass, rule); ok && p.Unsafe != nil {
		return *p.Unsafe
	}
	return s.Unsafe
}

// passSetting returns what passes says about a pass and under which name.
func (s Settings) passSetting(pass, rule string) (p PassSetting, name string, ok bool) {
	if p, ok := s.Passes[pass]; ok {
		return p, pass, true
	}
	if p, ok := s.Passes[rule]; ok && rule != "" {
		return p, rule, true
	}
	return PassSetting{}, "", false
}

// listed returns the first name of a list that stands for the pass.
func (s Settings) listed(names []string, pass, rule string) (string, bool) {
	for _, n := range names {
		if n == pass || (n == rule && n != "") || (s.aliases[n] == pass && pass != "") {
			return n, true
		}
	}
	return "", false
}

func (p PassSetting) origin() string {
	if p.From == "" {
		return "passes"
	}
	return p.From
}
