// Package archive keeps what a database holds in files that outlive it: backups, from
// which a database can be made again on either dialect, and archives of closed months,
// which say what happened and prove that nothing was changed since. Both are compressed
// lines of JSON that describe themselves, end with a digest of all that came before, and
// are checked whole before anything is done with them. docs/keeping.md says who keeps
// what, and for how long.
package archive
