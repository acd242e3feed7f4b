package main

import (
	"net/netip"
	"testing"
)

func TestSpan(t *testing.T) {
	for network, want := range map[string]string{"10.1.2.3/22": "10.1.0.0-10.1.3.255", "2001:db8::/126": "2001:db8::-2001:db8::3", "1.2.3.4/32": "1.2.3.4-1.2.3.4"} {
		first, last := span(netip.MustParsePrefix(network))
		if got := first.String() + "-" + last.String(); got != want {
			t.Errorf("%s: %s, want %s", network, got, want)
		}
	}
}
