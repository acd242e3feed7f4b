package passes_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	digest "github.com/opencontainers/go-digest"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/proof"
	"github.com/restow/restow/rewrite/shell"
)

func everything(*rewrite.Pass, rewrite.Safety) bool { return true }

// TestCorpusUnchanged: what BuildKit reads, restow reads, and without a pass it
// gives back the same bytes.
func TestCorpusUnchanged(t *testing.T) {
	refused, files := 0, corpus.Load(t)
	for _, file := range files {
		f, err := dockerfile.Parse(file.Name, file.Src)
		if theirs := accepts(file.Src); (err == nil) != (theirs == nil) {
			t.Errorf("%s: restow says %v, BuildKit %v", file.Name, err, theirs)
		}
		if err != nil {
			refused++
			continue
		}
		var tiles []byte
		for _, p := range f.Pieces {
			tiles = append(tiles, f.Bytes(p.Span)...)
		}
		if !bytes.Equal(tiles, file.Src) {
			t.Errorf("%s: pieces do not tile the file", file.Name)
		}
		res, err := rewrite.Run(context.Background(), f, nil, rewrite.Options{Apply: everything})
		if err != nil || !bytes.Equal(res.After.Src, file.Src) {
			t.Errorf("%s: changed without a pass (%v)", file.Name, err)
		}
	}
	t.Logf("%d files, of which BuildKit's parser refuses %d", len(files), refused)
}

// accepts is what BuildKit's parser and instruction reader say of a file.
func accepts(src []byte) error {
	res, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		return err
	}
	stages, _, err := instructions.Parse(res.AST, linter.New(&linter.Config{})) // without one it fails on # check= comments
	if err == nil && len(stages) == 0 {
		return fmt.Errorf("no stages")
	}
	return err
}

// TestCorpusSuite runs the whole suite with unsafe fixes over every file.
func TestCorpusSuite(t *testing.T) { overCorpus(t, passes.Suite) }

// TestCorpusPasses runs each pass that fixes alone over every file.
func TestCorpusPasses(t *testing.T) {
	for _, p := range passes.Fixing() {
		t.Run(p.Name, func(t *testing.T) { overCorpus(t, []*rewrite.Pass{p}) })
	}
}

// TestCorpusCRLF runs the whole suite over every file as an editor on Windows may
// leave it: a byte order mark, CRLF, and no line ending at the end.
func TestCorpusCRLF(t *testing.T) {
	overCorpus(t, passes.Suite, func(src []byte) []byte {
		src = bytes.ReplaceAll(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		src = bytes.TrimSuffix(src, []byte("\r\n"))
		return append([]byte("\xef\xbb\xbf"), bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))...)
	})
}

type tally struct {
	sync.Mutex
	changed map[string]int            // files by pass
	applied map[string]int            // fixes by pass
	refused map[string]map[string]int // findings by pass and reason
	proven  map[rewrite.Claim]int     // files
	files   map[string]int
	gone    int // comments that went with their stage
}

func overCorpus(t *testing.T, suite []*rewrite.Pass, change ...func([]byte) []byte) {
	files := corpus.Load(t)
	for _, c := range change {
		for i := range files {
			files[i].Src = c(files[i].Src)
		}
	}
	sum := tally{
		changed: map[string]int{}, applied: map[string]int{}, refused: map[string]map[string]int{},
		proven: map[rewrite.Claim]int{}, files: map[string]int{},
	}
	todo := make(chan corpus.File)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for file := range todo {
				one(t, suite, file, &sum)
			}
		})
	}
	for _, file := range files {
		todo <- file
	}
	close(todo)
	wg.Wait()
	sum.print(t)
}

