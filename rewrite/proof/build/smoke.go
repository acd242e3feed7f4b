package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"sync"
	"time"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
)

// Command is a smoke command. It runs as a process of the image would: with its
// environment, user and working directory. With neither field set it is what the
// image runs by itself, its ENTRYPOINT and CMD.
type Command struct {
	Argv  []string `json:"argv,omitzero"`
	Shell string   `json:"shell,omitzero"` // for the image's shell
	// Output says that it must write the same, as Input.SmokeOutput does for all.
	Output bool `json:"output,omitzero"`
}

// String is the command as one would type it.
func (c Command) String() string {
	switch {
	case c.Shell != "":
		return c.Shell
	case len(c.Argv) > 0:
		return strings.Join(c.Argv, " ")
	}
	return "(the image's own command)"
}

func (c Command) argv(img *image) []string {
	switch {
	case c.Shell != "":
		return append(slices.Clone(img.shell()), c.Shell)
	case len(c.Argv) > 0:
		return c.Argv
	}
	return img.command()
}

// Outcome is how a process ended.
type Outcome struct {
	Exit    int     `json:"exit"`
	Stdout  string  `json:"stdout"` // the beginning, where it is long
	Stderr  string  `json:"stderr"`
	Error   string  `json:"error,omitzero"` // why it could not be run
	Seconds float64 `json:"seconds"`
	sum     string  // of all it wrote
}

// same reports whether two processes wrote the same.
func (o Outcome) same(other Outcome) bool { return o.sum == other.sum }

// maxOutput is how much of a process's output is kept to be shown.
const maxOutput = 16 << 10

// output keeps the beginning of what a process writes, and the hash of all.
type output struct {
	mu   sync.Mutex
	head []byte
	all  hash.Hash
}

func newOutput() *output { return &output{all: sha256.New()} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all.Write(p)
	o.head = append(o.head, p[:min(len(p), maxOutput-len(o.head))]...)
	return len(p), nil
}

func (o *output) Close() error { return nil }

func (o *output) text() (head, sum string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.ToValidUTF8(string(o.head), "\uFFFD"), hex.EncodeToString(o.all.Sum(nil))
}

// process is a running process in a container of the image.
type process struct {
	container gateway.Container
	ended     chan error
	out, errs *output
	began     time.Time
	cancel    context.CancelFunc
}

// start runs argv in a fresh container on the image's files, through BuildKit:
// no other program than the image's is needed.
func (r *run) start(ctx context.Context, c gateway.Client, ref gateway.Reference, img *image, argv []string) (*process, error) {
	if len(argv) == 0 {
		return nil, errors.New("the image has no command of its own; name one")
	}
	caps := c.BuildOpts().Caps
	if err := caps.Supports(gwpb.CapGatewayExec); err != nil {
		return nil, errors.New("this BuildKit is too old to run commands in an image; use one of version 0.8 or newer")
	}
	req := gateway.NewContainerRequest{Mounts: []gateway.Mount{{Dest: "/", Ref: ref}}} // of the type BIND
	switch r.in.Network {
	case "host":
		req.NetMode = 1 // pb.NetMode_HOST
	case "none":
		req.NetMode = 2 // pb.NetMode_NONE
	}
	ctr, err := c.NewContainer(ctx, req)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &process{container: ctr, ended: make(chan error, 1), out: newOutput(), errs: newOutput(), began: time.Now(), cancel: cancel}
	proc, err := ctr.Start(ctx, gateway.StartRequest{
		Args: argv, Env: img.env(), User: img.config.Config.User, Cwd: img.workdir(),
		Stdout: p.out, Stderr: p.errs,
	})
	if err != nil {
		p.stop()
		return nil, err
	}
	go func() { p.ended <- proc.Wait() }()
	return p, nil
}

// stop ends the process, should it still run, with its container.
func (p *process) stop() {
	// Not the context of the run: containers are released when that has ended.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = p.container.Release(ctx)
	p.cancel()
}

// outcome is how the process ended with err.
func (p *process) outcome(err error) Outcome {
	var o Outcome
	var outSum, errSum string
	o.Stdout, outSum = p.out.text()
	o.Stderr, errSum = p.errs.text()
	o.sum, o.Seconds = outSum+errSum, seconds(time.Since(p.began))
	var exit *gwpb.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		o.Exit = int(exit.ExitCode)
	case strings.HasSuffix(err.Error(), "exit code: 255"): // for which BuildKit has no type
		o.Exit = 255
	default:
		o.Exit, o.Error = -1, clip(err.Error(), 500)
	}
	// What runs containers says so on the process's own channel.
	if _, why, ok := strings.Cut(o.Stderr, "unable to start container process: "); ok && o.Exit != 0 && o.Stdout == "" {
		o.Error, o.Stderr = clip(strings.TrimSpace(why), 500), ""
	}
	return o
}

