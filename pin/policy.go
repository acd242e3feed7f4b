package pin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	policy "github.com/moby/buildkit/sourcepolicy/pb"
)

// Policy writes a source policy for BuildKit that makes each reference stand for
// its digest, without a change to any Dockerfile: buildctl build
// --source-policy-file and docker buildx with EXPERIMENTAL_BUILDKIT_SOURCE_POLICY
// read it. References are full, as docker.io/library/python:3.11, and the result
// depends on the content only. A reference that names a digest already is not
// touched by such a policy.
//
// The format is BuildKit's sourcepolicy/pb/policy.proto. With EXACT the rule is
// for this identifier alone: a wildcard or an expression would read parts of a
// name as a pattern.
func Policy(images map[string]string) ([]byte, error) {
	const scheme = "docker-image://"
	rules := policy.Policy{Version: 1}
	for _, ref := range slices.Sorted(maps.Keys(images)) {
		if err := checkReference(ref); err != nil {
			return nil, fmt.Errorf("%q: %w", clipped(ref), err)
		}
		if !digestForm.MatchString(images[ref]) {
			return nil, fmt.Errorf("%s: %q is not a digest", ref, clipped(images[ref]))
		}
		rules.Rules = append(rules.Rules, &policy.Rule{
			Action:   policy.PolicyAction_CONVERT,
			Selector: &policy.Selector{Identifier: scheme + ref, MatchType: policy.MatchType_EXACT},
			Updates:  &policy.Update{Identifier: scheme + ref + "@" + images[ref]},
		})
	}
	data, err := json.MarshalIndent(&rules, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the source policy: %w", err)
	}
	return append(data, '\n'), nil
}