func one(t *testing.T, suite []*rewrite.Pass, file corpus.File, sum *tally) {
	f, err := dockerfile.Parse(file.Name, file.Src)
	if err != nil {
		return // TestCorpusUnchanged
	}
	opt := rewrite.Options{Apply: everything, Facts: rewrite.Facts{Images: everyImage(f)}}
	if len(suite) == 1 && suite[0] == passes.CacheMounts {
		opt.Facts.Caches = "mount" // without it the pass finds nothing
	}
	res, err := rewrite.Run(context.Background(), f, suite, opt)
	if err != nil {
		t.Errorf("%s: %v", file.Name, err)
		return
	}
	for _, w := range res.Withheld {
		t.Errorf("%s:%s", file.Name, w)
	}
	again, err := rewrite.Run(context.Background(), res.After, suite, opt)
	if err != nil || !bytes.Equal(again.After.Src, res.After.Src) {
		t.Errorf("%s: a second run changes the file (%v)", file.Name, err)
	}
	gone := checkKept(t, f, res)
	checkBuilds(t, f, res)
	sum.add(res, gone)
}

// everyImage is a registry that has every image of a file, latest under a name
// that tells more.
func everyImage(f *dockerfile.File) map[string]rewrite.Image {
	out := map[string]rewrite.Image{}
	for _, s := range images.Collect(f, images.Options{}) {
		img := rewrite.Image{Digest: string(digest.FromString(s.Ref))}
		if strings.HasSuffix(s.Ref, ":latest") {
			img.Specific = "1.2.3"
			out[strings.TrimSuffix(s.Ref, "latest")+img.Specific] = img
		}
		out[s.Ref] = img
	}
	return out
}

func (s *tally) add(res *rewrite.Result, gone int) {
	s.Lock()
	defer s.Unlock()
	s.gone += gone
	seen := map[string]bool{}
	for _, c := range res.Changes {
		s.applied[c.Pass.Name]++
		if !seen[c.Pass.Name] {
			seen[c.Pass.Name] = true
			s.changed[c.Pass.Name]++
		}
	}
	if len(res.Changes) > 0 {
		s.files["changed"]++
	}
	if res.Proof.Refused != "" {
		s.files["not to be proven"]++
	}
	for _, c := range res.Proof.Checked {
		s.proven[c]++
	}
	for _, c := range res.Findings {
		if c.Refused == "" {
			continue
		}
		if s.refused[c.Pass.Name] == nil {
			s.refused[c.Pass.Name] = map[string]int{}
		}
		s.refused[c.Pass.Name][generic(c.Refused)]++
	}
}

var (
	lines = regexp.MustCompile(`line \d+`)
	named = regexp.MustCompile(`^\S+ (is |begins )`)
	vars  = regexp.MustCompile(`\bARG \w+|\$\{\w+[^}]*\}|\$\w+`)
)

// generic takes the words of one file out of a reason, so that reasons count.
func generic(reason string) string {
	if _, rest, ok := strings.Cut(reason, "the RUN of line"); ok {
		_, reason, _ = strings.Cut(rest, ": ")
	}
	if short, _, ok := strings.Cut(reason, " as it stands: "); ok {
		return short
	}
	reason = lines.ReplaceAllString(reason, "line N")
	reason = vars.ReplaceAllString(reason, "ARG X")
	reason = named.ReplaceAllString(reason, "SOURCE $1")
	if len(reason) > 110 {
		reason = reason[:110] + "…"
	}
	return reason
}

func (s *tally) print(t *testing.T) {
	t.Logf("%d files changed, %d cannot be proven; comments gone with an unused stage: %d; 0 failed proofs unless named above",
		s.files["changed"], s.files["not to be proven"], s.gone)
	for c, n := range s.proven {
		t.Logf("proven in %d files: %s", n, c)
	}
	for _, p := range passes.Suite {
		reasons := s.refused[p.Name]
		total := 0
		for _, n := range reasons {
			total += n
		}
		if s.changed[p.Name]+total == 0 {
			continue
		}
		t.Logf("%-30s changed %4d files (%d fixes), refused %d", p.Name, s.changed[p.Name], s.applied[p.Name], total)
		by := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
			if reasons[a] != reasons[b] {
				return reasons[b] - reasons[a]
			}
			return strings.Compare(a, b)
		})
		for i, r := range by {
			if i == 12 {
				t.Logf("    … and %d rarer reasons", len(by)-i)
				break
			}
			t.Logf("    %5d %s", reasons[r], r)
		}
	}
}

