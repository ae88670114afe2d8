package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tolom/client"
	"tolom/seal"
	"tolom/wire"
	"tolom/world"
)

// counterpart is a platform that verifies and signs, in as far as a client can see it.
type counterpart struct {
	t      *testing.T
	key    seal.PrivateKey // signs
	shown  []seal.PublicKey
	of     seal.PublicKey // the PSP's
	base   string
	clock  *world.Manual
	tamper func(h http.Header, status *int, body *[]byte, a *seal.Answer)

	mu     sync.Mutex
	nonces map[string]bool
	sets   int // how often the keys were fetched
	last   seal.Signed
}

var signedFrom = time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)

func newCounterpart(t *testing.T, psp seal.PrivateKey) (*counterpart, *client.PSP) {
	w, clock := world.Simulated(signedFrom, 5)
	p := &counterpart{t: t, key: seal.NewPrivateKey([32]byte{9}), of: psp.Public(), clock: clock, nonces: map[string]bool{}}
	p.shown = []seal.PublicKey{p.key.Public()}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.base = server.URL
	return p, client.New(server.URL, "", client.WithWorld(w), client.WithSigningKey(client.SigningKey{ID: "pk_1", Key: psp})).PSP()
}

func (p *counterpart) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path == client.KeysPath {
		p.sets++
		set := seal.KeySet{}
		for _, k := range p.shown {
			set.Keys = append(set.Keys, k.JWK())
		}
		_ = json.NewEncoder(w).Encode(set)
		return
	}
	raw, _ := io.ReadAll(r.Body)
	asked := seal.Request{Method: r.Method, TargetURI: p.base + r.RequestURI, Digest: r.Header.Get(seal.HeaderDigest)}
	signed, err := seal.ReadRequest(r.Header.Get(seal.HeaderSignatureInput), r.Header.Get(seal.HeaderSignature), asked)
	if err != nil || !signed.By(p.of) || p.nonces[signed.Nonce] || len(raw) > 0 && asked.Digest != seal.ContentDigest(raw) || r.Header.Get("Authorization") != "" {
		p.t.Errorf("a request came that is not signed well: %v, %+v", err, r.Header)
	}
	p.nonces[signed.Nonce], p.last = true, signed
	p.answer(w, r, []byte(`{"id":"pay_1","status":"success","status_code":50}`))
}

// answer signs an answer and then does to it what the test wants.
func (p *counterpart) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	status, h := http.StatusOK, http.Header{}
	a := seal.Answer{Status: status, Digest: seal.ContentDigest(body), Method: r.Method, TargetURI: p.base + r.RequestURI, Signature: r.Header.Get(seal.HeaderSignature)}
	if p.tamper != nil {
		p.tamper(nil, &status, &body, &a)
	}
	input, signature, err := seal.SignAnswer(p.key, a, seal.Terms{Created: p.clock.Now(), KeyID: p.key.Public().ID()})
	if err != nil {
		p.t.Error(err)
	}
	h.Set(seal.HeaderDigest, a.Digest)
	h.Set(seal.HeaderSignatureInput, input)
	h.Set(seal.HeaderSignature, signature)
	if p.tamper != nil {
		p.tamper(h, &status, &body, &a)
	}
	for name, values := range h {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// pspKeys are a key of each algorithm.
func pspKeys(t *testing.T) map[string]seal.PrivateKey {
	t.Helper()
	p256, err := seal.NewP256Key([32]byte{4, 5, 6})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]seal.PrivateKey{"Ed25519": seal.NewPrivateKey([32]byte{4}), "P-256": p256}
}

func TestEveryCallIsSignedAndItsAnswerVerified(t *testing.T) {
	for name, key := range pspKeys(t) {
		t.Run(name, func(t *testing.T) {
			p, psp := newCounterpart(t, key)
			for range 3 {
				if _, err := psp.Execute(t.Context(), "pay_1"); err != nil {
					t.Fatal(err)
				}
				if _, err := psp.StateByPSPID(t.Context(), "a b"); err != nil {
					t.Fatal(err)
				}
				if _, err := psp.Check(t.Context(), wire.Check{Payload: "ө"}); err != nil {
					t.Fatal(err)
				}
			}
			if len(p.nonces) != 9 || p.sets != 1 || p.last.KeyID != "pk_1" || !p.last.Created.Equal(signedFrom) {
				t.Errorf("%d nonces, the keys were fetched %d times, the last was %+v", len(p.nonces), p.sets, p.last.Terms)
			}
		})
	}
}

