package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/restow/restow/rewrite/proof/build"
	"github.com/restow/restow/workspace"
)

// What restow verify measured of a Dockerfile's steps is kept in the user's cache
// folder, one file for each Dockerfile, for whoever wants to know what a step
// costs on this machine.
type measuredTimes struct {
	Version int                `json:"version"`
	Steps   map[string]float64 `json:"steps"` // seconds, by cost.Key
}

// maxTimes bounds such a file, in bytes.
const maxTimes = 1 << 20

// timesFile is where the times of a Dockerfile are; "" for one without a file.
func timesFile(src workspace.Source) string {
	if src.Content != nil {
		return ""
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	path, err := filepath.Abs(filepath.FromSlash(src.Path))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(cache, "restow", "times", hex.EncodeToString(sum[:16])+".json")
}

// readTimes are the times that were kept of a Dockerfile. What cannot be read
// counts as none: they only make estimates better.
func readTimes(src workspace.Source) map[string]float64 {
	name := timesFile(src)
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxTimes))
	var kept measuredTimes
	if err != nil || json.Unmarshal(data, &kept) != nil || kept.Version != 1 {
		return nil
	}
	return kept.Steps
}

// saveTimes keeps the times of the steps of a report's cold builds, beside those of
// other texts of the same Dockerfile. Another run of restow may do so at the same
// time: then the last one's are kept.
func saveTimes(src workspace.Source, rep *build.Report) error {
	name := timesFile(src)
	kept := measuredTimes{Version: 1, Steps: map[string]float64{}}
	for key, seconds := range readTimes(src) {
		if len(kept.Steps) < 1000 { // texts change, and nobody takes the old ones out
			kept.Steps[key] = seconds
		}
	}
	for _, side := range []build.Side{rep.Before, rep.After} {
		for _, step := range side.ColdSteps {
			if key, ok := stepKey(step.Whole); ok {
				kept.Steps[key] = step.Seconds
			}
		}
	}
	if name == "" || len(kept.Steps) == 0 {
		return nil
	}
	data, err := json.Marshal(kept)
	if err != nil || len(data) >= maxTimes {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), "*.tmp") // mode 0600: a step may show a build argument
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if _, err = temp.Write(data); err == nil {
		err = temp.Close()
	} else {
		temp.Close()
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}

// stepKey is the cost.Key of a step as BuildKit names it: [build 2/5] RUN make.
func stepKey(name string) (string, bool) {
	_, text, ok := strings.Cut(name, "] ")
	if !ok || !strings.HasPrefix(name, "[") || strings.Contains(text, "<<") {
		return "", false
	}
	return strings.Join(strings.Fields(text), " "), true
}
