package passes

import "github.com/restow/restow/rewrite"

// The passes below find and do not fix: which answer is right is for people to
// say. They repeat what BuildKit's own checks say, under its rule names.

// fromBuildKit is a pass that reports BuildKit's warnings of one rule.
func fromBuildKit(name, rule, refused, doc string, hadolint ...string) *rewrite.Pass {
	return &rewrite.Pass{
		Name: name, Rule: rule, Hadolint: hadolint, Claim: rewrite.Advice,
		Doc: doc + "\n\nThis is BuildKit's check " + rule + ", as docker build --check shows it.\nNot fixed: " + refused + ".",
		Run: func(c *rewrite.Context) {
			for _, w := range c.Warnings() {
				c.Report(rewrite.Finding{At: c.At(w.Line), Line: w.Line, Message: w.Message, Refused: refused})
			}
		},
	}
}

// Findings of BuildKit's checks that have no one right answer.
var (
	DuplicateStageName = fromBuildKit("duplicate-stage-name", "DuplicateStageName",
		"which of the two each --target and COPY --from= was to mean is not in the file",
		"Find stages that share a name. COPY --from= and --target take the last of them,\nFROM the one nearest above.", "DL3024")
	ReservedStageName = fromBuildKit("reserved-stage-name", "ReservedStageName",
		"a new name is for people to choose, and --target may use the old one",
		"Find stages named scratch or context, which mean something else in FROM and COPY --from=.")
	UndefinedArgInFrom = fromBuildKit("undefined-arg-in-from", "UndefinedArgInFrom",
		"whether the ARG is missing or its name mistyped is for people to say",
		"Find variables in FROM that no ARG before the first FROM declares.")
	InvalidDefaultArgInFrom = fromBuildKit("invalid-default-arg-in-from", "InvalidDefaultArgInFrom",
		"a default value is for people to choose",
		"Find ARGs whose defaults leave FROM without a valid image name, so that the file\nbuilds only with --build-arg.")
	UndefinedVar = fromBuildKit("undefined-var", "UndefinedVar",
		"the base image may set it, or its name is mistyped: the file does not say",
		"Find variables that no ARG or ENV of the stage sets. Those that the base image\nsets are named too, since its configuration is not known here.")
	JSONArgsRecommended = fromBuildKit("json-args-recommended", "JSONArgsRecommended",
		"the shell form starts a shell, and whether its work is needed is not decided here",
		"Find CMD and ENTRYPOINT in shell form, in which a shell stands between signals\nand the program.", "DL3025")
	SecretsUsedInArgOrEnv = fromBuildKit("secrets-used-in-arg-or-env", "SecretsUsedInArgOrEnv",
		"RUN --mount=type=secret needs the commands that use the value to read a file",
		"Find ARG and ENV named like a password, key or token: their values stay in the\nimage's history and config.")
	InvalidBaseImagePlatform = fromBuildKit("invalid-base-image-platform", "InvalidBaseImagePlatform",
		"only a registry can say which platforms an image has",
		"Find base images of another platform than the build's.")
	FromPlatformFlagConst = fromBuildKit("from-platform-flag-const-disallowed", "FromPlatformFlagConstDisallowed",
		"whether the stage must be of that one platform is for people to say",
		"Find FROM --platform= with a constant, which ties the stage to one platform.", "DL3029")
	InvalidDefinitionDescription = fromBuildKit("invalid-definition-description", "InvalidDefinitionDescription",
		"whether the comment describes the name below it is for people to say",
		"Find comments above ARG and FROM that do not begin with the name they describe.\nBuildKit runs this check only where # check=experimental= asks for it.")
)

// CopyIgnoredFile finds sources that .dockerignore keeps out of the context.
var CopyIgnoredFile = &rewrite.Pass{
	Name:  "copy-ignored-file",
	Rule:  "CopyIgnoredFile",
	Claim: rewrite.Advice,
	Run:   copyIgnoredFile,
	Doc: `Find COPY and ADD sources that .dockerignore keeps out of the build context.

The build fails there, since the source is not found. Known only where the build
context is.

This is BuildKit's check CopyIgnoredFile, as docker build --check shows it: not
where .dockerignore has exceptions.
Not fixed: whether the instruction or the pattern is wrong is for people to say.`,
}
