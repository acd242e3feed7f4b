// Command cidr says what a network holds: cidr 10.0.0.0/22 [ADDRESS...]
package main

import (
	"fmt"
	"net/netip"
	"os"
)

var version = "unknown"

// span returns the first and the last address of a network.
func span(p netip.Prefix) (first, last netip.Addr) {
	p = p.Masked()
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	last, _ = netip.AddrFromSlice(b)
	return p.Addr(), last
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintf(os.Stderr, "cidr %s: usage: cidr NETWORK [ADDRESS...]\n", version)
		os.Exit(2)
	}
	p, err := netip.ParsePrefix(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	first, last := span(p)
	fmt.Printf("%s: %s to %s\n", p.Masked(), first, last)
	code := 0
	for _, text := range os.Args[2:] {
		a, err := netip.ParseAddr(text)
		in := err == nil && p.Contains(a)
		fmt.Printf("%s: %t\n", text, in)
		if !in {
			code = 3
		}
	}
	os.Exit(code)
}
