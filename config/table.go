package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// FileName is the name a configuration file has; AltFileName is accepted too,
// but not beside the first.
const (
	FileName    = ".restow.yaml"
	AltFileName = ".restow.yml"
)

// envPrefix starts the name of every variable that is read.
const envPrefix = "RESTOW_"

// Type says which values a setting takes.
type Type string

// The types of settings.
const (
	Bool     Type = "bool"     // true or false
	Names    Type = "names"    // pass names or rule names
	Patterns Type = "patterns" // gitignore-style patterns
	Folder   Type = "folder"   // the path of a folder
	Choice   Type = "choice"   // one of Setting.Choices
	Text     Type = "text"     // any text
	Paths    Type = "paths"    // paths relative to the build context
	Commands Type = "commands" // SmokeCommand, as text or a JSON array after a flag
	Passes   Type = "passes"   // a map from pass to PassSetting, only in files
	Serving  Type = "server"   // a Server, only in files

	File      Type = "file"     // the path of a file
	Mirrors   Type = "mirrors"  // a map from prefix to locations, only in files
	Renames   Type = "renames"  // a map from name to name, only in files
	Insecures Type = "insecure" // hosts, with or without https://
	Hosts     Type = "hosts"    // hosts; *.example.com stands for those below
	Age       Type = "age"      // a duration from 0s, also in days as in 7d
	Number    Type = "number"   // a whole number from 1 to 64
	Bases     Type = "bases"    // a list of Base, only in files
	Bots      Type = "bot"      // a Bot, only in files
)

// Setting describes one setting.
type Setting struct {
	Key         string   // top-level key in a file; empty: not set in files
	Flag        string   // long flag without dashes, mostly the key; empty: only set in files
	Env         string   // variable; empty where Flag is and for Commands
	Type        Type     // values taken
	Choices     []string // values of a Choice
	Default     string   // as it is written after a flag; empty for no value
	Description string   // one sentence, used by the schema and by --help

	// assign puts a value of the setting's type where it belongs. It is part
	// of the row so that a new key cannot be parsed and then forgotten; flags
	// that Settings has no field for have none.
	assign func(*Settings, any)
}

