package passes

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// maxCopies bounds how many lines take the place of one COPY: a COPY lays its files
// into one folder.
const maxCopies = 12

// legiblePath matches a path that may stand in a COPY as it is.
var legiblePath = regexp.MustCompile(`^[A-Za-z0-9._@+/][A-Za-z0-9._@+/-]*$`)

// copyLines are lines that copy some paths of the build context to where a COPY of
// the folder root lays them, in that COPY's own style: its keyword, flags and way to
// name folders; one line for each folder.
func copyLines(c *rewrite.Context, copied placed, root string, list []string) (lines, why string) {
	cmd := copied.in.Command.(*instructions.CopyCommand)
	src, dest := cmd.SourcePaths[0], cmd.DestPath
	if !legiblePath.MatchString(src) || strings.ContainsAny(dest, " \t\"'\\$[") || len(copied.in.Heredocs) > 0 {
		return "", "the COPY has an odd path"
	}
	byFolder := map[string][]string{}
	var folders []string
	for _, r := range list {
		rest := r
		if root != "." {
			rest = strings.TrimPrefix(r, root+"/")
		}
		if rest == "." || r == root || !legiblePath.MatchString(r) {
			return "", fmt.Sprintf("it reads %s", r)
		}
		folder := path.Dir(rest)
		if c.Facts.Context.IsDir(r) {
			folder = rest + "/" // of a folder, COPY takes what is in it
		}
		if byFolder[folder] == nil {
			folders = append(folders, folder)
		}
		byFolder[folder] = append(byFolder[folder], rest)
	}
	if len(folders) > maxCopies {
		return "", fmt.Sprintf("what it reads lies in %d folders", len(folders))
	}
	head := copied.in.Keyword().S + " "
	if flags := flagsOf(copied.in); flags != "" {
		head += flags + " "
	}
	to := strings.TrimSuffix(dest, "/") + "/"
	if dest == "." {
		to = "./"
	}
	for _, folder := range folders {
		line := head
		for _, rest := range byFolder[folder] {
			line += path.Join(root, rest) + " "
		}
		if folder != "." {
			line += to + strings.TrimSuffix(folder, "/") + "/"
		} else {
			line += to
		}
		lines += line + copied.in.File.EOL(copied.in.Lines.Start)
	}
	return lines, ""
}

// flagsOf are an instruction's flags as they stand in the file.
func flagsOf(in *dockerfile.Instruction) string {
	var out []string
	for _, w := range in.Flags() {
		out = append(out, w.S)
	}
	return strings.Join(out, " ")
}
