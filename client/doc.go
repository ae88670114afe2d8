// Package client is the Go SDK of the platform: it speaks the merchant API and the PSP API in the structs of package
// wire.
//
// Who calls is proved in one of two ways. A merchant gives its key to [New], which is sent as a bearer token. A PSP does so in
// the sandbox only: the live platform answers signature_required to any key, and takes requests that are signed by
// [WithSigningKey] (then the key given to New is not sent).
//
// Two rules shape it. A payment must never happen twice, so every creating call of a merchant carries an
// Idempotency-Key, and a repetition carries the same one. And a PSP must never guess, so its calls are sent once and
// every error says whether the outcome is known: see [Problem.Unknown]. All errors that come from a call hold a
// [*Problem].
package client
