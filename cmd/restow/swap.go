package main

import (
	"os"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
)

// swapFlags are those of the commands that may swap base images.
func swapFlags(fs *pflag.FlagSet) {
	fs.String("swap-to", "slim", "what base images are swapped to: slim, distroless or alpine")
}

// addBases fills in what the passes for base images ask for: the target, what the
// configuration says of images, and the day.
func addBases(facts *rewrite.Facts, s config.Settings) error {
	overlay, err := overlayOf(s)
	if err != nil {
		return err
	}
	facts.BaseTo, facts.Bases, facts.Today = s.SwapTo, overlay, today()
	return nil
}

// today is the day on which it is asked what has reached its end of life: that of
// SOURCE_DATE_EPOCH where it is set (reproducible-builds.org), so that a report can
// be made again.
func today() time.Time {
	if seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Now().UTC()
}
