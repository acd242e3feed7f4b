package main

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/restow/restow/rewrite/diff"
)

type (
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted *sarifText  `json:"insertedContent,omitempty"`
	}
	// sarifRegion is a part of a text: lines and columns from 1, columns in units of
	// UTF-16, the end exclusive. Without an end it is the whole line.
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// add makes the lines that differ between two texts of a file part of the fix. It
// is false where SARIF has no words for it.
func (f *sarifFix) add(name string, before, after []byte) bool {
	if mark := []byte(byteOrderMark); bytes.HasPrefix(before, mark) && bytes.HasPrefix(after, mark) {
		before, after = before[len(mark):], after[len(mark):]
	}
	change := sarifChange{Artifact: sarifAt(name)}
	for _, h := range diff.Hunks(before, after) {
		if !change.replace(before, h.Start, h.End, h.New) {
			return false
		}
	}
	if len(change.Replacements) > 0 {
		f.Changes = append(f.Changes, change)
	}
	return true
}

func (c *sarifChange) replace(src []byte, start, end int, with string) bool {
	region, ok := regionOf(src, start, end)
	if !ok || !utf8.ValidString(with) {
		return false
	}
	r := sarifReplacement{Deleted: region}
	if with != "" {
		r.Inserted = &sarifText{with}
	}
	c.Replacements = append(c.Replacements, r)
	return true
}

const byteOrderMark = "\ufeff"

// regionOf is the region of a range of bytes. It is false where a line that it
// begins or ends on is no UTF-8: readers would not agree on its columns. A byte
// order mark is no part of the text ("Text regions": the first character is the
// one behind it).
func regionOf(src []byte, start, end int) (r sarifRegion, ok bool) {
	var ok1, ok2 bool
	r.StartLine, r.StartColumn, ok1 = position(src, start)
	r.EndLine, r.EndColumn, ok2 = position(src, end)
	return r, ok1 && ok2
}

func position(src []byte, off int) (line, column int, ok bool) {
	if bytes.HasPrefix(src, []byte(byteOrderMark)) {
		src, off = src[len(byteOrderMark):], off-len(byteOrderMark)
		if off < 0 {
			return 0, 0, false // the mark itself is to be replaced
		}
	}
	line = 1 + bytes.Count(src[:off], []byte("\n"))
	before := src[1+bytes.LastIndexByte(src[:off], '\n') : off]
	column = 1
	for len(before) > 0 {
		r, n := utf8.DecodeRune(before)
		if r == utf8.RuneError && n == 1 {
			return 0, 0, false
		}
		column += utf16.RuneLen(r)
		before = before[n:]
	}
	return line, column, true
}
