package seal

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var lunch = Receipt{
	Payment: "pay_0db4bqzs6qm5yvqm3w6dm5r8c1", Amount: 15000, Currency: "KGS", PaidAt: time.Date(2026, 11, 24, 6, 0, 0, 1e6, time.UTC),
	Merchant: `Кафе "Ала-Тоо" <1>`, Store: "Чүй",
}

func receiptKeys(t *testing.T) map[Algorithm]PrivateKey {
	t.Helper()
	p256, err := NewP256Key([32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	return map[Algorithm]PrivateKey{Ed25519: NewPrivateKey([32]byte{7}), P256: p256}
}

func TestAReceiptIsReadWhereverItsTextStands(t *testing.T) {
	for name, key := range receiptKeys(t) {
		text, err := SignReceipt(lunch, key)
		if err != nil {
			t.Fatal(err)
		}
		again, err := SignReceipt(lunch, key)
		if err != nil || again != text {
			t.Errorf("%s: a second text for the same receipt: %v", name, err)
		}
		for _, c := range []string{text, " " + text + "\n", "https://pay.example.kg/r/0db4bqzs6qm5yvqm3w6dm5r8c1#" + text} {
			got, err := ReadReceipt(c, []PublicKey{NewPrivateKey([32]byte{9}).Public(), key.Public()})
			if err != nil || got != lunch {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		if len(text) > 400 {
			t.Errorf("%s: %d letters are too many for a picture on a phone", name, len(text))
		}
	}
}

// TestThreatReceiptForged changes every letter of a receipt, and signs with another's key: nothing of it is believed.
func TestThreatReceiptForged(t *testing.T) {
	for name, key := range receiptKeys(t) {
		text, err := SignReceipt(lunch, key)
		if err != nil {
			t.Fatal(err)
		}
		keys, tried := []PublicKey{key.Public()}, 0
		for at := range text {
			for _, bit := range []byte{1, 2, 4, 8, 16, 32, 64} {
				b := []byte(text)
				b[at] ^= bit
				if got, err := ReadReceipt(string(b), keys); err == nil {
					t.Fatalf("%s: believed with letter %d changed: %+v", name, at, got)
				}
				tried++
			}
		}
		for _, c := range []string{"", "TR1.", "TR1..", text + "A", text + "\nA", "x" + text, text[:len(text)-1], strings.Replace(text, ".", ".\n", 1), strings.ToUpper(text)} {
			if _, err := ReadReceipt(c, keys); err == nil {
				t.Errorf("%s: believed: %q", name, c)
			}
		}
		if _, err := ReadReceipt(text, []PublicKey{NewPrivateKey([32]byte{9}).Public()}); !errors.Is(err, ErrReceiptKey) {
			t.Errorf("%s: another's key: %v", name, err)
		}
		t.Logf("%s: %d changed receipts, 0 believed", name, tried)
	}
}

// TestThreatReceiptSignatureOfSomethingElse: what the same key signed for another purpose is no receipt.
func TestThreatReceiptSignatureOfSomethingElse(t *testing.T) {
	key := NewPrivateKey([32]byte{7})
	row := receiptRow{Key: shortKey(key.Public()), Payment: "pay_1", Amount: 1, Currency: "KGS"}
	said, err := row.write()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := key.Sign(said)
	if err != nil {
		t.Fatal(err)
	}
	text := receiptMark + jwkText.EncodeToString(said) + "." + jwkText.EncodeToString(signature)
	if _, err := ReadReceipt(text, []PublicKey{key.Public()}); !errors.Is(err, ErrReceiptForged) {
		t.Errorf("a signature of the bare list: %v", err)
	}
}
