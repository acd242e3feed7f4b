package debian

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/restow/restow/internal/debian/debiantest"
)

// program is an ELF file of little more than the names of the libraries it needs and
// the loader it is run by.
func program(loader string, libraries ...string) string {
	strtab, dynamic := []byte{0}, []elf.Dyn64{}
	for _, l := range libraries {
		dynamic = append(dynamic, elf.Dyn64{Tag: int64(elf.DT_NEEDED), Val: uint64(len(strtab))})
		strtab = append(strtab, l+"\x00"...)
	}
	dynamic = append(dynamic, elf.Dyn64{})
	const header, prog, section = 64, 56, 64
	at := uint64(header + prog)
	interp := append([]byte(loader), 0)
	dynAt := at + uint64(len(interp))
	strAt := dynAt + uint64(16*len(dynamic))
	shAt := strAt + uint64(len(strtab))
	var out bytes.Buffer
	put := func(v any) { _ = binary.Write(&out, binary.LittleEndian, v) }
	put(elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1}, Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1,
		Phoff: header, Ehsize: header, Phentsize: prog, Phnum: 1, Shoff: shAt, Shentsize: section, Shnum: 3, Shstrndx: 2,
	})
	put(elf.Prog64{Type: uint32(elf.PT_INTERP), Off: at, Filesz: uint64(len(interp))})
	out.Write(interp)
	put(dynamic)
	out.Write(strtab)
	put(elf.Section64{})
	put(elf.Section64{Type: uint32(elf.SHT_DYNAMIC), Off: dynAt, Size: strAt - dynAt, Link: 2, Entsize: 16})
	put(elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: strAt, Size: uint64(len(strtab))})
	return out.String()
}

// TestReaches: a library in a folder that only those find that name it.
func TestReaches(t *testing.T) {
	at := &file{path: "usr/lib/own/libx.so.1", pkg: "b"}
	for dir, want := range map[string]bool{
		"/lib/own": true, "/usr/lib/own": true, "$ORIGIN/own": true, "${ORIGIN}/../lib/own": true, "$ORIGIN/../own": false, "": false, "/usr/lib": false,
	} {
		if got := reaches(&file{path: "usr/lib/y", pkg: "a"}, at, []string{dir}); got != want {
			t.Errorf("%s: %t", dir, got)
		}
	}
}

// TestLacks: what programs and scripts want and the image lacks is found.
func TestLacks(t *testing.T) {
	tree, err := build(t, Choice{Want: []string{"a", "b"}}, debiantest.Package{Name: "a", Version: "1", Files: []debiantest.File{
		{Name: "./usr/bin/s", Body: "#!/bin/sh\n", Mode: 0o755},
		{Name: "./usr/bin/e", Body: "#! /usr/bin/env -S A=b python3 -u\n", Mode: 0o755},
		{Name: "./usr/bin/own", Body: "#!/usr/bin/there\n", Mode: 0o755},
		{Name: "./usr/bin/by-name", Body: "#!/usr/bin/env there\n", Mode: 0o755},
		{Name: "./usr/bin/there", Body: program("/lib64/ld.so.2", "libhere.so.1", "libgone.so.1", "libown.so.1"), Mode: 0o755},
		{Name: "./usr/share/text", Body: "#!/bin/sh\n"}, // nobody can start it
		{Name: "./usr/bin/none", Body: "#!", Mode: 0o755},
		{Name: "./usr/lib/bad.so", Body: "\x7fELF\x02\x01"},
	}}, debiantest.Package{Name: "b", Version: "1", Files: []debiantest.File{
		{Name: "./usr/lib/libhere.so.1", Body: program("", "libgone.so.1", "libown.so.1")},
		{Name: "./opt/own/libown.so.1", Body: program("")},
		{Name: "./lib64/ld.so.2", Body: "x"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(tree.Interpreters), "[{/bin/sh [/usr/bin/s] [a]} {python3 [/usr/bin/e] [a]}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := fmt.Sprint(tree.Libraries), "[{libgone.so.1 [/usr/bin/there /usr/lib/libhere.so.1] [a b]} {libown.so.1 [/usr/bin/there] [a]}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
