package seal

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"
)

// received signs a body as the sender does and gives the webhook as the receiver sees it.
func received(t interface{ Fatal(...any) }, secret, id string, at time.Time, body []byte) Webhook {
	signature, err := SignWebhook(secret, id, at, body)
	if err != nil {
		t.Fatal(err)
	}
	return Webhook{ID: id, Timestamp: strconv.FormatInt(at.Unix(), 10), Signature: signature, Body: body}
}

// TestSignaturesAgreeWithTheReferenceLibrary signs here and verifies there, and the other way round.
func TestSignaturesAgreeWithTheReferenceLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 24, 64).Draw(t, "key")
		id := rapid.StringMatching(`evt_[0-9a-z]{1,26}`).Draw(t, "id")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 123e6)
		secret := "whsec_" + base64.StdEncoding.EncodeToString(key)

		reference, err := oracle.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		ours := received(t, secret, id, at, body)
		headers := http.Header{}
		headers.Set(HeaderWebhookID, ours.ID)
		headers.Set(HeaderWebhookTimestamp, ours.Timestamp)
		headers.Set(HeaderWebhookSignature, ours.Signature)
		if err := reference.VerifyIgnoringTimestamp(body, headers); err != nil {
			t.Fatalf("the reference refuses our signature: %v", err)
		}

		theirs := ours
		if theirs.Signature, err = reference.Sign(id, at, body); err != nil {
			t.Fatal(err)
		}
		if err := VerifyWebhook([]string{secret}, theirs, at, time.Minute); err != nil {
			t.Fatalf("we refuse the reference's signature: %v", err)
		}
	})
}

func TestWhichWebhooksAreAccepted(t *testing.T) {
	var (
		at     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		old    = NewWebhookSecret([32]byte{1})
		secret = NewWebhookSecret([32]byte{2})
		good   = received(t, secret, "evt_1", at, []byte(`{"amount":2200}`))
	)
	change := func(edit func(*Webhook)) Webhook {
		w := good
		edit(&w)
		return w
	}
	for _, c := range []struct {
		name    string
		webhook Webhook
		secrets []string
		now     time.Time
		want    error
	}{
		{"as it was sent", good, []string{secret}, at, nil},
		{"the new secret beside the old", good, []string{old, secret}, at, nil},
		{"several signatures", change(func(w *Webhook) { w.Signature = "v1,AAAA v1a,BBBB " + w.Signature }), []string{secret}, at, nil},
		{"at the edge of the tolerance", good, []string{secret}, at.Add(5 * time.Minute), nil},
		{"from a clock that is ahead", good, []string{secret}, at.Add(-5 * time.Minute), nil},
		{"replayed later", good, []string{secret}, at.Add(5*time.Minute + time.Second), ErrWebhookTime},
		{"from the future", good, []string{secret}, at.Add(-5*time.Minute - time.Second), ErrWebhookTime},
		{"with only the old secret", good, []string{old}, at, ErrWebhookSignature},
		{"without any secret", good, nil, at, ErrWebhookSignature},
		{"another body", change(func(w *Webhook) { w.Body = []byte(`{"amount":9900}`) }), []string{secret}, at, ErrWebhookSignature},
		{"another id", change(func(w *Webhook) { w.ID = "evt_2" }), []string{secret}, at, ErrWebhookSignature},
		{"another time", change(func(w *Webhook) { w.Timestamp = strconv.FormatInt(at.Unix()+1, 10) }), []string{secret}, at, ErrWebhookSignature},
		{"another version", change(func(w *Webhook) { w.Signature = strings.Replace(w.Signature, "v1,", "v2,", 1) }), []string{secret}, at, ErrWebhookSignature},
		{"a signature cut short", change(func(w *Webhook) { w.Signature = w.Signature[:10] }), []string{secret}, at, ErrWebhookSignature},
		{"no id", change(func(w *Webhook) { w.ID = "" }), []string{secret}, at, ErrWebhookHeaders},
		{"no signature", change(func(w *Webhook) { w.Signature = "" }), []string{secret}, at, ErrWebhookHeaders},
		{"no time", change(func(w *Webhook) { w.Timestamp = "" }), []string{secret}, at, ErrWebhookHeaders},
		{"a time in another form", change(func(w *Webhook) { w.Timestamp = "+" + w.Timestamp }), []string{secret}, at, ErrWebhookHeaders},
		{"a time as text", change(func(w *Webhook) { w.Timestamp = at.Format(time.RFC3339) }), []string{secret}, at, ErrWebhookHeaders},
		{"a time out of range", change(func(w *Webhook) { w.Timestamp = "9223372036854775807" }), []string{secret}, at, ErrWebhookTime},
		{"a secret of another form", good, []string{"secret"}, at, ErrWebhookSecret},
	} {
		if err := VerifyWebhook(c.secrets, c.webhook, c.now, 5*time.Minute); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestSignRefusesWhatCannotBeVerified(t *testing.T) {
	good := NewWebhookSecret([32]byte{})
	for _, c := range []struct {
		name, secret, id string
		want             error
	}{
		{"no prefix", strings.TrimPrefix(good, "whsec_"), "evt_1", ErrWebhookSecret},
		{"no base64", "whsec_!", "evt_1", ErrWebhookSecret},
		{"too short", "whsec_AAAA", "evt_1", ErrWebhookSecret},
		{"too long", "whsec_" + strings.Repeat("AAAA", 22), "evt_1", ErrWebhookSecret},
		{"no id", good, "", ErrWebhookHeaders},
		{"a dot in the id", good, "evt.1", ErrWebhookHeaders},
	} {
		signature, err := SignWebhook(c.secret, c.id, time.Time{}, nil)
		if !errors.Is(err, c.want) || signature != "" {
			t.Errorf("%s: %q, %v; want %v", c.name, signature, err, c.want)
		}
		if err != nil && len(c.secret) > 10 && strings.Contains(err.Error(), c.secret) {
			t.Errorf("%s: the error shows the secret", c.name)
		}
	}
}
