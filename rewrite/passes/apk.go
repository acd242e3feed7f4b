package passes

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// ApkNoCache lets apk keep no index in the image.
var ApkNoCache = &rewrite.Pass{
	Name:     "apk-no-cache",
	Hadolint: []string{"DL3019"},
	Claim:    rewrite.NoClaim,
	Run:      apkNoCache,
	Doc: `Give apk add the option --no-cache.

With it apk fetches the package index for the one call and keeps nothing of it.
An apk update before it and an rm of /var/cache/apk behind it are needless then:
where they are commands of their own in a list of &&, they go in the same fix,
and an apk upgrade between them gets the option too. -U and --update give way
to it, since it has apk fetch the index as they do.

Unsafe, since the files of the image change: the index is no longer among them,
and a script that a later RUN starts finds none.

Refused: an apk update in the same RUN that has to stay, since a later command may
read the index, and one that cannot be taken out alone, since it stands in a
branch, for what joins it to the next command or for its options.
Nothing is said of a RUN with a cache mount for the index, nor of --no-network
and --cache-dir, which ask for one.`,
}

// apkRun is what a script does with the index of packages.
type apkRun struct {
	*script
	adds    []meant // have no --no-cache, and can have it
	updates []int   // items of the list
	cleans  []int
	bound   bool // an apk update is no plain item
	reads   bool // another command reads the index
	spared  bool // a command has --no-cache
}

func apkNoCache(c *rewrite.Context) {
	if !cleansUp(c) {
		return // cache-mounts keeps what this would take out
	}
	var all []*apkRun
	read := map[*dockerfile.Instruction]*apkRun{}
	for _, s := range scripts(c) {
		if !s.runs("apk") {
			read[s.in] = &apkRun{script: s}
			continue
		}
		a := readApk(s)
		all, read[s.in] = append(all, a), a
	}
	reads := func(in *dockerfile.Instruction) bool { return apkReads(c, in, read) }
	for _, a := range all {
		if cacheMounted(a.in, "/var/cache/apk", "/etc/apk/cache") {
			continue
		}
		a.report(c, reads)
	}
}

const apkMessage = "apk add without --no-cache leaves the package index in the image"

func readApk(s *script) *apkRun {
	a := &apkRun{script: s}
	var upgrades []meant
	updates := 0
	for _, m := range s.meanings() {
		in, _ := unwrapped(m)
		if in.Manager != "apk" {
			continue
		}
		switch {
		case in.Verb == "update":
			updates++
		case in.Has("--no-cache"):
			a.spared = true
		case in.Verb == "clean", in.Verb == "remove", in.Verb == "": // what is installed is known without the index
		case in.Has("--no-network"), in.Has("--cache-dir"), in.Has("-s"):
			a.reads = true
		case in.Verb == "upgrade":
			upgrades = append(upgrades, m)
		case in.Verb != "install":
			a.reads = true
		default:
			a.adds = append(a.adds, m)
		}
	}
	for i, item := range s.Top {
		switch {
		case apkUpdates(item):
			a.updates = append(a.updates, i)
		case apkCleans(item):
			a.cleans = append(a.cleans, i)
		}
	}
	a.bound = updates > len(a.updates)
	if updates == 0 {
		a.reads = a.reads || len(upgrades) > 0 // they upgrade to what the index says
		return a
	}
	a.adds = append(a.adds, upgrades...)
	return a
}

// apkUpdates reports whether an item is apk update and nothing else.
func apkUpdates(item shell.Item) bool {
	words, ok := sudoless(item)
	if !ok || words[0] != "apk" || !slices.Contains(words, "update") {
		return false
	}
	return !slices.ContainsFunc(words[1:], func(w string) bool {
		return !slices.Contains([]string{"update", "-q", "--quiet", "--no-progress", "--no-cache", "-v", "--verbose"}, w)
	})
}

