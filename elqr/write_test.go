package elqr_test

import (
	"errors"
	"strings"
	"testing"

	"tolom/elqr"
)

// TestWritingIsStrict: each row breaks one field of a sound payload and must be
// refused by its tag, with nothing written.
func TestWritingIsStrict(t *testing.T) {
	type payload = elqr.Payload
	long := strings.Repeat("x", 33)
	for _, c := range []struct {
		why, tag string
		spoil    func(p *payload)
	}{
		{"no kind", "01", func(p *payload) { p.Kind = "" }},
		{"unknown kind", "01", func(p *payload) { p.Kind = "13" }},
		{"no provider", "32.00", func(p *payload) { p.Provider = "" }},
		{"provider with a space", "32.00", func(p *payload) { p.Provider = "qr example" }},
		{"provider of 33", "32.00", func(p *payload) { p.Provider = long }},
		{"neither service nor merchant", "32.01", func(p *payload) { p.Service, p.Merchant = "", "" }},
		{"letters in the service", "32.01", func(p *payload) { p.Service = "pay-items" }},
		{"service of 11", "32.01", func(p *payload) { p.Service = "12345678901" }},
		{"account of 33", "32.10", func(p *payload) { p.Account = long }},
		{"line feed in the account", "32.10", func(p *payload) { p.Account = "1\n2" }},
		{"Cyrillic transaction", "32.11", func(p *payload) { p.Transaction = "чек" }},
		{"template 32 over 99", "32", func(p *payload) { p.Provider, p.Account = long[:32], long[:32] }},
		{"merchant of 33", "33.00", func(p *payload) { p.Merchant = long }},
		{"service name of 33", "33.01", func(p *payload) { p.ServiceName = long }},
		{"comment of 33", "34", func(p *payload) { p.Comment = long }},
		{"half a letter in the comment", "34", func(p *payload) { p.Comment = "че\xd0" }},
		{"a mark that turns the text", "34", func(p *payload) { p.Comment = "1\u202e2" }},
		{"six extra fields", "35-39", func(p *payload) { p.Extra = make([]elqr.Extra, 6) }},
		{"colon in an extra field", "36", func(p *payload) {
			p.Extra = []elqr.Extra{{Key: "k", Value: "v"}, {Key: "k", Value: "a:b"}}
		}},
		{"extra field without value", "35", func(p *payload) { p.Extra = []elqr.Extra{{Key: "k"}} }},
		{"extra field over 99", "35", func(p *payload) {
			p.Extra = []elqr.Extra{{Key: "k", Value: strings.Repeat("в", 90)}}
		}},
		{"no MCC", "52", func(p *payload) { p.MCC = "" }},
		{"letters in the MCC", "52", func(p *payload) { p.MCC = "58A2" }},
		{"MCC of 3", "52", func(p *payload) { p.MCC = "581" }},
		{"no currency", "53", func(p *payload) { p.Currency = "" }},
		{"other currency", "53", func(p *payload) { p.Currency = "643" }},
		{"negative amount", "54", func(p *payload) { p.Amount = -1 }},
		{"amount of 14 digits", "54", func(p *payload) { p.Amount = 10_000_000_000_000 }},
		{"no amount and none can be entered", "54", func(p *payload) { p.Amount = 0 }},
		{"no name", "59", func(p *payload) { p.Name = "" }},
		{"Cyrillic name", "59", func(p *payload) { p.Name = "Кафе" }},
		{"name of 26", "59", func(p *payload) { p.Name = long[:26] }},
	} {
		t.Run(c.why, func(t *testing.T) {
			p := usual
			c.spoil(&p)
			got, err := p.Append([]byte("kept"))
			var field *elqr.FieldError
			if !errors.As(err, &field) || field.Tag != c.tag || field.Problem == "" {
				t.Errorf("got %v, want tag %s", err, c.tag)
			}
			if string(got) != "kept" {
				t.Errorf("a refused payload left %q", got)
			}
		})
	}
}

// TestFullTemplate: exactly 99 characters fit, a Kyrgyz letter counted as one.
func TestFullTemplate(t *testing.T) {
	p := usual
	p.Provider, p.Service, p.Transaction = "pp.kg", "1234567890", strings.Repeat("t", 25)
	p.Account = strings.Repeat("ө", 31)
	code, err := elqr.Read(mustEncode(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if whole, _ := code.Field("32"); len([]rune(whole)) != 99 {
		t.Errorf("template %q has %d characters, want 99", whole, len([]rune(whole)))
	}
	p.Account += "7"
	if _, err := p.Encode(); err == nil {
		t.Error("a template of 100 characters was written")
	}
}
