// Package passes holds the passes, one to a file, and the order they run in.
// A pass is a value and does no input or output; its documentation is the text
// that restow explain prints.
package passes

import (
	"strings"

	"github.com/restow/restow/rewrite"
)

// Suite is every pass in the order in which they run, which settles how they
// act on each other: no pass asks about another.
var Suite = []*rewrite.Pass{
	// Normalise first: what follows reads clean instructions.
	EmptyContinuation,
	InstructionCasing,
	FromAsCasing, // behind instruction-casing: AS takes the case that FROM has by then
	StageNameCasing,
	LegacyEnv,
	ExposeProtoCasing,
	ExposeInvalidFormat,
	JSONCopyPaths,
	RedundantTargetPlatform,
	WorkdirRelativePath,
	// Delete: what is gone needs no more work.
	MultipleInstructions,
	UnusedStage,
	// Before whatever looks into the build context: it then sees what is left of it.
	Dockerignore,
	SecretsInContext,
	// Hygiene.
	MaintainerLabel,
	AddToCopy,
	ExecForm,
	ApkNoCache,
	DnfClean,
	PipNoCache,
	NpmCi,
	NpmCache,
	Pipefail,
	Sudo,
	CdToWorkdir,
	CurlFail,
	AptGetNotApt,
	AptYes, // behind apt-get-not-apt: both write behind the subcommand
	AptNoRecommends,
	AptUpdateInstall,
	AptLists, // behind apt-update-install: lists that no other RUN reads any more may go
	CacheMounts,
	// Merge: the passes before may have made neighbours of two RUNs.
	MergeRun,
	// Reorder: what an install reads comes first.
	ManifestFirst,
	CopySplit, // behind manifest-first: what an install reads is copied by itself then
	Reorder,   // behind manifest-first: what is split already may move
	// Split what builds from what runs, before a base is chosen for both.
	MultiStage,
	// Swap the base of what is left of a stage.
	SwapBase,
	// Pin when the names are settled.
	Mirror,
	PinDigest,
	// Findings only, BuildKit's words.
	DuplicateStageName,
	ReservedStageName,
	UndefinedArgInFrom,
	InvalidDefaultArgInFrom,
	UndefinedVar,
	JSONArgsRecommended,
	SecretsUsedInArgOrEnv,
	InvalidBaseImagePlatform,
	FromPlatformFlagConst,
	CopyIgnoredFile,
	InvalidDefinitionDescription,
	// Findings only, restow's own.
	HTTPSAdvice,
	CopyLink,
	SecretsInBuild,
	EndOfLife,
}

// Fixing are the passes of the suite that may have a fix, in order.
func Fixing() []*rewrite.Pass {
	var out []*rewrite.Pass
	for _, p := range Suite {
		if p.Claim != rewrite.Advice {
			out = append(out, p)
		}
	}
	return out
}

// Find returns the pass with that name, or with that BuildKit rule.
func Find(name string) *rewrite.Pass {
	for _, p := range Suite {
		if p.Name == name || (p.Rule != "" && p.Rule == name) {
			return p
		}
	}
	return nil
}

// lower reports whether s has no upper-case letters, and upper the reverse.
func lower(s string) bool { return s == strings.ToLower(s) }
func upper(s string) bool { return s == strings.ToUpper(s) }
