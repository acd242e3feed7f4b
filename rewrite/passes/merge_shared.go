package passes

import (
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// shared tells where stages part that have run the same up to there. BuildKit runs
// that once for all of them, unless a RUN of it is merged with what only one has.
type shared struct {
	after map[*dockerfile.Instruction]*branch
}

// branch is what stages go on with behind the same instructions.
type branch struct {
	next map[string]*branch
	ends *dockerfile.Instruction   // the last of a stage that ends there
	via  []*dockerfile.Instruction // those that led there, a stage each
}

// stageKey is the key of what a file's stages share.
type stageKey struct{ *dockerfile.File }

func sharedOf(c *rewrite.Context) shared {
	return rewrite.Memo(c, stageKey{c.File}, func() shared {
		s := shared{map[*dockerfile.Instruction]*branch{}}
		root := &branch{next: map[string]*branch{}}
		ends := map[*dockerfile.Stage]*branch{}
		for _, stage := range c.File.Stages {
			at := ends[stage.Base]
			if at == nil {
				from := stage.From.From
				at = root.to(from.Platform+" "+from.BaseName, stage.From)
			}
			last := stage.From
			for _, in := range stage.Instructions {
				if !works(in) {
					continue
				}
				at, last = at.to(wholeText(in), in), in
				s.after[in] = at
			}
			ends[stage] = at
			if at.ends == nil {
				at.ends = last
			}
		}
		return s
	})
}

func (b *branch) to(text string, in *dockerfile.Instruction) *branch {
	next := b.next[text]
	if next == nil {
		next = &branch{next: map[string]*branch{}}
		b.next[text] = next
	}
	next.via = append(next.via, in)
	return next
}

// works reports whether an instruction is more than a note in the image's config.
func works(in *dockerfile.Instruction) bool {
	for _, name := range []string{"LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "STOPSIGNAL", "HEALTHCHECK", "MAINTAINER", "VOLUME", "ONBUILD"} {
		if in.Is(name) {
			return false
		}
	}
	return true
}

// parts is an instruction of another stage that has run the same up to one of this
// stage, and then stops or goes on otherwise than with the next right behind it; nil
// if there is none.
func (s shared) parts(c *rewrite.Context, in, next *dockerfile.Instruction) *dockerfile.Instruction {
	at := s.after[in]
	if at == nil {
		return nil
	}
	if at.ends != nil && at.ends.Stage != in.Stage {
		return at.ends
	}
	var first *dockerfile.Instruction
	for text, branch := range at.next {
		for _, other := range branch.via {
			before := c.File.Instructions[other.Index-1]
			merges := text == wholeText(next) && s.after[before] == at && before.Stage == other.Stage && !c.Ignored(other) && !c.Ignored(before)
			if !merges && (first == nil || other.Index < first.Index) {
				first = other
			}
		}
	}
	return first
}
