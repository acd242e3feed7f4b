package split

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// nodeProgram is `node FILE`: the file has to be in a folder that is kept.
func (w *walk) nodeProgram(words []string, by string) {
	for _, word := range words[1:] {
		if strings.HasPrefix(word, "-") {
			if word == "-r" || word == "--require" || word == "--loader" || word == "--import" {
				refuse("%s gives node %s", by, word)
			}
			continue
		}
		at := w.abs(word)
		if !w.files.has(at) && w.files.at[at+".js"] == nil {
			refuse("%s runs %s, which nothing is known to make", by, word)
		}
		w.runs("node")
		return
	}
	refuse("%s runs node without a file", by)
}

// script_ is `npm start` and the like, by the package.json of the working directory.
func (w *walk) script_(words []string, by string) {
	name := ""
	for _, word := range words[1:] {
		if strings.HasPrefix(word, "-") || word == "run" || word == "run-script" {
			continue
		}
		name = word
		break
	}
	e := w.files.at[path.Join(w.dir, "package.json")]
	if e == nil || e.from == "" || name == "" {
		refuse("%s runs %s, and its package.json is not known", by, strings.Join(words, " "))
	}
	data, err := w.tree.Read(e.from)
	var top struct{ Scripts map[string]string }
	if err != nil || json.Unmarshal(data, &top) != nil || top.Scripts[name] == "" {
		if name != "start" || err != nil {
			refuse("%s runs the script %s, which %s has not", by, name, e.from)
		}
		top.Scripts = map[string]string{"start": "node server.js"}
	}
	if words[0] == "pnpm" {
		refuse("%s runs pnpm, which the image has not", by)
	}
	w.sh = by + " runs " + words[0]
	for _, script := range []string{"pre" + name, name, "post" + name} {
		text := top.Scripts[script]
		if text == "" {
			continue
		}
		s, err := shell.Read(text, shell.POSIX)
		if err != nil {
			refuse("the script %s of %s cannot be read", script, e.from)
		}
		for _, sc := range s.Commands {
			if len(sc.Words) == 0 {
				continue
			}
			if first := sc.Words[0]; first.Static && !builtins[first.Value] && !slices.Contains([]string{"node", "npm", "yarn", "sh"}, first.Value) {
				continue // of node_modules/.bin, which stays
			}
			var words []string
			for _, word := range sc.Words {
				words = append(words, w.arg(s, word).s)
			}
			if words[0] == "node" {
				w.nodeProgram(words, "npm "+name)
			}
		}
	}
	w.runs(strings.Join(words, " "))
}