var digests = regexp.MustCompile(`sha256:[0-9a-f]{64}`)

// checkKept: no comment, directive or digest is lost, but with a stage that is
// removed as unused; and line endings are not mixed where they were not.
func checkKept(t *testing.T, f *dockerfile.File, res *rewrite.Result) (gone int) {
	kept := map[string]int{}
	count := func(f *dockerfile.File, by int) {
		for _, p := range f.Pieces {
			switch p.Kind {
			case dockerfile.Directive: // # syntax may gain a digest, and a tag
				name, _, _ := strings.Cut(p.Value, ":")
				kept[p.Name+"="+name] += by
			case dockerfile.Comment:
				kept[strings.TrimSpace(string(f.Bytes(p.Span)))] += by
			case dockerfile.Code:
				for _, c := range p.Instruction.Comments {
					kept[strings.TrimSpace(string(f.Bytes(c)))] += by
				}
			}
		}
		for _, d := range digests.FindAllString(string(f.Src), -1) {
			kept[d] += by
		}
	}
	count(f, 1)
	count(res.After, -1)
	removed := 0 // comments and digests inside the stages that were removed
	for _, c := range res.Changes {
		if c.Pass == passes.UnusedStage || c.Pass == passes.SwapBase { // whose digest gives way to another
			for _, e := range c.Fix.Edits {
				text := string(c.At.File.Bytes(e.Span))
				removed += strings.Count(text, "#") + strings.Count(text, "sha256:")
			}
		}
	}
	for what, n := range kept {
		if n > 0 {
			gone += n
		}
		gained := n < 0 && strings.HasPrefix(what, "sha256:")
		if n != 0 && !gained && removed == 0 {
			t.Errorf("%s: %d times lost: %s", f.Name, n, what)
		}
	}
	if gone > removed {
		t.Errorf("%s: %d comments or digests lost, %d were in removed stages", f.Name, gone, removed)
	}
	if !mixed(f.Src) && mixed(res.After.Src) {
		t.Errorf("%s: line endings are mixed now", f.Name)
	}
	if bytes.HasSuffix(f.Src, []byte("\n")) != bytes.HasSuffix(res.After.Src, []byte("\n")) {
		t.Errorf("%s: the final line ending changed", f.Name)
	}
	return gone
}

func mixed(src []byte) bool {
	crlf := bytes.Count(src, []byte("\r\n"))
	return crlf > 0 && crlf != bytes.Count(src, []byte("\n"))
}

// checkBuilds: BuildKit's parser, instruction reader and compiler take what they
// took before, and no script has a syntax error that it did not have.
func checkBuilds(t *testing.T, f *dockerfile.File, res *rewrite.Result) {
	if bytes.Equal(f.Src, res.After.Src) {
		return
	}
	if err := accepts(res.After.Src); err != nil {
		t.Errorf("%s: BuildKit's parser refuses the result: %v", f.Name, err)
	}
	if _, err := proof.Compile(context.Background(), f, nil, nil); err == nil {
		if _, err := proof.Compile(context.Background(), res.After, nil, nil); err != nil {
			t.Errorf("%s: BuildKit's compiler refuses the result: %v", f.Name, err)
		}
	}
	if before, after := syntaxErrors(f), syntaxErrors(res.After); after > before {
		t.Errorf("%s: %d scripts with a syntax error, %d before", f.Name, after, before)
	}
}

func syntaxErrors(f *dockerfile.File) (n int) {
	for _, in := range f.Instructions {
		run, ok := in.Command.(*instructions.RunCommand)
		if !ok || !run.PrependShell {
			continue
		}
		script := in.Args().S
		if len(in.Heredocs) > 0 {
			script = in.Heredocs[0].Content
		}
		if _, err := shell.Read(script, shell.Bash); err != nil && strings.Contains(err.Error(), "does not parse") {
			n++
		}
	}
	return n
}
