package build

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Verdict is what a verification comes to.
type Verdict string

// The verdicts.
const (
	Same      Verdict = "same"      // nothing differs but what is accepted
	Different Verdict = "different" // something differs that nobody expected
	Broken    Verdict = "broken"    // the rewrite does not build or does not work
	Undecided Verdict = "undecided" // before does not build, so there is nothing to compare with
)

// Report is all that was found.
type Report struct {
	Name       string       `json:"name"`
	Verdict    Verdict      `json:"verdict"`
	Summary    string       `json:"summary"`
	Date       time.Time    `json:"date"`
	Target     string       `json:"target,omitzero"`
	Platform   string       `json:"platform,omitzero"`
	BuildArgs  []string     `json:"buildArgs,omitzero"` // names only: values may be secret
	BuildKit   string       `json:"buildkit,omitzero"`
	Before     Side         `json:"before"`
	After      Side         `json:"after"`
	Changes    []Change     `json:"changes"`
	Smoke      []Trial      `json:"smoke,omitzero"`
	Server     *ServerTrial `json:"server,omitzero"`
	Touched    []string     `json:"touched,omitzero"`
	TouchedWhy string       `json:"touchedWhy,omitzero"`
	Proven     []string     `json:"proven"`
	Unproven   []string     `json:"unproven"`
	Reasons    []Reason     `json:"reasons,omitzero"`
	Diff       string       `json:"diff"`
	notes      []string
}

// Side is one of the two images.
type Side struct {
	Failure    *Failure `json:"failure,omitzero"`
	Layers     []Layer  `json:"layers,omitzero"`
	Compressed int64    `json:"compressed,omitzero"` // 0 where BuildKit could not say
	Unpacked   int64    `json:"unpacked,omitzero"`
	Visible    int64    `json:"visible,omitzero"` // of the files that no later layer hides
	Files      int      `json:"files,omitzero"`
	Measured   `json:"measured"`
}

// Measured are times in seconds of executed steps, as BuildKit reports them.
type Measured struct {
	Cold      Times  `json:"cold"`               // all steps
	ColdSteps []Step `json:"coldSteps,omitzero"` // those of the last cold build
	Rebuild   Times  `json:"rebuild"`            // after a change, with a warm cache
	Reran     []Step `json:"reran"`              // the steps of the last rebuild that ran again
	Steps     int    `json:"steps"`              // of how many
}

// ServerTrial is what the server answered.
type ServerTrial struct {
	Port   int     `json:"port"`
	Path   string  `json:"path"`
	Before *Answer `json:"before"`
	After  *Answer `json:"after"`
}

func (s *Side) describe(b *built) {
	s.Layers, s.Visible = b.img.layers, b.img.tree.size()
	for _, l := range b.img.layers {
		s.Compressed += l.Compressed
		s.Unpacked += l.Unpacked
	}
	if b.img.flat {
		s.Unpacked = s.Visible // what later layers hide is not known
	}
	for range b.img.tree.all() {
		s.Files++
	}
}

// OK reports whether the rewrite may be taken for proven.
func (r *Report) OK() bool { return r.Verdict == Same }

// Of are the changes of a class.
func (r *Report) Of(class Class) (out []Change) {
	for _, c := range r.Changes {
		if c.Class == class {
			out = append(out, c)
		}
	}
	return out
}

// Ratio is after by before, 0 where one of them is not known.
func Ratio(before, after float64) float64 {
	if before <= 0 || after <= 0 {
		return 0
	}
	return after / before
}

// decide comes to the verdict, and to what it rests on.
func (r *Report) decide() {
	if r.Changes == nil {
		r.Changes = []Change{} // an empty list for programs, not null
	}
	r.Proven = []string{}
	switch {
	case r.Before.Failure != nil:
		r.Verdict, r.Summary = Undecided, "the Dockerfile before does not build, so there is nothing to compare with"
		r.Unproven = []string{"everything: " + r.Summary}
		return
	case r.After.Failure != nil:
		r.Verdict, r.Summary = Broken, "the Dockerfile after does not build, and the one before does"
		r.Proven, r.Unproven = []string{"the Dockerfile before builds"}, []string{"everything else: " + r.Summary}
		return
	}
	counts := r.Of(Unexpected)
	switch {
	case len(counts) == 0:
		r.Verdict, r.Summary = Same, "both build, and the images do not differ in anything that counts"
		if len(r.Of(Expected)) > 0 {
			r.Summary = "both build, and the images differ only as the rewrite says"
		}
	case slices.ContainsFunc(counts, func(c Change) bool { return c.Breaks }):
		i := slices.IndexFunc(counts, func(c Change) bool { return c.Breaks })
		r.Verdict, r.Summary = Broken, "the image after does not work as the one before: "+counts[i].String()
	default:
		r.Verdict, r.Summary = Different, fmt.Sprintf("the images differ in %s that nothing explains", count(len(counts), "place"))
	}
	r.explain()
}

// explain lists what was compared and held, and what was not compared.
func (r *Report) explain() {
	ok := func(text string, kinds ...Kind) {
		for _, c := range r.Of(Unexpected) {
			if slices.Contains(kinds, c.Kind) {
				r.Unproven = append(r.Unproven, "not so: "+text)
				return
			}
		}
		r.Proven = append(r.Proven, text)
	}
	r.Proven = []string{"both Dockerfiles build without the cache of earlier builds"}
	ok("the image configurations agree, field by field", Config)
	but := ""
	if slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Kind == File && c.Class != Unexpected }) {
		but = ", but for those whose difference is accepted"
	}
	ok(fmt.Sprintf("the files agree in type, mode, owner, content, link target, device and attributes (%d before, %d after)%s", r.Before.Files, r.After.Files, but), File, Package)
	ok("every library that a program needs is there, where it was before", Library)
	ok("what ENTRYPOINT, CMD, HEALTHCHECK and scripts run is there and can be executed, where it was before", Program)
	if len(r.Smoke) > 0 {
		ok(fmt.Sprintf("%s as before", map[bool]string{true: "the smoke command ends", false: fmt.Sprintf("all %d smoke commands end", len(r.Smoke))}[len(r.Smoke) == 1]), Smoke)
	} else {
		r.Unproven = append(r.Unproven, "how the image behaves when it runs: no smoke command was given")
	}
	if r.Server != nil && r.Server.Before.Unable == "" && r.Server.After.Unable == "" && r.Server.Before.Error == "" {
		ok("the server answers as before", Service)
	}
	r.Unproven = append(r.Unproven, "dates of files and of the image were not compared", "other platforms than "+or(r.Platform, "the one built for"))
	if r.Target != "" {
		r.Unproven = append(r.Unproven, fmt.Sprintf("other targets than %s", r.Target))
	}
	if n := len(r.Of(Volatile)); n > 0 {
		r.Unproven = append(r.Unproven, fmt.Sprintf("%s that differ from build to build by their nature, or are read by nothing at run time", count(n, "file")))
	}
	if n := len(r.Of(Unstable)); n > 0 {
		r.Unproven = append(r.Unproven, fmt.Sprintf("%s that two builds of the Dockerfile before leave different", count(n, "file")))
	}
	r.Unproven = append(r.Unproven, r.notes...)
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
