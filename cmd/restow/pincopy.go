package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/restow/restow/config"
	"github.com/restow/restow/pin"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/images"
)

// copyImages copies images to where the mirror setting says, one after another:
// each copy uses the registries as much as they let it.
func (a *app) copyImages(f *pinFlags, s config.Settings, known map[string]rewrite.Image) error {
	if len(s.Mirror) == 0 {
		return exit{exitUsage, errors.New("--copy needs the mirror setting in .restow.yaml, which says where images go")}
	}
	r, err := f.lookup.resolver(s)
	if err != nil {
		return exit{exitUsage, err}
	}
	names := images.Options{Mirror: renames(s)}
	copied, failed := 0, 0
	for _, ref := range slices.Sorted(maps.Keys(known)) {
		repo := images.Repository(ref)
		to, ok := names.Mirrored(repo)
		if !ok {
			continue
		}
		to += strings.TrimPrefix(ref, repo)
		show := a.copyProgress(ref)
		done, err := r.Copy(f.cmd.Context(), ref+"@"+known[ref].Digest, to, show)
		if ctx := f.cmd.Context().Err(); ctx != nil {
			return ctx
		}
		if err != nil {
			failed++
			report(a.err, err)
			continue
		}
		copied++
		fmt.Fprintf(a.err, "%s → %s: %s\n", visible(ref), visible(to), done)
	}
	switch {
	case copied+failed == 0:
		fmt.Fprintln(a.err, "the mirror setting concerns none of the images")
	case failed > 0:
		return exit{exitPartial, fmt.Errorf("%d of %s not copied", failed, count(copied+failed, "image"))}
	}
	return nil
}

// copyProgress shows on a terminal, twice a second, how far a copy has come.
func (a *app) copyProgress(ref string) func(pin.Copied) {
	out, ok := a.err.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) {
		return nil
	}
	var mu sync.Mutex
	var last time.Time
	return func(c pin.Copied) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) > time.Second/2 {
			last = time.Now()
			fmt.Fprintf(out, "\r\x1b[K%s: %s\r", visible(ref), c)
		}
	}
}

func renames(s config.Settings) []images.Rename {
	var out []images.Rename
	for _, m := range s.Mirror {
		out = append(out, images.Rename{From: m.From, To: m.To})
	}
	return out
}
