package main

/*
#cgo pkg-config: sqlite3
#include <stdlib.h>
#include <sqlite3.h>

static int bind(sqlite3_stmt *s, int i, const char *text) {
	return sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

type db struct{ handle *C.sqlite3 }

func open(path string) (*db, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	d := &db{}
	if C.sqlite3_open(name, &d.handle) != C.SQLITE_OK {
		return nil, d.err()
	}
	return d, nil
}

func (d *db) close() { C.sqlite3_close(d.handle) }

func (d *db) err() error { return errors.New(C.GoString(C.sqlite3_errmsg(d.handle))) }

// query runs one statement and returns its rows as text.
func (d *db) query(sql string, args ...string) (rows [][]string, err error) {
	text := C.CString(sql)
	defer C.free(unsafe.Pointer(text))
	var stmt *C.sqlite3_stmt
	if C.sqlite3_prepare_v2(d.handle, text, -1, &stmt, nil) != C.SQLITE_OK {
		return nil, d.err()
	}
	defer C.sqlite3_finalize(stmt)
	for i, arg := range args {
		value := C.CString(arg)
		C.bind(stmt, C.int(i+1), value)
		C.free(unsafe.Pointer(value))
	}
	for {
		switch C.sqlite3_step(stmt) {
		case C.SQLITE_DONE:
			return rows, nil
		case C.SQLITE_ROW:
			row := make([]string, C.sqlite3_column_count(stmt))
			for i := range row {
				row[i] = C.GoString((*C.char)(unsafe.Pointer(C.sqlite3_column_text(stmt, C.int(i)))))
			}
			rows = append(rows, row)
		default:
			return nil, d.err()
		}
	}
}
