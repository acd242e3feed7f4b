package project

import (
	"math/bits"
	"slices"
)

// Set is a set of commits, by their numbers in a history: 0 is the newest.
type Set struct{ words []uint64 }

// NewSet is an empty set for a history of n commits.
func NewSet(n int) Set { return Set{make([]uint64, (n+63)/64)} }

// AllOf is the set of all commits of a history of n.
func AllOf(n int) Set {
	s := NewSet(n)
	s.first(n)
	return s
}

func (s Set) add(commits []int32) {
	for _, c := range commits {
		s.words[c/64] |= 1 << (c % 64)
	}
}

func (s Set) first(n int) {
	for c := range n {
		s.words[c/64] |= 1 << (c % 64)
	}
}

// Join adds another set of the same history.
func (s Set) Join(other Set) {
	for i := range s.words {
		s.words[i] |= other.words[i]
	}
}

// Clone is a set of its own with the same commits.
func (s Set) Clone() Set { return Set{slices.Clone(s.words)} }

// Len is how many commits are in the set.
func (s Set) Len() (n int) {
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// Has reports whether a commit is in the set.
func (s Set) Has(i int) bool { return s.words[i/64]&(1<<(i%64)) != 0 }
