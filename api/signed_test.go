package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/api"
	"tolom/api/operator"
	"tolom/flow"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
)

// bank is a PSP that signs, before the live platform.
type bank struct {
	*kit
	key    seal.PrivateKey
	id     string // of its public key
	nonces int
}

// live makes a door as the live platform has it.
func live(d *api.Deps) {
	if err := d.Platform.Registry().FirstPlatformKey(context.Background()); err != nil {
		panic(err) // The store is in memory.
	}
	d.Ring = access.NewRing(access.StoredKeys(d.Platform.Registry().Desk(), d.World.Clock), d.World.Clock)
	d.PSP.SignedOnly = true
}

func newBank(t *testing.T, with ...func(*api.Deps)) *bank {
	t.Helper()
	b := &bank{kit: newKit(t, append([]func(*api.Deps){live}, with...)...), key: seal.NewPrivateKey([32]byte{1})}
	b.id = string(b.registers(b.psp, b.key).ID)
	return b
}

func (b *bank) registers(psp store.PSP, key seal.PrivateKey) store.PSPKey {
	b.t.Helper()
	public, err := key.Public().Text()
	if err != nil {
		b.t.Fatal(err)
	}
	made, err := b.registry.AddPSPKey(b.t.Context(), store.PSPKey{PSP: psp.ID, Algorithm: string(key.Public().Algorithm()), Public: public})
	if err != nil {
		b.t.Fatal(err)
	}
	return made
}

// signs makes a request with the bank's signature; change may spoil what is signed.
func (b *bank) signs(method, path, body string, change ...func(*seal.Request, *seal.Terms)) *http.Request {
	b.t.Helper()
	a := ask{method: method, path: path, body: body}
	if body != "" {
		a = a.with("Content-Type", "application/json")
	}
	r := a.request()
	b.nonces++
	what := seal.Request{Method: method, TargetURI: base + path}
	if body != "" {
		what.Digest = seal.ContentDigest([]byte(body))
		r.Header.Set(seal.HeaderDigest, what.Digest)
	}
	terms := seal.Terms{Created: b.clock.Now(), KeyID: b.id, Nonce: fmt.Sprintf("nonce-number-%06d", b.nonces)}
	for _, do := range change {
		do(&what, &terms)
	}
	input, signature, err := seal.SignRequest(b.key, what, terms)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set(seal.HeaderSignatureInput, input)
	r.Header.Set(seal.HeaderSignature, signature)
	return r
}

// sends a request to a node and wants a status, a code, and an answer that the platform signed for this request.
func (b *bank) sends(status int, code string, r *http.Request, to ...http.Handler) reply {
	b.t.Helper()
	w := httptest.NewRecorder()
	append(to, b.handler)[0].ServeHTTP(w, r)
	out := reply{w.Code, w.Header(), w.Body.Bytes()}
	p := wire.Problem{}
	if out.status >= 400 {
		p = decode[wire.Problem](b.t, out.body)
	}
	if out.status != status || p.Code != code {
		b.t.Errorf("%s %s: got %d %s (%s), want %d %s", r.Method, r.RequestURI, out.status, p.Code, p.Detail, status, code)
	}
	if err := b.signed(r, out); err != nil {
		b.t.Errorf("%s %s: the answer %d %s: %v", r.Method, r.RequestURI, out.status, p.Code, err)
	}
	return out
}

// signed says why an answer is not the platform's to this request.
func (b *bank) signed(r *http.Request, out reply) error {
	set := httptest.NewRecorder()
	b.handler.ServeHTTP(set, httptest.NewRequest(http.MethodGet, api.KeysPath, nil))
	keys, err := seal.ParseKeySet(set.Body.Bytes())
	if err != nil {
		return err
	}
	if got := out.header.Get(seal.HeaderDigest); got != seal.ContentDigest(out.body) {
		return fmt.Errorf("its digest is %q", got)
	}
	target := base + r.RequestURI
	a := seal.Answer{Status: out.status, Digest: out.header.Get(seal.HeaderDigest), Method: r.Method, TargetURI: target, Signature: strings.Join(r.Header[seal.HeaderSignature], ", ")}
	read, err := seal.ReadAnswer(out.header.Get(seal.HeaderSignatureInput), out.header.Get(seal.HeaderSignature), a)
	if err == nil && !read.By(keys[read.KeyID]) {
		err = fmt.Errorf("the key %q did not sign it", read.KeyID)
	}
	return err
}

