package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth/authprovider"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/progress/progressui"
	"github.com/tonistiigi/fsutil"

	"github.com/restow/restow/internal/credentials"
	"github.com/restow/restow/rewrite/dockerfile"
)

// attempt is one build.
type attempt struct {
	side    string // before or after
	text    []byte
	title   string // for the progress
	cold    bool   // without the cache of earlier builds
	mounts  string // the namespace of cache mounts
	touched bool   // with the files to be touched grown
	loud    bool   // show the build as it goes
	export  bool
	inside  func(ctx context.Context, c gateway.Client, ref gateway.Reference, config []byte) error
}

// Failure is why a Dockerfile does not build, in BuildKit's own words.
type Failure struct {
	Message string `json:"message"`
	Source  string `json:"source,omitzero"` // the place in the Dockerfile, as BuildKit shows it
	Line    int    `json:"line,omitzero"`
	Step    string `json:"step,omitzero"`
	Log     string `json:"log,omitzero"` // the end of what the step printed
}

// goneError is a BuildKit that stopped answering in the middle.
type goneError struct {
	address string
	err     error
}

func (e *goneError) Error() string {
	return fmt.Sprintf("BuildKit at %s went away during the build (%s); see whether it still runs, and try again", e.address, shortErr(e.err))
}
func (e *goneError) Unwrap() error { return e.err }

// solve runs one build. A Dockerfile that does not build is a Failure, all else
// that goes wrong an error.
func (r *run) solve(ctx context.Context, a attempt) (img *image, st *steps, failed *Failure, err error) {
	flat := r.flat
	img, st, err = r.once(ctx, a, flat)
	if err != nil && !flat && a.export && strings.Contains(err.Error(), `exporter "oci" could not be found`) {
		r.flat = true // an Engine with the classic image store
		img, st, err = r.once(ctx, a, true)
	}
	if err == nil {
		return img, st, nil, nil
	}
	if ctx.Err() != nil {
		return nil, nil, nil, context.Cause(ctx)
	}
	var own *ownError
	if errors.As(err, &own) {
		return nil, nil, nil, own.err
	}
	if r.gone(ctx, err) {
		return nil, nil, nil, &goneError{r.conn.Address, err}
	}
	return nil, st, failureOf(err, st, r.in.Name, a.text), nil
}

// ownError is a failure on this side of the connection, not of the Dockerfile.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }

func (r *run) once(ctx context.Context, a attempt, flat bool) (*image, *steps, error) {
	opt, name, err := r.options(a)
	if err != nil {
		return nil, nil, &ownError{err}
	}
	out := newExport(r.layers, flat)
	if a.export {
		opt.Exports = []client.ExportEntry{out.entry()}
	}
	attrs := r.attrs(a, name)
	var config []byte
	build := func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		res, err := c.Solve(ctx, gateway.SolveRequest{Frontend: "dockerfile.v0", FrontendOpt: attrs, Evaluate: true})
		if err != nil {
			return nil, err
		}
		ref, err := res.SingleRef()
		if err != nil {
			return nil, &ownError{errors.New("the build gives images for several platforms; name one")}
		}
		config = res.Metadata[exptypes.ExporterImageConfigKey]
		if a.inside != nil {
			if err := a.inside(ctx, c, ref, config); err != nil {
				return nil, &ownError{err}
			}
		}
		return res, nil // an old BuildKit builds it only now
	}
	st := newSteps()
	status := make(chan *client.SolveStatus, 16)
	shown := r.show(ctx, a, status, st)
	// Everything below Build ends when ctx does; should it not, nobody is left
	// to wait for it.
	ended := make(chan error, 1)
	go func() {
		_, err := r.conn.client.Build(ctx, opt, "", build, status)
		ended <- err
	}()
	select {
	case err = <-ended:
		<-shown
	case <-ctx.Done():
		select {
		case err = <-ended:
			<-shown
		case <-time.After(10 * time.Second):
			out.stop(context.Cause(ctx))
			return nil, newSteps(), context.Cause(ctx)
		}
	}
	img, readErr := out.result(err)
	if err == nil && readErr != nil {
		err = &ownError{readErr}
	}
	if err != nil || !a.export {
		return nil, st, err
	}
	if img.flat {
		if err := img.setConfig(config); err != nil {
			return nil, st, &ownError{err}
		}
		img.flatLayers()
	}
	return img, st, nil
}

func (r *run) options(a attempt) (client.SolveOpt, string, error) {
	dir, name, err := dockerfileDir(a.text, r.in.onSide(a.side))
	if err != nil {
		return client.SolveOpt{}, "", err
	}
	context, err := contextFS(r.in)
	if err != nil {
		return client.SolveOpt{}, "", fmt.Errorf("the build context: %w", err)
	}
	if a.touched {
		context = touched{FS: context, files: r.touch, tail: tailFor(r.nonce()), date: time.Now()}
	}
	allow := r.in.Allow
	if r.in.Network == "host" {
		allow = append(slices.Clone(allow), "network.host")
	}
	return client.SolveOpt{
		LocalMounts: map[string]fsutil.FS{"dockerfile": dir, "context": context},
		SharedKey:   r.id, // BuildKit keeps the context between the builds of this run
		Session:     []session.Attachable{r.auth()},
		// The attributes go to the frontend through the gateway.
		FrontendAttrs:       map[string]string{},
		AllowedEntitlements: allow,
	}, name, nil
}

