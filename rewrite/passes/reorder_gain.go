package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/project"
)

// defaultGain is what a move has to save where nothing else is set, in seconds a
// build: less than a person waits without noticing.
const defaultGain = 2.0

// measure asks how often each instruction changes, and what it costs.
func (p *plan) measure() {
	h := history(p.c)
	p.builds, p.known = h.Commits(), h.Known()
	p.own = make([]project.Set, len(p.steps))
	at := map[int]int{}
	for i, s := range p.steps {
		at[s.in.Index] = i
		p.own[i] = project.NewSet(p.builds)
		if p.stamp(i) {
			p.own[i] = project.AllOf(p.builds)
		}
	}
	for _, s := range cost.Simulate(p.c.File, h) {
		if i, ok := at[s.In.Index]; ok && s.In.Stage == p.steps[i].in.Stage {
			p.own[i] = s.Own
		}
	}
}

// least is what a move has to save, in seconds a build.
func (p *plan) least() float64 {
	if p.c.Facts.ReorderGain > 0 {
		return p.c.Facts.ReorderGain
	}
	return defaultGain
}

// sink moves instructions down, as long as a move is worth it: for each step that
// takes its time, those above it that change and let it pass go behind it.
func (p *plan) sink() {
	p.order = make([]int, len(p.steps))
	for i := range p.order {
		p.order[i] = i
	}
	least := p.least()
	moved := map[int]bool{}
	for j := range p.steps {
		if p.seconds[j] == 0 || p.changing(j) {
			continue
		}
		going := p.letting(j)
		if len(going) == 0 {
			continue
		}
		next, gain := p.behind(going, j)
		if gain < least {
			continue
		}
		// Whoever makes no difference stays, if the others may pass it.
		for _, i := range slices.Clone(going) {
			fewer := slices.DeleteFunc(slices.Clone(going), func(k int) bool { return k == i })
			if order, g := p.behind(fewer, j); len(fewer) > 0 && g > gain-1e-9 && !slices.ContainsFunc(fewer, func(k int) bool { return k < i && p.may(k, i) != nil }) {
				going, next, gain = fewer, order, g
			}
		}
		p.order, p.saving = next, p.saving+gain
		for _, i := range going {
			moved[i] = true
		}
	}
	for i := range p.steps {
		if !moved[i] {
			continue
		}
		m := move{from: i}
		for _, j := range p.order[:slices.Index(p.order, i)] {
			if j > i {
				m.past = append(m.past, j)
			}
		}
		p.moves = append(p.moves, m)
	}
}

// letting are the instructions above a step that change and may go behind it, with
// all that stands between, in their order.
func (p *plan) letting(j int) (going []int) {
	at := slices.Index(p.order, j)
	var staying []int
	for _, i := range slices.Backward(p.order[:at]) {
		free := i < j && p.own[i].Len() > 0 && p.changing(i) && !p.c.Ignored(p.steps[i].in) && p.may(i, j) == nil &&
			!slices.ContainsFunc(staying, func(k int) bool { return k > i && p.may(i, k) != nil })
		if !free {
			staying = append(staying, i)
			continue
		}
		going = append(going, i)
	}
	slices.Reverse(going)
	return going
}

// behind is the order with some instructions moved to just behind a step, and what
// that saves in seconds a build.
func (p *plan) behind(going []int, j int) (order []int, gain float64) {
	for _, i := range p.order {
		if slices.Contains(going, i) {
			continue
		}
		order = append(order, i)
		if i == j {
			order = append(order, going...)
		}
	}
	return order, p.cost(p.order) - p.cost(order)
}

// cost is what an order is expected to take, in seconds a build: each step runs
// again where something before it or it itself changed.
func (p *plan) cost(order []int) (seconds float64) {
	changed := project.NewSet(p.builds)
	for _, i := range order {
		changed.Join(p.own[i])
		seconds += p.seconds[i] * float64(changed.Len()) / float64(p.builds)
	}
	return seconds
}

// why says in words, with the numbers, what is gained.
func (p *plan) why() string {
	var parts []string
	for _, m := range p.moves {
		worst := 0
		for n, j := range m.past {
			if p.seconds[j] > p.seconds[m.past[worst]] {
				worst = n
			}
		}
		j := m.past[worst]
		without := project.NewSet(p.builds)
		for _, k := range p.order[:slices.Index(p.order, j)+1] {
			without.Join(p.own[k])
		}
		with := without.Clone()
		with.Join(p.own[m.from])
		changes := fmt.Sprintf("changed in %d of %d commits", p.own[m.from].Len(), p.builds)
		if p.stamp(m.from) {
			changes = "is another one in each build"
		} else if !p.known {
			changes = "changes often, by the kind of its files"
		}
		parts = append(parts, fmt.Sprintf("what %s takes %s: %s runs for %s of builds instead of %s",
			brief(p.steps[m.from].in), changes, brief(p.steps[j].in), share(without.Len(), p.builds), share(with.Len(), p.builds)))
	}
	return fmt.Sprintf("%s; about %.0f s less a build are expected", strings.Join(parts, "; "), p.saving)
}
