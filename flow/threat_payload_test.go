package flow_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"time"

	"tolom/fault"
	"tolom/payment"
	"tolom/wire"
)

// issued makes a request of a shop and gives its payload.
func (k *kit) issued(shop, description string) payment.Request {
	k.t.Helper()
	in := wire.NewPaymentRequest{Amount: 250000, Description: description, Extra: []wire.Extra{{Key: "order", Label: "Буйрутма", Value: "1042", Title: "№", Visible: new(true)}}}
	r, _, err := k.platform.CreateRequest(k.ctx, k.shops[shop], key(description, "/v1/payment-requests", in), in)
	k.must(err)
	return r
}

// resealed gives a payload its right checksum again: it needs no key, so anybody can.
func resealed(payload string) string {
	text := payload[:len(payload)-8]
	sum := sha256.Sum256([]byte(text))
	return text + "6304" + hex.EncodeToString(sum[:])[60:]
}

// asIssued says that a text is read as the issued payload: letters of the checksum may be of either case, and banks that
// write a space as a plus sign are understood.
func asIssued(text, issued string) bool {
	text = strings.ReplaceAll(text, "+", " ")
	end := len(issued) - 4
	return len(text) == len(issued) && text[:end] == issued[:end] && strings.EqualFold(text[end:], issued[end:])
}

// flips are what a character is changed to.
var flips = []rune("0123456789abcxyzABCXYZ :;+%#&<>'\"-._/\\~яҢ\u00a0\u200b\x00")

// TestThreatPayloadFlippedAtEveryCharacter changes every character of an issued payload to every one of many others,
// leaves it out, doubles it, and swaps it with the next, with the old checksum and with the right one: the platform's
// own lookup refuses each.
func TestThreatPayloadFlippedAtEveryCharacter(t *testing.T) {
	k := newKit(t, memory(t), false)
	r := k.issued("shop", "Түшкү тамак")
	letters := []rune(r.Payload)
	tried, codes := 0, map[fault.Code]int{}
	judge := func(changed string, at int) {
		t.Helper()
		for _, payload := range []string{changed, resealed(changed)} {
			if asIssued(payload, r.Payload) {
				continue
			}
			tried++
			got, err := k.platform.Check(k.ctx, k.psps["blue"], wire.Check{Payload: payload})
			if err == nil {
				t.Fatalf("changed at %d and accepted as %+v: %q", at, got, payload)
			}
			codes[fault.From(err).Code]++
		}
	}
	for at := range letters {
		for _, flip := range flips {
			changed := append([]rune(nil), letters...)
			changed[at] = flip
			judge(string(changed), at)
		}
		judge(string(letters[:at])+string(letters[at+1:]), at)
		judge(string(letters[:at+1])+string(letters[at:]), at)
		if at+1 < len(letters) {
			judge(string(letters[:at])+string(letters[at+1])+string(letters[at])+string(letters[at+2:]), at)
		}
	}
	for code := range codes {
		switch code {
		case fault.PayloadInvalid, fault.PayloadAltered, fault.ForeignProvider, fault.NotFound:
		default:
			t.Errorf("%d are refused with %s", codes[code], code)
		}
	}
	if codes[fault.PayloadAltered] == 0 || codes[fault.NotFound] == 0 {
		t.Errorf("nothing got as far as the comparison: %v", codes)
	}
	t.Logf("%d changed payloads of %d characters, 0 accepted; refused: %v", tried, len(letters), codes)
}

// TestThreatPayloadFieldsAltered changes amount, account, name and more by what somebody would gain from, with a right
// checksum, and tries to pay it: as payload, and as a link in which everything is percent-encoded.
func TestThreatPayloadFieldsAltered(t *testing.T) {
	k := newKit(t, memory(t), false)
	r, other := k.issued("shop", "one"), k.issued("bazaar", "two")
	for name, change := range map[string]struct{ from, to string }{
		"a lower amount":                  {"5406250000", "5406150000"},
		"an amount of fewer digits":       {"5406250000", "54042500"},
		"no amount":                       {"5406250000", ""},
		"another name":                    {"KAFE ALA-TOO", "KAFE ALA-TOP"},
		"the request of another, as ours": {r.ID.Token(), other.ID.Token()},
		"an amount that may be changed":   {"12021213", "12021113"},
		"another currency":                {"5303417", "5303840"},
		"another category":                {"52045812", "52045411"},
	} {
		payload := r.Payload
		if name == "another name" {
			change.from, change.to = nameIn(payload), strings.Repeat("X", len(nameIn(payload)))
		}
		altered := strings.Replace(payload, change.from, change.to, 1)
		if altered == payload {
			t.Errorf("%s: nothing was changed in %s", name, payload)
			continue
		}
		altered = resealed(altered)
		for _, in := range []wire.NewPSPPayment{{Payload: altered}, {Link: "https://pay.payqr.kg/#" + url.PathEscape(altered)}} {
			if _, err := k.platform.Check(k.ctx, k.psps["blue"], wire.Check{Payload: in.Payload, Link: in.Link}); err == nil {
				t.Errorf("%s: checked", name)
			}
			in.PSPPaymentID, in.Amount, in.Payer = "p-1", 250000, wire.Payer{Key: "payer"}
			if p, _, err := k.platform.CreatePayment(k.ctx, k.psps["blue"], in, "print"); err == nil {
				t.Errorf("%s: payment %s was made", name, p.ID)
			}
		}
	}
}

// nameIn gives the name that a payload carries.
func nameIn(payload string) string {
	at := strings.LastIndex(payload, "59") // before the checksum alone
	for ; at > 0; at = strings.LastIndex(payload[:at], "59") {
		if rest := payload[at+2:]; len(rest) > 10 && rest[:2] == twoDigits(len(rest)-2-8) {
			return rest[2 : len(rest)-8]
		}
	}
	return "no name"
}

func twoDigits(n int) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }

// TestThreatNameInThePayload: the name that a payer sees is the registered one at that moment, whatever name was
// printed into the code.
func TestThreatNameInThePayload(t *testing.T) {
	k := newKit(t, memory(t), false)
	r := k.issued("shop", "one")
	printed := nameIn(r.Payload)
	check := func(want string) {
		t.Helper()
		got, err := k.platform.Check(k.ctx, k.psps["blue"], wire.Check{Payload: r.Payload})
		k.must(err)
		if got.Merchant.Name != want {
			t.Errorf("the check says %q, registered is %q, printed %q", got.Merchant.Name, want, printed)
		}
		page, err := k.platform.Landing(k.ctx, r.Payload)
		k.must(err)
		if page.Merchant.Name != want {
			t.Errorf("the page says %q, registered is %q", page.Merchant.Name, want)
		}
	}
	check("Kafe Ala-Too")
	m, err := k.store.Merchants().Get(k.ctx, r.Merchant)
	k.must(err)
	m.Name = "Кафе «Ала-Тоо»"
	k.must(k.store.Merchants().Put(k.ctx, m))
	k.clock.Advance(time.Minute)
	check("Кафе «Ала-Тоо»")
}
