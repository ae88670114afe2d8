package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The keys and signatures of RFC 9421, appendix B.
const (
	rfcEdPrivate = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n"
	rfcEdPublic  = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n"
	rfcEcPublic  = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\nw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n-----END PUBLIC KEY-----\n"

	rfcRequest = `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
	rfcRequestSignature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="

	rfcAnswer = `"@status": 200
"content-type": application/json
"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:
"content-length": 23
"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"`
	rfcAnswerSignature = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="
)

func unbase64(t *testing.T, text string) []byte {
	t.Helper()
	out, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSignaturesAreThoseOfTheStandard(t *testing.T) {
	keys, err := ParsePrivateKeys([]byte(rfcEdPrivate))
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	made, err := keys[0].Sign([]byte(rfcRequest))
	if got := base64.StdEncoding.EncodeToString(made); got != rfcRequestSignature || err != nil {
		t.Errorf("signed %s, %v", got, err)
	}
	for name, c := range map[string]struct{ key, message, signature string }{
		"Ed25519": {rfcEdPublic, rfcRequest, rfcRequestSignature},
		"P-256":   {rfcEcPublic, rfcAnswer, rfcAnswerSignature},
	} {
		key, err := ParsePublicKey(c.key)
		if err != nil {
			t.Fatal(err)
		}
		signature := unbase64(t, c.signature)
		if !key.Verify([]byte(c.message), signature) {
			t.Errorf("%s: the standard's own signature is refused", name)
		}
		if key.Verify([]byte(c.message+" "), signature) || key.Verify([]byte(c.message), signature[:63]) {
			t.Errorf("%s: a signature of something else is accepted", name)
		}
	}
}

// aKey draws a key of either algorithm.
func aKey(t *rapid.T) PrivateKey {
	random := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "random"))
	random[0] &= 0x7f // a number of the curve's
	random[31] |= 1
	if rapid.Bool().Draw(t, "P-256") {
		key, err := NewP256Key(random)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	return NewPrivateKey(random)
}

func TestKeysSurviveBeingWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, message := aKey(t), rapid.SliceOf(rapid.Byte()).Draw(t, "message")
		pem, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParsePrivateKeys([]byte(pem + "\n" + pem))
		if err != nil || len(back) != 2 {
			t.Fatalf("%d keys, %v", len(back), err)
		}
		signature, err := back[1].Sign(message)
		if err != nil || len(signature) != 64 {
			t.Fatalf("%d bytes, %v", len(signature), err)
		}
		if again, _ := key.Sign(message); string(again) != string(signature) {
			t.Fatal("two signatures of one message differ")
		}
		text, err := key.Public().Text()
		if err != nil {
			t.Fatal(err)
		}
		public, err := ParsePublicKey(text)
		if err != nil || !public.Verify(message, signature) || public.Algorithm() != key.Public().Algorithm() {
			t.Fatalf("read back as %s, %v", public.Algorithm(), err)
		}
		set, err := ParseKeySet([]byte(`{"keys":[` + jsonOf(t, public.JWK()) + `]}`))
		if err != nil || !set[key.Public().ID()].Verify(message, signature) {
			t.Fatalf("published as %v, %v", set, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(shown, "[") || strings.Count(shown, "a private key") != 4 {
			t.Fatalf("a key prints as %s", shown)
		}
	})
}

func TestThumbprintsAreThoseOfTheStandard(t *testing.T) {
	// RFC 8037, appendix A.3.
	set, err := ParseKeySet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := set["a"].ID(); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("the key is called %s", got)
	}
}

func TestWhatIsNoKeyOfOurs(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":              "",
		"no PEM":               "key",
		"a private key":        rfcEdPrivate,
		"two keys":             rfcEdPublic + rfcEdPublic,
		"a key with a tail":    rfcEdPublic + "x",
		"another kind of PEM":  strings.ReplaceAll(rfcEdPublic, "PUBLIC KEY", "CERTIFICATE"),
		"broken DER":           "MCowBQYDK2VwAyEAJrQLj5P/",
		"a key of P-384":       "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEqofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3NhfeSpYmLG9dnpi/kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f",
		"a point off the line": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXA==",
		"longer than any":      strings.Repeat("A", 2000),
	} {
		if _, err := ParsePublicKey(text); !errors.Is(err, ErrPublicKey) {
			t.Errorf("%s as a public key: %v", name, err)
		}
		if _, err := ParsePrivateKeys([]byte(text)); name != "a private key" && !errors.Is(err, ErrPrivateKey) {
			t.Errorf("%s as a private key: %v", name, err)
		}
	}
	for _, set := range []string{``, `[]`, `{}`, `{"keys":[]}`, `{"keys":[{"kty":"RSA","kid":"a"}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"a"}]}`,
		`{"keys":[{"kty":"EC","crv":"P-256","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","y":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}]}`} {
		if keys, err := ParseKeySet([]byte(set)); !errors.Is(err, ErrKeySet) {
			t.Errorf("%s has the keys %v, %v", set, keys, err)
		}
	}
	if _, err := NewP256Key([32]byte{}); !errors.Is(err, ErrPrivateKey) {
		t.Errorf("zero is a key: %v", err)
	}
	if _, err := (PrivateKey{}).Sign(nil); err == nil || (PublicKey{}).Verify(nil, make([]byte, 64)) {
		t.Error("no key signs and verifies")
	}
}