// table is the only list of settings; see the package's description.
var table = []Setting{
	{
		Key: "passes", Type: Passes,
		Description: "Switches single passes, by pass name or BuildKit rule name: on, off, or a map with the keys enabled and unsafe.",
		assign:      func(s *Settings, v any) { s.Passes = v.(map[string]PassSetting) },
	},
	{
		Key: "select", Flag: "select", Env: "RESTOW_SELECT", Type: Names,
		Description: "Run only these passes, given by pass name or BuildKit rule name.",
		assign:      func(s *Settings, v any) { s.Select = v.([]string) },
	},
	{
		Key: "ignore", Flag: "ignore", Env: "RESTOW_IGNORE", Type: Names,
		Description: "Do not run these passes, given by pass name or BuildKit rule name.",
		assign:      func(s *Settings, v any) { s.Ignore = v.([]string) },
	},
	{
		Key: "unsafe", Flag: "unsafe", Env: "RESTOW_UNSAFE", Type: Bool, Default: "false",
		Description: "Apply unsafe fixes too.",
		assign:      func(s *Settings, v any) { s.Unsafe = v.(bool) },
	},
	{
		Key: "caches", Flag: "caches", Env: "RESTOW_CACHES", Type: Choice, Default: "clean",
		Choices:     []string{"mount", "clean"},
		Description: "What becomes of what package managers download: clean takes it out of the image, mount keeps it for the next build in cache mounts.",
		assign:      func(s *Settings, v any) { s.Caches = v.(string) },
	},
	{
		Key: "merge", Flag: "merge", Env: "RESTOW_MERGE", Type: Choice, Default: "related",
		Choices:     []string{"related", "all"},
		Description: "Which RUNs that follow each other become one: those that belong together, or all that may share a shell.",
		assign:      func(s *Settings, v any) { s.Merge = v.(string) },
	},
	{
		Key: "swap-to", Flag: "swap-to", Env: "RESTOW_SWAP_TO", Type: Choice, Default: "slim",
		Choices:     []string{"slim", "distroless", "alpine"},
		Description: "What swap-base swaps base images to: slim, the smaller image of the same version and suite; distroless, for stages that only run a program; alpine, where nothing is compiled for glibc.",
		assign:      func(s *Settings, v any) { s.SwapTo = v.(string) },
	},
	{
		Key: "reorder-gain", Flag: "reorder-gain", Env: "RESTOW_REORDER_GAIN", Type: Number, Default: "2",
		Description: "What moving an instruction has to save to be worth it, in seconds a build.",
		assign:      func(s *Settings, v any) { s.ReorderGain = v.(int) },
	},
	{
		Key: "exclude", Flag: "exclude", Env: "RESTOW_EXCLUDE", Type: Patterns,
		Description: "Do not look at files that match one of these gitignore-style patterns.",
		assign:      func(s *Settings, v any) { s.Exclude = v.([]string) },
	},
	{
		Key: "context", Flag: "context", Env: "RESTOW_CONTEXT", Type: Folder,
		Description: "Folder of the build context: in a file relative to the file's folder and inside the repository, otherwise relative to the current folder.",
		assign:      func(s *Settings, v any) { s.Context = v.(string) },
	},
	{
		Key: "offline", Flag: "offline", Env: "RESTOW_OFFLINE", Type: Bool, Default: "false",
		Description: "Never use the network.",
		assign:      func(s *Settings, v any) { s.Offline = v.(bool) },
	},
	{
		Key: "color", Flag: "color", Env: "RESTOW_COLOR", Type: Choice, Default: "auto",
		Choices:     []string{"auto", "always", "never"},
		Description: "When to color the output.",
		assign:      func(s *Settings, v any) { s.Color = v.(string) },
	},
	{
		Key: "smoke", Flag: "smoke", Type: Commands,
		Description: "Commands that must end with the same exit code in the images before and after: text is run by the image's shell, a list is run as it is, and a map with the keys run and output can ask for the same output too.",
		assign:      func(s *Settings, v any) { s.Smoke = v.([]SmokeCommand) },
	},
	{
		Key: "smoke-output", Flag: "smoke-output", Env: "RESTOW_SMOKE_OUTPUT", Type: Bool, Default: "false",
		Description: "Compare the output of every smoke command, not only its exit code.",
		assign:      func(s *Settings, v any) { s.SmokeOutput = v.(bool) },
	},
	{
		Key: "server", Type: Serving,
		Description: "The image runs a server: start it, wait until the port answers, and compare what a GET of the path returns.",
		assign:      func(s *Settings, v any) { s.Server = v.(*Server) },
	},
	{
		Key: "touch", Flag: "touch", Env: "RESTOW_TOUCH", Type: Paths,
		Description: "Files that change most often, relative to the build context: what a rebuild is measured with.",
		assign:      func(s *Settings, v any) { s.Touch = v.([]string) },
	},
	{
		Key: "lock", Flag: "lock-file", Env: "RESTOW_LOCK_FILE", Type: File,
		Description: "File that digests are taken from first, instead of the nearest restow.lock upward: in a file relative to the file's folder and inside the repository, otherwise relative to the current folder.",
		assign:      func(s *Settings, v any) { s.LockFile = v.(string) },
	},
	{
		Key: "registry-args", Flag: "registry-args", Env: "RESTOW_REGISTRY_ARGS", Type: Bool, Default: "false",
		Description: "An ARG that only names the registry may come before a pinned tag: all registries it is set to have the same images.",
		assign:      func(s *Settings, v any) { s.RegistryArgs = v.(bool) },
	},
	{
		Key: "inline-args", Flag: "inline-args", Env: "RESTOW_INLINE_ARGS", Type: Bool, Default: "false",
		Description: "Write a reference out where a digest has no place among its ARGs.",
		assign:      func(s *Settings, v any) { s.InlineArgs = v.(bool) },
	},
	{
		Key: "mirrors", Type: Mirrors,
		Description: "Where digests are looked up instead, by registry or prefix, in order: docker.io: [mirror.example.com/hub]. What is written keeps the original name.",
		assign:      func(s *Settings, v any) { s.Mirrors = v.(map[string][]string) },
	},
	{
		Key: "insecure-registries", Type: Insecures,
		Description: "Registries without TLS (host) or with a certificate that is not checked (https://host).",
		assign:      func(s *Settings, v any) { s.Insecure = v.([]string) },
	},
	{
		Key: "mirror", Type: Renames,
		Description: "Rewrites references to another registry: docker.io/library/*: registry.example.com/hub/*. Both names end with /* or neither does.",
		assign:      func(s *Settings, v any) { s.Mirror = v.([]Rename) },
	},
	{
		Key: "cache-ttl", Flag: "cache-ttl", Env: "RESTOW_CACHE_TTL", Type: Age, Default: "1h",
		Description: "How long a tag's digest is taken from the cache, such as 30m, 12h or 7d; with 0s the registry is asked every time.",
		assign:      func(s *Settings, v any) { s.CacheTTL = v.(time.Duration) },
	},
	{
		Key: "parallel", Flag: "parallel", Env: "RESTOW_PARALLEL", Type: Number, Default: "4",
		Description: "Requests at once to one registry.",
		assign:      func(s *Settings, v any) { s.Parallel = v.(int) },
	},
	{
		Key: "bases", Type: Bases,
		Description: "What is known of your own base images (image, like, packages, commands, shell, manager, suite, libc), and what takes the place of others (from, to, rename).",
		assign:      func(s *Settings, v any) { s.Bases = v.([]Base) },
	},
	{
		Key: "bot", Type: Bots,
		Description: "What restow bot does for the repository: groups, labels, reviewers, limit, schedule, automerge.",
		assign:      func(s *Settings, v any) { s.Bot = v.(Bot) },
	},
	// The next two have no key on purpose: a repository's own file must not be
	// able to open what whoever runs the tool closed.
	{
		Flag: "allow-registry", Env: "RESTOW_ALLOW_REGISTRY", Type: Hosts,
		Description: "Ask no other registries; *.example.com stands for its subdomains.",
		assign:      func(s *Settings, v any) { s.Allow = v.([]string) },
	},
	{
		Flag: "public-only", Env: "RESTOW_PUBLIC_ONLY", Type: Bool, Default: "false",
		Description: "Connect to public addresses only.",
		assign:      func(s *Settings, v any) { s.PublicOnly = v.(bool) },
	},
	{
		Flag: "write", Env: "RESTOW_WRITE", Type: Bool, Default: "false",
		Description: "Write the result back to the files.",
	},
	{
		Flag: "list", Env: "RESTOW_LIST", Type: Bool, Default: "false",
		Description: "List the files that would change.",
	},
	{
		Flag: "diff", Env: "RESTOW_DIFF", Type: Bool, Default: "false",
		Description: "Print the changes as a diff.",
	},
	{
		Flag: "json", Env: "RESTOW_JSON", Type: Bool, Default: "false",
		Description: "Print the result as JSON.",
	},
	{
		Flag: "format", Env: "RESTOW_FORMAT", Type: Choice, Default: "text",
		Choices:     []string{"text", "json", "github", "gitlab", "sarif", "markdown"},
		Description: "How check and fix report.",
	},
	{
		Flag: "verbose", Env: "RESTOW_VERBOSE", Type: Bool, Default: "false",
		Description: "Print more about what is done.",
	},
	{
		Flag: "stdin-filename", Env: "RESTOW_STDIN_FILENAME", Type: Text,
		Description: "Name the file read from standard input is treated as having.",
	},
}

