package table

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func lines(n int) (out []Line) {
	for i := range n {
		out = append(out, Line{fmt.Sprintf("k/%05d", i*2), strings.Repeat(fmt.Sprint(i, " "), i%40)})
	}
	return out
}

// TestTable: every line is found, nothing else is, and looking decodes one block.
func TestTable(t *testing.T) {
	in := append(lines(5000), Line{"a/", ""}, Line{"z", strings.Repeat("x", 100_000)})
	data, err := Write(in)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(in)
	if again, err := Write(in); err != nil || !bytes.Equal(data, again) {
		t.Errorf("the order of lines shows: %v", err)
	}
	made := New(string(data))
	if made.Decoded() != 0 {
		t.Error("a new table has decoded blocks")
	}
	if v, ok := made.Get("k/00010"); !ok || v != strings.Repeat("5 ", 5) || made.Decoded() != 1 {
		t.Errorf("got %q, %v with %d blocks", v, ok, made.Decoded())
	}
	for _, l := range in {
		if v, ok := made.Get(l.Key); !ok || v != l.Value {
			t.Fatalf("%s is %q, %v", l.Key, v, ok)
		}
	}
	for _, absent := range []string{"", "0", "k/00011", "k/0001", "k/99999", "zz", "x"} {
		if v, ok := made.Get(absent); ok {
			t.Errorf("%q has the value %q", absent, v)
		}
	}
	n := 0
	made.Range("k/", func(key, _ string) bool {
		if want := fmt.Sprintf("k/%05d", n*2); key != want {
			t.Fatalf("line %d is %s", n, key)
		}
		n++
		return true
	})
	if n != 5000 {
		t.Errorf("%d lines", n)
	}
	for prefix, want := range map[string]bool{"k/0998": true, "k/1": false, "": true, "z": true, "b": false} {
		if made.Has(prefix) != want {
			t.Errorf("whether a key begins with %q is not %v", prefix, want)
		}
	}
	made.Forget()
	if made.Decoded() != 0 {
		t.Error("blocks were kept")
	}
}

// TestRefused: what would not be read back is not written.
func TestRefused(t *testing.T) {
	for _, bad := range [][]Line{
		{{"", "v"}}, {{"a\tb", "v"}}, {{"a\nb", "v"}}, {{"a", "v\nw"}}, {{"a", "1"}, {"a", "2"}}, {{"a", strings.Repeat("x", 2<<20)}},
	} {
		if _, err := Write(bad); err == nil {
			t.Errorf("%.40q was written", bad)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add("a b c", "1 2 3", "b")
	f.Fuzz(func(t *testing.T, keys, values, ask string) {
		var in []Line
		want := map[string]string{}
		v := strings.Split(values, " ")
		for i, k := range strings.Split(keys, " ") {
			l := Line{k, v[i%len(v)]}
			in, want[k] = append(in, l), l.Value
		}
		data, err := Write(in)
		if err != nil {
			return
		}
		made := New(string(data))
		for k, value := range want {
			if got, ok := made.Get(k); !ok || got != value {
				t.Fatalf("%q is %q, %v, want %q", k, got, ok, value)
			}
		}
		if got, ok := made.Get(ask); ok != slices.ContainsFunc(in, func(l Line) bool { return l.Key == ask }) {
			t.Fatalf("%q is %q, %v", ask, got, ok)
		}
	})
}
