// Package traffic makes payments as shops and a bank do, for tests of what a
// platform does when it is killed, cut off or out of room: every call whose answer
// is lost is asked again, as the protocol wants, until its outcome is known, and
// what both sides were told is kept to be compared with what the platform says.
package traffic
