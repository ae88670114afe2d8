// Package elqr writes and reads the national payment QR (ELQR): the payload
// inside the picture and the link that carries it. It also reads the EMVCo
// codes of other countries and tells the two apart by their checksum.
//
// The package is strict when writing and tolerant when reading. Strict: a
// [Payload] that breaks the national QR regulation in any field is refused with
// a [FieldError] naming the tag. Tolerant: [Read] accepts every code whose
// structure and checksum hold, because real banks send fields in any order,
// upper-case checksums, spaces as "+", letters in the service code; what it
// refuses, it refuses with a stable code and the position in characters. A code
// that reads well may still depart from the regulation: [Code.Problems] lists
// where.
//
// Three facts shape everything here. Lengths count characters, not bytes. The
// checksum has 16 bits and no key: it proves that a code arrived whole, never
// who made it. And one table, in table.go, says what each field may hold; both
// the writer and Problems obey it.
package elqr