// Table returns every setting: first those of files in the order a reader
// wants them, then those of the command line only.
func Table() []Setting {
	rows := slices.Clone(table)
	for i := range rows {
		rows[i].Choices = slices.Clone(rows[i].Choices)
	}
	return rows
}

// EnvFor returns the name of the variable that stands for a flag, given
// without dashes: RESTOW_STDIN_FILENAME for stdin-filename.
func EnvFor(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// name returns what messages and maps know a setting by.
func (s *Setting) name() string {
	if s.Key != "" {
		return s.Key
	}
	return s.Flag
}

// keys returns the top-level keys of a file.
func keys() []string {
	var out []string
	for i := range table {
		if table[i].Key != "" {
			out = append(out, table[i].Key)
		}
	}
	return out
}

// settingFor returns the setting with a top-level key of a file.
func settingFor(key string) (*Setting, bool) {
	if key == "" {
		return nil, false
	}
	i := slices.IndexFunc(table, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return nil, false
	}
	return &table[i], true
}

// unknownKey says why a file may not have a key, and what may be meant. Flags
// with a value in Settings are named, as they are easily taken for keys.
func unknownKey(key string) string {
	for i := range table {
		s := &table[i]
		if s.Flag != key || s.assign == nil {
			continue
		}
		if s.Key != "" {
			return fmt.Sprintf("unknown key %s (did you mean %q?)", quote(key), s.Key)
		}
		return fmt.Sprintf("%s cannot be set in a file, use --%s or %s", key, s.Flag, s.Env)
	}
	return fmt.Sprintf("unknown key %s%s", quote(key), didYouMean(key, keys()))
}
