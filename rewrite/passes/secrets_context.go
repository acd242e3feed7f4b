package passes

import (
	"fmt"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/litter"
)

// SecretsInContext finds keys and passwords that a COPY takes into the image.
var SecretsInContext = &rewrite.Pass{
	Name:  "secrets-in-context",
	Claim: rewrite.NoClaim,
	Shown: true,
	Run:   secretsInContext,
	Doc: `Find keys and passwords in the build context that a COPY of a folder takes into the image.

Whoever can pull the image can read them, in a layer that a later RUN rm does not
change. Found are private keys (PEM, PuTTY), .npmrc and .yarnrc with a token, .netrc,
.pypirc, key files of cloud accounts, .aws/credentials, .docker/config.json,
*.kdbx and the state of Terraform, each by its name and by what is in it. What is in
it is never shown. Files of tests, examples and vendored code are left alone, and so
are samples.

The fix adds a line to the ignore file of the context, as dockerignore does and
with its conditions. It is unsafe: a program may want the key that its image carries,
and should get it when it starts. Where something names the file or reads it, as npm
does .npmrc, there is no fix, and a secret mount does what is wanted:

    RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci

A secret that was in an image is to be replaced by a new one in any case.`,
}

func secretsInContext(c *rewrite.Context) {
	for _, e := range inspect(c, litter.Secrets) {
		if e.in.Is("RUN") {
			continue // a mount, of which the image keeps nothing
		}
		f := rewrite.Finding{
			At:      e.in,
			Message: fmt.Sprintf("the copy of %s takes %s into the image: %s", folderName(e.src), e.Path, e.What),
		}
		if f.Refused = e.Refused; f.Refused == "" {
			f.Fix = &rewrite.Fix{
				Title:  "leave " + e.Path + " out of the build context",
				Why:    "whoever has the image can read it",
				Claim:  rewrite.NoClaim,
				Ignore: []string{e.Pattern},
			}
		}
		c.Report(f)
	}
}
