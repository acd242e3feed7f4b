package effect

// For the tests that ask BuildKit, which stand outside: proof imports this package.
var (
	Parse    = parse
	Effects  = effects
	Literals = literals
)

// Tally is for the same tests.
type Tally = tally
