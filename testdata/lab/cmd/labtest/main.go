// Command labtest runs restow verify over the applications of the lab and prints
// what came of each as a table, a row as soon as it is known. The lab must be up;
// it is called in testdata/lab.
//
//	labtest [-repeat N] [-unsafe=false] [-select PASSES] [-html DIR] [app ...]
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// report is what the table needs of restow verify --json.
type report struct {
	Verdict string
	Summary string
	Before  side
	After   side
	Reasons []struct{ Pass string }
	Smoke   []struct{ Command string }
	Server  *struct{ Path string }
	Changes []struct{ Kind, What, Path, Class, Why string }
}

type side struct {
	Compressed int64
	Layers     []struct{}
	Measured   struct {
		Cold, Rebuild struct{ Median float64 }
		Reran         []struct{}
	}
}

func main() {
	repeat := flag.Int("repeat", 1, "how often each time is measured")
	unsafe := flag.Bool("unsafe", true, "apply unsafe fixes too")
	only := flag.String("select", "", "apply these passes only, commas between")
	// What these two leave behind is what verify compares: an image without its build
	// tools, or of another base, is another image.
	ignore := flag.String("ignore", "multi-stage,swap-base", "leave these passes out, commas between")
	html := flag.String("html", "", "folder for the HTML report of each app")
	flag.Parse()
	flags := []string{fmt.Sprintf("--repeat=%d", *repeat), fmt.Sprintf("--unsafe=%t", *unsafe)}
	if *only == "" && *ignore != "" {
		flags = append(flags, "--ignore="+*ignore)
	}
	if *only != "" {
		flags = append(flags, "--select="+*only)
	}
	if err := run(flags, *html, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "labtest:", err)
		os.Exit(1)
	}
}

func run(flags []string, html string, apps []string) error {
	restow, err := buildRestow()
	if err != nil {
		return err
	}
	defer os.Remove(restow)
	if len(apps) == 0 {
		files, err := filepath.Glob("apps/*/README.md")
		if err != nil {
			return err
		}
		for _, f := range files {
			apps = append(apps, filepath.Base(filepath.Dir(f)))
		}
	}
	print := func(app string, r [7]string, took string) {
		fmt.Printf("%-16s %-17s %-15s %-8s %-15s %-21s %-10s %-6s %s\n", app, r[0], r[1], r[2], r[3], r[4], r[5], took, r[6])
	}
	print("app", [7]string{"same?", "MB compressed", "layers", "cold build s", "rebuild s", "smoke", "passes applied"}, "took")
	var failed []string
	begin := time.Now()
	for _, app := range apps {
		start := time.Now()
		args := append([]string{"verify", "--json"}, flags...)
		if html != "" {
			args = append(args, "--html", filepath.Join(html, app+".html"))
		}
		cmd := exec.Command(restow, append(args, where(app))...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		runErr := cmd.Run()
		line, ok := row(out.Bytes(), errs.String(), runErr)
		if !ok {
			failed = append(failed, app)
			fmt.Fprintf(os.Stderr, "== %s\n%s\n%s\n", app, out.String(), tail(errs.String(), 30))
		}
		print(app, line, time.Since(start).Round(time.Second).String())
	}
	fmt.Printf("%d passed, %d failed, in %s\n", len(apps)-len(failed), len(failed), time.Since(begin).Round(time.Second))
	if len(failed) > 0 {
		return errors.New("not the same: " + strings.Join(failed, ", "))
	}
	return nil
}

// where is the Dockerfile of an app, or its folder where a compose file there says
// which it is.
func where(app string) string {
	dir := filepath.Join("apps", app)
	if file := filepath.Join(dir, "Dockerfile"); exists(file) {
		return file
	}
	return dir
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// buildRestow builds the command of the repository that the lab belongs to.
func buildRestow() (string, error) {
	file, err := os.CreateTemp("", "restow-")
	if err != nil {
		return "", err
	}
	file.Close()
	cmd := exec.Command("go", "build", "-o", file.Name(), "./cmd/restow")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	return file.Name(), cmd.Run()
}

// row is an app's line of the table, and whether all is well with it.
func row(out []byte, errs string, runErr error) (line [7]string, ok bool) {
	if runErr == nil && strings.Contains(errs, "nothing changes") {
		return [7]string{"nothing to change"}, true
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		return [7]string{"NO REPORT"}, false
	}
	var passes []string
	for _, p := range r.Reasons {
		if !slices.Contains(passes, p.Pass) {
			passes = append(passes, p.Pass)
		}
	}
	slices.Sort(passes)
	smoke := fmt.Sprint(len(r.Smoke))
	if r.Server != nil {
		smoke += "+server"
	}
	b, a := r.Before, r.After
	return [7]string{
		r.Verdict,
		fmt.Sprintf("%.1f → %.1f", mb(b.Compressed), mb(a.Compressed)),
		fmt.Sprintf("%d → %d", len(b.Layers), len(a.Layers)),
		fmt.Sprintf("%.1f → %.1f", b.Measured.Cold.Median, a.Measured.Cold.Median),
		quicker(b.Measured.Rebuild.Median, a.Measured.Rebuild.Median),
		smoke, strings.Join(passes, " "),
	}, r.Verdict == "same"
}

// quicker is two times, and how often the second goes into the first.
func quicker(before, after float64) string {
	text := fmt.Sprintf("%.1f → %.1f", before, after)
	if after > 0 && before >= 1.5*after {
		text += fmt.Sprintf(", %.1f ×", before/after)
	}
	return text
}

func mb(n int64) float64 { return float64(n) / 1e6 }

func tail(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
