// Package client is the Go SDK of the platform: it speaks the merchant API and the PSP API in the structs of package
// wire.
//
// Two rules shape it. A payment must never happen twice, so every creating call of a merchant carries an
// Idempotency-Key, and a repetition carries the same one. And a PSP must never guess, so its calls are sent once and
// every error says whether the outcome is known: see [Problem.Unknown]. All errors that come from a call hold a
// [*Problem].
package client
