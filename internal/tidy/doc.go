// Package tidy tests the repository itself: which room imports which, how long files and functions are, what is
// documented, what must not appear. Style is kept by `make test` and not by memory.
//
// Each check is a function from a set of files to the problems in it. One test runs it over the repository, and
// another over a few planted lines that break the rule, so that a check that stopped seeing anything is noticed.
// A problem says where it is and what to do. Exceptions are tables beside the check, each with its reason.
package tidy
