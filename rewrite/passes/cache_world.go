package passes

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

// cacheWorld is a file as cache-mounts sees it.
type cacheWorld struct {
	c     *rewrite.Context
	runs  []*cacheRun // those that can be read
	other []otherRun  // those that cannot
	taken []taken
	// readers are commands of RUNs that read something of a cache, offline the RUNs
	// that install without network, by manager.
	readers []taken
	offline map[string][]*cacheRun
	keepers []*cacheRun     // RUNs that see to docker-clean
	rooted  map[string]bool // base images whose user a system's manager has run as
	syntax  string          // why the file's frontend has no mounts
}

// cacheRun is a RUN and what stands around it.
type cacheRun struct {
	*script
	cmds    []cmd
	env     map[string]variable
	user    string // of the last USER; "" where there is none
	people  map[string]person
	base    image
	sandbox bool // it has no network
	file    *cacheFile
}

// cacheFile is what the text of the whole file speaks for.
type cacheFile struct {
	yarn    string // a word of Yarn 2 and later
	bundled bool   // bundle config says where gems go
}

func readCacheFile(src string) *cacheFile {
	out := &cacheFile{bundled: strings.Contains(src, "bundle config") && (strings.Contains(src, "path") || strings.Contains(src, "deployment"))}
	for _, mark := range []string{".yarnrc.yml", ".yarn/", "corepack", "set version", "--immutable", "workspaces focus"} {
		if strings.Contains(src, mark) {
			out.yarn = mark
		}
	}
	return out
}

// cmd is a command without sudo and the like before it.
type cmd struct {
	meant
	in   command.Meaning
	from int    // the word it begins at
	by   string // the program that runs it: sudo, env; "" for the shell
}

// words are those of the command itself.
func (m cmd) word(i int) string { return m.value(m.from + i) }

// otherRun is a RUN in JSON form, with a heredoc, or for a shell that is not read.
type otherRun struct {
	in   *dockerfile.Instruction
	text string
}

// variable is the value that a variable has for a RUN.
type variable struct {
	value string
	known bool
	by    string // ENV or ARG
	at    *dockerfile.Instruction
}

// taken is a path that an instruction takes from a stage.
type taken struct {
	in    *dockerfile.Instruction
	stage *dockerfile.Stage
	path  string
	by    command.Meaning // the command of a RUN
}

// cacheVariables decide where caches are and whether there are any.
var cacheVariables = wordSet("HOME XDG_CACHE_HOME XDG_DATA_HOME PIP_NO_CACHE_DIR PIP_CACHE_DIR UV_NO_CACHE UV_CACHE_DIR UV_LINK_MODE " +
	"POETRY_CACHE_DIR NPM_CONFIG_CACHE npm_config_cache YARN_CACHE_FOLDER PNPM_HOME GOPATH GOMODCACHE GOCACHE GOFLAGS GOPROXY CARGO_HOME " +
	"MAVEN_OPTS MAVEN_CONFIG MAVEN_ARGS GRADLE_USER_HOME GRADLE_OPTS BUNDLE_PATH BUNDLE_DEPLOYMENT GEM_HOME COMPOSER_HOME COMPOSER_CACHE_DIR NUGET_PACKAGES CARGO_NET_OFFLINE APT_CONFIG")

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

func readCacheWorld(c *rewrite.Context) *cacheWorld {
	w := &cacheWorld{c: c, rooted: map[string]bool{}, offline: map[string][]*cacheRun{}, syntax: oldSyntax(c.File)}
	read := map[*dockerfile.Instruction]*script{}
	for _, s := range scripts(c) {
		read[s.in] = s
	}
	ends, file := map[*dockerfile.Stage]*cacheRun{}, readCacheFile(string(c.File.Src))
	for _, stage := range c.File.Stages {
		at := &cacheRun{file: file, env: map[string]variable{}, people: map[string]person{}, base: imageOf(stage.From.From.BaseName)}
		if before := ends[stage.Base]; before != nil {
			at = &cacheRun{file: file, env: before.env, user: before.user, people: before.people, base: before.base}
		} else {
			at.people = at.base.people()
		}
		ends[stage] = at
		if windowsStage(stage) {
			continue
		}
		for _, in := range stage.Instructions {
			w.step(in, at, read[in])
		}
	}
	for _, r := range c.File.Refs() {
		if cp, ok := r.In.Command.(*instructions.CopyCommand); ok && r.Stage != nil {
			for _, p := range cp.SourcePaths {
				w.taken = append(w.taken, taken{in: r.In, stage: r.Stage, path: rooted(p)})
			}
		}
	}
	for _, in := range c.File.Instructions {
		for _, m := range mountsOf(in) {
			if s := c.File.StageByName(m.from); m.from != "" && s != nil {
				w.taken = append(w.taken, taken{in: in, stage: s, path: rooted(m.source)})
			}
		}
	}
	return w
}

