package seal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Algorithm is how messages are signed, by the name that RFC 9421 registers. It belongs to a key: a message never
// chooses it.
type Algorithm string

// The algorithms.
const (
	Ed25519 Algorithm = "ed25519"
	P256    Algorithm = "ecdsa-p256-sha256" // r and s, 32 bytes each
)

// signatureBytes is how long a signature of either algorithm is.
const signatureBytes = 64

// Why a key is not accepted.
var (
	ErrPublicKey  = errors.New("not a public key: give the PEM text that begins with -----BEGIN PUBLIC KEY-----, of Ed25519 or ECDSA P-256, alone")
	ErrPrivateKey = errors.New("not a private key: give the PEM text that begins with -----BEGIN PRIVATE KEY----- (PKCS #8), of Ed25519 or ECDSA P-256")
)

// PublicKey verifies signatures. The zero PublicKey verifies none.
type PublicKey struct {
	algorithm Algorithm
	ed        ed25519.PublicKey
	ec        *ecdsa.PublicKey
}

// Algorithm says how the key's signatures are made.
func (k PublicKey) Algorithm() Algorithm { return k.algorithm }

// maxKeyText is more than the PEM of either kind of key needs.
const maxKeyText = 1024

// ParsePublicKey reads a key as PEM, or as the base64 within it (DER of SubjectPublicKeyInfo), as Text gives it.
func ParsePublicKey(text string) (PublicKey, error) {
	if len(text) > maxKeyText {
		return PublicKey{}, ErrPublicKey
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		block, rest := pem.Decode([]byte(text))
		if block == nil || block.Type != "PUBLIC KEY" || strings.TrimSpace(string(rest)) != "" {
			return PublicKey{}, ErrPublicKey
		}
		der = block.Bytes
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return PublicKey{}, ErrPublicKey
	}
	return publicKey(parsed)
}

func publicKey(key crypto.PublicKey) (PublicKey, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return PublicKey{algorithm: Ed25519, ed: key}, nil
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return PublicKey{algorithm: P256, ec: key}, nil
		}
	}
	return PublicKey{}, ErrPublicKey
}

func (k PublicKey) key() crypto.PublicKey {
	if k.algorithm == P256 {
		return k.ec
	}
	return k.ed
}

// Text is the key in one line: base64 of its SubjectPublicKeyInfo, the inside of its PEM.
func (k PublicKey) Text() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(k.key())
	return base64.StdEncoding.EncodeToString(der), err
}

// Verify says whether the key made the signature of the message. A signature has 64 bytes under either algorithm.
func (k PublicKey) Verify(message, signature []byte) bool {
	if len(signature) != signatureBytes {
		return false
	}
	switch k.algorithm {
	case Ed25519:
		return ed25519.Verify(k.ed, message, signature)
	case P256:
		sum := sha256.Sum256(message)
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		return ecdsa.Verify(k.ec, sum[:], r, s)
	}
	return false
}

// PrivateKey signs messages. It prints as nothing, so that a log cannot show it.
type PrivateKey struct {
	algorithm Algorithm
	ed        ed25519.PrivateKey
	ec        *ecdsa.PrivateKey
}

// NewPrivateKey makes an Ed25519 key of 256 random bits.
func NewPrivateKey(random [32]byte) PrivateKey {
	return PrivateKey{algorithm: Ed25519, ed: ed25519.NewKeyFromSeed(random[:])}
}

// NewP256Key makes an ECDSA key of 256 random bits. The few numbers that are none of the curve's, which chance does
// not meet, are ErrPrivateKey.
func NewP256Key(random [32]byte) (PrivateKey, error) {
	ec, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), random[:])
	if err != nil {
		return PrivateKey{}, ErrPrivateKey
	}
	return PrivateKey{algorithm: P256, ec: ec}, nil
}

// ParsePrivateKeys reads all keys of a PEM text (PKCS #8), in order; at least one. The error repeats nothing of the
// text: errors end up in logs.
func ParsePrivateKeys(text []byte) (keys []PrivateKey, err error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		key, err := privateKey(block)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", len(keys)+1, err)
		}
		keys, text = append(keys, key), rest
	}
	if len(keys) == 0 || strings.TrimSpace(string(text)) != "" {
		return nil, ErrPrivateKey
	}
	return keys, nil
}

func privateKey(block *pem.Block) (PrivateKey, error) {
	if block.Type != "PRIVATE KEY" {
		return PrivateKey{}, ErrPrivateKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return PrivateKey{}, ErrPrivateKey
	}
	switch key := parsed.(type) {
	case ed25519.PrivateKey:
		return PrivateKey{algorithm: Ed25519, ed: key}, nil
	case *ecdsa.PrivateKey:
		if key.Curve == elliptic.P256() {
			return PrivateKey{algorithm: P256, ec: key}, nil
		}
	}
	return PrivateKey{}, ErrPrivateKey
}

// PEM writes the key as PKCS #8. It is a secret.
func (k PrivateKey) PEM() (string, error) {
	var key crypto.PrivateKey = k.ed
	if k.algorithm == P256 {
		key = k.ec
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", ErrPrivateKey
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// Public gives the key that verifies what this one signs.
func (k PrivateKey) Public() PublicKey {
	if k.algorithm == P256 {
		return PublicKey{algorithm: P256, ec: &k.ec.PublicKey}
	}
	public, _ := k.ed.Public().(ed25519.PublicKey)
	return PublicKey{algorithm: k.algorithm, ed: public}
}

// String hides the key.
func (k PrivateKey) String() string { return "(a private key)" }

// GoString hides the key.
func (k PrivateKey) GoString() string { return k.String() }

// Sign makes the 64 bytes of a signature. The same message has the same signature: ECDSA takes its number from the
// message (RFC 6979), so no bad randomness can give the key away.
func (k PrivateKey) Sign(message []byte) ([]byte, error) {
	switch k.algorithm {
	case Ed25519:
		return ed25519.Sign(k.ed, message), nil
	case P256:
		return signP256(k.ec, message)
	}
	return nil, ErrPrivateKey
}

func signP256(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	der, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, err
	}
	out := make([]byte, signatureBytes)
	pair.R.FillBytes(out[:32])
	pair.S.FillBytes(out[32:])
	return out, nil
}
