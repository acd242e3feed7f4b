package effect

import (
	"path"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
)

// configured takes the user and the working directory of a base image from the
// table of base images: the folder for the very tag, the user also for one that is
// no longer published, since no official image has changed that from one version to
// the next.
func (e *Env) configured(stage *dockerfile.Stage) {
	image, known := base.Find(stage.From.From.BaseName)
	if image == nil || known != base.Live && known != base.Retired {
		return
	}
	c, exact := image.Config()
	if c == nil {
		return
	}
	switch exact {
	case base.Exact, base.Head, base.Plain:
		e.dir, e.dirKnown = path.Join("/", c.WorkingDir), true
		e.user, e.userKnown = c.User, true
	case base.Nearest:
		e.user, e.userKnown = c.User, true
	}
}
