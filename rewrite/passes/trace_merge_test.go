package passes_test

import (
	"context"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// TestTraceMerged: of every RUN that merge-run makes of several in a real file,
// real shells call the same programs in the same way as before, whichever fails.
func TestTraceMerged(t *testing.T) {
	files := corpus.Load(t)
	b := newBench(t)
	var all []merged
	for _, file := range files {
		all = append(all, mergedOf(t, file)...)
	}
	found := len(all)
	if testing.Short() {
		for i := range all {
			if i%20 == 0 {
				all[i/20] = all[i]
			}
		}
		all = all[:(len(all)+19)/20]
	}
	var (
		start           = time.Now()
		mu              sync.Mutex
		wg              sync.WaitGroup
		todo            = make(chan merged)
		ran, runs, diff int
		calls, early    int
		skipped         = map[string]int{}
	)
	for range runtime.NumCPU() {
		wg.Go(func() {
			for m := range todo {
				v, why := m.judge(b)
				mu.Lock()
				runs += v.runs
				switch {
				case v.err != nil:
					t.Errorf("%s: %v", m.name, v.err)
				case v.difference != "":
					diff++
					t.Errorf("%s: %q became %q: %s", m.name, m.before, m.after, v.difference)
				case why != "":
					skipped[why]++
				default:
					ran++
					calls += len(v.clean.Records)
					if !v.clean.OK {
						early++
					}
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range all {
		todo <- m
	}
	close(todo)
	wg.Wait()
	t.Logf("%d chains, of which %d are tried: %d ran, %d differ, %d cannot be run; %d comparisons in %s", found, len(all), ran, diff, len(all)-ran-diff, runs, time.Since(start).Round(time.Second))
	t.Logf("%d calls of stubs in all where nothing fails; %d chains stop by themselves before their end", calls, early)
	for _, why := range slices.SortedFunc(maps.Keys(skipped), func(a, b string) int { return skipped[b] - skipped[a] }) {
		t.Logf("    %5d %s", skipped[why], why)
	}
}

// merged is a RUN with those that it was made of, and what their stage has set.
type merged struct {
	name   string
	before []string
	after  string
	argv   []string // SHELL
	env    []string
	dir    string
}

// mergedOf runs merge-run alone over a file, and pairs what it merged.
func mergedOf(t *testing.T, file corpus.File) (out []merged) {
	f, err := dockerfile.Parse(file.Name, file.Src)
	if err != nil {
		return nil // TestCorpusUnchanged
	}
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.MergeRun}, rewrite.Options{Apply: everything, Facts: rewrite.Facts{MergeAll: true}})
	if err != nil {
		t.Errorf("%s: %v", file.Name, err)
		return nil
	}
	joined := map[*dockerfile.Instruction]*dockerfile.Instruction{} // the last RUN of a chain, by the first
	for _, c := range res.Changes {
		if c.Also == nil {
			t.Errorf("%s:%d: a change that names no second RUN", file.Name, c.Line)
			return nil
		}
		if c.At.File != f {
			t.Logf("%s:%d: left out, since a second round merged what the first had", file.Name, c.Line)
			return nil
		}
		joined[c.At] = c.Also
	}
	left := runs(res.After)
	old := runs(f)
	for i := 0; i < len(old); i++ {
		if len(left) == 0 {
			t.Errorf("%s: there are fewer RUNs than merging leaves", file.Name)
			return out
		}
		now := left[0]
		left = left[1:]
		last := joined[old[i]]
		if last == nil {
			if script(now) != script(old[i]) {
				t.Errorf("%s:%d: the RUN was not merged, and changed", file.Name, f.Line(old[i].Lines.Start))
			}
			continue
		}
		m := mergedAt(old[i], file.Name)
		m.after = script(now)
		for ; ; i++ {
			m.before = append(m.before, script(old[i]))
			if old[i] == last {
				break
			}
		}
		out = append(out, m)
	}
	if len(left) > 0 {
		t.Errorf("%s: there are %d more RUNs than merging leaves", file.Name, len(left))
	}
	return out
}

func runs(f *dockerfile.File) (out []*dockerfile.Instruction) {
	for _, in := range f.Instructions {
		if _, ok := in.Command.(*instructions.RunCommand); ok {
			out = append(out, in)
		}
	}
	return out
}

// script is what BuildKit gives the shell (dispatchRun in dockerfile2llb).
func script(in *dockerfile.Instruction) string {
	cmd := in.Command.(*instructions.RunCommand)
	text := strings.Join(cmd.CmdLine, " ")
	switch {
	case len(cmd.Files) == 0:
		return text
	case parser.MustParseHeredoc(text) != nil && cmd.Files[0].Chomp:
		return parser.ChompHeredocContent(cmd.Files[0].Data)
	case parser.MustParseHeredoc(text) != nil:
		return cmd.Files[0].Data
	}
	for _, file := range cmd.Files {
		text += "\n" + file.Data + file.Name
	}
	return text
}

// mergedAt takes along what the stage of a RUN has set before it. Values stay as they are
// written: any will do, as long as both sides have the same.
func mergedAt(run *dockerfile.Instruction, file string) merged {
	m := merged{name: fmt.Sprintf("%s:%d", file, run.File.Line(run.Lines.Start)), dir: "/"}
	var stages []*dockerfile.Stage
	for s := run.Stage; s != nil; s = s.Base {
		stages = append([]*dockerfile.Stage{s}, stages...)
	}
	env := map[string]string{}
	for _, s := range stages {
		for _, in := range s.Instructions {
			if in == run {
				break
			}
			switch cmd := in.Command.(type) {
			case *instructions.ShellCommand:
				m.argv = cmd.Shell
			case *instructions.EnvCommand:
				for _, kv := range cmd.Env {
					env[kv.Key] = kv.Value
				}
			case *instructions.ArgCommand:
				for _, kv := range cmd.Args {
					if kv.Value != nil && env[kv.Key] == "" {
						env[kv.Key] = *kv.Value
					}
				}
			case *instructions.WorkdirCommand:
				dir := strings.NewReplacer("$", "", "{", "", "}", "").Replace(cmd.Path)
				if !path.IsAbs(dir) {
					dir = path.Join(m.dir, dir)
				}
				m.dir = path.Clean(dir)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(env)) {
		// These would turn the loader or the shell itself to what is not there.
		if k != "PATH" && k != "HOME" && !strings.HasPrefix(k, "LD_") && !strings.ContainsRune(k+env[k], 0) {
			m.env = append(m.env, k+"="+strings.Trim(env[k], `"'`))
		}
	}
	return m
}

// judge compares under each shell that reads the scripts, and says why it does
// not where a script cannot be run here.
func (m merged) judge(b *bench) (all verdict, why string) {
	s := stand{bench: b, env: m.env, dir: m.dir, options: []string{"-c"}}
	names := []string{"dash", "bash"}
	if len(m.argv) > 0 {
		s.options = m.argv[1:]
		if path.Base(m.argv[0]) == "bash" {
			names = []string{"bash"}
		}
	}
	for _, text := range append(slices.Clone(m.before), m.after) {
		if why := s.prepare(text); why != "" {
			return all, why
		}
	}
	for _, name := range names {
		s.shell = name
		v := s.compare(m.before, m.after)
		all.runs += v.runs
		all.clean, all.difference, all.err = v.clean, v.difference, v.err
		switch {
		case all.err == errSlow:
			all.err = nil
			return all, "a script does not end among stubs"
		case all.err != nil || all.difference != "":
			return all, ""
		case strings.Contains(v.clean.stderr, "not found"):
			return all, "a command is not among the stubs where the script looks for it"
		}
	}
	return all, ""
}
