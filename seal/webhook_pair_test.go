package seal

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPublicKeysCheckWhatPrivateOnesSign holds for any message, beside any other signatures.
func TestPublicKeysCheckWhatPrivateOnesSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		private := NewWebhookPair([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")))
		public, err := WebhookPublic(private)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
		w := received(t, private, rapid.StringMatching(`evt_[0-9a-z]{1,26}`).Draw(t, "id"), at, rapid.SliceOf(rapid.Byte()).Draw(t, "body"))
		w.Signature = "v1,AAAA v1a,BBBB " + w.Signature
		if err := VerifyWebhook([]string{public}, w, at, time.Minute); err != nil {
			t.Fatal(err)
		}
	})
}

// TestThreatForgedWebhook changes each part of a webhook in turn, under both kinds of signature.
func TestThreatForgedWebhook(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	private := NewWebhookPair([32]byte{1})
	public, err := WebhookPublic(private)
	if err != nil {
		t.Fatal(err)
	}
	secret := NewWebhookSecret([32]byte{2})
	for check, sign := range map[string]string{public: private, secret: secret} {
		good := received(t, sign, "evt_1", at, []byte(`{"amount":2200}`))
		if err := VerifyWebhook([]string{check}, good, at, time.Minute); err != nil {
			t.Fatal(err)
		}
		for part, edit := range map[string]func(*Webhook){
			"id":              func(w *Webhook) { w.ID = "evt_2" },
			"time":            func(w *Webhook) { w.Timestamp = strconv.FormatInt(at.Unix()+1, 10) },
			"one byte":        func(w *Webhook) { w.Body = []byte(`{"amount":9200}`) },
			"more at the end": func(w *Webhook) { w.Body = append([]byte{}, append(w.Body, ' ')...) },
			"no signature":    func(w *Webhook) { w.Signature = "v1, v1a," },
			"its version": func(w *Webhook) {
				w.Signature = strings.NewReplacer("v1a,", "v1,", "v1,", "v1a,").Replace(w.Signature)
			},
			"its beginning": func(w *Webhook) { w.Signature = w.Signature[:len(w.Signature)-8] },
			"moved dot":     func(w *Webhook) { w.ID, w.Body = "evt", append([]byte("1."), w.Body...) },
		} {
			w := good
			if edit(&w); !errors.Is(VerifyWebhook([]string{check}, w, at, time.Minute), ErrWebhookSignature) {
				t.Errorf("%s: changed in %s, and accepted", check[:5], part)
			}
		}
	}
}

// TestThreatWebhookOfAnotherEndpoint takes what was honestly signed for one endpoint to another.
func TestThreatWebhookOfAnotherEndpoint(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	public, err := WebhookPublic(NewWebhookPair([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	for _, theirs := range []string{NewWebhookPair([32]byte{1}), NewWebhookSecret([32]byte{1})} {
		w := received(t, theirs, "evt_1", at, []byte(`{}`))
		if err := VerifyWebhook([]string{public, NewWebhookSecret([32]byte{2})}, w, at, time.Minute); !errors.Is(err, ErrWebhookSignature) {
			t.Errorf("%.5s: %v", theirs, err)
		}
	}
}

// TestThreatReplayedWebhook sends a good webhook again when its time is over.
func TestThreatReplayedWebhook(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	private := NewWebhookPair([32]byte{1})
	public, err := WebhookPublic(private)
	if err != nil {
		t.Fatal(err)
	}
	secret := NewWebhookSecret([32]byte{1})
	for check, sign := range map[string]string{public: private, secret: secret} {
		w := received(t, sign, "evt_1", at, []byte(`{}`))
		for _, late := range []time.Duration{5*time.Minute + time.Second, -5*time.Minute - time.Second, 24 * time.Hour} {
			if err := VerifyWebhook([]string{check}, w, at.Add(late), 5*time.Minute); !errors.Is(err, ErrWebhookTime) {
				t.Errorf("%.5s after %v: %v", check, late, err)
			}
		}
	}
}

// TestThreatManySignatures hides the right signature behind so many wrong ones that checking them all would be work.
func TestThreatManySignatures(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	private := NewWebhookPair([32]byte{1})
	public, err := WebhookPublic(private)
	if err != nil {
		t.Fatal(err)
	}
	w := received(t, private, "evt_1", at, []byte(`{}`))
	wrong := received(t, NewWebhookPair([32]byte{9}), "evt_1", at, []byte(`{}`)).Signature
	w.Signature = strings.Repeat(wrong+" ", 1000) + w.Signature
	if err := VerifyWebhook([]string{public}, w, at, time.Minute); !errors.Is(err, ErrWebhookSignature) {
		t.Errorf("%v", err)
	}
}

func TestWebhookKeysThatAreNone(t *testing.T) {
	good := NewWebhookPair([32]byte{1})
	for _, text := range []string{"", "whsk_", "whsk_AAAA", "whsk_" + good, strings.Replace(good, "whsk_", "whpk_", 1), good[:len(good)-4]} {
		if _, err := WebhookPublic(text); !errors.Is(err, ErrWebhookKey) {
			t.Errorf("the key %q: %v", text, err)
		}
	}
	w := Webhook{ID: "evt_1", Timestamp: "0", Signature: "v1a,AAAA"}
	for _, text := range []string{"whpk_", "whpk_AAAA", "whsk_AAAA"} {
		err := VerifyWebhook([]string{text}, w, time.Unix(0, 0), time.Minute)
		if !errors.Is(err, ErrWebhookKey) && !errors.Is(err, ErrWebhookSecret) || strings.Contains(err.Error(), text) && text != "whpk_" {
			t.Errorf("the key %q: %v", text, err)
		}
	}
}
