package seal

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestTheWorkedExampleOfWebhooks computes the example of docs/webhooks.md anew, and
// checks what is printed there as a receiver would.
func TestTheWorkedExampleOfWebhooks(t *testing.T) {
	page, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	const name = "evt_06h0t7jz8gdpwvq6qjpac5dtt4"
	body := []byte(`{"id":"` + name + `","type":"payment.succeeded","sequence":16}`)
	at := time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(i)
	}
	secret, private := NewWebhookSecret(seed), NewWebhookPair(seed)
	public, err := WebhookPublic(private)
	if err != nil {
		t.Fatal(err)
	}
	w := received(t, secret, name, at, body)
	w.Signature += " " + received(t, private, name, at, body).Signature
	for _, key := range []string{secret, public} {
		if err := VerifyWebhook([]string{key}, w, at, 5*time.Minute); err != nil {
			t.Errorf("%.6s…: %v", key, err)
		}
	}
	blocks := []string{
		"secret      " + secret + "\npublic key  " + public + "\n",
		fmt.Sprintf("webhook-id: %s\nwebhook-timestamp: %s\nwebhook-signature: %s\n\n%s\n", w.ID, w.Timestamp, strings.ReplaceAll(w.Signature, " v1a", "\n  v1a"), body),
		fmt.Sprintf("%s.%s.%s\n", w.ID, w.Timestamp, body),
	}
	for _, block := range blocks {
		if !strings.Contains(string(page), "```\n"+block+"```\n") {
			t.Errorf("docs/webhooks.md lacks\n%s", block)
		}
	}
	if _, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_")); err != nil {
		t.Error(err)
	}
}