func TestASignedPaymentFromEndToEnd(t *testing.T) {
	b := newBank(t)
	r := b.sell(`{"amount":100}`)
	b.sends(200, "", b.signs("POST", "/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload})))
	create := jsonOf(wire.NewPSPPayment{PSPPaymentID: "p1", Payload: r.Payload, Amount: 100, Currency: "KGS", Payer: wire.Payer{Key: "a"}})
	p := decode[wire.PSPPayment](t, b.sends(201, "", b.signs("POST", "/psp/v1/payments", create)).body)
	b.sends(200, "", b.signs("POST", "/psp/v1/payments", create)) // repeated, and signed anew
	b.sends(200, "", b.signs("POST", "/psp/v1/payments/"+*p.ID+"/execute", ""))
	b.sends(200, "", b.signs("GET", "/psp/v1/payments?psp_payment_id=p1", ""))
	b.sends(200, "", b.signs("POST", "/psp/v1/payments/status", `{"ids":["p1","x"]}`))
	// Refusals are signed like all answers, wherever they come from.
	b.sends(409, "payment_already_succeeded", b.signs("POST", "/psp/v1/payments/"+*p.ID+"/cancel", ""))
	b.sends(404, "not_found", b.signs("GET", "/psp/v1/payments/pay_1", ""))
	b.sends(404, "not_found", b.signs("GET", "/psp/v1/nothing", ""))
	b.sends(405, "method_not_allowed", b.signs("DELETE", "/psp/v1/payments", ""))
	b.sends(400, "invalid_json", b.signs("POST", "/psp/v1/check", `{`))
	b.sends(400, "invalid_request", b.signs("GET", "/psp/v1/payments?a=1&a=2", ""))
	b.sends(401, "signature_invalid", b.signs("GET", "/psp/v1/refunds", "", func(_ *seal.Request, t *seal.Terms) { t.KeyID = "pk_1" }))
	if text := b.log.String(); !strings.Contains(text, `"caller":"`+string(b.kit.psp.ID)+`"`) || strings.Contains(text, "nonce-number") {
		t.Error("the log does not name the PSP, or holds its nonces")
	}
}

// TestThreatBearerKeyOnTheLivePlatform comes with a key that was right in the sandbox.
func TestThreatBearerKeyOnTheLivePlatform(t *testing.T) {
	b := newBank(t)
	for about, a := range map[string]ask{"a key": get("/psp/v1/refunds").as(b.pspKey), "nothing": get("/psp/v1/refunds"), "a wrong key": get("/psp/v1/refunds").as("psk_x")} {
		p := b.refused(http.StatusUnauthorized, "signature_required", "", a)
		if !strings.Contains(p.Detail, "RFC 9421") {
			t.Errorf("%s: the refusal says %q", about, p.Detail)
		}
	}
	test, _, _ := b.node(live, func(d *api.Deps) { d.PSP.SignedOnly = false })
	w := httptest.NewRecorder()
	test.ServeHTTP(w, get("/psp/v1/refunds").as(b.pspKey).request())
	if w.Code != http.StatusOK || w.Header().Get(seal.HeaderSignature) != "" {
		t.Errorf("a test platform answers a key with %d and the signature %q", w.Code, w.Header().Get(seal.HeaderSignature))
	}
	b.sends(200, "", b.signs("GET", "/psp/v1/refunds", ""), test)
	// A signature that is wrong is not made good by a key beside it.
	both := b.signs("GET", "/psp/v1/refunds", "", func(_ *seal.Request, t *seal.Terms) { t.KeyID = "pk_1" })
	both.Header.Set("Authorization", "Bearer "+b.pspKey)
	b.sends(401, "signature_invalid", both, test)
}

// TestThreatHeadersSmuggled sends what a proxy before us could read otherwise than we do.
func TestThreatHeadersSmuggled(t *testing.T) {
	b := newBank(t)
	const body = `{"psp_payment_id":"a"}`
	other := b.signs("POST", "/psp/v1/cancel", body)
	for what, smuggle := range map[string]func(r *http.Request){
		"a second Signature":       func(r *http.Request) { r.Header.Add(seal.HeaderSignature, other.Header.Get(seal.HeaderSignature)) },
		"the same Signature twice": func(r *http.Request) { r.Header.Add(seal.HeaderSignature, r.Header.Get(seal.HeaderSignature)) },
		"a second Signature-Input": func(r *http.Request) {
			r.Header.Add(seal.HeaderSignatureInput, other.Header.Get(seal.HeaderSignatureInput))
		},
		"a second Content-Digest":     func(r *http.Request) { r.Header.Add(seal.HeaderDigest, r.Header.Get(seal.HeaderDigest)) },
		"no Signature":                func(r *http.Request) { r.Header.Del(seal.HeaderSignature) },
		"no Signature-Input":          func(r *http.Request) { r.Header.Del(seal.HeaderSignatureInput) },
		"two labels in one Signature": func(r *http.Request) { join(r, other, seal.HeaderSignature) },
		"two labels in one input":     func(r *http.Request) { join(r, other, seal.HeaderSignatureInput) },
		"the address in whole":        func(r *http.Request) { r.RequestURI = base + r.RequestURI },
	} {
		r := b.signs("POST", "/psp/v1/cancel", body)
		smuggle(r)
		b.unchanged(func() {
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, r)
			if p := decode[wire.Problem](t, w.Body.Bytes()); w.Code != 401 || p.Code != "signature_invalid" {
				t.Errorf("%s: %d %s (%s)", what, w.Code, p.Code, p.Detail)
			}
		})
	}
	// Headers that are not signed change nothing about who asks for what.
	for name, value := range map[string]string{"X-HTTP-Method-Override": "GET", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-URL": "/psp/v1/refunds"} {
		r := b.signs("POST", "/psp/v1/cancel", body)
		r.Header.Set(name, value)
		r.Host = "evil.example"
		b.sends(200, "", r)
	}
}

// join writes a second member into a header.
func join(r, other *http.Request, name string) {
	r.Header.Set(name, r.Header.Get(name)+", "+strings.Replace(other.Header.Get(name), "sig1", "sig2", 1))
}

// TestThreatAddressOfAnotherPlatform shows a request to us that was signed for the test platform, or over http.
func TestThreatAddressOfAnotherPlatform(t *testing.T) {
	b := newBank(t)
	for _, address := range []string{"http://test.pay.test", "https://pay.test", "http://pay.test:80", "http://PAY.test", ""} {
		b.sends(401, "signature_invalid", b.signs("GET", "/psp/v1/refunds", "", func(r *seal.Request, _ *seal.Terms) { r.TargetURI = address + "/psp/v1/refunds" }))
	}
	elsewhere, _, _ := b.node(live, func(d *api.Deps) { d.PSP.Base = "https://psp.pay.test" })
	r := b.signs("GET", "/psp/v1/refunds", "", func(r *seal.Request, _ *seal.Terms) { r.TargetURI = "https://psp.pay.test/psp/v1/refunds" })
	w := httptest.NewRecorder()
	elsewhere.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("an address of their own for PSPs: %d %s", w.Code, w.Body)
	}
}

