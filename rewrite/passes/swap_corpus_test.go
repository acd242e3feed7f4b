package passes_test

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
)

// swapped is a Dockerfile of the corpus with the build context, if that was kept.
type swapped struct {
	name string
	src  []byte
	tree *project.Tree
	fsys fs.FS
}

func swapInputs(t *testing.T) (out []swapped) {
	for _, file := range corpus.Load(t) {
		out = append(out, swapped{name: file.Name, src: file.Src})
	}
	for _, c := range corpus.Contexts(t) {
		src, err := fs.ReadFile(c.FS, c.Dockerfile)
		if err != nil {
			continue
		}
		tree, err := project.New(c.FS, c.Dockerfile)
		if err != nil {
			continue
		}
		out = append(out, swapped{c.Name + "/" + c.Dockerfile, src, tree, c.FS})
	}
	return out
}

// TestCorpusSwap swaps the bases of all stages of the corpus: what is written
// compiles, every new tag is in the table, a second run changes nothing, and no
// program is lost, by a reading of the text of its own.
func TestCorpusSwap(t *testing.T) {
	for _, to := range []string{"slim", "distroless", "alpine"} {
		t.Run(to, func(t *testing.T) { swapCorpus(t, to) })
	}
}

func swapCorpus(t *testing.T, to string) {
	stages, files := map[string]int{}, 0
	why := map[bool]map[string]int{false: {}, true: {}}
	examples := map[string]string{}
	for _, in := range swapInputs(t) {
		f, err := dockerfile.Parse(in.name, in.src)
		if err != nil {
			continue
		}
		opt := rewrite.Options{Apply: everything, Facts: rewrite.Facts{BaseTo: to, Context: in.tree}}
		res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.SwapBase}, opt)
		if err != nil {
			t.Errorf("%s: %v", in.name, err)
			continue
		}
		for _, w := range res.Withheld {
			t.Errorf("%s:%s", in.name, w)
		}
		for _, c := range res.Findings {
			reason := genericSwap(c.Refused)
			why[in.tree != nil][reason]++
			if examples[reason] == "" {
				examples[reason] = in.name + ": " + c.Refused
			}
		}
		if len(res.Changes) == 0 {
			continue
		}
		files++
		again, err := rewrite.Run(context.Background(), res.After, []*rewrite.Pass{passes.SwapBase}, opt)
		if err != nil || !bytes.Equal(again.After.Src, res.After.Src) {
			t.Errorf("%s: a second run changes the file (%v)", in.name, err)
		}
		checkKept(t, f, res)
		checkBuilds(t, f, res)
		for _, c := range res.Changes {
			if from, to, ok := strings.Cut(c.Fix.Title, " → "); ok {
				stages[family(from)+" → "+family(to)]++
				checkSwap(t, in, res, from, to)
			}
		}
	}
	t.Logf("%d files changed", files)
	total := 0
	for _, title := range slices.Sorted(maps.Keys(stages)) {
		t.Logf("  %4d %s", stages[title], title)
		total += stages[title]
	}
	t.Logf("%d stages", total)
	for _, known := range []bool{false, true} {
		sum := 0
		for _, n := range why[known] {
			sum += n
		}
		t.Logf("refused, build context known %t: %d", known, sum)
		for i, reason := range slices.SortedFunc(maps.Keys(why[known]), func(a, b string) int {
			return cmp.Or(why[known][b]-why[known][a], strings.Compare(a, b))
		}) {
			if i < 30 {
				t.Logf("  %4d %s\n            %s", why[known][reason], reason, examples[reason])
			}
		}
	}
}

// family is an image without what tells its versions apart.
func family(image string) string {
	repo, tag, _ := strings.Cut(image, ":")
	var words []string
	for word := range strings.SplitSeq(tag, "-") {
		if strings.Trim(word, "0123456789.") != word || word == "latest" {
			word = "N"
		}
		words = append(words, word)
	}
	return repo + ":" + strings.Join(words, "-")
}

var swapNames = []struct{ from, to string }{
	{`^line \d+: `, ""},
	{`line \d+`, "line N"},
	{` \(and \d+ more\)`, ""},
	{`runs (\./|/|\$)?[^ ,]+(, | )which`, "runs X, which"},
	{"`[^`]+`", "`X`"},
	{`elsewhere: .*`, "elsewhere"},
	{`^\S+ is compiled where it is installed, which needs .*`, "X is compiled where it is installed"},
	{`needs (\S+), which \S+ lacks: compile`, "needs $1, which it lacks: compile"},
	{`installs what \S+ says`, "installs what X says"},
	{`(linked with) \S+, which comes from \S+`, "$1 X, which comes from Y"},
	{`^what .* has and .* lacks`, "what X has and Y lacks"},
	{`of which there is no .*`, "of which there is none"},
	{`[\w.-]+(, [\w.-]+)* would have`, "X would have"},
	{`packages of \w+ are`, "packages of X are"},
	{`what (\S+) makes in stage .*`, "what $1 makes in another stage may be linked"},
	{`ARG \w+ `, "ARG X "},
	{`copies \S+ from`, "copies X from"},
	{`^\S+\.(sh|py|txt|json|mk)\b`, "SCRIPT"},
	{`installs \S+, which`, "installs X, which"},
	{`^\S+ is pinned by its digest, and that of \S+`, "pinned by digest, and that of X"},
}

func genericSwap(reason string) string {
	for _, n := range swapNames {
		reason = regexp.MustCompile(n.from).ReplaceAllString(reason, n.to)
	}
	return reason
}

