package install

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxRuby bounds how deep files of Ruby may name each other.
const maxRuby = 10

// The forms in which declarations name files of the project.
const rubyText = `(?:"([^"#\\]*)"|'([^'\\]*)')`

var (
	rubyRead    = regexp.MustCompile(`\b(?:File|IO)\s*\.\s*(?:read|exist\?|exists\?|file\?|readlines|binread)\s*\(?\s*(?:File\.(?:expand_path|join)\s*\(?\s*)?(?:__dir__\s*,\s*)?` + rubyText + `(?:\s*,\s*(?:__dir__|mode:\s*["']rb?["']))*\s*\)*`)
	rubyEval    = regexp.MustCompile(`(?m)^\s*eval_gemfile[\s(]+(?:File\.(?:expand_path|join)\s*\(?\s*)?(?:__dir__\s*,\s*)?` + rubyText + `(?:\s*,\s*__dir__)?\s*\)*`)
	rubyRequire = regexp.MustCompile(`(?m)^\s*(require_relative|require|load)[\s(]+(?:File\.(?:expand_path|join)\s*\(?\s*)?(?:__dir__\s*,\s*)?` + rubyText + `(?:\s*,\s*__dir__)?\s*\)*`)
	rubyPath    = regexp.MustCompile(`(?:\bpath:\s*|:path\s*=>\s*|["']path["']\s*=>\s*)` + rubyText)
	rubyBlock   = regexp.MustCompile(`(?m)^\s*path[\s(]+` + rubyText)
	rubyGemspec = regexp.MustCompile(`(?m)^\s*gemspec\b([^\n]*)`)
	rubyVersion = regexp.MustCompile(`(?m)^\s*ruby\b[\s(]+file:\s*` + rubyText)
	rubyBindir  = regexp.MustCompile(`\bbindir\s*=\s*` + rubyText)
	rubyLoad    = regexp.MustCompile(`(?m)^\s*\$(?:LOAD_PATH|:)[^\n]*$`)
	rubySafe    = regexp.MustCompile(`\b(?:__dir__|__FILE__)\b|File\.(?:expand_path|join|dirname|basename)\b|\bENV\b`)
	rubySymbol  = regexp.MustCompile(`(^|[^:\w])(?::[a-z_]\w*[?!]?|[a-z_]\w*:\s)`)
	// rubyReads is whatever may look at files or run programs.
	rubyReads = regexp.MustCompile("`" + `|%x|\b(?:File|Dir|IO|Pathname|FileUtils|Kernel|Open3|Find|YAML|JSON|Process|Etc|Bundler|Gem::Specification\s*\.\s*load|Object|Module|ObjectSpace)\b|\b(?:eval|instance_eval|class_eval|module_eval|system|exec|spawn|fork|open|load|require|require_relative|autoload|send|public_send|__send__|method|eval_gemfile|binding|const_get|popen|syscall|gets|readlines|DATA)\b`)
)

// rubyLimit bounds a Gemfile or gemspec, in bytes.
const rubyLimit = 1 << 20

// ruby reads a Gemfile (bundler.io/man/gemfile). What it evaluates is read too.
func (b *bundling) ruby(name string, depth int) {
	src, ok := b.source(name, depth)
	if !ok {
		return
	}
	dir := path.Dir(name)
	for _, m := range rubyVersion.FindAllStringSubmatch(src, -1) {
		b.named(dir, m[1]+m[2], name)
	}
	src = rubyVersion.ReplaceAllString(src, "")
	for _, m := range rubyEval.FindAllStringSubmatch(src, -1) {
		if at := path.Join(dir, m[1]+m[2]); b.within(at) && m[1]+m[2] != "" {
			b.has(at)
			b.ruby(at, depth+1)
		} else {
			b.hazard("%s evaluates %s", name, m[1]+m[2])
		}
	}
	src = rubyEval.ReplaceAllString(src, "")
	for _, m := range rubyGemspec.FindAllStringSubmatch(src, -1) {
		at := dir
		if p := rubyPath.FindStringSubmatch(m[1]); p != nil {
			at = path.Join(dir, p[1]+p[2])
		} else if strings.Contains(m[1], "path") {
			b.hazard("%s has a gemspec in a folder that is not a literal", name)
		}
		b.gem(name, at, 0)
	}
	src = rubyGemspec.ReplaceAllString(src, "")
	for _, expr := range []*regexp.Regexp{rubyPath, rubyBlock} {
		for _, m := range expr.FindAllStringSubmatch(src, -1) {
			b.gem(name, path.Join(dir, m[1]+m[2]), 2)
		}
		src = expr.ReplaceAllString(src, "")
	}
	if i := strings.Index(src, "path:"); i >= 0 || strings.Contains(src, ":path") {
		b.hazard("%s takes a gem from a folder that is not a literal", name)
	}
	b.rest(name, src, false)
}

// source is a file of Ruby without its comments; false where it is not to be read
// again or not there.
func (b *bundling) source(name string, depth int) (string, bool) {
	if b.seen[name] || depth > maxRuby {
		return "", false
	}
	b.seen[name] = true
	data := b.read(name)
	if len(data) > rubyLimit {
		b.hazard("%s is too long", name)
		return "", false
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.TrimSpace(line) == "__END__" {
			break
		}
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		out.WriteString(line)
	}
	return out.String(), data != nil
}