// TestThreatReplayOnAnotherNode sends a request that was done to another node, and to one that was started anew.
func TestThreatReplayOnAnotherNode(t *testing.T) {
	b := newBank(t)
	second, _, _ := b.node(live)
	again := func() *http.Request {
		b.nonces = 100
		return b.signs("POST", "/psp/v1/cancel", `{"psp_payment_id":"a"}`)
	}
	b.sends(200, "", again())
	b.sends(401, "signature_replayed", again())
	b.sends(401, "signature_replayed", again(), second)
	third, _, _ := b.node(live)
	b.sends(401, "signature_replayed", again(), third)
}

// TestThreatRevokedKeyOnAllNodes has an operator end a key on one node while another has it in memory.
func TestThreatRevokedKeyOnAllNodes(t *testing.T) {
	b := newBank(t)
	b.hire()
	second, _, _ := b.node(live)
	b.sends(200, "", b.signs("GET", "/psp/v1/refunds", ""))
	b.sends(200, "", b.signs("GET", "/psp/v1/refunds", ""), second)
	revoked := order[operator.PSPKey](b.kit, 200, "psp-keys/"+b.id+"/revoke", "")
	if revoked.RevokedAt.IsZero() {
		t.Errorf("revoked %+v", revoked)
	}
	b.sends(401, "signature_invalid", b.signs("GET", "/psp/v1/refunds", ""))
	b.clock.Advance(time.Minute)
	b.sends(401, "signature_invalid", b.signs("GET", "/psp/v1/refunds", ""), second)
}

