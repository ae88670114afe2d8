package elqr_test

import (
	"errors"
	"strings"
	"testing"

	"tolom/elqr"
)

var (
	provider = tlv("32", tlv("00", "qr.example.kg"), tlv("01", "1"))
	start    = "000201010212" + provider
	rest     = "5204581253034175904SHOP"
)

func read(t *testing.T, input string) elqr.Code {
	t.Helper()
	code, err := elqr.Read(input)
	if err != nil {
		t.Fatalf("%q: %v", input, err)
	}
	return code
}

// TestWhatBanksSend: all of these departures are read, and none is a problem.
func TestWhatBanksSend(t *testing.T) {
	for why, body := range map[string]string{
		"amount 0 on a static code": "000201010211" + provider + "54010" + rest,
		"zero-padded amount":        start + tlv("54", "0000000001500") + rest,
		"empty nested element":      start + "33040100" + rest,
		"letters in 32.01":          "000201010211" + tlv("32", tlv("00", "qr.example.kg"), tlv("01", "averspay-items")) + rest,
		"comment of 99":             start + tlv("34", strings.Repeat("ү", 99)) + rest,
		"fields of other dialects":  start + "5802KG6007BISHKEK" + tlv("62", tlv("07", "TILL")) + rest,
		"comment like elements":     start + tlv("34", tlv("00", "ABCD")) + rest,
		"two extra fields in one":   start + tlv("35", tlv("00", "k:l:v:t:11"), tlv("01", "m:l:v::12")) + rest,
		"empty flags":               "000201010211" + tlv("32", tlv("00", "qr.example.kg"), tlv("01", "1"), "1200", "1300") + rest,
	} {
		t.Run(why, func(t *testing.T) {
			code := read(t, sealed(body))
			if _, err := code.Payload(); err != nil {
				t.Error(err)
			}
			if problems := code.Problems(); problems != nil {
				t.Error(problems)
			}
		})
	}
}

// TestCommentIsText: tag 34 is a template in EMVCo and plain text in national
// codes, whatever it looks like.
func TestCommentIsText(t *testing.T) {
	code := read(t, sealed(start+"34080004ABCD"+rest))
	if fields := string(code.MarshalFields()); !strings.Contains(fields, `"34":"0004ABCD"`) {
		t.Error(fields)
	}
	if _, found := code.Sub("34", "00"); found {
		t.Error("tag 34 was taken for a template")
	}
}

// TestNoGuessing: a text without one meaning never becomes a value.
func TestNoGuessing(t *testing.T) {
	with := func(parts ...string) string {
		return "000201010212" + tlv("32", tlv("00", "qr.example.kg"), tlv("01", "1"), strings.Join(parts, "")) + rest
	}
	for _, c := range []struct{ tag, body string }{
		{"01", "000201" + tlv("01", "13") + provider + rest},
		{"32", "000201010212" + tlv("32", "0013q") + rest},
		{"32.10", with(tlv("10", "1"), tlv("10", "2"))},
		{"32.12", with(tlv("12", "13"))},
		{"32.13", with(tlv("13", "1"))},
		{"33.00", start + tlv("33", tlv("00", "a"), tlv("00", "b")) + rest},
		{"35", start + tlv("35", "k:l:v:t:11") + rest},
		{"35.00", start + tlv("35", tlv("00", "k:l:v:t")) + rest},
		{"36.00", start + tlv("35", tlv("00", "k:l:v:t:11")) + tlv("36", tlv("00", "k:l:v:t:13")) + rest},
		{"54", start + tlv("54", "-100") + rest},
		{"54", start + tlv("54", "00000000000001") + rest},
		{"54", start + tlv("54", "٥") + rest},
	} {
		code := read(t, sealed(c.body))
		_, err := code.Payload()
		var field *elqr.FieldError
		if !errors.As(err, &field) || field.Tag != c.tag {
			t.Errorf("%s: got %v, want tag %s", c.body, err, c.tag)
		}
		if len(code.Problems()) == 0 {
			t.Errorf("%s: no problem is reported", c.body)
		}
	}
}

// TestForeignCodeIsNoPayload: an EMVCo code must never pass for a national one.
func TestForeignCodeIsNoPayload(t *testing.T) {
	code := read(t, sound[3])
	if _, err := code.Payload(); code.Dialect != elqr.EMVCo || err == nil {
		t.Errorf("%s gave a national payload", code.Dialect)
	}
}

// TestDialectOfTwins: where both checksums fit, the shape decides. Such a
// text is one in 65,536, so twin searches for it.
func TestDialectOfTwins(t *testing.T) {
	account := tlv("26", tlv("00", "qr.example.kg"))
	for text, want := range map[string]elqr.Dialect{
		twin(start):                          elqr.ELQR,
		twin(start + "5802KG"):               elqr.ELQR,
		twin("000201010212" + account):       elqr.ELQR,
		twin("0002015802KG010212" + account): elqr.EMVCo,
	} {
		if fits := judge(text); len(fits) != 2 {
			t.Fatalf("%s is no twin: %v", text, fits)
		}
		if code := read(t, text); code.Dialect != want {
			t.Errorf("%s: %s, want %s", text, code.Dialect, want)
		}
	}
}

// twin completes a text by a name of four letters so that both checksums agree.
func twin(open string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	for n := range 1 << 20 {
		name := []byte{letters[n>>15&31], letters[n>>10&31], letters[n>>5&31], letters[n&31]}
		text := sealed(open + tlv("59", string(name)))
		if len(judge(text)) == 2 {
			return text
		}
	}
	panic("no twin of " + open)
}
