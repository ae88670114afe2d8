package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The headers of a webhook, as the Standard Webhooks specification names them.
const (
	HeaderWebhookID        = "webhook-id"
	HeaderWebhookTimestamp = "webhook-timestamp"
	HeaderWebhookSignature = "webhook-signature"
)

// Why a webhook is not accepted.
var (
	ErrWebhookSecret    = errors.New("a webhook secret is whsec_ and 24 to 64 bytes in base64")
	ErrWebhookKey       = errors.New("a webhook key is whsk_ (private, 64 bytes) or whpk_ (public, 32 bytes) in base64")
	ErrWebhookHeaders   = errors.New("the headers webhook-id, webhook-timestamp and webhook-signature are needed, the time in whole Unix seconds")
	ErrWebhookTime      = errors.New("the webhook was signed too long ago, or in the future: compare the clocks")
	ErrWebhookSignature = errors.New("no signature of the webhook matches its content and a known secret")
)

const secretPrefix = "whsec_"

// Webhook is a webhook as it arrived: the values of its three headers and the body, byte for byte.
type Webhook struct {
	ID        string
	Timestamp string
	Signature string
	Body      []byte
}

// NewWebhookSecret writes 256 random bits as a secret shared with the receiver of webhooks.
func NewWebhookSecret(random [32]byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// SignWebhook returns the value of webhook-signature for a body sent with this id at this time (whole seconds
// count): v1 for a secret whsec_…, v1a for a private key whsk_…. While a secret is being replaced, send the signatures of the old and the new one, parted by a space.
func SignWebhook(secret, id string, at time.Time, body []byte) (string, error) {
	if strings.HasPrefix(secret, privatePrefix) {
		return signPair(secret, id, at, body)
	}
	key, err := webhookKey(secret)
	if err != nil {
		return "", err
	}
	if err := checkWebhookID(id); err != nil {
		return "", err
	}
	return "v1," + webhookMAC(key, id, unix(at), body), nil
}

// checkWebhookID refuses a dot in the id: the signed text is id.time.body, and two messages could share one text.
func checkWebhookID(id string) error {
	if id == "" || strings.Contains(id, ".") {
		return fmt.Errorf("%w: the id %q is empty or holds a dot", ErrWebhookHeaders, id)
	}
	return nil
}

// VerifyWebhook accepts a webhook that one of the secrets signed no further from now than the tolerance (five
// minutes are usual). A secret is whsec_…, shared with the sender, for signatures v1, or whpk_…, the public half of
// the sender's key, for signatures v1a: give what you want to rely on. Signatures of other versions are passed over,
// as the specification wants.
func VerifyWebhook(secrets []string, w Webhook, now time.Time, tolerance time.Duration) error {
	seconds, err := strconv.ParseInt(w.Timestamp, 10, 64)
	if err != nil || w.ID == "" || w.Signature == "" || strconv.FormatInt(seconds, 10) != w.Timestamp {
		return ErrWebhookHeaders
	}
	if distance := now.Sub(time.Unix(seconds, 0)).Abs(); distance > tolerance {
		return fmt.Errorf("%w: %v apart, %v allowed", ErrWebhookTime, distance.Truncate(time.Second), tolerance)
	}
	for _, secret := range secrets {
		match, err := signedWith(secret, w)
		if err != nil || match {
			return err
		}
	}
	return ErrWebhookSignature
}

// signedWith says whether one secret, or the other half of one public key, signed a webhook.
func signedWith(secret string, w Webhook) (bool, error) {
	if strings.HasPrefix(secret, publicPrefix) {
		return pairSigned(secret, w)
	}
	key, err := webhookKey(secret)
	if err != nil {
		return false, err
	}
	return listed(w.Signature, "v1,"+webhookMAC(key, w.ID, w.Timestamp, w.Body)), nil
}

// listed looks for a signature in a list parted by spaces, without telling by its time how much of one fits.
func listed(header, signature string) bool {
	found := false
	for _, candidate := range strings.Split(header, " ") {
		if hmac.Equal([]byte(candidate), []byte(signature)) {
			found = true
		}
	}
	return found
}

func webhookMAC(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// webhookKey reads the bytes of a secret. The error does not repeat the secret: errors end up in logs.
func webhookKey(secret string) ([]byte, error) {
	text, found := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !found || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, ErrWebhookSecret
	}
	return key, nil
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