// place finds the words of a text that stand where a command does.
var place = regexp.MustCompile("(?m)(?:^|&&|\\|\\||[;|(`{]|\\bsudo(?: -\\w+)*|\\bexec|\\bthen|\\bdo|\\belse|\\bif|\\bwhile|\\buntil|!|\\$\\(|\\bCMD|\\bENTRYPOINT|\\bRUN(?: --\\S+)*|\\[ *\")\\s*(?:[A-Z_]+=\\S+ +)*(?:/usr)?(?:/bin/)?([a-zA-Z0-9_.+-]+)")

// checkSwap reads the new file anew: the image is in the table, and each program
// that only the old one has stands beside a package that brings it.
func checkSwap(t *testing.T, in swapped, res *rewrite.Result, from, to string) {
	old, _ := base.Find(from)
	image, known := base.Find(to)
	if known != base.Live && known != base.Retired {
		t.Errorf("%s: %s is not in the table", in.name, to)
	}
	if image.Repository == old.Repository && known == base.Live && image.Version() != old.Version() {
		t.Errorf("%s: %s is %s, and %s is %s", in.name, from, old.Version(), to, image.Version())
	}
	had, exact1 := old.Commands()
	has, exact2 := image.Commands()
	if exact1 == base.Unknown || exact2 == base.Unknown || exact2 == base.Partial {
		return
	}
	lost := map[string]string{}
	for _, c := range had {
		lost[c.Name] = c.Package
	}
	for _, c := range has {
		delete(lost, c.Name)
	}
	for _, stage := range res.After.Stages {
		if !builtOn(stage, image) {
			continue
		}
		var installed []string
		for at := stage; at != nil; at = at.Base {
			for _, ins := range at.Instructions {
				if ins.Is("RUN") {
					installed = append(installed, strings.FieldsFunc(whole(ins), func(r rune) bool { return strings.ContainsRune(" \t\n;&|=\\\"'", r) })...)
				}
			}
		}
		for _, ins := range stage.Instructions {
			texts := map[string]string{}
			switch {
			case ins.Is("RUN"), ins.Is("CMD"), ins.Is("ENTRYPOINT"), ins.Is("HEALTHCHECK"):
				texts[ins.Keyword().S] = whole(ins)
			}
			maps.Copy(texts, scriptsIn(in, ins))
			for who, text := range texts {
				for _, m := range place.FindAllStringSubmatch(text, -1) {
					pkg, gone := lost[m[1]]
					if !gone || m[1] == "file" || brought(installed, m[1], pkg, image.Suite) {
						continue
					}
					t.Errorf("%s: line %d: %s calls %s of %s, which %s lacks", in.name, res.After.Line(ins.Lines.Start), who, m[1], pkg, to)
				}
			}
		}
	}
}

func builtOn(stage *dockerfile.Stage, image *base.Image) bool {
	for stage.Base != nil {
		stage = stage.Base
	}
	i, _ := base.Find(stage.From.From.BaseName)
	return i.Repository == image.Repository && i.Tag == image.Tag
}

// whole is an instruction's text without comments and with its heredocs.
func whole(in *dockerfile.Instruction) string {
	text := in.Text.S
	for _, h := range in.Heredocs {
		text += "\n" + string(in.File.Bytes(h.Body))
	}
	return text
}

// scriptsIn are shell scripts of the build context that an instruction runs by
// their names.
func scriptsIn(in swapped, ins *dockerfile.Instruction) map[string]string {
	out := map[string]string{}
	if in.fsys == nil || !ins.Is("RUN") && !ins.Is("CMD") && !ins.Is("ENTRYPOINT") && !ins.Is("HEALTHCHECK") {
		return out
	}
	for w := range strings.FieldsFuncSeq(whole(ins), func(r rune) bool { return strings.ContainsRune(" \t\n;&|\"'[],", r) }) {
		if !strings.HasSuffix(w, ".sh") {
			continue
		}
		var found []string
		_ = fs.WalkDir(in.fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && path.Base(name) == path.Base(w) && !d.IsDir() {
				found = append(found, name)
			}
			return nil
		})
		if len(found) != 1 {
			continue
		}
		if data, err := fs.ReadFile(in.fsys, found[0]); err == nil {
			lines := regexp.MustCompile(`(?m)#.*$|"[^"\n]*"|'[^'\n]*'`).ReplaceAll(data, nil)
			out[found[0]] = string(lines)
		}
	}
	return out
}

func brought(installed []string, command, pkg, suite string) bool {
	if !base.Covers(suite) {
		suite = "bookworm"
	}
	p, _ := base.Provides(command, suite)
	names := slices.Concat([]string{pkg, command, strings.TrimRight(pkg, "-0123456789.")}, p.Packages, p.Alternatives)
	if slices.ContainsFunc([]string{"gcc", "g++", "cc", "make", "ld", "strip", "patch", "xz", "bzip2", "dpkg-buildpackage"}, func(c string) bool { return c == command }) {
		names = append(names, "build-essential")
	}
	if command == "gpg" || command == "gpgv" {
		names = append(names, "gnupg", "gnupg2", "gpg", "software-properties-common")
	}
	if strings.HasPrefix(command, "python3") {
		names = append(names, "python3-pip", "python3-dev", "python3-venv", "software-properties-common")
	}
	return slices.ContainsFunc(names, func(n string) bool { return n != "" && slices.Contains(installed, n) })
}
