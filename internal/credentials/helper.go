package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/docker/cli/cli/config/types"
)

// maxAnswer bounds what a helper program may say, in bytes.
const maxAnswer = 1 << 20

// run asks docker-credential-HELPER for what it keeps for a server: see the
// protocol in the README of github.com/docker/docker-credential-helpers. Docker's
// own library would wait for ever, and pass on what the program prints. That is
// kept out of the errors: it could be a secret. The file is the one that names
// the helper.
func run(file, helper, server string, patience time.Duration) (types.AuthConfig, error) {
	program := "docker-credential-" + helper
	if strings.ContainsAny(helper, `/\`) {
		return types.AuthConfig{}, fmt.Errorf("%s: the credential helper %q is not a name, correct it", file, helper)
	}
	if _, err := exec.LookPath(program); err != nil {
		return types.AuthConfig{}, fmt.Errorf("%s is to know the credentials for %s and is not on PATH, install it or remove it from %s", program, server, file)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out := answerText{full: cancel}
	cmd := exec.CommandContext(ctx, program, "get")
	cmd.Stdin = strings.NewReader(server)
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second // what it started may hold on to its output
	err := cmd.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return types.AuthConfig{}, fmt.Errorf("%s has no answer for %s within %v, run `echo %s | %s get` to see why", program, server, patience, server, program)
	}
	if err != nil && strings.TrimSpace(out.text.String()) == "credentials not found in native keychain" {
		return types.AuthConfig{}, nil
	}
	var found struct{ Username, Secret string }
	if err != nil || json.Unmarshal(out.text.Bytes(), &found) != nil {
		return types.AuthConfig{}, fmt.Errorf("%s fails for %s, run `echo %s | %s get` to see why", program, server, server, program)
	}
	if found.Username == "<token>" {
		return types.AuthConfig{IdentityToken: found.Secret}, nil
	}
	return types.AuthConfig{Username: found.Username, Password: found.Secret}, nil
}

// answerText is the output of a program, which is ended when it says too much.
// The buffer is not embedded: its ReadFrom would go past the bound.
type answerText struct {
	text bytes.Buffer
	full func()
}

func (a *answerText) Write(p []byte) (int, error) {
	if a.text.Len()+len(p) > maxAnswer {
		a.full()
		return 0, errors.New("too much output")
	}
	return a.text.Write(p)
}
