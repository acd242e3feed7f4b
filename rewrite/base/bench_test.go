package base

import "testing"

// BenchmarkFind looks up an image with its config, shell and whether it has a
// command: cold, with all blocks yet to be decoded, and warm.
func BenchmarkFind(b *testing.B) {
	look := func(ref string) {
		i, _ := Find(ref)
		i.Config()
		i.Shell()
		i.Has("curl")
		i.Counterpart("slim")
	}
	for _, ref := range []string{"python:3.12", "openjdk:8u212-jdk", "node:14.17.3", "nosuchimage"} {
		b.Run("cold/"+ref, func(b *testing.B) {
			for b.Loop() {
				facts.Forget()
				look(ref)
			}
			b.ReportMetric(float64(Decoded()), "blocks")
		})
		b.Run("warm/"+ref, func(b *testing.B) {
			look(ref)
			for b.Loop() {
				look(ref)
			}
		})
	}
}
