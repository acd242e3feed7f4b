package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// ExposeProtoCasing writes the protocol of EXPOSE in lower case.
var ExposeProtoCasing = &rewrite.Pass{
	Name:  "expose-proto-casing",
	Rule:  "ExposeProtoCasing",
	Claim: rewrite.SameBuild,
	Run:   exposeProtoCasing,
	Doc: `Write the protocol of EXPOSE in lower case: 53/udp.

Why it is right: BuildKit lowers it when it writes the image config, so the
config stays the same, and that is checked.

Refused: a port in which a variable or a line continuation stands where the
protocol is.`,
}

func exposeProtoCasing(c *rewrite.Context) {
	exposed(c, func(in *dockerfile.Instruction, port dockerfile.Word) bool {
		at := strings.IndexByte(port.S, '/')
		if at < 0 || lower(port.S[at:]) || strings.Contains(port.S[at:], "$") {
			return false
		}
		report(c, in, port.Sub(at, len(port.S)), strings.ToLower(port.S[at:]),
			fmt.Sprintf("protocol of %s should be in lower case", port.S),
			"that is how it stands in the image config, and BuildKit warns of any other case")
		return true
	})
}

// ExposeInvalidFormat takes addresses and host ports out of EXPOSE.
var ExposeInvalidFormat = &rewrite.Pass{
	Name:  "expose-invalid-format",
	Rule:  "ExposeInvalidFormat",
	Claim: rewrite.SameBuild,
	Run:   exposeInvalidFormat,
	Doc: `Take IP addresses and host ports out of EXPOSE: 80 for 127.0.0.1:8080:80.

EXPOSE names ports of the container. An address or a host port there does
nothing, though it looks like docker run -p, and will become an error.

Why it is right: BuildKit drops them when it writes the image config, so the
config stays the same, and that is checked.

Refused: a port with a variable, which may bring colons of its own, or one that
a line continuation cuts.`,
}

func exposeInvalidFormat(c *rewrite.Context) {
	exposed(c, func(in *dockerfile.Instruction, port dockerfile.Word) bool {
		at := strings.LastIndexByte(port.S, ':')
		if at < 0 || strings.Contains(port.S, "$") {
			return false
		}
		if rest := port.S[at+1:]; rest == "" || rest[0] < '0' || rest[0] > '9' || strings.ContainsAny(port.S, "\"'\\`") {
			return false // no port that BuildKit reads, or one in quotes
		}
		report(c, in, port.Sub(0, at+1), "",
			fmt.Sprintf("%s gives EXPOSE an address or a host port", port.S),
			"EXPOSE names container ports only; publishing them is up to docker run -p")
		return true
	})
}

// exposed visits every port; visit tells whether it has reported it. What BuildKit
// warns of beyond that has a variable, whose value may not be known here.
func exposed(c *rewrite.Context, visit func(*dockerfile.Instruction, dockerfile.Word) bool) {
	for _, in := range c.File.Instructions {
		if !in.Is("EXPOSE") {
			continue
		}
		reported := false
		for _, port := range in.Fields() {
			reported = visit(in, port) || reported
		}
		if reported || !strings.Contains(in.Args().S, "$") {
			continue
		}
		for _, w := range c.Warnings() {
			if c.At(w.Line) == in {
				c.Report(rewrite.Finding{At: in, Message: w.Message, Refused: "it comes with the value of a variable"})
			}
		}
	}
}

// report offers to replace one word, or says that it cannot.
func report(c *rewrite.Context, in *dockerfile.Instruction, w dockerfile.Word, to, message, why string) {
	f := rewrite.Finding{At: in, Message: message}
	if edit, ok := in.Replace(w, to); ok {
		title := fmt.Sprintf("%s → %s", w.S, to)
		if to == "" {
			title = "remove " + w.S
		}
		f.Fix = &rewrite.Fix{Title: title, Why: why, Claim: rewrite.SameBuild, Edits: []dockerfile.Edit{edit}}
	} else {
		f.Refused = "the word is cut by a line continuation"
	}
	c.Report(f)
}
