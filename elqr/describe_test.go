package elqr_test

import (
	"testing"

	"tolom/elqr"
)

// TestDescribe: a verdict is one line of JSON, without the amount where there
// is none, with the position even if it is 0.
func TestDescribe(t *testing.T) {
	for input, want := range map[string]string{
		sealed("000201540212"): `{"valid":true,"dialect":"elqr","fields":{"00":"01","54":"12","63":"0bc2"},"amount":12,"checksum":"sha256"}`,
		sealed("00020154010"):  `{"valid":true,"dialect":"elqr","fields":{"00":"01","54":"0","63":"5c80"},"checksum":"sha256"}`,
		"hello":                `{"valid":false,"error":"BAD_TAG","at":0,"message":"an element must start with a tag of two digits"}`,
	} {
		line, err := elqr.Describe(input).Line()
		if err != nil || string(line) != want+"\n" {
			t.Errorf("%s: got %s%v, want %s", input, line, err, want)
		}
	}
}

// TestErrorsReadWell shows what a person sees.
func TestErrorsReadWell(t *testing.T) {
	_, reading := elqr.Read("0002015905SHOP")
	_, writing := elqr.Payload{Kind: elqr.Static, Provider: "qr kg"}.Encode()
	for err, want := range map[error]string{
		reading: "elqr: TRUNCATED_VALUE at character 10: the value of tag 59 should have 5 characters, only 4 are left",
		writing: `elqr: tag 32.00: provider "qr kg" must be Latin letters, digits and signs without spaces`,
	} {
		if err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestForeignAccounts: an EMVCo code must say who is paid.
func TestForeignAccounts(t *testing.T) {
	code := read(t, sealedCRC("0002015802KG5204581253034175904SHOP6007BISHKEK"))
	problems := code.Problems()
	if len(problems) != 1 || problems[0].Tag != "26" || problems[0].Rule != elqr.RuleMissing {
		t.Errorf("got %v", problems)
	}
	if _, found := code.Sub("26", "00"); found {
		t.Error("a field was found in a template that is not there")
	}
}
