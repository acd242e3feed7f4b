package passes

import (
	"fmt"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/project"
)

// bits are a set of instructions, by their place in the stage.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// meets reports whether two sets have a member in common.
func (b bits) meets(other bits) bool {
	for i := range b {
		if b[i]&other[i] != 0 {
			return true
		}
	}
	return false
}

// may says why an instruction may not move behind a later one.
func (p *plan) may(i, k int) error { return p.steps[i].Swap(p.steps[k].Step, nil) }

// against are the later instructions that one may not move behind, each asked once.
func (p *plan) against(i int) bits {
	if p.later[i] == nil {
		p.later[i] = newBits(len(p.steps))
		for k := i + 1; k < len(p.steps); k++ {
			if p.may(i, k) != nil {
				p.later[i].set(k)
			}
		}
	}
	return p.later[i]
}

// blockedSeconds is what a step has to take for a word about what stands in its way.
const blockedSeconds = 5.0

// blocked is the first step that runs again for what it does not need, where
// something between the two stands in the way; nil where there is none.
func (p *plan) blocked() *rewrite.Finding {
	gains := make([][]float64, len(p.steps))
	for j, s := range p.steps {
		if p.seconds[j] < blockedSeconds || p.changes[j] || s.Effect.Opaque != "" {
			continue
		}
		for i := j - 1; i >= 0; i-- {
			if !p.moving[i] || p.against(i).has(j) {
				continue
			}
			if gains[i] == nil {
				gains[i] = p.alone(i)
			}
			if gains[i][j] < p.least() {
				continue
			}
			for k := i + 1; k < j; k++ {
				if !p.against(i).has(k) {
					continue
				}
				return &rewrite.Finding{
					At: s.in, Also: p.steps[i].in,
					Message: fmt.Sprintf("%s runs again for what line %d changes, and does not need it", brief(s.in), p.c.Line(p.steps[i].in)),
					Refused: fmt.Sprintf("line %d stands between the two and needs it: %v", p.c.Line(p.steps[k].in), p.may(i, k)),
				}
			}
		}
	}
	return nil
}

// alone is what it would save, in seconds a build, to move one instruction behind
// each of the later ones.
func (p *plan) alone(i int) []float64 {
	out := make([]float64, len(p.steps))
	with := project.NewSet(p.builds)
	for k := range i {
		with.Join(p.own[k])
	}
	without := with.Clone()
	with.Join(p.own[i])
	here, saved := with.Len(), 0.0
	for j := i + 1; j < len(p.steps); j++ {
		with.Join(p.own[j])
		without.Join(p.own[j])
		all := with.Len()
		saved += p.seconds[j] * float64(all-without.Len())
		out[j] = (saved - p.seconds[i]*float64(all-here)) / float64(p.builds)
	}
	return out
}
