package elqr_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tolom/elqr"
)

// sealed adds a right national checksum to any text.
func sealed(body string) string {
	sum := sha256.Sum256([]byte(body))
	return body + "6304" + hex.EncodeToString(sum[30:])
}

// sealedCRC adds a right EMVCo checksum to any text.
func sealedCRC(body string) string {
	return fmt.Sprintf("%s6304%04X", body, bitwiseCRC([]byte(body+"6304")))
}

// tlv writes one element around its parts.
func tlv(tag string, parts ...string) string {
	value := strings.Join(parts, "")
	return fmt.Sprintf("%s%02d%s", tag, len([]rune(value)), value)
}

// sound are codes of both dialects, with letters of one to four bytes.
var sound = []string{
	"00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO SHOP63048dae",
	sealed("00020101021232410013qr.example.kg0104100110129967000000013406чек 🍕!5204581253034175911KAFE ALATOO"),
	sealed("000201010212" + tlv("32", tlv("00", "a:b+c%20d"), "01011") + "520458125303417540415005904SHOP"),
	"00020101021226300010kg.example0112MERCHANT00015204581253034175802KG5911KAFE ALATOO6007BISHKEK64340002KY0114Кафе «Ала-Тоо»0206Бишкек63041138",
}

// TestGolden: the code printed in the national material is written and read
// exactly.
func TestGolden(t *testing.T) {
	p := elqr.Payload{Kind: elqr.Static, Provider: "merchant.example.kg", Service: "1001", Account: "100200300",
		AmountEditable: true, MCC: "5411", Currency: "417", Name: "DEMO SHOP"}
	if got := mustEncode(t, p); got != sound[0] {
		t.Errorf("wrote %s\nwant  %s", got, sound[0])
	}
	link, err := p.Link(elqr.NationalBase)
	if want := elqr.NationalBase + "#" + strings.Replace(sound[0], "DEMO SHOP", "DEMO%20SHOP", 1); err != nil || link != want {
		t.Errorf("link %s, %v\nwant %s", link, err, want)
	}
}

// TestCutAnywhere: a code that lost its end, at any byte, is refused with a code
// that says so, and the position lies within what is left.
func TestCutAnywhere(t *testing.T) {
	cut := []string{elqr.Empty, elqr.TruncatedHeader, elqr.TruncatedValue, elqr.ChecksumMissing, elqr.InvalidUTF8}
	for _, whole := range sound {
		for end := range len(whole) {
			for _, input := range []string{whole[:end], elqr.Link(elqr.NationalBase, whole[:end])} {
				_, err := elqr.Read(input)
				var bad *elqr.ReadError
				if !errors.As(err, &bad) || !slices.Contains(cut, bad.Code) {
					t.Fatalf("%q: %v", input, err)
				}
				if bad.At < 0 || bad.At > len([]rune(whole[:end])) {
					t.Errorf("%q: position %d is outside", input, bad.At)
				}
			}
		}
	}
}

// TestChangedAnywhere: no code with one character changed, removed, doubled or
// swapped with the next is accepted as another code: what is accepted is the
// same code with the checksum in capitals, or with "+" read back as a space.
func TestChangedAnywhere(t *testing.T) {
	for _, whole := range sound {
		if _, err := elqr.Read(whole); err != nil {
			t.Fatalf("%s: %v", whole, err)
		}
		runes := []rune(whole)
		for at := range runes {
			for _, changed := range changes(runes, at) {
				code, err := elqr.Read(changed)
				if err == nil && !sameButCase(code.Text, whole) {
					t.Errorf("%q was accepted as %q", changed, code.Text)
				}
			}
		}
	}
}

func sameButCase(text, whole string) bool {
	body := len(whole) - 4
	return len(text) == len(whole) && text[:body] == whole[:body] && strings.EqualFold(text, whole)
}

func changes(runes []rune, at int) (all []string) {
	before, after := string(runes[:at]), string(runes[at+1:])
	for _, r := range "0123456789AafFzZ +%#:я\x00" {
		all = append(all, before+string(r)+after)
	}
	all = append(all, before+after, before+string(runes[at])+string(runes[at])+after)
	if at+1 < len(runes) {
		all = append(all, before+string(runes[at+1])+string(runes[at])+string(runes[at+2:]))
	}
	return all
}

// TestWhereItIsWrong shows code and position of every refusal.
func TestWhereItIsWrong(t *testing.T) {
	for _, c := range []struct {
		why, input, code string
		at               int
	}{
		{"nothing", "", elqr.Empty, 0},
		{"link without payload", "https://pay.payqr.kg/#", elqr.Empty, 0},
		{"some other text", "hello", elqr.BadTag, 0},
		{"a link without #", "https://pay.payqr.kg/", elqr.BadTag, 0},
		{"letter in a tag", "000201" + "5A05HELLO", elqr.BadTag, 6},
		{"sign in a length", "000201" + "59-1HELLO", elqr.BadLength, 8},
		{"empty root element", "000201" + "5900" + "5303417", elqr.ZeroLength, 8},
		{"three characters left", "000201" + "010", elqr.TruncatedHeader, 6},
		{"value too short", "000201" + "0105ab", elqr.TruncatedValue, 10},
		{"counted in characters", "000201" + "3403чек" + "0105ab", elqr.TruncatedValue, 17},
		{"amount twice", "000201" + "54011" + "54012", elqr.DuplicateTag, 11},
		{"wrong start", sealed("010211" + "000201"), elqr.FirstNot00, 0},
		{"more behind", sealed("000201") + "010211", elqr.LastNot63, 14},
		{"no checksum", "000201" + "010211", elqr.ChecksumMissing, 12},
		{"short checksum", "000201" + "6303abc", elqr.ChecksumLength, 8},
		{"checksum no hex", "000201" + "6304xyz1", elqr.ChecksumFormat, 10},
		{"checksum of one letter", "000201" + "6304ж123", elqr.ChecksumFormat, 10},
		{"wrong checksum", "000201" + "63040000", elqr.ChecksumMismatch, 10},
		{"wrong checksum, link", "https://x.kg/#000201%36%33040000", elqr.ChecksumMismatch, 10},
		{"wrong checksum, bare but encoded", "0002015904A%20%20B63040000", elqr.ChecksumMismatch, 18},
		{"wrong checksum, percent is text", "0002015903%41B63040000", elqr.BadTag, 13},
		{"half a letter", "000201" + "3404чек\xd0", elqr.InvalidUTF8, 13},
		{"half a letter in a link", "https://x.kg/#0002013401%D0", elqr.InvalidUTF8, 10},
	} {
		t.Run(c.why, func(t *testing.T) {
			_, err := elqr.Read(c.input)
			var bad *elqr.ReadError
			if !errors.As(err, &bad) || bad.Code != c.code || bad.At != c.at {
				t.Errorf("%q: got %v, want %s at %d", c.input, err, c.code, c.at)
			}
		})
	}
}