// TestThreatAnswerForgedOrSwapped gives a PSP answers that the platform did not give to its call: each is as good as
// none, so after an execute the payer's money stays held.
func TestThreatAnswerForgedOrSwapped(t *testing.T) {
	type change func(h http.Header, status *int, body *[]byte, a *seal.Answer)
	after := func(do func(h http.Header, status *int, body *[]byte)) change {
		return func(h http.Header, status *int, body *[]byte, _ *seal.Answer) {
			if h != nil {
				do(h, status, body)
			}
		}
	}
	before := func(do func(a *seal.Answer)) change {
		return func(h http.Header, _ *int, _ *[]byte, a *seal.Answer) {
			if h == nil {
				do(a)
			}
		}
	}
	for what, tamper := range map[string]change{
		"not signed":            after(func(h http.Header, _ *int, _ *[]byte) { clear(h) }),
		"without its digest":    after(func(h http.Header, _ *int, _ *[]byte) { h.Del(seal.HeaderDigest) }),
		"without its signature": after(func(h http.Header, _ *int, _ *[]byte) { h.Del(seal.HeaderSignature) }),
		"signed twice":          after(func(h http.Header, _ *int, _ *[]byte) { h.Add(seal.HeaderSignature, h.Get(seal.HeaderSignature)) }),
		"with another status":   after(func(_ http.Header, status *int, _ *[]byte) { *status = http.StatusConflict }),
		"with another body":     after(func(_ http.Header, _ *int, body *[]byte) { *body = []byte(`{}`) }),
		"with another body and digest": after(func(h http.Header, _ *int, body *[]byte) {
			*body = []byte(`{}`)
			h.Set(seal.HeaderDigest, seal.ContentDigest(*body))
		}),
		"to another method":               before(func(a *seal.Answer) { a.Method = http.MethodGet }),
		"to another payment":              before(func(a *seal.Answer) { a.TargetURI = strings.Replace(a.TargetURI, "pay_1", "pay_2", 1) }),
		"to the same call of another day": before(func(a *seal.Answer) { a.Signature = strings.Replace(a.Signature, ":", ":A", 1) }),
		"to a request without signature":  before(func(a *seal.Answer) { a.Signature = "" }),
	} {
		t.Run(what, func(t *testing.T) {
			p, psp := newCounterpart(t, seal.NewPrivateKey([32]byte{4}))
			p.tamper = tamper
			_, err := psp.Execute(t.Context(), "pay_1")
			if got := asProblem(t, err); got.Code != client.BadAnswer || !got.Unknown() {
				t.Errorf("an answer %s: %v", what, err)
			}
		})
	}
}

// TestThreatAnswerSwappedBetweenTwoCalls takes the answers to two calls of one PSP, both real, and exchanges them.
func TestThreatAnswerSwappedBetweenTwoCalls(t *testing.T) {
	p, psp := newCounterpart(t, seal.NewPrivateKey([32]byte{4}))
	var kept []http.Header
	p.tamper = func(h http.Header, _ *int, _ *[]byte, _ *seal.Answer) {
		if h == nil {
			return
		}
		kept = append(kept, h.Clone())
		if len(kept) == 2 { // the second call is answered with what was the first one's
			for name := range h {
				h[name] = kept[0][name]
			}
		}
	}
	if _, err := psp.Execute(t.Context(), "pay_1"); err != nil {
		t.Fatal(err)
	}
	_, err := psp.Execute(t.Context(), "pay_1")
	if got := asProblem(t, err); got.Code != client.BadAnswer || !got.Unknown() {
		t.Errorf("the answer of the call before is taken: %v", err)
	}
}

func TestThePlatformsKeyIsReplacedWithoutALostAnswer(t *testing.T) {
	p, psp := newCounterpart(t, seal.NewPrivateKey([32]byte{4}))
	works := func(want bool) {
		t.Helper()
		if _, err := psp.State(t.Context(), "pay_1"); (err == nil) != want {
			t.Errorf("answers are taken: %v, want %v: %v", err == nil, want, err)
		}
	}
	works(true)
	next := seal.NewPrivateKey([32]byte{10})
	old := p.key
	p.clock.Advance(2 * time.Second)
	p.key = next // it signs before it is published: nobody may believe that
	works(false)
	if p.sets != 2 {
		t.Errorf("the keys were fetched %d times", p.sets)
	}
	works(false) // and not fetched again and again
	if p.sets != 2 {
		t.Errorf("the keys were fetched %d times", p.sets)
	}
	p.shown = append(p.shown, next.Public())
	p.clock.Advance(2 * time.Second)
	works(true)
	p.key = old // both are published
	works(true)
	p.shown = p.shown[1:]
	p.clock.Advance(5 * time.Minute)
	works(false) // the old one is believed for five minutes at most
	p.key = next
	works(true)
}

func TestASigningKeyIsReadFromItsFile(t *testing.T) {
	pem, err := seal.NewPrivateKey([32]byte{4}).PEM()
	if err != nil {
		t.Fatal(err)
	}
	if k, err := client.ReadSigningKey("pk_1", []byte(pem)); err != nil || k.ID != "pk_1" || k.Key.Public().ID() != seal.NewPrivateKey([32]byte{4}).Public().ID() {
		t.Errorf("read %v, %v", k, err)
	}
	if _, err := client.ReadSigningKey("pk_1", []byte("x")); err == nil {
		t.Error("a text is a key")
	}
}
