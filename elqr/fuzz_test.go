package elqr_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tolom/elqr"
	"tolom/internal/payloadfuzz"
)

// FuzzRead throws anything at the reader, which is an execution of payloadfuzz.Target for each form of the input; what
// this file asks beyond it was there before. The reader must not panic; what it accepts, a
// second opinion must accept, too, by the same checksum, and the text must be
// what the input says; what it refuses as a bare payload, nobody may accept.
func FuzzRead(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.input())
		f.Add(elqr.Link(elqr.NationalBase, v.input()))
		f.Add(v.input()[:max(0, len(v.input())-8)])
	}
	f.Fuzz(func(t *testing.T, input string) {
		judged(t, input)
		judged(t, sealed(input)) // gets past the checksum, which chance seldom does
		judged(t, sealedCRC(input))
	})
}

func judged(t *testing.T, input string) {
	t.Helper()
	if err := payloadfuzz.Target(input); err != nil {
		t.Fatal(err)
	}
	code, err := elqr.Read(input)
	if err != nil {
		wantGoodRefusal(t, input, err)
		return
	}
	if !slices.Contains(judge(code.Text), string(code.Checksum)) {
		t.Fatalf("%q: accepted %q by %s, the judge finds %v", input, code.Text, code.Checksum, judge(code.Text))
	}
	wantUsable(t, code)
}

func wantGoodRefusal(t *testing.T, input string, err error) {
	t.Helper()
	var bad *elqr.ReadError
	if !errors.As(err, &bad) || bad.Code == "" || bad.Message == "" {
		t.Fatalf("%q: refused with %v", input, err)
	}
	if bad.At < 0 || bad.At > utf8.RuneCountInString(input) {
		t.Errorf("%q: position %d is outside", input, bad.At)
	}
	if strings.HasPrefix(input, "000201") && len(judge(input)) > 0 {
		t.Errorf("%q is a sound payload, but was refused: %v", input, err)
	}
}

// wantUsable asks an accepted code everything there is to ask.
func wantUsable(t *testing.T, code elqr.Code) {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(code.MarshalFields(), &fields); err != nil || fields["00"] == nil || fields["63"] == nil {
		t.Errorf("%q: fields %v, %v", code.Text, fields, err)
	}
	if amount, ok := code.Amount(); ok != (amount > 0) {
		t.Errorf("%q: amount %d, %v", code.Text, amount, ok)
	}
	problems := code.Problems()
	payload, err := code.Payload()
	if code.Dialect == elqr.ELQR && err != nil && problems == nil {
		t.Errorf("%q: no problem, but no payload: %v", code.Text, err)
	}
	if err == nil && problems == nil {
		wantStable(t, payload)
	}
}

// wantStable: a code without problems either cannot be written as strictly as
// we write, or is written and read back as the same fields.
func wantStable(t *testing.T, payload elqr.Payload) {
	t.Helper()
	text, err := payload.Encode()
	if err != nil {
		return
	}
	code, err := elqr.Read(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if again, err := code.Payload(); err != nil || !reflect.DeepEqual(again, payload) {
		t.Errorf("%q: %+v, %v; want %+v", text, again, err, payload)
	}
}

// FuzzLink writes links from arbitrary fields: what is written must be read
// back equal, by us and by net/url.
func FuzzLink(f *testing.F) {
	f.Add("https://pay.payqr.kg/", "996700000001", "Дүкөн № 4", "a+b c#d%20", "KAFE ALATOO", int64(2200))
	f.Add("elqr-demo://payqr.kg", "", "чек 🍕!", "", "X", int64(1))
	f.Add("https://x.kg/a?b=c#", "1", "", "\x00", "A B", int64(9_999_999_999_999))
	f.Add("000201://x", "1", "", "", "A", int64(0))
	f.Fuzz(func(t *testing.T, base, account, comment, value, name string, amount int64) {
		p := elqr.Payload{Kind: elqr.Dynamic, Provider: "qr.example.kg", Service: "1", Account: account, Comment: comment,
			Extra: []elqr.Extra{{Key: "k", Value: value, Visible: true}}, MCC: "5411", Currency: "417", Name: name, Amount: amount}
		link, err := p.Link(base)
		if err != nil {
			return
		}
		code, err := elqr.Read(link)
		if err != nil {
			t.Fatalf("%q: %v", link, err)
		}
		got, err := code.Payload()
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("%q: %+v, %v; want %+v", link, got, err, p)
		}
		_, fragment, _ := strings.Cut(link, "#")
		if decoded, err := url.PathUnescape(fragment); err != nil || decoded != code.Text {
			t.Errorf("%q: net/url reads %q, %v", link, decoded, err)
		}
	})
}
