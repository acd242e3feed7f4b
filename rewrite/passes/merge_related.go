package passes

import (
	"path"
	"strings"
)

// work is what a RUN is about, as far as that tells which of its neighbours it
// belongs to. Nothing of it is needed for merging to be right.
type work struct {
	managers map[string]bool // package managers it calls
	small    bool            // all of it only touches files and users
	makes    []string        // paths, as written, of what it writes or fetches
	removes  []string        // paths, as written
}

// caches are where package managers leave what a later rm of theirs removes, from
// their manuals.
var caches = map[string][]string{
	"apt": {"/var/lib/apt/lists", "/var/cache/apt", "/var/lib/apt", "/var/cache/debconf"},
	"apk": {"/var/cache/apk"},
	"dnf": {"/var/cache/dnf", "/var/cache/yum", "/var/cache"},
	"pip": {"/root/.cache/pip", "/root/.cache", "~/.cache/pip", "~/.cache"},
	"npm": {"/root/.npm", "~/.npm"},
}

// steps are programs that do little and soon: files, folders, users, settings.
var steps = map[string]bool{
	"mkdir": true, "chmod": true, "chown": true, "chgrp": true, "ln": true, "cp": true, "mv": true, "rm": true, "rmdir": true,
	"touch": true, "echo": true, "printf": true, "sed": true, "cat": true, "tee": true, "install": true, "true": true, ":": true,
	"useradd": true, "adduser": true, "usermod": true, "groupadd": true, "addgroup": true, "groupmod": true, "passwd": true,
	"cd": true, "export": true, "umask": true, "set": true, "test": true, "[": true, "ldconfig": true, "setcap": true,
}

func workOf(r *reading) work {
	w := work{managers: map[string]bool{}}
	if r.unread != "" {
		return w
	}
	w.small = true
	for _, c := range r.all {
		m := c.Meaning
		w.small = w.small && (steps[m.Program] || len(c.Words) == 0)
		if m.Manager != "" {
			w.managers[m.Manager] = true
		}
		for _, i := range m.Writes {
			word := c.Words[i]
			if value := word.Value; (word.Static || word.Glob) && m.Program == "rm" {
				w.removes = append(w.removes, value)
			} else if word.Static {
				w.makes = append(w.makes, value)
			}
		}
		if !m.Network {
			continue
		}
		for i, word := range c.Words { // curl -O, wget and git clone name a file after the address
			if i > 0 && word.Static && strings.Contains(word.Value, "://") {
				w.makes = append(w.makes, strings.TrimSuffix(path.Base(word.Value), ".git"))
			}
		}
	}
	return w
}

// related tells for each RUN but the last whether the next belongs to it.
func related(runs []run) []bool {
	out := make([]bool, len(runs)-1)
	// The nearest RUN that made what a later one removes, so that whatever stands
	// between them is merged too: only then is the space saved.
	for j := range runs {
		for i := j - 1; i >= 0 && len(runs[j].work.removes) > 0; i-- {
			if runs[i].work.removedBy(runs[j].work) {
				for k := i; k < j; k++ {
					out[k] = true
				}
			}
		}
	}
	for i := range out {
		a, b := runs[i].work, runs[i+1].work
		out[i] = out[i] || a.small && b.small || sharesManager(a, b)
	}
	return out
}

func sharesManager(a, b work) bool {
	for m := range a.managers {
		if b.managers[m] {
			return true
		}
	}
	return false
}

func (w work) removedBy(later work) bool {
	for _, gone := range later.removes {
		gone = strings.TrimSuffix(strings.TrimSuffix(gone, "*"), "/")
		if gone == "" {
			continue
		}
		for _, made := range w.makes {
			if made == gone || strings.HasPrefix(made, gone+"/") || path.Base(made) == path.Base(gone) {
				return true
			}
		}
		for m := range w.managers {
			for _, cache := range caches[m] {
				if cache == gone || strings.HasPrefix(gone, cache+"/") {
					return true
				}
			}
		}
	}
	return false
}
