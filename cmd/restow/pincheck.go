package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/restow/restow/config"
	"github.com/restow/restow/pin"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
)

// pinned is what pin --check says of one pinned reference.
type pinnedDoc struct {
	Path    string   `json:"path"`
	Line    int      `json:"line"`
	Name    string   `json:"name"`
	Digest  string   `json:"digest"`
	Status  string   `json:"status"`            // ok, gone, incomplete, moved, unknown
	Today   string   `json:"today,omitempty"`   // what the tag says now
	Missing []string `json:"missing,omitempty"` // platforms, or digests of other children
	Error   string   `json:"error,omitempty"`
}

// checkDoc is what pin --check --json prints. Fields are only ever added to it.
type checkDoc struct {
	Version  int         `json:"version"`
	Images   []pinnedDoc `json:"images"`
	Unpinned int         `json:"unpinned"` // references without a digest
	Errors   []string    `json:"errors,omitempty"`
}

// pinCheck asks about every pinned reference, and prints what is wrong with any.
func (a *app) pinCheck(f *pinFlags, args []string) error {
	f.lookup.fresh = true
	doc := checkDoc{Version: 1, Images: []pinnedDoc{}}
	type pending struct {
		site     images.Site
		settings config.Settings
	}
	var todo []pending
	badSetup := false
	look := func(file *dockerfile.File, _ config.Settings, _ []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error) {
		return &rewrite.Result{Before: file, After: file}, nil
	}
	f.wants = func(*dockerfile.File, images.Options) []string { return nil }
	_, problems, err := a.each(&f.shared, args, []*rewrite.Pass{passes.PinDigest}, look, func(o *outcome) error {
		if o.err != nil {
			badSetup = badSetup || o.badSetup
			doc.Errors = append(doc.Errors, o.err.Error())
			return nil
		}
		for _, s := range images.Collect(o.res.Before, namesOf(o.source, o.settings)) {
			if s.Digest == "" {
				doc.Unpinned++
				continue
			}
			name, _, _ := strings.Cut(s.Name, "@")
			doc.Images = append(doc.Images, pinnedDoc{Path: o.source.Path, Line: s.Line, Name: name, Digest: s.Digest})
			todo = append(todo, pending{s, o.settings})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range problems {
		doc.Errors = append(doc.Errors, p.Error())
	}
	var wg sync.WaitGroup
	free := make(chan struct{}, maxWaiting)
	for i, p := range todo {
		r, err := f.lookup.resolver(p.settings)
		if err != nil {
			return exit{exitUsage, err}
		}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			doc.Images[i].ask(f.cmd.Context(), r, p.site)
		})
	}
	wg.Wait()
	if err := f.cmd.Context().Err(); err != nil {
		return err
	}
	if f.json {
		err = writeJSON(a.out, doc)
	} else {
		a.showCheck(f, doc)
	}
	if err != nil {
		return err
	}
	worst := exitOK
	for _, p := range doc.Images {
		switch p.Status {
		case "unknown":
			worst = max(worst, exitPartial)
		case "ok":
		default:
			worst = max(worst, exitRemain)
		}
	}
	switch {
	case badSetup:
		worst = exitUsage
	case len(doc.Errors) > 0:
		worst = exitPartial
	}
	if worst == exitOK {
		return nil
	}
	return exit{code: worst}
}

// ask finds out how a pin stands.
func (p *pinnedDoc) ask(ctx context.Context, r *pin.Resolver, s images.Site) {
	repo := images.Repository(s.Name)
	there, err := r.Inspect(ctx, repo+"@"+s.Digest)
	switch {
	case errors.Is(err, pin.ErrNotFound):
		p.Status = "gone"
	case err != nil:
		p.Status, p.Error = "unknown", problem(err)
		return
	default:
		for _, child := range there.Children {
			if child.Missing {
				p.Missing = append(p.Missing, cmp.Or(child.Platform, child.Digest))
			}
		}
	}
	if s.Ref != "" {
		today, err := r.Resolve(ctx, s.Ref)
		switch {
		case errors.Is(err, pin.ErrNotFound): // the tag is gone, the image may be there
		case err != nil:
			p.Status, p.Error = cmp.Or(p.Status, "unknown"), problem(err)
		default:
			p.Today = today.Digest
		}
	}
	switch {
	case p.Status != "":
	case len(p.Missing) > 0:
		p.Status = "incomplete"
	case p.Today != "" && p.Today != p.Digest:
		p.Status = "moved"
	default:
		p.Status = "ok"
	}
}

func (a *app) showCheck(f *pinFlags, doc checkDoc) {
	for _, e := range doc.Errors {
		report(a.err, errors.New(e))
	}
	good := 0
	for _, p := range doc.Images {
		var text string
		switch p.Status {
		case "ok":
			good++
			if !f.verbose {
				continue
			}
			text = "is there, and what its tag says"
		case "gone":
			text = "the registry has no such digest any more"
			if p.Today != "" {
				text += "; its tag says " + p.Today + " today (restow pin --update)"
			}
		case "incomplete":
			text = "the index is there, but not its image for " + strings.Join(p.Missing, ", ")
		case "moved":
			text = "its tag says " + p.Today + " today (restow pin --update)"
		default:
			report(a.err, fmt.Errorf("%s:%d: %s: %s", p.Path, p.Line, p.Name, p.Error))
			continue
		}
		fmt.Fprintf(a.out, "%s:%d: %s: %s\n", visible(p.Path), p.Line, visible(p.Name), text)
	}
	text := fmt.Sprintf("%s looked up, %d as their tags say", count(len(doc.Images), "pinned reference"), good)
	if doc.Unpinned > 0 {
		text += fmt.Sprintf("; %s without a digest", count(doc.Unpinned, "reference"))
	}
	fmt.Fprintln(a.err, text)
}
