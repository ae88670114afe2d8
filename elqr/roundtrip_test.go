package elqr_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tolom/elqr"
)

// letters are what merchants really write, and what breaks careless readers:
// Kyrgyz, signs of links, percent triplets, a letter outside the 16-bit plane.
var letters = []rune("abcXYZ019 +#%&?=/.,-_~\"<>|{}^`\\'()ңөүҢӨҮкыргызёЙ№«»🍕")

func text(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom(letters), 0, most).Draw(t, "runes"))
	})
}

func extra() *rapid.Generator[elqr.Extra] {
	return rapid.Custom(func(t *rapid.T) elqr.Extra {
		return elqr.Extra{
			Key:     rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "key"),
			Label:   text(10).Draw(t, "label"),
			Value:   "v" + text(20).Draw(t, "value"),
			Title:   text(10).Draw(t, "title"),
			Visible: rapid.Bool().Draw(t, "visible"),
		}
	})
}

// payloads draws payloads of any size, some over the 99 characters of 32.
func payloads() *rapid.Generator[elqr.Payload] {
	return rapid.Custom(func(t *rapid.T) elqr.Payload {
		return elqr.Payload{
			Kind:            rapid.SampledFrom([]elqr.Kind{elqr.Static, elqr.Dynamic}).Draw(t, "kind"),
			Provider:        rapid.StringMatching(`[a-z]{2,10}\.kg`).Draw(t, "provider"),
			Service:         rapid.StringMatching(`[0-9]{1,10}`).Draw(t, "service"),
			Account:         text(32).Draw(t, "account"),
			Transaction:     rapid.StringMatching(`[0-9A-Z]{26}|`).Draw(t, "transaction"),
			AmountEditable:  rapid.Bool().Draw(t, "amount editable"),
			AccountEditable: rapid.Bool().Draw(t, "account editable"),
			Merchant:        text(32).Draw(t, "merchant"),
			ServiceName:     text(32).Draw(t, "service name"),
			Comment:         text(32).Draw(t, "comment"),
			Extra:           rapid.SliceOfN(extra(), 0, 5).Draw(t, "extra"),
			MCC:             rapid.StringMatching(`[0-9]{4}`).Draw(t, "mcc"),
			Currency:        elqr.Currency417,
			Amount:          rapid.Int64Range(1, 9_999_999_999_999).Draw(t, "amount"),
			Name:            rapid.StringMatching(`[A-Za-z0-9 .&"+#%-]{1,25}`).Draw(t, "name"),
		}
	})
}

// TestWrittenReadsBack: whatever can be written reads back equal, bare and as a
// link, is in order, and satisfies the second opinion. Only an overfull
// template 32 may be refused.
func TestWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := payloads().Draw(t, "payload")
		if len(want.Extra) == 0 {
			want.Extra = nil
		}
		written, err := want.Encode()
		if err != nil {
			wantOverfull(t, want, err)
			return
		}
		if fits := judge(written); len(fits) == 0 || fits[0] != "sha256" {
			t.Fatalf("%q does not verify: %v", written, fits)
		}
		base := rapid.SampledFrom([]string{elqr.NationalBase, "elqr-demo://payqr.kg", "https://x.kg/a?b=c#"}).Draw(t, "base")
		link, err := want.Link(base)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, written, written, want)
		wantSame(t, link, written, want)
	})
}

func wantOverfull(t *rapid.T, p elqr.Payload, err error) {
	var field *elqr.FieldError
	size := utf8.RuneCountInString(p.Provider+p.Service+p.Account+p.Transaction) + 20
	for _, part := range []string{p.Account, p.Transaction} {
		if part != "" {
			size += 4
		}
	}
	if !errors.As(err, &field) || field.Tag != "32" || size <= 99 {
		t.Fatalf("template 32 has %d characters: %v", size, err)
	}
}

func wantSame(t *rapid.T, input, written string, want elqr.Payload) {
	code, err := elqr.Read(input)
	if err != nil {
		t.Fatalf("%s: %v", input, err)
	}
	got, err := code.Payload()
	if err != nil || code.Text != written || code.Dialect != elqr.ELQR {
		t.Fatalf("%s: read %q as %s, %v", input, code.Text, code.Dialect, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("read  %+v\nwrote %+v", got, want)
	}
	if problems := code.Problems(); problems != nil {
		t.Fatalf("%s: %v", input, problems)
	}
}

// TestAnyOrderReadsAlike: between 00 and 63 every order occurs in the wild.
func TestAnyOrderReadsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation([]string{
			"010212", tlv("32", tlv("00", "qr.example.kg"), "01011", "120212", "130211"), "52045411", "5303417", "54041500", "5904SHOP",
		}).Draw(t, "order")
		code, err := elqr.Read(sealed("000201" + strings.Join(order, "")))
		if err != nil {
			t.Fatal(err)
		}
		got, err := code.Payload()
		want := elqr.Payload{Kind: elqr.Dynamic, Provider: "qr.example.kg", Service: "1", AccountEditable: true,
			MCC: "5411", Currency: "417", Amount: 1500, Name: "SHOP"}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v: %+v, %v", order, got, err)
		}
	})
}

// TestLinkIsAnAddress: other software must be able to take the link apart.
func TestLinkIsAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := text(60).Draw(t, "payload")
		address, err := url.Parse(elqr.Link("https://pay.example.kg/p?a=1", payload))
		if err != nil || address.Fragment != payload || address.RawQuery != "a=1" {
			t.Fatalf("%v: fragment %q, want %q", err, address.Fragment, payload)
		}
	})
}
