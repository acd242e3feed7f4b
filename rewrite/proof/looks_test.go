package proof

import (
	"context"
	"testing"

	"github.com/restow/restow/rewrite/effect"
)

// TestLooks: each look at an order is one of its own. Which of them catches which
// fault is written down, so that neither comes to lean on the other unseen.
func TestLooks(t *testing.T) {
	const both, graphs, state = "both", "the graphs alone", "the model alone"
	caught := map[string]string{
		"lost manifest":                               both,
		"no manifest":                                 both,
		"a manifest with another owner":               both,
		"a manifest elsewhere":                        both,
		"a manifest that .npmrc goes with":            both,
		"the sources never come":                      both,
		"the build before its sources":                both,
		"a copy that is read":                         both,
		"a variable that is read":                     both,
		"a variable that is spoken of":                both,
		"a variable of any name before npm":           both,
		"a user":                                      both,
		"a working directory":                         both,
		"a shell":                                     both,
		"a lost working directory":                    both,
		"two copies to one place":                     both,
		"a chown that comes too early":                both,
		"commands that change places":                 both,
		"another command":                             both,
		"a stage that is copied from loses its order": both,
		"what is laid over an install's work":         both,
		"another base by an argument":                 graphs,
		"a stage that nobody can build":               state,
		"two labels of one name":                      both,
		"a file that is linked in":                    both,
		"an archive that unpacks over a copy":         both,
		"a heredoc that is read":                      both,
		"a new user whose name a copy has":            both,
		"a mount of another folder":                   both,
	}
	faults := 0
	for _, o := range orders {
		t.Run(o.name, func(t *testing.T) {
			builds, tree := o.compiled(t)
			byGraphs := sameGraphs(context.Background(), builds[0], builds[1], tree)
			byState := effect.SameState(builds[0].file, builds[1].file, tree)
			got := ""
			switch {
			case byGraphs != nil && byState != nil:
				got = both
			case byGraphs != nil:
				got = graphs
			case byState != nil:
				got = state
			}
			if o.wrong == "" {
				if got != "" {
					t.Errorf("it is right, and %s says no: %v, %v", got, byGraphs, byState)
				}
				return
			}
			faults++
			if want := caught[o.name]; got == "" || got != want {
				t.Errorf("%q: %q,\n caught by %q, not %q: %v; %v", o.name, got, got, want, byGraphs, byState)
			}
		})
	}
	if faults < 15 || faults != len(caught) {
		t.Errorf("%d faults, %d written down", faults, len(caught))
	}
}
