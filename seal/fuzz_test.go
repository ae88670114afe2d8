package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// FuzzWebhook gives the verifier any headers and body, as they came and with a signature that is right for them. It
// accepts exactly what a second computation of the specification accepts, and nothing that the reference library refuses.
func FuzzWebhook(f *testing.F) {
	f.Add("evt_1", "1795498800", "v1,AAAA v1a,BBBB", []byte(`{"amount":1}`), int64(0), false)
	f.Add("evt_1", "1795498800", "", []byte(`{}`), int64(299), true)
	f.Add("a.b", "01795498800", "v1,", []byte("\x00"), int64(-301), true)
	f.Add("", "-1", "  ", []byte(nil), int64(1), true)
	f.Add("evt_1", "-9223372036854775808", "", []byte("x"), int64(0), true)
	secret, now := NewWebhookSecret([32]byte{3}), time.Unix(1795498800, 0)
	key := make([]byte, 32)
	key[0] = 3
	f.Fuzz(func(t *testing.T, id, at, signature string, body []byte, ahead int64, right bool) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + at + "." + string(body)))
		good := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if right {
			signature = strings.TrimSpace(signature + " " + good)
		}
		clock := now.Add(time.Duration(ahead%3600) * time.Second)
		seconds, err := strconv.ParseInt(at, 10, 64)
		formed := err == nil && strconv.FormatInt(seconds, 10) == at && id != "" && signature != ""
		apart := uint64(max(clock.Unix(), seconds)) - uint64(min(clock.Unix(), seconds))
		want := formed && apart <= 300 && slices.Contains(strings.Split(signature, " "), good)
		got := VerifyWebhook([]string{secret}, Webhook{id, at, signature, body}, clock, 5*time.Minute)
		if (got == nil) != want {
			t.Fatalf("id %q, time %q, signature %q, %d s apart: %v, want accepted: %v", id, at, signature, apart, got, want)
		}
		if got != nil {
			known := errors.Is(got, ErrWebhookHeaders) || errors.Is(got, ErrWebhookTime) || errors.Is(got, ErrWebhookSignature)
			if !known || strings.Contains(got.Error(), secret) {
				t.Fatalf("refused with %v", got)
			}
			return
		}
		wantReference(t, secret, Webhook{id, at, signature, body})
	})
}

// wantReference has the reference library verify what was accepted.
func wantReference(t *testing.T, secret string, w Webhook) {
	t.Helper()
	reference, err := oracle.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string][]string{"Webhook-Id": {w.ID}, "Webhook-Timestamp": {w.Timestamp}, "Webhook-Signature": {w.Signature}}
	if err := reference.VerifyIgnoringTimestamp(w.Body, headers); err != nil {
		t.Fatalf("accepted %+v, which the reference library refuses: %v", w, err)
	}
}

// FuzzCursor gives the reader of cursors any text. What it accepts is exactly what writing the position gives.
func FuzzCursor(f *testing.F) {
	for _, text := range []string{Cursor("payments", "pay_1"), Cursor("", ""), Cursor("a", "b:c"), "cGF5bWVudHM6MQ==", "!", "AAAA\n", strings.Repeat("A", 513)} {
		f.Add("payments", text)
		f.Add("", text)
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		position, err := ParseCursor(kind, text)
		switch {
		case err == nil && (Cursor(kind, position) != text || len(text) > maxCursor):
			t.Fatalf("%q was read as %q, which is written as %q", text, position, Cursor(kind, position))
		case err != nil && (!errors.Is(err, ErrCursor) || position != ""):
			t.Fatalf("refused with %v and the position %q", err, position)
		}
		written := Cursor(kind, text)
		if back, err := ParseCursor(kind, written); len(written) <= maxCursor && (err != nil || back != text) {
			t.Fatalf("%q of %q is read back as %q, %v", text, kind, back, err)
		}
	})
}

// FuzzKey gives the reader of keys any text. What it accepts is one of the prefixes and 256 bits in their one form.
func FuzzKey(f *testing.F) {
	for _, text := range []string{NewKey(MerchantKey, [32]byte{1}), NewKey(PSPKey, [32]byte{2}), "sk_", "psk_sk_", NewKey("", [32]byte{}), NewKey(MerchantKey, [32]byte{}) + "\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		prefix, err := ParseKey(text, MerchantKey, PSPKey)
		if err != nil {
			if !errors.Is(err, ErrKey) || prefix != "" {
				t.Fatalf("refused with %v and the prefix %q", err, prefix)
			}
			return
		}
		rest := strings.TrimPrefix(text, prefix)
		if prefix != MerchantKey && prefix != PSPKey || len(rest) != 52 || strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz234567") != "" || rest[51] != 'a' && rest[51] != 'q' {
			t.Fatalf("%q was accepted with the prefix %q", text, prefix)
		}
	})
}
