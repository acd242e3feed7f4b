// Package config finds, reads and merges the settings of a run: the nearest
// .restow.yaml going up from a Dockerfile's folder to the repository root, the
// RESTOW_* variables and the command line. One table lists every setting, and
// the file's keys, the variables, the flags and the JSON Schema are all read
// from it, so they cannot disagree. The invariant: a Settings returned without
// an error holds only checked values, each of which knows where it came from,
// and a file, whoever wrote it, can neither name a folder outside its
// repository nor make reading it slow or fail otherwise than by an error. What
// limits whom a run may ask is set by flags and variables only.
package config
