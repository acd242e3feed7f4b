package main

import (
	"encoding/json"
	"io"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
	"github.com/restow/restow/rewrite/proof"
)

// document is what --json prints. Fields are only ever added to it.
type document struct {
	Version int       `json:"version"`
	Files   []fileDoc `json:"files"`
	Errors  []string  `json:"errors,omitempty"` // of paths that could not be looked at
	Summary summary   `json:"summary"`
}

type fileDoc struct {
	Path     string       `json:"path"`
	Status   string       `json:"status"` // unchanged, would-change, changed, error
	ReadOnly string       `json:"readOnly,omitempty"`
	Error    string       `json:"error,omitempty"`
	Diff     string       `json:"diff,omitempty"`
	Ignore   *ignoreDoc   `json:"ignoreFile,omitempty"` // what becomes of the build context's
	Changes  []findingDoc `json:"changes,omitempty"`
	Findings []findingDoc `json:"findings,omitempty"`
	Notes    []string     `json:"notes,omitempty"`
	Proof    *proofDoc    `json:"proof,omitempty"`
}

type ignoreDoc struct {
	Path   string `json:"path"`
	Status string `json:"status"` // would-change, changed
	Diff   string `json:"diff"`
}

type findingDoc struct {
	Pass    string `json:"pass"`
	Rule    string `json:"rule,omitempty"`
	Line    int    `json:"line"`
	Message string `json:"message"`
	Title   string `json:"title,omitempty"`
	Why     string `json:"why,omitempty"`
	Safety  string `json:"safety,omitempty"`
	Claim   string `json:"claim,omitempty"`
	Refused string `json:"refused,omitempty"`
}

type proofDoc struct {
	Checked  []string          `json:"checked,omitempty"`
	Compared string            `json:"compared,omitempty"`
	StandIns map[string]string `json:"standIns,omitempty"`
	Refused  string            `json:"refused,omitempty"`
}

type summary struct {
	Files    int `json:"files"`
	Changed  int `json:"changed"`
	Written  int `json:"written"`
	Failed   int `json:"failed"`
	Unsafe   int `json:"unsafe"`
	Refused  int `json:"refused"`
	Unknown  int `json:"unknown"` // places whose digest nobody could tell
	Findings int `json:"findings"`
	Fixable  int `json:"fixable"`
}

func (d *document) add(o *outcome, withProof bool) {
	f := fileDoc{Path: o.source.Path, Status: "unchanged", ReadOnly: o.source.ReadOnly, Notes: o.notes}
	defer func() { d.Files = append(d.Files, f) }()
	if o.err != nil {
		f.Status, f.Error = "error", o.err.Error()
		return
	}
	if len(o.res.Changes) > 0 {
		f.Status = "would-change"
		if o.wrote {
			f.Status = "changed"
		}
		f.Diff = diff.Unified(o.source.Path, o.res.Before.Src, o.res.After.Src)
		if o.ignore != nil {
			f.Ignore = &ignoreDoc{o.ignore.path(), f.Status, o.ignore.diff()}
		}
	}
	f.Changes, f.Findings = findings(o, o.res.Changes), findings(o, o.res.Findings)
	if p := o.res.Proof; withProof && (len(p.Checked) > 0 || p.Refused != "") {
		f.Proof = &proofDoc{StandIns: p.StandIns, Refused: p.Refused}
		for _, c := range p.Checked {
			f.Proof.Checked = append(f.Proof.Checked, c.String())
			f.Proof.Compared = proof.Compared
		}
	}
}

func findings(o *outcome, changes []rewrite.Change) (out []findingDoc) {
	for _, c := range changes {
		f := findingDoc{Pass: c.Pass.Name, Rule: c.Pass.Rule, Line: c.Line, Message: c.Message, Refused: c.Refused}
		if c.Fix != nil {
			f.Title, f.Why, f.Safety, f.Claim = c.Fix.Title, c.Fix.Why, o.safetyOf(c), c.Fix.Claim.String()
		}
		out = append(out, f)
	}
	return out
}

func (d *document) problems(errs []error) {
	for _, err := range errs {
		d.Errors = append(d.Errors, err.Error())
	}
}

func (d *document) write(w io.Writer) error {
	d.Version = 1
	if d.Files == nil {
		d.Files = []fileDoc{}
	}
	return writeJSON(w, d)
}

func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