// smoke runs one command to its end, or to the end of within.
func (r *run) smoke(ctx context.Context, c gateway.Client, ref gateway.Reference, img *image, argv []string, within time.Duration) (Outcome, error) {
	p, err := r.start(ctx, c, ref, img, argv)
	if err != nil {
		if ctx.Err() != nil {
			return Outcome{}, context.Cause(ctx)
		}
		return Outcome{Exit: -1, Error: clip(err.Error(), 500)}, nil
	}
	defer p.stop()
	select {
	case err := <-p.ended:
		if ctx.Err() != nil {
			return Outcome{}, context.Cause(ctx)
		}
		return p.outcome(err), nil
	case <-ctx.Done():
		return Outcome{}, context.Cause(ctx)
	case <-time.After(within):
		o := p.outcome(nil)
		o.Exit, o.Error = -1, fmt.Sprintf("it did not end within %s", within)
		return o, nil
	}
}

// trial is what was run in an image.
type trial struct {
	outcomes []Outcome
	again    []Outcome // of before: the same commands once more
	answer   *Answer
}

// try runs the smoke commands and the server in an image that was just built.
// Commands run twice when again is set: output that differs from itself cannot
// be compared.
func (r *run) try(ctx context.Context, c gateway.Client, ref gateway.Reference, config []byte, again bool) (*trial, error) {
	t := &trial{}
	if len(r.in.Smoke) == 0 && r.in.Server == nil {
		return t, nil
	}
	img := &image{}
	if err := json.Unmarshal(config, &img.config); err != nil {
		return nil, fmt.Errorf("the image's configuration: %w", err)
	}
	for _, cmd := range r.in.Smoke {
		r.say("running %s", cmd)
		o, err := r.smoke(ctx, c, ref, img, cmd.argv(img), r.in.SmokeTimeout)
		if err != nil {
			return nil, err
		}
		t.outcomes = append(t.outcomes, o)
		if again && (r.in.SmokeOutput || cmd.Output) {
			if o, err = r.smoke(ctx, c, ref, img, cmd.argv(img), r.in.SmokeTimeout); err != nil {
				return nil, err
			}
		}
		t.again = append(t.again, o)
	}
	if r.in.Server != nil {
		r.say("starting the server, GET %s on port %d", r.in.Server.Path, r.in.Server.Port)
		a, err := r.serve(ctx, c, ref, img)
		if err != nil {
			return nil, err
		}
		t.answer = a
	}
	return t, nil
}

// Trial is a smoke command with how it ended before and after.
type Trial struct {
	Command string  `json:"command"`
	Before  Outcome `json:"before"`
	After   Outcome `json:"after"`
}

// compareTrials lists the commands that end in another way after.
func compareTrials(in *Input, before, after *trial) (trials []Trial, out []Change, notes []string) {
	for i, cmd := range in.Smoke {
		b, a := before.outcomes[i], after.outcomes[i]
		trials = append(trials, Trial{cmd.String(), b, a})
		c := Change{Kind: Smoke, Path: cmd.String()}
		output := in.SmokeOutput || cmd.Output
		switch {
		case b.Error != "":
			if a.Error != "" {
				notes = append(notes, fmt.Sprintf("smoke command %q could not be run in either image: %s", cmd, b.Error))
				continue
			}
			c.What, c.Before, c.After = "exit", b.Error, fmt.Sprintf("exit %d", a.Exit)
		case a.Error != "":
			c.What, c.Before, c.After, c.Breaks = "exit", fmt.Sprintf("exit %d", b.Exit), a.Error, true
		case b.Exit != a.Exit:
			c.What, c.Before, c.After, c.Breaks = "exit", fmt.Sprintf("exit %d", b.Exit), fmt.Sprintf("exit %d", a.Exit), b.Exit == 0
			c.Why = strings.TrimSpace(clip(lastLine(a.Stderr, a.Stdout), 300))
		case output && !b.same(before.again[i]):
			notes = append(notes, fmt.Sprintf("the output of %q differs from one run to the next in the image before, so that it was not compared", cmd))
			continue
		case output && !b.same(a):
			c.What, c.Before, c.After = "output", firstDifference(b, a), firstDifference(a, b)
		default:
			if b.Exit != 0 {
				notes = append(notes, fmt.Sprintf("smoke command %q exits with %d in both images", cmd, b.Exit))
			}
			continue
		}
		out = append(out, c)
	}
	return trials, out, notes
}

func lastLine(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t[strings.LastIndexByte(t, '\n')+1:]
		}
	}
	return ""
}

// firstDifference is the first line of o that other has not at its place.
func firstDifference(o, other Outcome) string {
	theirs := strings.Split(other.Stdout+other.Stderr, "\n")
	for i, line := range strings.Split(o.Stdout+o.Stderr, "\n") {
		if i >= len(theirs) || theirs[i] != line {
			return clip(fmt.Sprintf("%q", line), 200)
		}
	}
	return "nothing more"
}
