package passes_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// TestOutcome: a RUN to which a pass adds commands, or from which it takes some,
// fails where it failed before and runs the same commands up to there. Scripts of
// many shapes, in a line and as a heredoc, run under real shells before and after,
// with every command a function that fails when it is told to.
func TestOutcome(t *testing.T) {
	for _, tt := range []struct {
		pass    *rewrite.Pass
		install string      // the command that the pass looks for
		around  [][2]string // what stands before it and at the script's end
		adds    string      // what is added or taken, and does not fail itself
	}{
		{passes.DnfClean, "dnf install x", [][2]string{{}}, "dnf-clean"},
		{passes.AptLists, "apt-get update", [][2]string{{}}, "rm"},
		{passes.NpmCache, "npm install -g x", [][2]string{{"c0 && "}}, "npm-cache"},
		{passes.ApkNoCache, "apk add x", [][2]string{
			{"apk update && ", "; rm -rf /var/cache/apk/*"}, {"apk update; "}, {"c0 && apk update && ", " && rm -rf /var/cache/apk/*"},
		}, "apk-update rm"},
	} {
		t.Run(tt.pass.Name, func(t *testing.T) {
			var before, after []string
			for _, set := range []string{"", "set -e; ", "if true; then set -e; fi; "} {
				for _, around := range tt.around {
					for _, rest := range shapes(tt.install) {
						if tt.pass == passes.AptLists {
							rest = strings.ReplaceAll(rest, "c2", "apt-get install x")
						}
						script := set + around[0] + rest + around[1]
						for _, run := range []string{"RUN " + script + "\n", "RUN <<EOF\n" + strings.ReplaceAll(script, "; ", "\n") + "\nEOF\n"} {
							if was, is, changed := rewritten(t, tt.pass, run); changed {
								before, after = append(before, was), append(after, is)
							}
						}
					}
				}
			}
			if len(before) < 100 {
				t.Fatalf("the pass changes %d scripts", len(before))
			}
			sames(t, "dash", before, after, tt.adds)
			every := func(list []string) (out []string) {
				for i := 0; i < len(list); i += 4 {
					out = append(out, list[i])
				}
				return out
			}
			sames(t, "bash", every(before), every(after), tt.adds)
			t.Logf("%d scripts, %d failures each", len(before), len(failures))
		})
	}
}

// sames compares what scripts do before and after, but for commands that were
// added or taken.
func sames(t *testing.T, sh string, before, after []string, adds string) {
	t.Helper()
	if _, err := exec.LookPath(sh); err != nil {
		t.Skipf("no %s here", sh)
	}
	was, is := outcomes(t, sh, before), outcomes(t, sh, after)
	for i := range was {
		for added := range strings.FieldsSeq(adds) {
			was[i], is[i] = strings.ReplaceAll(was[i], added+"\n", ""), strings.ReplaceAll(is[i], added+"\n", "")
		}
		if was[i] != is[i] {
			t.Errorf("%s: %q\nbecomes %q\nand with the failure of %s\n%sbecomes\n%s", sh, before[i/len(failures)], after[i/len(failures)], failures[i%len(failures)], was[i], is[i])
		}
	}
}

// shapes are scripts that begin with a command and go on in many ways.
func shapes(first string) (out []string) {
	for _, join := range []string{"; ", " && "} {
		for _, second := range []string{
			"c1 && c2", "c1 || c2", "{ c1; c2; }", "( c1; c2 )", "{ c1 && c2; }", "if c1; then c2 && c3; fi", "for i in 1 2; do c1; done",
			"! c1", "c1 | c2", "c1 | { c2; c3; }", "f() { c1; c2; }; f",
		} {
			for _, third := range []string{"", "; c3"} {
				out = append(out, first+join+second+third)
			}
		}
	}
	return append(out, first, first+";", first+" && c1;", first+" || c1", "c1 && "+first, "c1; "+first+"; c2;", first+"; c1 && c2 || c3")
}

// rewritten is a RUN's script before and after a pass.
func rewritten(t *testing.T, p *rewrite.Pass, run string) (before, after string, changed bool) {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte("FROM debian:12\n"+run))
	if err != nil {
		t.Fatal(err)
	}
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{p}, rewrite.Options{Apply: everything, Unproven: true})
	if err != nil {
		t.Fatal(err)
	}
	return scriptOf(f), scriptOf(res.After), len(res.Changes) > 0
}

func scriptOf(f *dockerfile.File) string {
	in := f.Instructions[len(f.Instructions)-1]
	if len(in.Heredocs) > 0 {
		return in.Heredocs[0].Content
	}
	return in.Command.(*instructions.RunCommand).CmdLine[0]
}

// failures are the commands that fail, by what they print.
var failures = []string{"none", "install", "c1", "c2", "c3", "install c1"}

const functions = `
say() { echo "$1"; case " $FAIL " in *" $1 "*) return 1;; esac; }
c0() { say c0; }
c1() { say c1; }
c2() { say c2; }
c3() { say c3; }
rm() { say rm; }
manage() { name=$1; shift; case "$*" in *clean*) say "$name";; *install*|*add*) say install;; *update*) say "$name-update";; esac; }
dnf() { manage dnf-clean "$@"; }
npm() { manage npm-cache "$@"; }
apk() { manage apk "$@"; }
aptget() { case "$1" in update) say install;; *) say c2;; esac; }
`

// outcomes are what scripts print with each of the failures, and whether they
// succeed.
func outcomes(t *testing.T, sh string, scripts []string) []string {
	t.Helper()
	var all strings.Builder
	all.WriteString(functions)
	for _, script := range scripts {
		for _, fail := range failures {
			fmt.Fprintf(&all, "(\nFAIL='%s'\n%s\n)\ncase $? in 0) echo ok;; *) echo failed;; esac\necho =\n", fail, strings.ReplaceAll(script, "apt-get", "aptget"))
		}
	}
	cmd := exec.Command(sh, "-s")
	cmd.Stdin = strings.NewReader(all.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", sh, err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "=\n"), "=\n")
	if len(got) != len(scripts)*len(failures) {
		t.Fatalf("%s: %d outcomes of %d", sh, len(got), len(scripts)*len(failures))
	}
	return got
}
