package seal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
)

// The prefixes say at first sight whose key it is, to people and to programs that look for leaked keys.
const (
	MerchantKey = "sk_"
	PSPKey      = "psk_"
	// TillToken begins what a signed-in point of sale shows; it is no key and opens no API.
	TillToken = "tst_"
	// StaffToken begins what the browser of a person shows, and ProgramToken what a program shows in a person's name.
	StaffToken   = "sst_"
	ProgramToken = "opt_"
)

// ErrKey is returned for text that cannot be a key, whatever keys exist.
var ErrKey = errors.New("not a key: it must be a known prefix and 52 characters a-z, 2-7, copied whole")

// keyText writes keys in letters and digits alone, so that a double click selects all of one.
var keyText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewKey writes 256 random bits as an API key: the prefix and 52 characters.
func NewKey(prefix string, random [32]byte) string {
	return prefix + keyText.EncodeToString(random[:])
}

// ParseKey checks the shape of a key and returns its prefix, one of those given. A key of another shape is
// refused here without a question to the database.
func ParseKey(text string, prefixes ...string) (prefix string, err error) {
	for _, prefix := range prefixes {
		rest, found := strings.CutPrefix(text, prefix)
		if !found {
			continue
		}
		bits, err := keyText.DecodeString(rest)
		// Writing the bits again refuses line breaks, which the decoder skips, and spare bits that are not zero.
		if err == nil && len(bits) == 32 && keyText.EncodeToString(bits) == rest {
			return prefix, nil
		}
	}
	return "", ErrKey
}

// HashKey is what is stored in place of a key: SHA-256 in hex. A slow, salted hash protects passwords because
// people choose them from a small set; a key is 256 random bits, so there is no set to try, and a fast hash lets
// every request be checked without delay.
func HashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// SameHash compares two hashes in a time that does not depend on where they differ.
func SameHash(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
