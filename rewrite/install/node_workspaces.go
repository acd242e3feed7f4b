package install

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Bounds of the search for a workspace's members.
const (
	maxFolders  = 20_000
	maxDeep     = 12
	maxPatterns = 200
	maxPattern  = 500 // bytes
)

// workspaces are the folders below root that have a package.json and that the
// patterns name, in order (docs.npmjs.com, workspaces; yarnpkg.com/features/workspaces;
// pnpm.io/pnpm-workspace_yaml). A pattern with ! takes folders out again.
func (g *gather) workspaces(root string, patterns []string) (members []string) {
	if len(patterns) > maxPatterns {
		g.hazard("the workspace has more than %d patterns", maxPatterns)
		return nil
	}
	var globs []*memberGlob
	for _, p := range patterns {
		x := newMemberGlob(p)
		if x == nil {
			g.hazard("the workspace's pattern %q is not understood", p)
			return nil
		}
		globs = append(globs, x)
	}
	w := &memberWalk{gather: g, root: root, globs: globs, manifest: "package.json"}
	w.into("", 0)
	for link := range byName(g.links()) {
		if at, ok := cutFolder(link, root); root == "." || ok {
			if root == "." {
				at = link
			}
			if slices.ContainsFunc(globs, func(x *memberGlob) bool { return !x.not && x.match(at) }) {
				g.hazard("%s is a symbolic link", link)
			}
		}
	}
	return w.found
}

// memberWalk looks for members folder by folder.
type memberWalk struct {
	*gather
	root  string
	globs []*memberGlob
	// manifest is the file that makes a folder a member.
	manifest string
	seen     int
	found    []string
}

func (w *memberWalk) into(below string, depth int) {
	names, err := w.Tree.Folders(path.Join(w.root, below))
	if err != nil {
		w.hazard("the folder %s cannot be listed", path.Join(w.root, below))
		return
	}
	for _, name := range names {
		if name == "node_modules" || name == ".git" {
			continue // as map-workspaces, yarn, pnpm and bun do
		}
		at := path.Join(below, name)
		if w.seen++; w.seen > maxFolders {
			w.hazard("the workspace has more than %d folders", maxFolders)
			return
		}
		if !w.spend(100 * (1 + len(w.globs))) {
			return
		}
		in, deeper := false, false
		for _, g := range w.globs {
			if g.match(at) {
				in = !g.not
			}
			deeper = deeper || !g.not && g.below(at, depth+1)
		}
		if in && w.has(path.Join(w.root, at, w.manifest)) {
			w.found = append(w.found, path.Join(w.root, at))
		}
		if deeper && depth < maxDeep {
			w.into(at, depth+1)
		} else if deeper {
			w.hazard("the workspace's patterns reach deeper than %d folders", maxDeep)
		}
	}
}

// memberGlob is a pattern of folders.
type memberGlob struct {
	not      bool
	expr     *regexp.Regexp
	segments int    // how deep it reaches, -1 for **
	fixed    string // the folder that all its matches lie in
}

// match reports whether the pattern names the folder.
func (g *memberGlob) match(at string) bool { return g.expr.MatchString(at) }

// below reports whether it may name a folder in that one.
func (g *memberGlob) below(at string, depth int) bool {
	if g.segments >= 0 && depth >= g.segments {
		return false
	}
	return g.fixed == "" || strings.HasPrefix(g.fixed+"/", at+"/") || strings.HasPrefix(at+"/", g.fixed+"/")
}

// newMemberGlob reads * ? [ ] { } and **; nil for what is more than that.
func newMemberGlob(p string) *memberGlob {
	out := &memberGlob{}
	if len(p) > maxPattern {
		return nil
	}
	for strings.HasPrefix(p, "!") {
		out.not, p = !out.not, p[1:]
	}
	if strings.HasPrefix(p, "../") || strings.ContainsAny(p, "()\\+@!") && strings.Contains(p, "(") {
		return nil
	}
	p = strings.TrimPrefix(path.Join("/", strings.TrimSuffix(p, "/package.json")), "/")
	if p == "" {
		p = "." // the project itself
	}
	var b strings.Builder
	b.WriteString("^")
	parts := strings.Split(p, "/")
	braces, static := 0, true
	for i, part := range parts {
		last := i == len(parts)-1
		if part == "**" {
			static, out.segments = false, -1
			if last {
				b.WriteString(".+")
			} else {
				b.WriteString("(?:[^/]+/)*")
			}
			continue
		}
		if static = static && !strings.ContainsAny(part, "*?[{"); static {
			out.fixed = path.Join(out.fixed, part)
		}
		for at := 0; at < len(part); at++ {
			switch c := part[at]; c {
			case '*':
				b.WriteString("[^/]*")
			case '?':
				b.WriteString("[^/]")
			case '{':
				braces++
				b.WriteString("(?:")
			case '}':
				braces--
				b.WriteString(")")
			case ',':
				if braces > 0 {
					b.WriteString("|")
				} else {
					b.WriteString(",")
				}
			case '[':
				end := strings.IndexByte(part[at:], ']')
				if end < 2 {
					return nil
				}
				b.WriteString("[" + strings.ReplaceAll(strings.ReplaceAll(part[at+1:at+end], `\`, `\\`), "[", `\[`) + "]")
				at += end
			default:
				b.WriteString(regexp.QuoteMeta(string(rune(c))))
			}
		}
		if !last {
			b.WriteString("/")
		}
	}
	if out.segments == 0 {
		out.segments = len(parts)
	}
	if strings.Contains(p, "{") && strings.Contains(p, "/") && braces == 0 && strings.Contains(p[strings.Index(p, "{"):], "/") {
		out.segments = -1 // a/{b,c/d}
	}
	expr, err := regexp.Compile(b.String() + "$")
	if err != nil || braces != 0 {
		return nil
	}
	out.expr = expr
	return out
}
