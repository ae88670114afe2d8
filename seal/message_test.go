package seal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	oracle "github.com/remitly-oss/httpsig-go"
	"github.com/remitly-oss/httpsig-go/keyman"
	"pgregory.net/rapid"
)

func jsonOf(t interface{ Fatal(...any) }, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var signedAt = time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)

// signedRequest is a request with a signature that is right.
type signedRequest struct {
	Request
	input, signature string
}

func signed(t interface{ Fatal(...any) }, k PrivateKey, r Request) signedRequest {
	input, signature, err := SignRequest(k, r, Terms{Created: signedAt, KeyID: "pk_1", Nonce: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	return signedRequest{r, input, signature}
}

func (s signedRequest) by(k PublicKey) bool {
	read, err := ReadRequest(s.input, s.signature, s.Request)
	return err == nil && read.By(k)
}

var pay = Request{Method: "POST", TargetURI: "https://pay.example.kg/psp/v1/payments?a=b%20c", Digest: ContentDigest([]byte(`{"amount":1}`))}

// bothKeys are a key of each algorithm.
func bothKeys(t *testing.T) map[string]PrivateKey {
	t.Helper()
	ec, err := NewP256Key([32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]PrivateKey{"Ed25519": NewPrivateKey([32]byte{1}), "P-256": ec}
}

func TestWhatIsSignedIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := aKey(t)
		r := Request{Method: rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method"), TargetURI: "https://h/" + rapid.StringMatching(`[!-~]{0,40}`).Draw(t, "path")}
		if rapid.Bool().Draw(t, "body") {
			r.Digest = ContentDigest(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		}
		terms := Terms{Created: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "created"), 0).UTC(),
			KeyID: rapid.StringMatching(`[!#-\[\]-~]{1,64}`).Draw(t, "key"), Nonce: rapid.StringMatching(`[!#-\[\]-~]{16,64}`).Draw(t, "nonce")}
		input, signature, err := SignRequest(key, r, terms)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ReadRequest(input, signature, r)
		if err != nil || read.Terms != terms || !read.By(key.Public()) {
			t.Fatalf("read %+v, %v", read.Terms, err)
		}
		a := Answer{Status: 201, Digest: ContentDigest(nil), Method: r.Method, TargetURI: r.TargetURI, Signature: signature}
		if rapid.Bool().Draw(t, "unsigned request") {
			a.Signature = ""
		}
		input, signature, err = SignAnswer(key, a, terms)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := ReadAnswer(input, signature, a); err != nil || !read.By(key.Public()) || read.KeyID != terms.KeyID {
			t.Fatalf("read the answer as %+v, %v", read.Terms, err)
		}
	})
}

