package main

import "io"

// stdio is where a command reads and writes, so that tests can run commands
// without a process.
type stdio struct {
	In       io.Reader
	Out, Err io.Writer
}
