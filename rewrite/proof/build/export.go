package build

import (
	"io"
	"sync"

	"github.com/moby/buildkit/client"
)

// export receives an image while BuildKit sends it.
type export struct {
	layers layerCache
	flat   bool

	once sync.Once
	r    *io.PipeReader
	w    *io.PipeWriter
	done chan struct{}
	img  *image
	err  error
}

func newExport(layers layerCache, flat bool) *export {
	r, w := io.Pipe()
	return &export{layers: layers, flat: flat, r: r, w: w, done: make(chan struct{})}
}

func (e *export) entry() client.ExportEntry {
	out := client.ExportEntry{
		Type:   client.ExporterOCI,
		Attrs:  map[string]string{"tar": "true"},
		Output: func(map[string]string) (io.WriteCloser, error) { e.start(); return e.w, nil },
	}
	if e.flat {
		out.Type, out.Attrs = client.ExporterTar, nil
	}
	return out
}

func (e *export) start() {
	e.once.Do(func() {
		go func() {
			defer close(e.done)
			if e.flat {
				e.img, e.err = readFlat(e.r)
			} else {
				e.img, e.err = e.layers.readOCI(e.r)
			}
			if e.err == nil {
				_, e.err = io.Copy(io.Discard, e.r) // padding behind the archive's end
			}
			e.r.CloseWithError(e.err) // an early end must not block the sender
		}()
	})
}

func (e *export) stop(err error) { e.w.CloseWithError(err) }

// result waits for the rest of the image. A build that failed with buildErr
// sends no more.
func (e *export) result(buildErr error) (*image, error) {
	started := true
	e.once.Do(func() { started = false })
	if !started {
		return nil, buildErr
	}
	if buildErr != nil {
		e.stop(buildErr)
	} else {
		e.w.Close()
	}
	<-e.done
	return e.img, e.err
}