// apkCleans reports whether an item removes the index and nothing else.
func apkCleans(item shell.Item) bool {
	words, ok := sudoless(item)
	if !ok || words[0] != "rm" {
		return false
	}
	return !slices.ContainsFunc(words[1:], func(w string) bool {
		return !strings.HasPrefix(w, "-") && !slices.Contains([]string{"/var/cache/apk", "/var/cache/apk/", "/var/cache/apk/*", "/var/cache/apk/**"}, w)
	})
}

// sudoless are an item's words without sudo in front.
func sudoless(item shell.Item) ([]string, bool) {
	words, ok := plainWords(item)
	if ok && words[0] == "sudo" {
		words = words[1:]
	}
	return words, ok && len(words) > 1
}

// apkReads reports whether an instruction behind in, in its stage or one built on
// it, may read the index that in leaves behind.
func apkReads(c *rewrite.Context, in *dockerfile.Instruction, read map[*dockerfile.Instruction]*apkRun) bool {
	for _, later := range c.File.Instructions[in.Index+1:] {
		if !later.Is("RUN") || !buildsOn(later.Stage, in.Stage) {
			continue
		}
		a := read[later]
		switch {
		case a == nil && strings.Contains(string(c.File.Bytes(later.Lines)), "apk "):
			return true
		case a != nil && len(a.updates) == 0 && (a.reads || len(a.adds) > 0 && (c.Ignored(later) || !a.fixable())):
			return true
		}
	}
	return false
}

// fixable reports whether all that installs can get --no-cache.
func (a *apkRun) fixable() bool {
	return !a.bound && !slices.ContainsFunc(a.adds, func(m meant) bool {
		_, ok := a.noCache(m)
		return !ok
	})
}

func (a *apkRun) report(c *rewrite.Context, reads func(*dockerfile.Instruction) bool) {
	indexed := a.bound || len(a.updates) > 0
	later := indexed && reads(a.in)
	if len(a.adds) == 0 && (!a.spared || a.bound || len(a.updates) == 0 || a.reads || later) {
		return
	}
	f := rewrite.Finding{At: a.in, Message: apkMessage}
	fix := &rewrite.Fix{Title: "add --no-cache", Why: "the package index is fetched for the one call, and not kept", Claim: rewrite.NoClaim}
	for _, m := range a.adds {
		edit, ok := a.noCache(m)
		if !ok {
			f.Refused = "a line continuation cuts its words"
		}
		fix.Edits = append(fix.Edits, edit)
	}
	if len(a.adds) > 0 {
		f.Line = a.lineOf(a.adds[0])
	} else {
		f.Message, fix.Title = "apk update leaves the package index in the image, and --no-cache needs none", "--no-cache is there"
	}
	switch {
	case f.Refused != "" || !indexed:
	case a.reads || later:
		f.Refused = "another command may read the index that apk update fetches"
	case a.bound || !a.drop(fix, a.updates, ", remove apk update"):
		f.Refused = "apk update cannot be taken out of the script alone"
	}
	if f.Refused == "" {
		if !a.reads {
			for _, i := range a.cleans {
				_ = a.drop(fix, []int{i}, ", remove rm") // it may stay as well
			}
		}
		f.Fix = fix
	}
	c.Report(f)
}

// drop takes items of the list away as part of a fix, all or none.
func (a *apkRun) drop(fix *rewrite.Fix, items []int, title string) bool {
	edits := slices.Clone(fix.Edits)
	for _, i := range items {
		more, ok := a.dropItem(i)
		if !ok || dockerfile.Overlap(more, edits) {
			return false
		}
		edits = append(edits, more...)
	}
	fix.Edits, fix.Title = edits, fix.Title+title
	return true
}

// noCache is --no-cache behind the verb, or in the place of an option that has
// apk fetch the index.
func (a *apkRun) noCache(m meant) (dockerfile.Edit, bool) {
	in, from := unwrapped(m)
	for i := from; i < len(m.Words); i++ {
		if v := m.value(i); v == "-U" || v == "--update" || v == "--update-cache" {
			return a.replace(m.Words[i].Lo, m.Words[i].Hi, "--no-cache")
		}
	}
	return a.behindVerb(m, in, from, " --no-cache")
}
