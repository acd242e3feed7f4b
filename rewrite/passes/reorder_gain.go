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
		if p.stamps[i] {
			p.own[i] = project.AllOf(p.builds)
		}
	}
	for _, s := range cost.Simulate(p.c.File, h) {
		if i, ok := at[s.In.Index]; ok && s.In.Stage == p.steps[i].in.Stage {
			p.own[i] = s.Own
		}
	}
	p.moving = make([]bool, len(p.steps))
	for i, s := range p.steps {
		p.moving[i] = p.changes[i] && p.own[i].Len() > 0 && !p.c.Ignored(s.in)
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
	before := p.cost(p.order)
	moved := make([]bool, len(p.steps))
	for j := range p.steps {
		if p.seconds[j] == 0 || p.changes[j] {
			continue
		}
		going := p.letting(j)
		if len(going) == 0 {
			continue
		}
		next, after := p.behind(going, j)
		if before-after < least {
			continue
		}
		if fewer := p.making(going, j); len(fewer) < len(going) {
			going = fewer
			next, after = p.behind(going, j)
		}
		p.order, p.saving, before = next, p.saving+before-after, after
		for _, i := range going {
			moved[i] = true
		}
	}
	place := make([]int, len(p.steps))
	for n, i := range p.order {
		place[i] = n
	}
	for i := range p.steps {
		if !moved[i] {
			continue
		}
		m := move{from: i}
		for _, j := range p.order[:place[i]] {
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
	staying := newBits(len(p.steps))
	for _, i := range slices.Backward(p.order[:at]) {
		if i < j && p.moving[i] && !p.against(i).has(j) && !p.against(i).meets(staying) {
			going = append(going, i)
		} else {
			staying.set(i)
		}
	}
	slices.Reverse(going)
	return going
}

// making are those of the instructions that are to go behind a step that make a
// difference; the others stay where they are, if those that go may pass them.
func (p *plan) making(going []int, j int) []int {
	// What has changed at the first step behind each of them that stays and takes its
	// time: where that has all that changes it, whether it goes makes no difference to
	// what follows either.
	first := map[int]project.Set{}
	goes := newBits(len(p.steps))
	for _, i := range going {
		goes.set(i)
	}
	changed := project.NewSet(p.builds)
	var waiting []int
	for _, i := range p.order[:slices.Index(p.order, j)+1] {
		if goes.has(i) {
			waiting = append(waiting, i)
			continue
		}
		changed.Join(p.own[i])
		if p.seconds[i] == 0 || len(waiting) == 0 {
			continue
		}
		at := changed.Clone()
		for _, w := range waiting {
			first[w] = at
		}
		waiting = nil
	}
	return slices.DeleteFunc(slices.Clone(going), func(i int) bool {
		with := first[i].Clone()
		with.Join(p.own[i])
		if with.Len() > first[i].Len() {
			return false
		}
		return !slices.ContainsFunc(going, func(k int) bool { return k < i && p.against(k).has(i) })
	})
}

// behind is the order with some instructions moved to just behind a step, and what
// it costs.
func (p *plan) behind(going []int, j int) (order []int, cost float64) {
	goes := newBits(len(p.steps))
	for _, i := range going {
		goes.set(i)
	}
	order = make([]int, 0, len(p.order))
	for _, i := range p.order {
		if goes.has(i) {
			continue
		}
		order = append(order, i)
		if i == j {
			order = append(order, going...)
		}
	}
	return order, p.cost(order)
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
	without := make([]project.Set, len(p.steps)) // what has changed at each step as they stand then
	changed := project.NewSet(p.builds)
	for _, i := range p.order {
		changed.Join(p.own[i])
		without[i] = changed.Clone()
	}
	for _, m := range p.moves {
		worst := 0
		for n, j := range m.past {
			if p.seconds[j] > p.seconds[m.past[worst]] {
				worst = n
			}
		}
		j := m.past[worst]
		with := without[j].Clone()
		with.Join(p.own[m.from])
		changes := fmt.Sprintf("changed in %d of %d commits", p.own[m.from].Len(), p.builds)
		if p.stamps[m.from] {
			changes = "is another one in each build"
		} else if !p.known {
			changes = "changes often, by the kind of its files"
		}
		parts = append(parts, fmt.Sprintf("what %s takes %s: %s runs for %s of builds instead of %s",
			brief(p.steps[m.from].in), changes, brief(p.steps[j].in), share(without[j].Len(), p.builds), share(with.Len(), p.builds)))
	}
	return fmt.Sprintf("%s; about %.0f s less a build are expected", strings.Join(parts, "; "), p.saving)
}