// asHTTP is the request as the reference library reads it. That library puts the address together from RawPath and
// RawQuery without the question mark, so the whole path and query go into RawPath here.
func (s signedRequest) asHTTP(t interface{ Fatal(...any) }, body string) *http.Request {
	r, err := http.NewRequest(s.Method, s.TargetURI, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(HeaderDigest, s.Digest)
	r.Header.Set(HeaderSignatureInput, s.input)
	r.Header.Set(HeaderSignature, s.signature)
	r.URL.RawPath, r.URL.RawQuery = strings.TrimPrefix(s.TargetURI, "http://"+r.Host), ""
	return r
}

// TestSignaturesAgreeWithTheHTTPSignatureLibrary signs here and verifies there, and the other way round.
func TestSignaturesAgreeWithTheHTTPSignatureLibrary(t *testing.T) {
	fields := oracle.Fields("@method", "@target-uri", "content-digest")
	metadata := []oracle.Metadata{oracle.MetaNonce, oracle.MetaCreated, oracle.MetaTag, oracle.MetaKeyID}
	for name, key := range bothKeys(t) {
		algorithm := oracle.Algorithm(key.algorithm)
		const body = `{"amount":1}`
		ours := signed(t, key, Request{Method: "POST", TargetURI: "http://pay.example.kg/psp/v1/payments?a=b%20c", Digest: ContentDigest([]byte(body))})
		fetch := keyman.NewKeyFetchInMemory(map[string]oracle.KeySpec{"pk_1": {KeyID: "pk_1", Algo: algorithm, PubKey: key.Public().key()}})
		profile := oracle.VerifyProfile{SignatureLabel: "sig1", RequiredFields: fields, RequiredMetadata: metadata, DisableTimeEnforcement: true,
			AllowedAlgorithms: []oracle.Algorithm{algorithm}}
		if result, err := oracle.Verify(ours.asHTTP(t, body), fetch, profile); err != nil || !result.Verified {
			t.Fatalf("%s: the library refuses our signature: %v", name, err)
		}

		theirs := ours.asHTTP(t, body)
		theirs.Header.Del(HeaderSignature)
		theirs.Header.Del(HeaderSignatureInput)
		var private any = key.ed
		if key.ec != nil {
			private = key.ec
		}
		err := oracle.Sign(theirs, oracle.SigningProfile{Algorithm: algorithm, Fields: fields, Metadata: metadata, Label: "other"},
			oracle.SigningKey{Key: private, MetaKeyID: "pk_1", MetaTag: RequestTag})
		if err != nil {
			t.Fatal(err)
		}
		ours.input, ours.signature = theirs.Header.Get(HeaderSignatureInput), theirs.Header.Get(HeaderSignature)
		read, err := ReadRequest(ours.input, ours.signature, ours.Request)
		if err != nil || !read.By(key.Public()) {
			t.Fatalf("%s: we refuse the library's signature %s: %v", name, ours.input, err)
		}
	}
}

// TestThreatSignedPartChanged changes each part that is signed, one at a time.
func TestThreatSignedPartChanged(t *testing.T) {
	for name, key := range bothKeys(t) {
		good := signed(t, key, pay)
		if !good.by(key.Public()) {
			t.Fatalf("%s: what is right is refused", name)
		}
		for part, change := range map[string]func(*signedRequest){
			"method":  func(s *signedRequest) { s.Method = "PUT" },
			"scheme":  func(s *signedRequest) { s.TargetURI = strings.Replace(s.TargetURI, "https", "http", 1) },
			"host":    func(s *signedRequest) { s.TargetURI = strings.Replace(s.TargetURI, "pay.", "pay2.", 1) },
			"path":    func(s *signedRequest) { s.TargetURI = strings.Replace(s.TargetURI, "payments", "cancel", 1) },
			"query":   func(s *signedRequest) { s.TargetURI += "&c=d" },
			"escape":  func(s *signedRequest) { s.TargetURI = strings.Replace(s.TargetURI, "%20", "+", 1) },
			"body":    func(s *signedRequest) { s.Digest = ContentDigest([]byte(`{"amount":2}`)) },
			"created": func(s *signedRequest) { s.input = strings.Replace(s.input, "created=1", "created=2", 1) },
			"nonce":   func(s *signedRequest) { s.input = strings.Replace(s.input, "abcdef", "abcdeg", 1) },
			"keyid":   func(s *signedRequest) { s.input = strings.Replace(s.input, "pk_1", "pk_2", 1) },
			"order": func(s *signedRequest) {
				s.input = strings.Replace(s.input, onMethod+" "+onTarget, onTarget+" "+onMethod, 1)
			},
			"a bit":     func(s *signedRequest) { s.signature = "sig1=:" + flip(t, s.signature) + ":" },
			"expires":   func(s *signedRequest) { s.input += ";expires=1900000000" },
			"alg":       func(s *signedRequest) { s.input += `;alg="` + string(key.algorithm) + `"` },
			"new label": func(s *signedRequest) { s.input = strings.Replace(s.input, "sig1", "sig2", 1) },
			"all but it": func(s *signedRequest) {
				s.signature = "sig1=:" + base64.StdEncoding.EncodeToString(make([]byte, 64)) + ":"
			},
			"empty digest": func(s *signedRequest) { s.Digest = "" },
		} {
			changed := good
			change(&changed)
			if changed == good {
				t.Fatalf("%s: nothing was changed in %s", name, part)
			}
			if changed.by(key.Public()) {
				t.Errorf("%s: a request with another %s is accepted", name, part)
			}
		}
	}
}

func flip(t *testing.T, header string) string {
	raw := unbase64(t, strings.TrimSuffix(strings.TrimPrefix(header, "sig1=:"), ":"))
	raw[17] ^= 4
	return base64.StdEncoding.EncodeToString(raw)
}

// signedAs signs an input that the caller wrote himself, with his own key: what counts is whether it may be written so.
func signedAs(t *testing.T, key PrivateKey, input string, r Request) signedRequest {
	t.Helper()
	_, params, _ := strings.Cut(input, "=")
	var list []covered
	for _, name := range strings.Split(params[1:strings.IndexByte(params, ')')], " ") {
		for _, c := range append(r.covers(), covered{`"content-type"`, "application/json"}, covered{`"@authority"`, "pay.example.kg"}) {
			if c.name == name {
				list = append(list, c)
			}
		}
	}
	made, err := key.Sign(base(list, params))
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(input, "=")
	return signedRequest{r, input, name + "=:" + base64.StdEncoding.EncodeToString(made) + ":"}
}

// TestThreatComponentRemovedOrRepeated has the PSP itself sign less than is wanted, more, or something twice.
func TestThreatComponentRemovedOrRepeated(t *testing.T) {
	const params = `;created=1795498800;nonce="0123456789abcdef";keyid="pk_1";tag="tolom-psp"`
	all := []string{onMethod, onTarget, onDigest}
	for name, key := range bothKeys(t) {
		if s := signedAs(t, key, "sig1=("+strings.Join(all, " ")+")"+params, pay); !s.by(key.Public()) {
			t.Fatalf("%s: the components as they should be are refused", name)
		}
		lists := map[string][]string{"nothing": nil, "a foreign one": append(all[:3:3], `"content-type"`), "one that is another": {onMethod, `"@authority"`, onDigest},
			"a parameter on one": {onMethod + ";req", onTarget, onDigest}}
		for i, c := range all {
			lists["no "+c] = append(all[:i:i], all[i+1:]...)
			lists[c+" twice"] = append(all[:3:3], c)
		}
		for what, list := range lists {
			s := signedAs(t, key, "sig1=("+strings.Join(list, " ")+")"+params, pay)
			if _, err := ReadRequest(s.input, s.signature, s.Request); !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// TestThreatHeaderReadTwoWays gives headers that two readers could understand differently, signed rightly where that is possible.
func TestThreatHeaderReadTwoWays(t *testing.T) {
	key := NewPrivateKey([32]byte{1})
	const list, params = `("@method" "@target-uri" "content-digest")`, `;created=1795498800;nonce="0123456789abcdef";keyid="pk_1";tag="tolom-psp"`
	good := signedAs(t, key, "sig1="+list+params, pay)
	for what, input := range map[string]string{
		"two labels":            good.input + ", sig2=" + list + params,
		"a label twice":         good.input + ", sig1=" + list + params,
		"a comma at the end":    good.input + ",",
		"a space at the end":    good.input + " ",
		"a space in front":      " " + good.input,
		"spaces around =":       "sig1= " + list + params,
		"a space after ;":       "sig1=" + list + strings.ReplaceAll(params, ";", "; "),
		"two spaces":            `sig1=("@method"  "@target-uri" "content-digest")` + params,
		"a tab":                 "sig1=(\"@method\"\t\"@target-uri\" \"content-digest\")" + params,
		"a parameter twice":     "sig1=" + list + params + `;keyid="pk_2"`,
		"an unknown parameter":  "sig1=" + list + params + `;priority="1"`,
		"created as a text":     "sig1=" + list + strings.Replace(params, "1795498800", `"1795498800"`, 1),
		"created as a fraction": "sig1=" + list + strings.Replace(params, "1795498800", "1795498800.0", 1),
		"created with a zero":   "sig1=" + list + strings.Replace(params, "1795498800", "01795498800", 1),
		"created below zero":    "sig1=" + list + strings.Replace(params, "1795498800", "-1795498800", 1),
		"created out of range":  "sig1=" + list + strings.Replace(params, "1795498800", "99999999999999999999", 1),
		"an escaped quote":      "sig1=" + list + strings.Replace(params, "pk_1", `pk\"1`, 1),
		"an empty key id":       "sig1=" + list + strings.Replace(params, "pk_1", "", 1),
		"a key id as a token":   "sig1=" + list + strings.Replace(params, `"pk_1"`, "pk_1", 1),
		"no key id":             "sig1=" + list + strings.Replace(params, `;keyid="pk_1"`, "", 1),
		"no nonce":              "sig1=" + list + strings.Replace(params, `;nonce="0123456789abcdef"`, "", 1),
		"a short nonce":         "sig1=" + list + strings.Replace(params, "0123456789abcdef", "0123456789abcde", 1),
		"a long nonce":          "sig1=" + list + strings.Replace(params, "0123456789abcdef", strings.Repeat("n", 65), 1),
		"no created":            "sig1=" + list + strings.Replace(params, ";created=1795498800", "", 1),
		"no tag":                "sig1=" + list + strings.Replace(params, `;tag="tolom-psp"`, "", 1),
		"another tag":           "sig1=" + list + strings.Replace(params, "tolom-psp", "tolom-psp-answer", 1),
		"components in capital": `sig1=("@METHOD" "@target-uri" "content-digest")` + params,
		"no brackets":           `sig1="@method"` + params,
		"no label":              list + params,
		"a label in capitals":   "SIG1=" + list + params,
		"a long label":          strings.Repeat("s", 33) + "=" + list + params,
		"a long header":         "sig1=" + list + params + strings.Repeat(" ", 1000),
		"nothing":               "",
	} {
		s := good
		s.input = input
		if strings.HasPrefix(input, "sig1=(") && strings.Count(input, "sig") == 1 {
			s = signedAs(t, key, input, pay)
		}
		if _, err := ReadRequest(s.input, s.signature, s.Request); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestThreatSignatureReadTwoWays does the same with the header Signature, and with values that hold more than one line.
func TestThreatSignatureReadTwoWays(t *testing.T) {
	key := NewPrivateKey([32]byte{1})
	good := signed(t, key, pay)
	for what, signature := range map[string]string{
		"two labels":         good.signature + ", sig2=" + good.signature[5:],
		"a label twice":      good.signature + ", " + good.signature,
		"another label":      "sig2" + good.signature[4:],
		"parameters":         good.signature + ";a=1",
		"no colons":          strings.ReplaceAll(good.signature, ":", ""),
		"no padding":         strings.ReplaceAll(good.signature, "=:", ":"),
		"a line break":       good.signature[:20] + "\n" + good.signature[20:],
		"65 bytes":           "sig1=:" + base64.StdEncoding.EncodeToString(make([]byte, 65)) + ":",
		"63 bytes":           "sig1=:" + base64.StdEncoding.EncodeToString(make([]byte, 63)) + ":",
		"spare bits":         good.signature[:len(good.signature)-4] + "x==:",
		"the DER of a P-256": "sig1=:MEUCIQDZ8+T5:",
		"nothing":            "",
	} {
		if _, err := ReadRequest(good.input, signature, pay); !errors.Is(err, ErrSignature) {
			t.Errorf("Signature with %s: %v", what, err)
		}
	}
	for what, r := range map[string]Request{
		"a line break in the address": {Method: "POST", TargetURI: "https://h/\n\"content-digest\": x", Digest: pay.Digest},
		"letters beyond ASCII":        {Method: "POST", TargetURI: "https://h/ө", Digest: pay.Digest},
	} {
		if _, err := ReadRequest(good.input, good.signature, r); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
		if _, _, err := SignRequest(key, r, Terms{Created: signedAt, KeyID: "a", Nonce: "0123456789abcdef"}); !errors.Is(err, ErrSignature) {
			t.Errorf("%s is signed: %v", what, err)
		}
	}
}

// TestThreatAnotherAlgorithm gives a signature of one algorithm out for that of the other.
func TestThreatAnotherAlgorithm(t *testing.T) {
	keys := bothKeys(t)
	for name, key := range keys {
		for other, wrong := range keys {
			for _, alg := range []string{"", `;alg="ed25519"`, `;alg="ecdsa-p256-sha256"`, `;alg="hmac-sha256"`, `;alg="none"`} {
				s := signedAs(t, key, `sig1=("@method" "@target-uri" "content-digest");created=1795498800;nonce="0123456789abcdef";keyid="pk_1";tag="tolom-psp"`+alg, pay)
				named := alg == "" || strings.Contains(alg, string(key.algorithm))
				if got := s.by(wrong.Public()); got != (name == other && named) {
					t.Errorf("signed by %s with %q, judged by %s: %v", name, alg, other, got)
				}
			}
		}
	}
}

// TestThreatMalleatedSignature knows that of an ECDSA signature anybody can make a second one that is right too. So
// it is the nonce that is taken once, never the bytes of a signature.
func TestThreatMalleatedSignature(t *testing.T) {
	key := bothKeys(t)["P-256"]
	good := signed(t, key, pay)
	raw := unbase64(t, strings.TrimSuffix(strings.TrimPrefix(good.signature, "sig1=:"), ":"))
	n := key.ec.Params().N
	new(big.Int).Sub(n, new(big.Int).SetBytes(raw[32:])).FillBytes(raw[32:])
	twin := good
	twin.signature = "sig1=:" + base64.StdEncoding.EncodeToString(raw) + ":"
	one, err1 := ReadRequest(good.input, good.signature, good.Request)
	two, err2 := ReadRequest(twin.input, twin.signature, twin.Request)
	if err1 != nil || err2 != nil || !two.By(key.Public()) || twin.signature == good.signature || one.Nonce != two.Nonce || one.KeyID != two.KeyID {
		t.Errorf("the twin of a signature is read as %+v, %v", two.Terms, err2)
	}
}

// TestThreatAnswerOfAnotherRequest holds an answer to the request that it answers.
func TestThreatAnswerOfAnotherRequest(t *testing.T) {
	for name, key := range bothKeys(t) {
		good := Answer{Status: 200, Digest: ContentDigest([]byte(`{}`)), Method: "GET", TargetURI: "https://h/psp/v1/payments/pay_1", Signature: "sig1=:AAAA:"}
		input, signature, err := SignAnswer(key, good, Terms{Created: signedAt, KeyID: "k"})
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(*Answer){
			"status":                func(a *Answer) { a.Status = 409 },
			"body":                  func(a *Answer) { a.Digest = ContentDigest([]byte(`[]`)) },
			"method":                func(a *Answer) { a.Method = "POST" },
			"address":               func(a *Answer) { a.TargetURI += "0" },
			"request":               func(a *Answer) { a.Signature = "sig1=:AAAB:" },
			"a request without one": func(a *Answer) { a.Signature = "" },
		} {
			other := good
			change(&other)
			if read, err := ReadAnswer(input, signature, other); err == nil && read.By(key.Public()) {
				t.Errorf("%s: an answer is accepted with another %s", name, what)
			}
		}
		asRequest := Request{Method: "GET", TargetURI: good.TargetURI, Digest: good.Digest}
		if _, err := ReadRequest(input, signature, asRequest); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: an answer is taken for a request: %v", name, err)
		}
	}
}

// FuzzSignedRequest gives the reader anything: it neither panics nor accepts what the key did not sign.
func FuzzSignedRequest(f *testing.F) {
	key := NewPrivateKey([32]byte{1})
	good := signed(f, key, pay)
	f.Add(good.input, good.signature, pay.TargetURI, pay.Digest)
	f.Add(`sig1=("@method");created=1`, "sig1=::", "https://h/", "")
	f.Add(`*a.-_=();x`, "*a.-_=:", "", "")
	f.Fuzz(func(t *testing.T, input, signature, target, digest string) {
		r := Request{Method: "POST", TargetURI: target, Digest: digest}
		read, err := ReadRequest(input, signature, r)
		switch {
		case err != nil && !errors.Is(err, ErrSignature):
			t.Fatalf("an error of another kind: %v", err)
		case err == nil && read.By(key.Public()) && (unlabelled(input) != unlabelled(good.input) || unlabelled(signature) != unlabelled(good.signature) || r != good.Request):
			t.Fatalf("accepted %q %q for %+v", input, signature, r)
		}
	})
}

// unlabelled is a header without its label, which names the signature and is not signed.
func unlabelled(header string) string {
	_, rest, _ := strings.Cut(header, "=")
	return rest
}

func BenchmarkSignedRequest(b *testing.B) {
	ec, _ := NewP256Key([32]byte{1, 2, 3})
	for name, key := range map[string]PrivateKey{"Ed25519": NewPrivateKey([32]byte{1}), "P256": ec} {
		s, public := signed(b, key, pay), key.Public()
		b.Run(name+"/sign", func(b *testing.B) {
			for b.Loop() {
				signed(b, key, pay)
			}
		})
		b.Run(name+"/read", func(b *testing.B) {
			for b.Loop() {
				if _, err := ReadRequest(s.input, s.signature, s.Request); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/verify", func(b *testing.B) {
			for b.Loop() {
				if !s.by(public) {
					b.Fatal("refused")
				}
			}
		})
	}
}
