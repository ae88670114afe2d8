// Package openapifuzz drives every operation of an OpenAPI document with calls as the document allows them and with
// calls that are broken in one known way, and holds each answer to the document: its status, media type, headers and
// body, the code of a refusal, and that a broken call is refused for what is broken. What answers tell (ids, codes,
// keys) is used in later calls, so that it gets as deep as a program that uses the API in earnest.
//
// It knows the platform only by its document and by a few names of fields; the same seed makes the same calls.
package openapifuzz
