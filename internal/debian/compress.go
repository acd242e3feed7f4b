package debian

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxWindow bounds what a decompressor may keep, in bytes: xz -9 uses 64 MiB, and
// zstd --ultra -22 128.
const maxWindow = 256 << 20

// decompress is the reader for data compressed as the ending of its name says. What
// comes out is not bounded: who reads does that.
func decompress(ending string, data []byte) (io.ReadCloser, error) {
	r := bytes.NewReader(data)
	switch ending {
	case "":
		return io.NopCloser(r), nil
	case ".gz":
		return gzip.NewReader(r)
	case ".xz":
		if err := checkDictionary(data); err != nil {
			return nil, err
		}
		x, err := xz.ReaderConfig{SingleStream: true}.NewReader(r)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(x), nil
	case ".zst":
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}
	return nil, fmt.Errorf("nothing is known of the compression %q", ending)
}

var errDictionary = errors.New("its xz header cannot be read, or wants too much memory")

// checkDictionary looks at the first block's header of an xz file (The .xz File
// Format, sections 2.1.1 and 3.1) for how much memory it wants, since the library
// gives any. Blocks behind it come from the same encoder; one that says otherwise
// costs address space and no memory, as output is bounded.
func checkDictionary(data []byte) error {
	const streamHeader = 12
	if len(data) < streamHeader+8 || !bytes.HasPrefix(data, []byte("\xfd7zXZ\x00")) {
		return errDictionary
	}
	data = data[streamHeader:]
	if data[0] == 0 {
		return nil // no block at all: the file is empty
	}
	size := (int(data[0]) + 1) * 4
	if size > len(data) || crc32.ChecksumIEEE(data[:size-4]) != binary.LittleEndian.Uint32(data[size-4:]) {
		return errDictionary
	}
	flags, rest := data[1], data[2:size-4]
	for _, bit := range []byte{0x40, 0x80} { // the sizes before and after, where they are given
		if flags&bit == 0 {
			continue
		}
		_, n := binary.Uvarint(rest)
		if n <= 0 {
			return errDictionary
		}
		rest = rest[n:]
	}
	const lzma2 = 0x21
	if flags&3 != 0 || len(rest) < 3 || rest[0] != lzma2 || rest[1] != 1 || rest[2] > 40 {
		return errDictionary // more than one filter: none of Debian's packages, and not of the library
	}
	bits := rest[2]
	window := int64(2|bits&1) << (bits/2 + 11)
	if window > maxWindow {
		return errDictionary
	}
	return nil
}

// bounded reads all of r, up to a number of bytes.
func bounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return data, err
}
