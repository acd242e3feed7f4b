//go:build !unix

package workspace

// child: no test runs another process here.
func child(string) int { return 2 }