// rest notes the files that plain expressions read, and refuses what may read
// others.
func (b *bundling) rest(name, src string, spec bool) {
	dir := path.Dir(name)
	for _, m := range rubyRead.FindAllStringSubmatch(src, -1) {
		b.named(dir, m[1]+m[2], name)
	}
	src = rubyRead.ReplaceAllString(src, "")
	for _, m := range rubyRequire.FindAllStringSubmatch(src, -1) {
		b.require(name, m[1], m[2]+m[3], spec)
	}
	src = rubyRequire.ReplaceAllString(src, "")
	src = rubyLoad.ReplaceAllString(src, "")
	src = rubySafe.ReplaceAllString(rubyWords(src), "")
	switch found := rubyReads.FindString(rubySymbol.ReplaceAllString(src, "$1 ")); {
	case found == "`" || found == "%x":
		b.hazard("%s runs a program, so it may read other files", name)
	case found != "":
		b.hazard("%s uses %s, so it may read other files", name, found)
	}
}

// rubyWords is the source without what stands in quotes, but with the code that
// is interpolated there.
func rubyWords(src string) string {
	var out strings.Builder
	for i := 0; i < len(src); i++ {
		quote := src[i]
		switch {
		case quote == '#' && (i == 0 || src[i-1] == ' ' || src[i-1] == '\t'):
			if end := strings.IndexByte(src[i:], '\n'); end >= 0 {
				i += end
			} else {
				i = len(src)
			}
			out.WriteByte('\n')
			continue
		case quote != '"' && quote != '\'':
			out.WriteByte(quote)
			continue
		}
		out.WriteByte(' ')
		for i++; i < len(src) && src[i] != quote; i++ {
			if src[i] == '\\' {
				i++
				continue
			}
			if quote == '"' && src[i] == '#' && i+1 < len(src) && src[i+1] == '{' {
				end := strings.IndexByte(src[i:], '}')
				if end < 0 {
					end = len(src) - i - 1
				}
				out.WriteString(" " + src[i+2:i+end] + " ")
				i += end
			}
		}
	}
	return out.String()
}

// require notes a file of the project that is loaded, and what it loads: a gem's
// version as a rule. What is not in the project is one of ruby's own.
func (b *bundling) require(from, how, file string, spec bool) {
	dir := path.Dir(from)
	var at []string
	switch {
	case how == "require_relative":
		at = []string{path.Join(dir, file)}
	case spec:
		at = []string{path.Join(dir, "lib", file), path.Join(dir, file)}
	default:
		at = []string{path.Join(dir, file)}
	}
	for _, name := range at {
		if !strings.HasSuffix(name, ".rb") {
			name += ".rb"
		}
		if !b.within(name) {
			b.hazard("%s loads %s, which the copied files do not hold", from, file)
			return
		}
		if how != "require" || b.Tree.Has(name) {
			b.has(name)
			if src, ok := b.source(name, len(b.seen)/100); ok {
				b.rest(name, src, spec)
			}
			return
		}
	}
}

// gem notes the gemspecs of a folder and those in it, as deep as bundler looks for
// them (gemfile: PATH; {,*,*/*}.gemspec).
func (b *bundling) gem(from, dir string, deep int) {
	if !b.within(dir) {
		b.hazard("%s takes a gem from %s, which the copied files do not hold", from, dir)
		return
	}
	found := b.gemspecs(dir, deep)
	if found == 0 {
		b.hazard("%s takes a gem from %s, which has no gemspec", from, dir)
	}
}

// programs: bundler makes scripts for the programs of a gem in a folder, which it
// opens for their first line, and rubygems loads its plugin (seen with 2.3).
func (b *bundling) programs(dir, src string) {
	if strings.Contains(src, "executables") {
		dirs := []string{"exe", "bin"}
		if m := rubyBindir.FindStringSubmatch(src); m != nil {
			dirs = []string{m[1] + m[2]}
		}
		b.hasAll(dir, dirs...)
	}
	if plugin := path.Join(dir, "lib/rubygems_plugin.rb"); b.has(plugin) {
		b.hazard("rubygems loads %s", plugin)
	}
}

func (b *bundling) gemspecs(dir string, deep int) (found int) {
	names, err := b.Tree.List(dir)
	if err != nil || !b.spend(1000+10*len(names)) {
		return 0
	}
	for _, name := range names {
		at := path.Join(dir, name)
		if strings.HasSuffix(name, ".gemspec") {
			found++
			if src, ok := b.source(at, 0); ok {
				b.rest(at, src, true)
				b.programs(dir, src)
			}
		}
	}
	if deep > 0 {
		subs, err := b.Tree.Folders(dir)
		if err != nil || len(subs) > 500 {
			b.hazard("the folder %s cannot be listed", dir)
			return found
		}
		for _, sub := range slices.DeleteFunc(subs, func(s string) bool { return s == "node_modules" }) {
			found += b.gemspecs(path.Join(dir, sub), deep-1)
		}
	}
	return found
}