// TestThreatBodyInAnotherEncoding signs a compressed body, and says of a plain one that it is compressed.
func TestThreatBodyInAnotherEncoding(t *testing.T) {
	b := newBank(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, `{"psp_payment_id":"a"}`)
	_ = z.Close()
	for what, body := range map[string]string{"compressed": packed.String(), "plain": `{"psp_payment_id":"a"}`} {
		r := b.signs("POST", "/psp/v1/cancel", body)
		r.Header.Set("Content-Encoding", "gzip")
		t.Log(what)
		b.unchanged(func() { b.sends(415, "media_type_unsupported", r) })
	}
	b.unchanged(func() { b.sends(400, "invalid_json", b.signs("POST", "/psp/v1/cancel", packed.String())) })
}

func TestAnOperatorRegistersKeysAndCertificates(t *testing.T) {
	b := newBank(t)
	b.hire()
	next, err := seal.NewP256Key([32]byte{3})
	if err != nil {
		t.Fatal(err)
	}
	public, err := next.Public().Text()
	if err != nil {
		t.Fatal(err)
	}
	pem := "-----BEGIN PUBLIC KEY-----\\n" + public + "\\n-----END PUBLIC KEY-----\\n"
	made := order[operator.PSPKey](b.kit, 201, "psp-keys", `{"psp_id":"`+string(b.kit.psp.ID)+`","algorithm":"ecdsa-p256-sha256","public_key":"`+pem+`","not_after":"2026-11-24T06:00:00Z"}`)
	if made.PublicKey != public || made.Algorithm != "ecdsa-p256-sha256" || made.NotAfter.IsZero() {
		t.Errorf("registered %+v", made)
	}
	old, oldID := b.key, b.id
	b.key, b.id = next, made.ID
	b.sends(200, "", b.signs("GET", "/psp/v1/refunds", "")) // the new key
	b.key, b.id = old, oldID
	b.sends(200, "", b.signs("GET", "/psp/v1/refunds", "")) // and the old one beside it
	list := decode[operator.List[operator.PSPKey]](t, b.want(200, get("/operator/v1/psp-keys?psp_id="+string(b.kit.psp.ID)).asOperator()).body)
	if len(list.Data) != 2 {
		t.Errorf("%d keys are listed", len(list.Data))
	}

	print := strings.Repeat("AB:", 31) + "AB"
	c := order[operator.Certificate](b.kit, 201, "psp-certificates", `{"psp_id":"`+string(b.kit.psp.ID)+`","fingerprint_of":"public_key","fingerprint":"`+print+`"}`)
	if c.Fingerprint != strings.Repeat("ab", 32) {
		t.Errorf("registered %+v", c)
	}
	b.sends(401, "certificate_refused", b.signs("GET", "/psp/v1/refunds", "")) // which is wanted from now on
	order[operator.Certificate](b.kit, 200, "psp-certificates/"+c.ID+"/remove", "")
	b.sends(200, "", b.signs("GET", "/psp/v1/refunds", ""))

	for _, wrong := range []struct{ path, body, code, param string }{
		{"psp-keys", `{"psp_id":"psp_1","algorithm":"ed25519","public_key":"` + public + `"}`, "invalid_request", "psp_id"},
		{"psp-keys", `{"psp_id":"psp_00000000000000000000000000","algorithm":"ecdsa-p256-sha256","public_key":"` + public + `"}`, "not_found", "psp_id"},
		{"psp-keys", `{"psp_id":"` + string(b.kit.psp.ID) + `","algorithm":"ed25519","public_key":"` + public + `"}`, "invalid_request", "algorithm"},
		{"psp-keys", `{"psp_id":"` + string(b.kit.psp.ID) + `","algorithm":"rsa-v1_5-sha256","public_key":"` + public + `"}`, "invalid_request", "algorithm"},
		{"psp-keys", `{"psp_id":"` + string(b.kit.psp.ID) + `","algorithm":"ed25519","public_key":"x"}`, "invalid_request", "public_key"},
		{"psp-keys", `{"psp_id":"` + string(b.kit.psp.ID) + `","algorithm":"ecdsa-p256-sha256","public_key":"` + public + `","not_after":"2020-01-01T00:00:00Z"}`, "invalid_request", "not_after"},
		{"psp-keys", `{"psp_id":"` + string(b.kit.psp.ID) + `","algorithm":"ecdsa-p256-sha256","public_key":"` + public + `","not_before":"tomorrow"}`, "invalid_request", "not_before"},
		{"psp-certificates", `{"psp_id":"` + string(b.kit.psp.ID) + `","fingerprint_of":"key","fingerprint":"` + print + `"}`, "invalid_request", "fingerprint_of"},
		{"psp-certificates", `{"psp_id":"` + string(b.kit.psp.ID) + `","fingerprint_of":"certificate","fingerprint":"AB"}`, "invalid_request", "fingerprint"},
	} {
		status := map[string]int{"invalid_request": 400, "not_found": 404}[wrong.code]
		b.refused(status, wrong.code, wrong.param, post("/operator/v1/"+wrong.path, wrong.body).asOperator())
	}
}

