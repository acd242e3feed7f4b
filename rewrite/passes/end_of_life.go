package passes

import (
	"fmt"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/images"
)

// EndOfLife finds base images that are no longer maintained.
var EndOfLife = &rewrite.Pass{
	Name:  "end-of-life",
	Claim: rewrite.Advice,
	Run:   endOfLife,
	Shown: true,
	Doc: `Find base images whose language or distribution is no longer maintained.

What has reached its end of life gets no fixes of security holes, and its image is
not built again. The dates are those of endoflife.date, as the table of base images
has them; restow base show names them for one image. Where the distribution is
kept up by others, or for payment, that is said.

The next maintained release with a tag of the same form is named. Not fixed: another
version is another program, and whether the project works with it is for people to
say.`,
}

func endOfLife(c *rewrite.Context) {
	if c.Facts.Today.IsZero() {
		return
	}
	for _, site := range images.Collect(c.File, c.Facts.Names) {
		if site.Ref == "" || site.What == "# syntax" {
			continue
		}
		image, known := c.Facts.Bases.Find(site.Name)
		if known != base.Live && known != base.Retired {
			continue
		}
		told := false
		for _, end := range base.EndOfLife(image, c.Facts.Today) {
			if !end.Ended {
				continue
			}
			told = true
			f := found(site, fmt.Sprintf("%s %s of %s reached its end of life on %s", end.Title, end.Cycle, image.Short(), end.Date))
			f.Refused = "another version is for people to choose"
			switch next := base.Successor(image, end); {
			case next != "":
				f.Refused += fmt.Sprintf(": %s is maintained", next)
			case end.Next != "":
				f.Refused += fmt.Sprintf(": %s %s is maintained", end.Title, end.Next)
			}
			if end.Extended != "" && end.Extended > c.Facts.Today.Format("2006-01-02") {
				f.Message += fmt.Sprintf(", and is kept up by others, or for payment, until %s", end.Extended)
			}
			c.Report(f)
		}
		if known == base.Retired && !told {
			f := found(site, fmt.Sprintf("%s is no longer published", image.Short()))
			if image.Last != "" {
				f.Message += ": its last update was in " + image.Last
			}
			f.Refused = "another version is for people to choose"
			c.Report(f)
		}
	}
}
