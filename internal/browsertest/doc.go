// Package browsertest runs the platform as a person meets it: the real binary, started as a process of its own,
// played in headless Chromium by the scripts in e2e.
//
//	demo := browsertest.Start(t)
//	browsertest.Run(t, demo, "pay.test.mjs")
//
// A script learns from its environment where the demo is, and can kill and start it again through a small
// control server, so that a crash in the middle of a payment is one line of a script. A missing browser fails the
// test and names the remedy.
package browsertest
