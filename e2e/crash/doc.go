// Package crash tests what must hold when the real binary, its database, or both
// are killed at random moments under load, when the disk is full, and when another
// database server takes over: nothing that was acknowledged is lost, nothing is done
// twice or by half, and every outcome that was unknown for a moment is found out by
// the protocol of the caller.
//
// `make test` runs a short form; `make crash` and `make failover` as many cycles as
// they are told. TOLOM_CRASH_SEED repeats the moments of a run, as far as the
// machine's own timing lets it.
package crash
