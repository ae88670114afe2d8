package seal

import (
	"crypto/sha256"
	"encoding/base64"
)

// HeaderDigest carries the digest of a body (RFC 9530).
const HeaderDigest = "Content-Digest"

// ContentDigest is the value of Content-Digest for a body, byte for byte as it is sent: its SHA-256, in the one
// form that signed messages may have.
func ContentDigest(body []byte) string {
	sum := sha256.Sum256(body)
	const head, tail = "sha-256=:", ":"
	out := make([]byte, 0, len(head)+base64.StdEncoding.EncodedLen(len(sum))+len(tail))
	out = append(out, head...)
	out = base64.StdEncoding.AppendEncode(out, sum[:])
	return string(append(out, tail...))
}
