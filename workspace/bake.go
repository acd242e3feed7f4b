package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What one target inherits is copied into it, so that the sizes multiply.
const (
	maxTargets  = 1000
	maxArgs     = 500
	maxInherits = 16
)

// bakeTarget is a target before what it inherits is filled in.
type bakeTarget struct {
	build
	inherits []string
}

// resolveBake gives every target what it inherits: a later one of the list
// outranks an earlier one, and the target itself outranks both.
func resolveBake(name string, targets map[string]*bakeTarget) ([]build, error) {
	if len(targets) > maxTargets {
		return nil, fmt.Errorf("%s: more than %d targets, exclude it", name, maxTargets)
	}
	for _, t := range targets {
		if len(t.args) > maxArgs || len(t.contexts) > maxArgs {
			return nil, fmt.Errorf("%s: target %s: more than %d arguments or contexts, exclude the file", name, t.name, maxArgs)
		}
	}
	state := map[*bakeTarget]inheritState{}
	var builds []build
	for _, key := range slices.Sorted(maps.Keys(targets)) {
		inherit(targets, targets[key], state, 0)
		builds = append(builds, targets[key].build)
	}
	return builds, nil
}

// inherit completes t in place. A target that is missing here, that stands in a
// circle, or lies too deep leaves t partial.
func inherit(targets map[string]*bakeTarget, t *bakeTarget, state map[*bakeTarget]inheritState, depth int) {
	if state[t] == inherited {
		return
	}
	state[t] = inheriting
	for i, parent := range slices.Backward(t.inherits) {
		base := targets[parent]
		if base == nil || state[base] == inheriting || depth == maxInherits || len(t.inherits)-i > maxInherits {
			t.partial = true
			continue
		}
		inherit(targets, base, state, depth+1)
		t.fill(base.build)
	}
	state[t] = inherited
}

type inheritState int

const (
	inheriting inheritState = iota + 1
	inherited
)

// fill sets what b leaves unset from base.
func (b *build) fill(base build) {
	for _, pair := range []struct {
		to   *value
		from value
	}{
		{&b.context, base.context},
		{&b.dockerfile, base.dockerfile},
		{&b.inline, base.inline},
		{&b.target, base.target},
	} {
		if !pair.to.set {
			*pair.to = pair.from
		}
	}
	for k, v := range base.args {
		if _, ok := b.args[k]; !ok && len(b.args) < maxArgs {
			b.args[k] = v
		}
	}
	for c := range base.contexts {
		if len(b.contexts) < maxArgs {
			b.contexts[c] = true
		}
	}
	maps.Copy(b.open, base.open)
	b.partial = b.partial || base.partial
}

// parseBakeJSON reads the JSON form. Its strings are HCL templates, so that one
// with "${" or "%{" is no constant.
func parseBakeJSON(name string, data []byte) ([]build, error) {
	var file struct {
		Target map[string]json.RawMessage `json:"target"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, jsonError(name, data, err)
	}
	targets := map[string]*bakeTarget{}
	for key, raw := range file.Target {
		t := &bakeTarget{build: newBuild("target", key)}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var settings any
		if err := decoder.Decode(&settings); err != nil {
			return nil, jsonError(name, data, err)
		}
		t.readJSON(settings)
		targets[key] = t
	}
	return resolveBake(name, targets)
}

// readJSON also takes HCL's JSON form of a repeated block, a list of bodies.
func (t *bakeTarget) readJSON(settings any) {
	if bodies, ok := settings.([]any); ok {
		for _, body := range bodies {
			if body, ok := body.(map[string]any); ok {
				t.readJSON(body)
			}
		}
		return
	}
	body, ok := settings.(map[string]any)
	if !ok {
		return
	}
	for key, v := range body {
		switch key {
		case "context":
			t.context = jsonValue(v)
		case "dockerfile":
			t.dockerfile = jsonValue(v)
		case "dockerfile-inline":
			t.inline = jsonValue(v)
		case "target":
			t.target = jsonValue(v)
		case "args":
			pairs, ok := v.(map[string]any)
			if !ok {
				t.open["args"] = true
			}
			for k, v := range pairs {
				t.args[k] = jsonValue(v)
			}
		case "contexts":
			pairs, ok := v.(map[string]any)
			if !ok {
				t.open["contexts"] = true
			}
			for k := range pairs {
				t.contexts[k] = true
			}
		case "inherits":
			list, ok := v.([]any)
			t.partial = t.partial || !ok
			for _, item := range list {
				t.inheritFrom(jsonValue(item))
			}
		}
	}
}

func (t *bakeTarget) inheritFrom(v value) {
	if v.known {
		t.inherits = append(t.inherits, v.text)
		return
	}
	t.partial = true
}

func jsonValue(v any) value {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, "${") || strings.Contains(v, "%{") {
			return value{set: true}
		}
		return known(v)
	case json.Number, bool:
		return known(fmt.Sprint(v))
	}
	return value{set: v != nil}
}

func jsonError(name string, data []byte, err error) error {
	where := name
	offset := int64(-1)
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &mismatch):
		offset = mismatch.Offset
		err = fmt.Errorf("an object is wanted, not a %s", mismatch.Value)
	}
	if offset >= 0 && offset <= int64(len(data)) {
		where = fmt.Sprintf("%s:%d", name, 1+bytes.Count(data[:offset], []byte("\n")))
	}
	return fmt.Errorf("%s: not a valid bake file: %w; mend it or exclude it", where, err)
}
