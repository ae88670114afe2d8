package operator

import "tolom/wire"

// PSPKey is a public key by which a PSP's requests are verified.
type PSPKey struct {
	ID        string    `json:"id" doc:"The keyid of the signatures"`
	PSPID     string    `json:"psp_id"`
	Name      string    `json:"name"`
	Algorithm string    `json:"algorithm" doc:"As RFC 9421 names it: ed25519 or ecdsa-p256-sha256"`
	PublicKey string    `json:"public_key" doc:"Base64 of the SubjectPublicKeyInfo, the inside of its PEM"`
	NotBefore wire.Time `json:"not_before"`
	NotAfter  wire.Time `json:"not_after" doc:"null: no end"`
	CreatedAt wire.Time `json:"created_at"`
	RevokedAt wire.Time `json:"revoked_at"`
}

// NewPSPKey is the body of POST /operator/v1/psp-keys.
type NewPSPKey struct {
	PSPID     string `json:"psp_id"`
	Algorithm string `json:"algorithm" enum:"ed25519,ecdsa-p256-sha256"`
	PublicKey string `json:"public_key" doc:"PEM that begins with -----BEGIN PUBLIC KEY-----, or the base64 within"`
	Name      string `json:"name,omitempty"`
	NotBefore string `json:"not_before,omitempty" format:"date-time" doc:"From when its signatures are accepted; now when absent"`
	NotAfter  string `json:"not_after,omitempty" format:"date-time" doc:"Until when; no end when absent"`
}

// Certificate is a client certificate that a PSP may connect with.
type Certificate struct {
	ID            string    `json:"id"`
	PSPID         string    `json:"psp_id"`
	Name          string    `json:"name"`
	FingerprintOf string    `json:"fingerprint_of" doc:"certificate: of all of it; public_key: of its SubjectPublicKeyInfo, which stays when it is renewed with its key"`
	Fingerprint   string    `json:"fingerprint" doc:"SHA-256, hex"`
	CreatedAt     wire.Time `json:"created_at"`
	RemovedAt     wire.Time `json:"removed_at"`
}

// NewCertificate is the body of POST /operator/v1/psp-certificates.
type NewCertificate struct {
	PSPID         string `json:"psp_id"`
	FingerprintOf string `json:"fingerprint_of" enum:"certificate,public_key"`
	Fingerprint   string `json:"fingerprint" pattern:"^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$" doc:"SHA-256 as 64 hex digits, with or without colons"`
	Name          string `json:"name,omitempty"`
}

// PlatformKey is a key that the platform signs its answers with, without its private part.
type PlatformKey struct {
	ID        string    `json:"id"`
	KeyID     string    `json:"key_id" doc:"The keyid of the signatures and the kid of the published key"`
	Algorithm string    `json:"algorithm"`
	SignsFrom wire.Time `json:"signs_from" doc:"The youngest whose time has come signs"`
	CreatedAt wire.Time `json:"created_at"`
	RetiredAt wire.Time `json:"retired_at" doc:"null while it is published"`
}
