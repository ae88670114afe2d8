package store

import (
	"context"
	"time"

	"tolom/id"
)

// PSPKey is a public key by which a PSP's requests are verified. Its id is the keyid of the signatures.
type PSPKey struct {
	ID        id.ID
	PSP       id.ID
	Name      string
	Algorithm string // as RFC 9421 names it; it is the key's, never the message's
	Public    string // base64 of the SubjectPublicKeyInfo
	NotBefore time.Time
	NotAfter  time.Time // zero: no end
	CreatedAt time.Time
	RevokedAt time.Time // zero while it works
}

// Certificate is a client certificate that a PSP may come with, or the public key of its certificates.
type Certificate struct {
	ID          id.ID
	PSP         id.ID
	Of          string // CertificateItself or CertificateKey
	Fingerprint string // SHA-256, 64 hex digits in small letters
	Name        string
	CreatedAt   time.Time
	RemovedAt   time.Time // zero while it works
}

// What a fingerprint is taken of.
const (
	CertificateItself = "certificate" // of the whole certificate (DER): a renewed one is another
	CertificateKey    = "public_key"  // of its SubjectPublicKeyInfo: it stays when a certificate is renewed with its key
)

// PlatformKey is a key by which the platform signs its answers. All that are not retired are published.
type PlatformKey struct {
	ID        id.ID
	Private   string    // as it is kept at rest
	SignsFrom time.Time // before that it is published only, so that it is known when it signs
	CreatedAt time.Time
	RetiredAt time.Time // zero while it is published
}

// Nonce is the number that a key used in one signature.
type Nonce struct {
	Key       id.ID
	Nonce     string
	CreatedAt time.Time // of the signature, by its signer
}

// Nonces remembers which nonces were used, for as long as their signatures would be accepted.
type Nonces interface {
	// Spend notes nonces, all in one commit, and says for each whether it is new: of two calls with the same key
	// and nonce, on whatever nodes, one is told true. The commit is not waited for to reach the disk on PostgreSQL:
	// whatever is committed later and waited for takes it along.
	Spend(ctx context.Context, nonces []Nonce) (fresh []bool, err error)
	// ForgetNonces deletes those of signatures made before a moment, at most limit; it returns how many.
	ForgetNonces(ctx context.Context, before time.Time, limit int) (int, error)
}
