package main

import "testing"

func TestQuery(t *testing.T) {
	d, err := open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	rows, err := d.query("select ?, 6 * 7", "it's")
	if err != nil || len(rows) != 1 || rows[0][0] != "it's" || rows[0][1] != "42" {
		t.Errorf("%v, %v", rows, err)
	}
	if _, err := d.query("select"); err == nil {
		t.Error("no error")
	}
}
