package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"tolom/seal"
)

// TestAReceiptIsVerifiedOffline from a text, a link, a file and standard input, with the keys as they are published.
func TestAReceiptIsVerifiedOffline(t *testing.T) {
	key := seal.NewPrivateKey([32]byte{21})
	text, err := seal.SignReceipt(seal.Receipt{Payment: "pay_0db4bqzs6qm5yvqm3w6dm5r8c1", Amount: 15050, Currency: "KGS", PaidAt: time.UnixMilli(1_770_000_000_123), Merchant: "Кафе\x1b[31m"}, key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, body []byte) string {
		path := t.TempDir() + "/" + name
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	published := func(k seal.PublicKey) string {
		body, err := json.Marshal(seal.KeySet{Keys: []seal.JWK{k.JWK()}})
		if err != nil {
			t.Fatal(err)
		}
		return write("jwks.json", body)
	}
	run := func(receipt, in, keys string) (string, error) {
		var out bytes.Buffer
		err := (&receiptVerifyCmd{Receipt: receipt, Key: []string{keys}}).Run(t.Context(), &stdio{In: strings.NewReader(in), Out: &out})
		return out.String(), err
	}
	ours := published(key.Public())
	for name, c := range map[string]struct{ receipt, in string }{
		"text": {text, ""}, "link": {"https://pay.example.kg/r/x#" + text, ""}, "file": {write("receipt", []byte(text+"\n")), ""}, "standard input": {"-", text},
	} {
		said, err := run(c.receipt, c.in, ours)
		if err != nil || !strings.HasPrefix(said, "real: signed by the platform\n") || !strings.Contains(said, "amount    150.50 KGS\npaid at   2026-02-02T02:40:00.123Z\n") || strings.Contains(said, "\x1b") {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
	other, err := seal.SignReceipt(seal.Receipt{Payment: "pay_0db4bqzs6qm5yvqm3w6dm5r8c1", Amount: 1, Currency: "KGS"}, key)
	if err != nil {
		t.Fatal(err)
	}
	swapped := text[:strings.LastIndex(text, ".")] + other[strings.LastIndex(other, "."):]
	others := published(seal.NewPrivateKey([32]byte{22}).Public())
	for name, c := range map[string]struct {
		receipt, keys string
		want          error
	}{
		"another's key": {text, others, seal.ErrReceiptKey}, "the signature of another": {swapped, ours, seal.ErrReceiptForged}, "no receipt": {write("other", []byte("hello")), ours, seal.ErrReceipt},
	} {
		if said, err := run(c.receipt, "", c.keys); !errors.Is(err, c.want) || said != "" {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
}