func TestThePlatformsKeyIsReplacedByAnOperator(t *testing.T) {
	b := newBank(t)
	b.hire()
	keys := func() []operator.PlatformKey {
		return decode[operator.List[operator.PlatformKey]](t, b.want(200, get("/operator/v1/platform-keys").asOperator()).body).Data
	}
	signs := func() string {
		b.clock.Advance(5 * time.Second)
		out := b.sends(200, "", b.signs("GET", "/psp/v1/refunds", ""))
		return out.header.Get(seal.HeaderSignatureInput)
	}
	first := keys()[0]
	b.clock.Advance(time.Millisecond) // so that the ids stand in order
	next := order[operator.PlatformKey](b.kit, 201, "platform-keys", "")
	if !strings.Contains(signs(), first.KeyID) {
		t.Error("a new key signs before everybody has seen it")
	}
	b.refused(400, "invalid_request", "id", post("/operator/v1/platform-keys/"+first.ID+"/retire", "").asOperator())
	b.clock.Advance(flow.KeyOverlap)
	if !strings.Contains(signs(), next.KeyID) {
		t.Error("the new key does not sign although its time has come")
	}
	order[operator.PlatformKey](b.kit, 200, "platform-keys/"+first.ID+"/retire", "")
	signs()
	set := string(b.want(200, get(api.KeysPath)).body)
	if all := keys(); len(all) != 2 || all[0].RetiredAt.IsZero() || strings.Contains(set, first.KeyID) || !strings.Contains(set, next.KeyID) {
		t.Errorf("keys %+v, published %s", all, set)
	}
	for range 9 {
		order[operator.PlatformKey](b.kit, 201, "platform-keys", "")
	}
	b.refused(400, "invalid_request", "", post("/operator/v1/platform-keys", "").asOperator())
	file, _, _ := b.node(live, func(d *api.Deps) { d.FileKeys = true })
	w := httptest.NewRecorder()
	file.ServeHTTP(w, post("/operator/v1/platform-keys", "").asOperator().request())
	if p := decode[wire.Problem](t, w.Body.Bytes()); p.Code != "forbidden" {
		t.Errorf("a key beside those of a file: %+v", p)
	}
}

func TestWithoutARingNothingIsSigned(t *testing.T) {
	k := newKit(t)
	if got := string(k.want(200, get(api.KeysPath)).body); got != `{"keys":[]}`+"\n" {
		t.Errorf("published %s", got)
	}
}
