// Package daemon starts processes that outlive the command that started them
// and finds them again. A record names a process by its id and its start time,
// so a reused id is never taken for the process that once had it.
package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Process describes a background process. Identity stands for everything that
// asks for a new process when it changes: program, arguments, configuration.
type Process struct {
	Name     string
	Command  []string
	Record   string // file that holds the record of the running process
	Log      string
	Identity string
}

type record struct {
	Pid      int    `json:"pid"`
	Started  string `json:"started"` // in clock ticks since boot, as the kernel prints it
	Identity string `json:"identity"`
}

// maxLog is where a log is moved aside at the next start.
const maxLog = 16 << 20

// Running returns the id of the process, and whether it still is what Identity
// asks for.
func (p *Process) Running() (pid int, current bool) {
	rec, err := p.read()
	if err != nil {
		return 0, false
	}
	started, err := startTime(rec.Pid)
	if err != nil || started != rec.Started {
		return 0, false // stale record: the process is gone, or the machine was restarted
	}
	return rec.Pid, rec.Identity == p.Identity
}

// Start starts the process in a session of its own, so that neither the end of
// this command nor an interrupt at its terminal reaches it.
func (p *Process) Start() error {
	for _, file := range []string{p.Record, p.Log} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
	}
	if info, err := os.Stat(p.Log); err == nil && info.Size() > maxLog {
		if err := os.Rename(p.Log, p.Log+".old"); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()

	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	// Reaps the process should it end while this command still runs; otherwise
	// it would be there as a zombie and seem alive.
	go cmd.Wait()

	started, err := startTime(cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("%s ended at once%s", p.Name, p.Tail(10))
	}
	data, err := json.Marshal(record{Pid: cmd.Process.Pid, Started: started, Identity: p.Identity})
	if err != nil {
		return err
	}
	return os.WriteFile(p.Record, data, 0o644)
}

// Stop asks the process to end, and makes it end when it has not after grace.
func (p *Process) Stop(grace time.Duration) error {
	pid, _ := p.Running()
	if pid == 0 {
		return p.forget()
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, grace}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("%s (process %d): %w", p.Name, pid, err)
		}
		for deadline := time.Now().Add(step.wait); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if still, _ := p.Running(); still == 0 {
				return p.forget()
			}
		}
	}
	return fmt.Errorf("%s (process %d) does not end", p.Name, pid)
}

// Await waits until ready succeeds, and fails early when the process ends.
func (p *Process) Await(limit time.Duration, ready func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		if pid, _ := p.Running(); pid == 0 {
			return fmt.Errorf("%s ended%s", p.Name, p.Tail(10))
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer after %s: %w%s", p.Name, limit, err, p.Tail(10))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Tail returns the end of the log, to follow an error message.
func (p *Process) Tail(lines int) string {
	data, err := os.ReadFile(p.Log)
	if err != nil {
		return ""
	}
	all := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return fmt.Sprintf("; the end of %s:\n%s", p.Log, bytes.Join(all, []byte("\n")))
}

func (p *Process) read() (record, error) {
	var rec record
	data, err := os.ReadFile(p.Record)
	if err != nil {
		return rec, err
	}
	return rec, json.Unmarshal(data, &rec)
}

func (p *Process) forget() error {
	if err := os.Remove(p.Record); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// startTime reads field 22 of /proc/PID/stat. The second field is the program's
// name in parentheses and may hold spaces, so fields count from its end.
func startTime(pid int) (string, error) {
	if pid <= 0 {
		return "", errors.New("no process id")
	}
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", err
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return "", fmt.Errorf("process %d: unexpected stat", pid)
	}
	if state := fields[0][0]; state == 'Z' || state == 'X' {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	return string(fields[19]), nil
}
