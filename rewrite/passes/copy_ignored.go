package passes

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
)

func copyIgnoredFile(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		var sources []string
		verb := "Copy"
		switch cmd := in.Command.(type) {
		case *instructions.CopyCommand:
			if cmd.From == "" {
				sources = cmd.SourcePaths
			}
		case *instructions.AddCommand:
			sources, verb = cmd.SourcePaths, "Add"
		}
		for _, src := range sources {
			if strings.Contains(src, "$") || strings.Contains(src, "://") || !c.Facts.Context.Ignored(src) {
				continue
			}
			c.Report(rewrite.Finding{
				At: in, Message: fmt.Sprintf("Attempting to %s file %q that is excluded by .dockerignore", verb, src),
				Refused: "whether the instruction or the pattern is wrong is for people to say",
			})
		}
	}
}
