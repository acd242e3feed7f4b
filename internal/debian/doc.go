// Package debian makes a root file system out of Debian packages: it reads a signed
// archive, works out what a few packages need, unpacks them and does by facts what
// their maintainer scripts would have done. Nothing of a package is ever run. The
// archive's signature vouches for its indexes, these for the packages, and nothing
// that is not vouched for is looked into; what is vouched for is still bounded in
// size, number and depth. The same archive and the same request give the same bytes.
package debian