// auth answers BuildKit's questions for credentials from the Docker config. One
// that cannot be read counts as none: most builds need no credentials, and the
// registry of one that does says so.
func (r *run) auth() session.Attachable {
	found, _ := credentials.Find(os.Environ())
	return authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{
		AuthConfigProvider: authprovider.LoadAuthConfig(found.Docker()),
	})
}

func (r *run) attrs(a attempt, name string) map[string]string {
	attrs := map[string]string{"filename": name}
	for k, v := range r.in.BuildArgs {
		attrs["build-arg:"+k] = v
	}
	if _, given := r.in.BuildArgs["BUILDKIT_CACHE_MOUNT_NS"]; !given {
		attrs["build-arg:BUILDKIT_CACHE_MOUNT_NS"] = a.mounts
	}
	if r.in.Target != "" {
		attrs["target"] = r.in.Target
	}
	if r.in.Platform != "" {
		attrs["platform"] = r.in.Platform
	}
	if r.in.Network != "" {
		attrs["force-network-mode"] = r.in.Network
	}
	if a.cold {
		attrs["no-cache"] = ""
	}
	if r.in.BuiltIn {
		attrs["cmdline"] = "dockerfile.v0" // so that the frontend does not look for # syntax=
	}
	return attrs
}

// show passes on what BuildKit says to the steps and, for loud builds or on a
// terminal, to BuildKit's own display. It always takes all there is, or the
// build would stand still; the channel it returns closes when all is shown.
func (r *run) show(ctx context.Context, a attempt, status <-chan *client.SolveStatus, st *steps) <-chan struct{} {
	done := make(chan struct{})
	display, ok := r.display(a)
	feed, shown := make(chan *client.SolveStatus), make(chan struct{})
	go func() {
		defer close(shown)
		if ok {
			_, _ = display.UpdateFrom(ctx, feed) // it ends with the feed or with ctx
		}
	}()
	go func() {
		defer close(done)
		for s := range status {
			st.add(s)
			if !ok {
				continue
			}
			select {
			case feed <- s:
			case <-shown:
			}
		}
		close(feed)
		<-shown
	}()
	return done
}

func (r *run) display(a attempt) (progressui.Display, bool) {
	if r.progress == nil {
		return progressui.Display{}, false
	}
	opt := []progressui.DisplayOpt{progressui.WithPhase(a.title)}
	if d, err := progressui.NewDisplay(r.progress, progressui.TtyMode, opt...); err == nil {
		r.terminal = true
		return d, true
	}
	fmt.Fprintf(r.progress, "# %s\n", a.title)
	if !a.loud {
		return progressui.Display{}, false
	}
	d, err := progressui.NewDisplay(r.progress, progressui.PlainMode, opt...)
	return d, err == nil
}

// gone reports whether BuildKit is not there any more, by asking it something:
// the error of a lost connection looks like many others.
func (r *run) gone(ctx context.Context, err error) bool {
	for _, lost := range []string{"error reading from server", "transport is closing", "connection reset", "broken pipe", "no active session"} {
		if strings.Contains(err.Error(), lost) {
			return true
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, pingErr := r.conn.client.ListWorkers(ctx)
	return pingErr != nil
}

func failureOf(err error, st *steps, name string, text []byte) *Failure {
	f := &Failure{Message: strings.TrimPrefix(err.Error(), "failed to solve: ")}
	for _, front := range []string{"failed to run Build function: ", "failed to solve: "} {
		f.Message = strings.TrimPrefix(f.Message, front)
	}
	f.Message = clip(f.Message, 4000)
	for _, src := range errdefs.Sources(err) {
		var b bytes.Buffer
		if src.Info != nil {
			src.Info.Filename = name
		}
		if src.Print(&b) == nil && b.Len() > 0 {
			f.Source = strings.ToValidUTF8(b.String(), "\uFFFD")
		}
		for _, rng := range src.Ranges {
			if rng.Start != nil && (f.Line == 0 || int(rng.Start.Line) < f.Line) {
				f.Line = int(rng.Start.Line)
			}
		}
	}
	f.Step, f.Log = st.failure()
	if f.Source == "" {
		f.Line, f.Source = lineOf(f.Step, name, text)
	}
	return f
}

// lineOf finds the instruction of a step, for a BuildKit that does not say where
// it stands. Steps have their variables filled in: then nothing is found.
func lineOf(step, name string, text []byte) (int, string) {
	_, command, ok := strings.Cut(step, "] ")
	file, err := dockerfile.Parse(name, text)
	if err != nil || !ok {
		return 0, ""
	}
	for _, in := range file.Instructions {
		if strings.EqualFold(in.Text.S, command) {
			line := file.Line(in.Lines.Start)
			return line, fmt.Sprintf("%s:%d\n >>> %s\n", name, line, clip(in.Text.S, 500))
		}
	}
	return 0, ""
}
