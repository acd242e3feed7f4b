package proof

import (
	"errors"
	"fmt"

	"github.com/restow/restow/rewrite/effect"
)

// comparing compares stacks, each pair once.
type comparing struct {
	done map[[2]*stack]error
}

var errWork = errors.New("the operations are not the same")

// stacks checks that two stacks stand on the same, have the same operations, and
// that those which changed places may.
func (c *comparing) stacks(b, a *stack) error {
	if b == a {
		return nil
	}
	key := [2]*stack{b, a}
	if err, ok := c.done[key]; ok {
		return err
	}
	c.done[key] = errWork // a graph has no circles; should it have one, it is refused
	err := c.compare(b, a)
	c.done[key] = err
	return err
}

func (c *comparing) compare(b, a *stack) error {
	if b.base != a.base {
		return fmt.Errorf("%w: they stand on different images", errWork)
	}
	// pair is where each of b's steps stands in a; taken says the same backwards.
	pair, taken := make([]int, len(b.steps)), make([]bool, len(a.steps))
	for i, s := range b.steps {
		pair[i] = -1
		for j, t := range a.steps {
			if !taken[j] && s.id == t.id && c.sides(s, t) == nil {
				pair[i], taken[j] = j, true
				break
			}
		}
		if pair[i] < 0 {
			return fmt.Errorf("%w: %v is not done after, or in another way", errWork, s)
		}
	}
	for j, t := range a.steps {
		if !taken[j] {
			if err := again(b, a, j, taken); err != nil {
				return fmt.Errorf("%w: %v is new: %w", errWork, t, err)
			}
		}
	}
	for i := range b.steps {
		for j := i + 1; j < len(b.steps); j++ {
			if pair[i] < pair[j] {
				continue
			}
			if err := swapped(b.steps[i], b.steps[j], a, pair[j]); err != nil {
				return fmt.Errorf("%v and %v may not change places: %w", b.steps[i], b.steps[j], err)
			}
		}
	}
	return nil
}

func (c *comparing) sides(s, t step) error {
	if len(s.sides) != len(t.sides) {
		return errWork
	}
	for i := range s.sides {
		if err := c.stacks(s.sides[i], t.sides[i]); err != nil {
			return err
		}
	}
	return nil
}

// again checks that a copy that is new is done again by a later one that is not:
// the same files from the same place, under the same names, in the same way. A
// folder that it makes on the way a copy of before makes too.
func again(b, a *stack, j int, known []bool) error {
	s := a.steps[j]
	if s.world == nil || !s.Known {
		return errors.New("it is no copy of files of the build context")
	}
	made := map[effect.Laid]bool{}
	for _, t := range b.steps {
		if t.world == nil {
			continue
		}
		for _, l := range t.Laid {
			made[l] = made[l] || l.Dir
		}
	}
	for k := j + 1; k < len(a.steps); k++ {
		t := a.steps[k]
		if !known[k] || t.world == nil || !t.Known {
			continue
		}
		if covers(t.Laid, s.Laid, made) {
			return nil
		}
	}
	return errors.New("nothing later copies the same")
}

// covers reports whether all that is laid in some is in all; folders may be missing
// in all where they are what a folder's copy makes anyway, or were made before.
func covers(all, some []effect.Laid, made map[effect.Laid]bool) bool {
	in := map[effect.Laid]bool{}
	for _, l := range all {
		in[l] = true
	}
	for _, l := range some {
		if !in[l] && !(l.Dir && (in[l.Anyway()] || made[l])) {
			return false
		}
	}
	return len(some) > 0
}

// swapped checks that s, which was before t, may stand behind it, where a is the
// stack in which it does.
func swapped(s, t step, a *stack, atT int) error {
	if s.world == nil || t.world == nil {
		return errors.New("it is not known where they come from")
	}
	// What a copy lays that is late now may have been laid already, by an earlier one.
	var early []effect.Laid
	for _, u := range a.steps[:atT] {
		if u.world != nil {
			early = append(early, u.Laid...)
		}
	}
	return s.Swap(t.Step, effect.Early(early))
}
