package lab

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"text/tabwriter"

	"github.com/restow/restow/testdata/lab/internal/image"
)

// Status prints what runs, which images the registry has, and what it all takes.
func (l *Lab) Status(ctx context.Context) error {
	w := tabwriter.NewWriter(l.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "folder\t%s\n", l.Dir)
	registryUp := l.line(w, "registry", l.Registry(), func() (int, bool) { return l.registry().Running() }, l.registryAnswers(ctx))
	l.line(w, "buildkitd", l.BuildkitHost(), func() (int, bool) { return l.buildkitd().Running() }, l.buildkitAnswers(ctx))
	var total int64
	for _, part := range []struct{ name, dir string }{
		{"cache", "buildkit"}, {"images", "registry"}, {"programs", "bin"}, {"contexts", "contexts"},
	} {
		size := diskUsage(l.path(part.dir))
		total += size
		fmt.Fprintf(w, "%s\t%s\n", part.name, bytesText(size))
	}
	fmt.Fprintf(w, "all\t%s\n", bytesText(total))
	if err := w.Flush(); err != nil || !registryUp {
		return err
	}

	recipes, err := image.Load(filepath.Join(l.Source, "images"))
	if err != nil {
		return err
	}
	builder, err := l.builder(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "\nIMAGE\tCOMPRESSED\tLAYERS\tDIGEST\t")
	for _, r := range recipes {
		for _, img := range r.Images {
			size, err := builder.Size(ctx, img)
			for _, name := range img.Names {
				if err != nil {
					fmt.Fprintf(w, "%s\tmissing\n", name)
					continue
				}
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", name, bytesText(size.Bytes), size.Layers, size.Digest[:19])
			}
		}
	}
	return w.Flush()
}

func (l *Lab) line(w *tabwriter.Writer, name, addr string, running func() (int, bool), answers error) bool {
	pid, current := running()
	switch {
	case pid == 0:
		fmt.Fprintf(w, "%s\tstopped\n", name)
	case answers != nil:
		fmt.Fprintf(w, "%s\tprocess %d does not answer: %v\n", name, pid, answers)
	case !current:
		fmt.Fprintf(w, "%s\t%s, process %d, of older sources\n", name, addr, pid)
	default:
		fmt.Fprintf(w, "%s\t%s, process %d\n", name, addr, pid)
	}
	return pid != 0 && answers == nil
}

// diskUsage counts blocks, each file once however many names it has; files that
// go away meanwhile count nothing.
func diskUsage(dir string) int64 {
	var total int64
	seen := map[[2]uint64]bool{}
	filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return nil
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil
		}
		if key := [2]uint64{uint64(stat.Dev), stat.Ino}; stat.Nlink > 1 && !entry.IsDir() {
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		total += stat.Blocks * 512
		return nil
	})
	return total
}

func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	default:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
}
