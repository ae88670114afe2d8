package seal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// KeySet is public keys as they are published: a JWK Set (RFC 7517).
type KeySet struct {
	Keys []JWK `json:"keys"`
}

// JWK is one public key of a set.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y,omitempty"`
	KeyID     string `json:"kid"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
}

// ErrKeySet says that a set cannot be read. Keys of other kinds in it are passed over.
var ErrKeySet = errors.New("not a set of public keys (JWKS)")

var jwkText = base64.RawURLEncoding.Strict()

// JWK writes the key for a set, under the id that ID gives.
func (k PublicKey) JWK() JWK {
	out := JWK{KeyType: "OKP", Curve: "Ed25519", X: jwkText.EncodeToString(k.ed), Algorithm: "EdDSA", Use: "sig"}
	if k.algorithm == P256 {
		// The point is 4, x, y; a key that was parsed always has one.
		point, err := k.ec.Bytes()
		if err == nil && len(point) == 65 {
			out = JWK{KeyType: "EC", Curve: "P-256", X: jwkText.EncodeToString(point[1:33]), Y: jwkText.EncodeToString(point[33:]), Algorithm: "ES256", Use: "sig"}
		}
	}
	out.KeyID = out.thumbprint()
	return out
}

// ID names a key by its own digest (the JWK thumbprint of RFC 7638), so that nobody has to hand out names.
func (k PublicKey) ID() string { return k.JWK().KeyID }

// thumbprint digests the members that make the key, in the order of their names.
func (j JWK) thumbprint() string {
	text := `{"crv":"` + j.Curve + `","kty":"` + j.KeyType + `","x":"` + j.X + `"`
	if j.Y != "" {
		text += `,"y":"` + j.Y + `"`
	}
	sum := sha256.Sum256([]byte(text + "}"))
	return jwkText.EncodeToString(sum[:])
}

// ParseKeySet reads the keys of a set by their ids.
func ParseKeySet(text []byte) (map[string]PublicKey, error) {
	var set KeySet
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, ErrKeySet
	}
	out := map[string]PublicKey{}
	for _, j := range set.Keys {
		if key, ok := j.key(); ok && j.KeyID != "" {
			out[j.KeyID] = key
		}
	}
	if len(out) == 0 {
		return nil, ErrKeySet
	}
	return out, nil
}

func (j JWK) key() (PublicKey, bool) {
	x, errX := jwkText.DecodeString(j.X)
	y, errY := jwkText.DecodeString(j.Y)
	if errX != nil || errY != nil || len(x) != 32 {
		return PublicKey{}, false
	}
	switch {
	case j.KeyType == "OKP" && j.Curve == "Ed25519":
		return PublicKey{algorithm: Ed25519, ed: x}, true
	case j.KeyType == "EC" && j.Curve == "P-256":
		ec, err := pointP256(x, y)
		return PublicKey{algorithm: P256, ec: ec}, err == nil
	}
	return PublicKey{}, false
}

// pointP256 makes a key of a point and refuses points that are not on the curve.
func pointP256(x, y []byte) (*ecdsa.PublicKey, error) {
	point := append([]byte{4}, x...)
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(point, y...))
}
