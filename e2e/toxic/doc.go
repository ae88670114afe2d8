// Package toxic tests payments over networks that are slow, narrow, torn, silent
// or gone. Every link of the platform (to its database, to a bank, to a shop, to a
// receiver of webhooks) gets every toxic in both directions while payments are made
// over it. Afterwards nothing that was acknowledged may be lost, nothing done twice,
// the books of bank and platform must be equal, and every webhook must have come.
// How long it takes after the toxic is gone is measured and printed.
package toxic
