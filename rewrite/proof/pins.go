package proof

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// SamePins checks that after differs from before in nothing but digests, which
// are those that the tags stand for by the digests both were compiled with, and
// that a build argument that replaces a tag replaces the digest beside it too.
func SamePins(ctx context.Context, before, after *Build) error {
	if err := onlyDigests(before, after); err != nil {
		return err
	}
	// Compiled with tags standing for those digests, both are one graph: every
	// image of after has the digest of its tag.
	if err := SameBuild(before, after); err != nil {
		return err
	}
	old, now := globals(before.file), globals(after.file)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if now[name] == old[name] {
			continue
		}
		with := maps.Clone(before.StandIns)
		if with == nil {
			with = map[string]string{}
		}
		// As valid as the default, whatever part of a reference that is.
		with[name] = old[name] + "0"
		b, err := compile(ctx, before.file, with, before.digests)
		if err != nil {
			return fmt.Errorf("with another %s: %w", name, err)
		}
		a, err := compile(ctx, after.file, with, before.digests)
		if err != nil {
			return fmt.Errorf("with another %s: %w", name, err)
		}
		if err := SameBuild(b, a); err != nil {
			return fmt.Errorf("with another %s: %w", name, err)
		}
	}
	return nil
}

// onlyDigests compares the bytes of both files without the digests of after that
// are the known ones of their tags, and the tag latest before them where before
// has none. What is compiled is less: not the frontend of # syntax, nor a stage
// that nothing can name.
func onlyDigests(before, after *Build) error {
	old, now := images.Collect(before.file, images.Options{RegistryArgs: true}), images.Collect(after.file, images.Options{RegistryArgs: true})
	if len(old) != len(now) {
		return fmt.Errorf("%d places name an image before, %d after", len(old), len(now))
	}
	var edits []dockerfile.Edit
	for i, s := range old {
		n := now[i]
		switch {
		case s.Digest == n.Digest && s.Name == n.Name:
		case s.Digest != "" || n.Digest == "" || s.Ref == "" || s.Ref != n.Ref:
			return fmt.Errorf("line %d: %s is %s after", s.Line, s.Name, n.Name)
		case before.digests[s.Ref] != n.Digest:
			return fmt.Errorf("line %d: %s is not what %s stands for", n.Line, n.Digest, s.Ref)
		case s.Variable(before.file) && !n.Variable(after.file):
			edit, ok := s.Inline(n.Digest)
			if !ok {
				return fmt.Errorf("line %d: there is no place for %s", s.Line, n.Name)
			}
			edits = append(edits, edit)
		case s.Refused != "":
			return fmt.Errorf("line %d: %s", s.Line, s.Refused)
		default:
			edits = append(edits, s.Pin(n.Digest))
		}
	}
	src, err := dockerfile.Apply(before.file.Src, edits)
	if err != nil {
		return err
	}
	if string(src) != string(after.file.Src) {
		return fmt.Errorf("more than digests differs")
	}
	return nil
}

// globals are the defaults of the build arguments before the first FROM.
func globals(f *dockerfile.File) map[string]string {
	out := map[string]string{}
	for _, in := range f.Instructions {
		if arg, ok := in.Command.(*instructions.ArgCommand); ok && in.Stage == nil {
			for _, kv := range arg.Args {
				if kv.Value != nil {
					out[kv.Key] = unquoted(*kv.Value)
				}
			}
		}
	}
	return out
}

func unquoted(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}
