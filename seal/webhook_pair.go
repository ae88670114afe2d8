package seal

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"time"
)

// The two halves of a key pair of webhooks, as the Standard Webhooks specification writes them.
const (
	privatePrefix = "whsk_"
	publicPrefix  = "whpk_"
)

// mostSignatures is how many signatures of a header are looked at: each Ed25519 one costs the receiver a
// computation, and whoever sends decides how many there are.
const mostSignatures = 8

// NewWebhookPair makes an Ed25519 key of 256 random bits for webhooks: whsk_…, which stays with the sender. Its
// signatures can be checked by anyone who has the public half, and made by nobody else, the receiver included.
func NewWebhookPair(random [32]byte) string {
	return privatePrefix + base64.StdEncoding.EncodeToString(ed25519.NewKeyFromSeed(random[:]))
}

// WebhookPublic gives the public half, whpk_…, of a private key whsk_….
func WebhookPublic(private string) (string, error) {
	key, err := pairKey(private, privatePrefix, ed25519.PrivateKeySize)
	if err != nil {
		return "", err
	}
	return publicPrefix + base64.StdEncoding.EncodeToString(key[ed25519.SeedSize:]), nil
}

func signPair(private, id string, at time.Time, body []byte) (string, error) {
	key, err := pairKey(private, privatePrefix, ed25519.PrivateKeySize)
	if err != nil {
		return "", err
	}
	if err := checkWebhookID(id); err != nil {
		return "", err
	}
	return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(key, pairText(id, unix(at), body))), nil
}

// pairSigned says whether one of a webhook's signatures v1a is by the private half of a public key.
func pairSigned(public string, w Webhook) (bool, error) {
	key, err := pairKey(public, publicPrefix, ed25519.PublicKeySize)
	if err != nil {
		return false, err
	}
	text, left := pairText(w.ID, w.Timestamp, w.Body), mostSignatures
	for _, candidate := range strings.Split(w.Signature, " ") {
		encoded, ours := strings.CutPrefix(candidate, "v1a,")
		if !ours {
			continue
		}
		if left--; left < 0 {
			break
		}
		signature, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err == nil && ed25519.Verify(key, text, signature) {
			return true, nil
		}
	}
	return false, nil
}

func pairText(id, timestamp string, body []byte) []byte {
	return append([]byte(id+"."+timestamp+"."), body...)
}

// pairKey reads the bytes of a key. The error does not repeat it: errors end up in logs.
func pairKey(text, prefix string, size int) ([]byte, error) {
	encoded, found := strings.CutPrefix(text, prefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil || len(key) != size {
		return nil, ErrWebhookKey
	}
	return key, nil
}
