package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxList bounds the bytes of a list, unpacked.
const maxList = 512 << 20

// machine are the lists that apt has on this machine.
func machine() ([]string, error) {
	files, err := filepath.Glob("/var/lib/apt/lists/*_Packages*")
	if err == nil && len(files) == 0 {
		err = errors.New("this machine has no package lists: run apt-get update, or name some")
	}
	slices.Sort(files)
	return files, err
}

// open reads a file or an address, unpacked.
func open(source string) (io.ReadCloser, error) {
	var in io.ReadCloser
	switch {
	case strings.Contains(source, "://"):
		client := &http.Client{Timeout: 10 * time.Minute}
		resp, err := client.Get(source)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, errors.Join(fmt.Errorf("the server says %s", resp.Status), resp.Body.Close())
		}
		in = resp.Body
	case strings.HasSuffix(source, ".lz4"), strings.HasSuffix(source, ".xz"), strings.HasSuffix(source, ".bz2"):
		// apt keeps lists packed in ways that it can unpack itself.
		text, err := exec.Command("/usr/lib/apt/apt-helper", "cat-file", source).Output()
		return io.NopCloser(bytes.NewReader(text)), err
	default:
		file, err := os.Open(source)
		if err != nil {
			return nil, err
		}
		in = file
	}
	if !strings.HasSuffix(source, ".gz") {
		return limited{io.LimitReader(in, maxList), in}, nil
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return limited{io.LimitReader(unpacked, maxList), in}, nil
}

type limited struct {
	io.Reader
	io.Closer
}

// releaseOf says of which release a list is, and of what day, by the InRelease file
// beside it (Debian's repository format).
func releaseOf(source string) (string, error) {
	place := ""
	if suite, _, ok := strings.Cut(source, "/main/"); ok && strings.Contains(source, "/dists/") {
		place = suite + "/InRelease"
	} else if suite, _, ok := strings.Cut(source, "_main_"); ok {
		place = suite + "_InRelease"
	} else {
		return "", errors.New("its place does not tell of which release it is: …/dists/NAME/main/…, or as apt names it")
	}
	in, err := open(place)
	if err != nil {
		return "", err
	}
	defer in.Close()
	fields := map[string]string{}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), ": ")
		if ok && fields[name] == "" {
			fields[name] = value
		}
		if lines.Text() == "SHA256:" {
			break
		}
	}
	day, err := time.Parse(time.RFC1123, fields["Date"])
	if err != nil {
		return "", fmt.Errorf("%s: %w", place, err)
	}
	return fmt.Sprintf("%s %s of %s", fields["Codename"], fields["Version"], day.Format(time.DateOnly)), nil
}