// rooted is a source of COPY as an absolute path, with * for what a variable has a
// part in.
func rooted(p string) string {
	parts := strings.Split(strings.Trim(p, "/"), "/")
	for i, part := range parts {
		if strings.Contains(part, "$") {
			parts[i] = "*"
		}
	}
	return "/" + strings.Join(parts, "/")
}

// step takes an instruction into account; at is changed, but never a map of it.
func (w *cacheWorld) step(in *dockerfile.Instruction, at *cacheRun, s *script) {
	switch cmd := in.Command.(type) {
	case *instructions.EnvCommand:
		for _, kv := range cmd.Env {
			at.set(kv.Key, kv.Value, true, "ENV", in)
		}
	case *instructions.ArgCommand:
		for _, kv := range cmd.Args {
			if have, ok := at.env[kv.Key]; !ok || have.by == "ARG" { // ENV wins
				at.set(kv.Key, "", false, "ARG", in)
			}
		}
	case *instructions.UserCommand:
		at.user = cmd.User
	case *instructions.RunCommand:
		if s == nil {
			w.other = append(w.other, otherRun{in, string(in.File.Bytes(in.Lines))})
			return
		}
		r := *at
		r.script, r.sandbox = s, slices.ContainsFunc(in.Flags(), func(f dockerfile.Word) bool { return f.S == "--network=none" })
		for _, m := range s.meanings() {
			inner, from := unwrapped(m)
			c := cmdOf(m, inner, from)
			r.cmds = append(r.cmds, c)
			at.meet(c)
			if at.user == "" && c.by == "" && installsSystem(inner) {
				w.rooted[at.base.full] = true
			}
		}
		w.runs = append(w.runs, &r)
		w.look(&r)
		if strings.Contains(s.Text, "docker-clean") {
			w.keepers = append(w.keepers, &r)
		}
	}
}

func cmdOf(m meant, in command.Meaning, from int) cmd {
	out := cmd{meant: m, in: in, from: from}
	if from > 0 {
		out.by = m.Program
	}
	return out
}

// installsSystem reports whether a command needs root's rights.
func installsSystem(in command.Meaning) bool {
	switch in.Manager {
	case "apt", "apk", "dnf", "zypper":
		return in.Verb == "install" || in.Verb == "update" || in.Verb == "upgrade"
	}
	return false
}

func (r *cacheRun) set(name, value string, known bool, by string, in *dockerfile.Instruction) {
	if !cacheVariables[name] {
		return
	}
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	known = known && !strings.ContainsAny(value, "$\\\"'`")
	env := make(map[string]variable, len(r.env)+1)
	for k, v := range r.env {
		env[k] = v
	}
	env[name] = variable{value, known, by, in}
	r.env = env
}

// oldSyntax says why the frontend that a file asks for has no cache mounts.
func oldSyntax(f *dockerfile.File) string {
	d, ok := f.Directive("syntax")
	if !ok {
		return ""
	}
	ref := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(d.Value), "docker.io/"), "index.docker.io/")
	ref, _, _ = strings.Cut(ref, "@")
	name, tag, _ := strings.Cut(ref, ":")
	switch {
	case name != "docker/dockerfile" && name != "docker/dockerfile-upstream":
		return "# syntax= names a frontend that is not Docker's"
	case tag == "1.0" || tag == "1.1" || strings.HasPrefix(tag, "1.0.") || strings.HasPrefix(tag, "1.1."):
		return "# syntax=" + d.Value + " has no mounts; 1.2 and later have"
	}
	return ""
}
