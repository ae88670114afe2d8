// Package recon compares two sides' books of the same payments. It is pure: who
// reconciles reads our lines, gives them here beside the other side's, and is told
// where they differ and what each difference means.
//
// Nobody sends a whole book. Both sides compute a digest of a range of time; ranges
// with equal digests hold the same lines and are done; of the others the digests of
// their hours are compared, then of their minutes, and only of minutes that differ
// the lines themselves ([Search]). A difference is expected, when the protocol leaves
// both sides time to come to the same, or mismatched, when it needs somebody ([Judge]).
package recon
