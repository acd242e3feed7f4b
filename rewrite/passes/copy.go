package passes

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// JSONCopyPaths writes COPY and ADD of paths with blanks in JSON form.
var JSONCopyPaths = &rewrite.Pass{
	Name:  "json-copy-paths",
	Claim: rewrite.NoClaim,
	Run:   jsonCopyPaths,
	Doc: `Write COPY and ADD in JSON form where a path has a blank.

In the shell form, COPY "my file" /app/ is cut at every blank, quotes or not:
BuildKit reads a path that begins with a quote and one that ends with it, and
refuses the file. A blank behind a backslash is cut as well, without any error
until the file is not found. The JSON form is the only one that can hold a blank.

Unsafe, since the build graph changes: until now it was not what it looks like.

Refused: quotes that do not close, variables beside quotes, heredocs, and an
instruction whose arguments a line continuation cuts.`,
}

func jsonCopyPaths(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		if (!in.Is("COPY") && !in.Is("ADD")) || in.JSON() {
			continue
		}
		args := in.Args()
		paths, blank, ok := quotedPaths(args.S, in.File.Escape)
		if !blank {
			continue
		}
		f := rewrite.Finding{At: in, Message: "a path with a blank is cut in two: the shell form knows no quotes"}
		text, err := json.Marshal(paths)
		edit, single := in.Replace(args, strings.ReplaceAll(string(text), `","`, `", "`))
		switch {
		case !ok || err != nil || len(paths) < 2:
			f.Refused = "the quotes do not show what the paths are"
		case !single:
			f.Refused = "the paths are cut by a line continuation"
		case len(in.Heredocs) > 0:
			f.Refused = "a heredoc is among the sources"
		default:
			f.Fix = &rewrite.Fix{
				Title: "write the paths as a JSON array",
				Why:   "it is the only form in which a path can have a blank",
				Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}

// quotedPaths reads paths as a shell would and reports whether one has a blank
// in quotes or behind the escape character; ok is false when that is no sure
// reading.
func quotedPaths(s string, escape byte) (paths []string, blank, ok bool) {
	var cur strings.Builder
	inWord, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '$' || ch == '<':
			ok = true // remember that there is something to expand
			cur.WriteByte(ch)
			inWord = true
		case ch == escape && quote != '\'' && i+1 < len(s):
			i++
			blank = blank || s[i] == ' ' || s[i] == '\t'
			cur.WriteByte(s[i])
			inWord = true
		case quote != 0 && ch == quote:
			quote = 0
		case quote == 0 && (ch == '"' || ch == '\''):
			quote, inWord = ch, true
		case quote == 0 && (ch == ' ' || ch == '\t'):
			if inWord {
				paths = append(paths, cur.String())
			}
			cur.Reset()
			inWord = false
		default:
			blank = blank || ch == ' ' || ch == '\t'
			cur.WriteByte(ch)
			inWord = true
		}
	}
	if inWord {
		paths = append(paths, cur.String())
	}
	return paths, blank, quote == 0 && !ok
}

// AddToCopy writes COPY where ADD does nothing more.
var AddToCopy = &rewrite.Pass{
	Name:     "add-to-copy",
	Hadolint: []string{"DL3020"},
	Claim:    rewrite.SameFiles,
	Run:      addToCopy,
	Doc: `Write COPY instead of ADD for plain local files and folders.

ADD also downloads and unpacks, depending on what a source happens to be; COPY
only copies, which is what most uses mean.

Why it is right: ADD of a folder, and of a file that is no archive, copies it.
Proof checks that the build graphs differ only in that the copies no longer try
to unpack, and only for sources that cannot be unpacked: the root of the build
context, folders of it, and files that no archive format begins like. So the
build context is needed for all but the root; without it, or where a source is
not in it, a source that is named like a text file or source code is rewritten
as unsafe.

Refused: the flag --unpack, a source named like an archive, one that is an
archive, and names with variables. URLs and git references, and the flags
--checksum and --keep-git-dir that go with them, are what ADD is for.`,
}

func addToCopy(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		add, ok := in.Command.(*instructions.AddCommand)
		if !ok {
			continue
		}
		f := rewrite.Finding{At: in, Message: "ADD is used where COPY may be enough"}
		claim, why := addSources(c, add)
		edit, single := in.Replace(in.Keyword(), matchCase("COPY", in.Node.Value))
		switch {
		case why == "remote":
			continue // that is what ADD is for
		case why != "":
			f.Refused = why
		case !single:
			f.Refused = "the keyword is cut by a line continuation"
		default:
			f.Fix = &rewrite.Fix{
				Title: "ADD → COPY", Why: "COPY never unpacks or downloads, whatever the source turns into",
				Claim: claim, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}

// matchCase is a keyword in the case of the one it replaces.
func matchCase(keyword, like string) string {
	if lower(like) {
		return strings.ToLower(keyword)
	}
	return keyword
}

func addSources(c *rewrite.Context, add *instructions.AddCommand) (claim rewrite.Claim, why string) {
	switch {
	case add.Checksum != "", add.KeepGitDir != nil:
		return claim, "remote"
	case add.Unpack != nil:
		return claim, "--unpack is a flag of ADD only"
	}
	claim = rewrite.SameFiles
	for _, src := range add.SourcePaths {
		lowered := strings.ToLower(src)
		switch {
		case strings.Contains(src, "://"), strings.HasPrefix(src, "git@"), strings.Contains(lowered, ".git#"), strings.HasSuffix(lowered, ".git"),
			strings.HasPrefix(lowered, "github.com/"):
			return claim, "remote"
		case strings.Contains(src, "$"):
			return claim, fmt.Sprintf("what %s names depends on a variable", src)
		case archiveName(lowered):
			return claim, fmt.Sprintf("%s is named like an archive, which ADD unpacks", src)
		case c.Facts.Context.Plain(src):
		case exists(c, src):
			return claim, fmt.Sprintf("%s begins like an archive, which ADD unpacks", src)
		case plainName(lowered):
			claim = rewrite.NoClaim
		case strings.ContainsAny(src, "*?["):
			return claim, fmt.Sprintf("%s may match an archive, which ADD unpacks", src)
		default:
			return claim, fmt.Sprintf("%s is not in the build context that restow sees, and may be an archive, which ADD unpacks", src)
		}
	}
	return claim, ""
}

func exists(c *rewrite.Context, src string) bool {
	there, known := c.Facts.Context.Exists(src)
	return there && known
}

func archiveName(name string) bool {
	for _, ext := range []string{".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst", ".tzst", ".lzma", ".tlz"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return strings.Contains(name, ".tar.")
}

// plainName reports whether a file is named like text or source code.
func plainName(name string) bool {
	switch path.Ext(name) {
	case ".c", ".cc", ".cfg", ".conf", ".cpp", ".css", ".cs", ".csproj", ".ex", ".exs", ".go", ".gradle", ".h", ".html", ".ini",
		".java", ".js", ".json", ".jsx", ".kt", ".lock", ".lua", ".md", ".mod", ".php", ".pl", ".properties", ".py", ".rb",
		".rs", ".scala", ".sh", ".sln", ".sql", ".sum", ".swift", ".toml", ".ts", ".tsx", ".txt", ".xml", ".yaml", ".yml":
		return !strings.ContainsAny(name, `*?[`)
	}
	switch path.Base(name) {
	case "gemfile", "gemfile.lock", "makefile", "pipfile", "procfile", "rakefile":
		return true
	}
	return false
}
