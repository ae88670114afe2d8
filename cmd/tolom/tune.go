package main

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow to four times what is in use before it is
// collected. A server keeps little (a queue, some caches), so that is some hundred
// megabytes at most, and collecting a third as often leaves the time to payments.
const gcPercent = 300

// tune sets the collector unless the environment does.
func tune() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
}
