package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/restow/restow/config"
	"github.com/restow/restow/pin"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
)

// pinList writes what tags stand for: a lock, a source policy, or copies.
func (a *app) pinList(f *pinFlags, args []string) error {
	f.lookup.fresh = f.lock
	f.wants = everyTag
	known := map[string]rewrite.Image{}
	var failed []error
	badSetup := false
	look := func(file *dockerfile.File, _ config.Settings, _ []*rewrite.Pass, _ rewrite.Facts) (*rewrite.Result, error) {
		return &rewrite.Result{Before: file, After: file}, nil
	}
	here, problems, err := a.each(&f.shared, args, []*rewrite.Pass{passes.PinDigest}, look, func(o *outcome) error {
		if o.err != nil {
			badSetup = badSetup || o.badSetup
			failed = append(failed, o.err)
			return nil
		}
		for _, s := range images.Collect(o.res.Before, namesOf(o.source, o.settings)) {
			img := o.images[s.Ref]
			switch {
			case s.Ref == "":
			case img.Problem != "":
				failed = append(failed, fmt.Errorf("%s:%d: %s: %s", o.source.Path, s.Line, s.Name, img.Problem))
			case img.Digest != "":
				known[s.Ref] = img
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range slices.Concat(problems, failed) {
		report(a.err, e)
	}
	switch {
	case badSetup:
		return exit{code: exitUsage}
	case len(problems)+len(failed) > 0:
		// A lock that lacks an image would let every run find another for it.
		report(a.err, errors.New("nothing is written, since not every reference could be looked up"))
		return exit{code: exitPartial}
	case len(known) == 0:
		fmt.Fprintln(a.err, "no reference with a tag found, nothing is written")
		return nil
	}
	switch {
	case f.policy != "":
		return a.writePolicy(f.policy, known)
	case f.copy:
		return a.copyImages(f, here, known)
	}
	return a.writeLock(f, here, known, len(args) == 0)
}

// writeLock writes restow.lock: where there is one already, or where the settings
// say, or here. What it has of other Dockerfiles stays, unless all were looked at.
func (a *app) writeLock(f *pinFlags, s config.Settings, known map[string]rewrite.Image, all bool) error {
	path := s.LockFile
	if path == "" {
		path = nearest(".", lockName)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	if path == "" {
		path = filepath.Join(here, lockName)
	}
	old, err := readLock(path)
	if errors.Is(err, os.ErrNotExist) {
		old, err = &pin.Lock{}, nil
	}
	if err != nil {
		return exit{exitUsage, err}
	}
	lock := &pin.Lock{Images: map[string]pin.Locked{}}
	if !all || filepath.Dir(path) != here {
		for ref, was := range old.Images {
			lock.Images[ref] = was
		}
	}
	moved := 0
	for ref, img := range known {
		was, ok := old.Images[ref]
		if ok && was.Digest == img.Digest {
			lock.Images[ref] = was // a second run changes nothing, its date neither
			continue
		}
		if ok {
			moved++
		}
		told := f.lookup.told(ref)
		lock.Images[ref] = pin.Locked{Digest: img.Digest, MediaType: told.MediaType, Resolved: told.When.UTC().Truncate(time.Second)}
	}
	if err := writeWhole(path, lock.Format()); err != nil {
		return exit{exitPartial, err}
	}
	fmt.Fprintf(a.err, "%s: %s, %d moved since\n", visible(shownPath(path)), count(len(lock.Images), "image"), moved)
	return nil
}

func (a *app) writePolicy(path string, known map[string]rewrite.Image) error {
	digests := map[string]string{}
	for ref, img := range known {
		digests[ref] = img.Digest
	}
	text, err := pin.Policy(digests)
	if err != nil {
		return err
	}
	if path == "-" {
		_, err := a.out.Write(text)
		return err
	}
	if err := writeWhole(path, text); err != nil {
		return exit{exitPartial, err}
	}
	fmt.Fprintf(a.err, "%s: %s; buildctl build --source-policy-file, or EXPERIMENTAL_BUILDKIT_SOURCE_POLICY=%s docker buildx build\n", visible(path), count(len(known), "image"), visible(path))
	return nil
}

// writeWhole replaces a file by a new one with that text, or leaves it as it was.
func writeWhole(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".restow-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // nothing is there after the rename
	_, err = file.Write(text)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// shownPath is a path as people see it from the current folder.
func shownPath(path string) string {
	if here, err := filepath.Abs("."); err == nil {
		if rel, err := filepath.Rel(here, path); err == nil {
			path = rel
		}
	}
	return filepath.ToSlash(path)
}
