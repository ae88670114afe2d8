package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// signing is a PSP with a registered key before a door.
type signing struct {
	*door
	psp    id.ID
	key    seal.PrivateKey
	record store.PSPKey
	nonces int
}

func newSigning(t *testing.T) *signing {
	s := &signing{door: newDoor(t), key: seal.NewPrivateKey([32]byte{1})}
	s.psp = s.owner(id.PSP)
	s.record = s.register(s.psp, s.key)
	return s
}

// register puts a public key on the desk.
func (s *signing) register(psp id.ID, key seal.PrivateKey) store.PSPKey {
	s.t.Helper()
	public, err := key.Public().Text()
	if err != nil {
		s.t.Fatal(err)
	}
	record := store.PSPKey{ID: world.NewID(s.world, id.PSPKey, psp.Bucket()), PSP: psp, Algorithm: string(key.Public().Algorithm()), Public: public,
		NotBefore: s.clock.Now(), CreatedAt: s.clock.Now()}
	s.keep(record)
	return record
}

func (s *signing) keep(record store.PSPKey) {
	s.t.Helper()
	if err := s.desk.PSPKeys().Put(s.ctx, record); err != nil {
		s.t.Fatal(err)
	}
}

const (
	psps = "https://pay.example.kg"
	body = `{"psp_payment_id":"a"}`
)

// request signs a request as it should be, with a fresh nonce, and as the test wants it otherwise.
func (s *signing) request(change ...func(*seal.Request, *seal.Terms)) SignedRequest {
	s.t.Helper()
	s.nonces++
	r := seal.Request{Method: "POST", TargetURI: psps + "/psp/v1/cancel", Digest: seal.ContentDigest([]byte(body))}
	terms := seal.Terms{Created: s.clock.Now(), KeyID: string(s.record.ID), Nonce: fmt.Sprintf("nonce-number-%06d", s.nonces)}
	for _, do := range change {
		do(&r, &terms)
	}
	input, signature, err := seal.SignRequest(s.key, r, terms)
	if err != nil {
		s.t.Fatal(err)
	}
	return SignedRequest{Method: r.Method, TargetURI: r.TargetURI, Digest: r.Digest, Input: input, Signature: signature, Body: []byte(body)}
}

func created(after time.Duration) func(*seal.Request, *seal.Terms) {
	return func(_ *seal.Request, t *seal.Terms) { t.Created = t.Created.Add(after) }
}

// refuses wants a code, and a sentence that holds some words.
func (s *signing) refuses(what string, code fault.Code, words string, r SignedRequest, at ...*Gate) {
	s.t.Helper()
	gate := append(at, s.Gate)[0]
	who, err := gate.SignedPSP(s.ctx, r)
	if !fault.Has(err, code) || !strings.Contains(fault.From(err).Detail, words) || who != (PSP{}) {
		s.t.Errorf("%s: %+v, %v; want %s with %q", what, who, err, code, words)
	}
}

func (s *signing) accepts(what string, r SignedRequest, at ...*Gate) {
	s.t.Helper()
	gate := append(at, s.Gate)[0]
	if who, err := gate.SignedPSP(s.ctx, r); err != nil || who != (PSP{s.psp, s.record.ID}) {
		s.t.Errorf("%s: %+v, %v", what, who, err)
	}
}

func TestAPSPIsKnownByItsSignature(t *testing.T) {
	s := newSigning(t)
	s.accepts("a signed request", s.request())
	bare := s.request(func(r *seal.Request, _ *seal.Terms) {
		r.Method, r.TargetURI, r.Digest = "GET", psps+"/psp/v1/payments?psp_payment_id=a", ""
	})
	bare.Body = nil
	s.accepts("a request without a body", bare)
	empty := s.request(func(r *seal.Request, _ *seal.Terms) { r.Digest = seal.ContentDigest(nil) })
	empty.Body = nil
	s.accepts("a digest of no body", empty)
}

// TestThreatStaleOrFutureSignature keeps to a window of five minutes on both sides.
func TestThreatStaleOrFutureSignature(t *testing.T) {
	s := newSigning(t)
	for after, accepted := range map[time.Duration]bool{
		-SignatureWindow: true, SignatureWindow: true, 0: true,
		-SignatureWindow - time.Second: false, SignatureWindow + time.Second: false, -24 * time.Hour: false, 24 * time.Hour: false,
	} {
		if r := s.request(created(after)); accepted {
			s.accepts(after.String(), r)
		} else {
			s.refuses(after.String(), fault.SignatureInvalid, "too old or from the future", r)
		}
	}
	kept := s.request()
	s.clock.Advance(SignatureWindow + time.Second)
	s.refuses("kept until it is too old", fault.SignatureInvalid, "too old", kept)
}

// TestThreatReplay sends a request again: to the same node, to another, after a restart, and with its nonce in a new signature.
func TestThreatReplay(t *testing.T) {
	s := newSigning(t)
	once := s.request()
	s.accepts("the first time", once)
	s.refuses("on the same node", fault.SignatureReplayed, "nonce", once)
	s.refuses("on another node", fault.SignatureReplayed, "nonce", once, New(s.desk, s.clock))
	s.Gate = New(s.desk, s.clock)
	s.clock.Advance(SignatureWindow)
	s.refuses("after a restart, just before it is too old", fault.SignatureReplayed, "nonce", once)
	s.nonces = 0
	s.refuses("its nonce in a new signature", fault.SignatureReplayed, "nonce", s.request())

	// What is forgotten is too old by then, on nodes whose clocks are five minutes apart too.
	n, err := s.desk.ForgetNonces(s.ctx, s.clock.Now().Add(-NonceMemory), 10)
	if n != 0 || err != nil {
		t.Errorf("%d nonces were forgotten too early, %v", n, err)
	}
	s.clock.Advance(NonceMemory - SignatureWindow + time.Millisecond)
	if n, err := s.desk.ForgetNonces(s.ctx, s.clock.Now().Add(-NonceMemory), 10); n != 1 || err != nil {
		t.Errorf("%d nonces were forgotten, %v", n, err)
	}
	s.refuses("after its nonce is forgotten", fault.SignatureInvalid, "too old", once)
}

// TestThreatReplayRace sends one request to three nodes at once, many times over: one of them takes it.
func TestThreatReplayRace(t *testing.T) {
	s := newSigning(t)
	gates := []*Gate{s.Gate, New(s.desk, s.clock), New(s.desk, s.clock)}
	once := s.request()
	var taken, replayed atomic.Int64
	var group sync.WaitGroup
	for n := range 60 {
		group.Go(func() {
			switch _, err := gates[n%3].SignedPSP(s.ctx, once); {
			case err == nil:
				taken.Add(1)
			case fault.Has(err, fault.SignatureReplayed):
				replayed.Add(1)
			}
		})
	}
	group.Wait()
	if taken.Load() != 1 || replayed.Load() != 59 {
		t.Errorf("taken %d times, refused as a replay %d times", taken.Load(), replayed.Load())
	}
}

// TestThreatDigestOfAnotherBody changes the body under its signature, and gives digests in other ways.
func TestThreatDigestOfAnotherBody(t *testing.T) {
	s := newSigning(t)
	changed := s.request()
	changed.Body = []byte(`{"psp_payment_id":"b"}`)
	s.refuses("another body", fault.WrongDigest, "Content-Digest", changed)
	for what, digest := range map[string]string{
		"none":              "",
		"of another kind":   "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
		"beside another":    seal.ContentDigest([]byte(body)) + ", sha-256=:AAAA:",
		"with a space":      strings.Replace(seal.ContentDigest([]byte(body)), "=:", "= :", 1),
		"without its end":   strings.TrimSuffix(seal.ContentDigest([]byte(body)), ":"),
		"of no body at all": seal.ContentDigest(nil),
	} {
		s.refuses("a digest "+what, fault.WrongDigest, "Content-Digest", s.request(func(r *seal.Request, _ *seal.Terms) { r.Digest = digest }))
	}
	fixed := s.request()
	fixed.Body, fixed.Digest = []byte(`{"psp_payment_id":"b"}`), seal.ContentDigest([]byte(`{"psp_payment_id":"b"}`))
	s.refuses("another body with its own digest", fault.SignatureInvalid, "no key with this keyid made this", fixed)
}

// TestThreatKeyOfAnotherPSP signs with a key that is somebody else's, or nobody's.
func TestThreatKeyOfAnotherPSP(t *testing.T) {
	s := newSigning(t)
	mine := s.key
	theirs := s.register(s.owner(id.PSP), seal.NewPrivateKey([32]byte{2}))
	s.refuses("my key under their id", fault.SignatureInvalid, "no key with this keyid", s.request(func(_ *seal.Request, t *seal.Terms) { t.KeyID = string(theirs.ID) }))
	s.key = seal.NewPrivateKey([32]byte{2})
	s.refuses("their key under my id", fault.SignatureInvalid, "no key with this keyid", s.request())
	s.key = mine
	for what, name := range map[string]string{"nobody's": "pk_00000000000000000000000000", "a PSP's own": string(s.psp), "no id": "my-key-1"} {
		s.refuses("the id is "+what, fault.SignatureInvalid, "no key with this keyid", s.request(func(_ *seal.Request, t *seal.Terms) { t.KeyID = name }))
	}
	// A record that has another algorithm than its key verifies nothing.
	liar := s.record
	liar.ID, liar.Algorithm = world.NewID(s.world, id.PSPKey, 1), string(seal.P256)
	s.keep(liar)
	if _, err := s.SignedPSP(s.ctx, s.request(func(_ *seal.Request, t *seal.Terms) { t.KeyID = string(liar.ID) })); !fault.Has(err, fault.InternalError) {
		t.Errorf("a damaged record: %v", err)
	}
}

// TestThreatRevokedKey ends a key: at once where it was revoked, and within the memory of five seconds on another node,
// of which sixty seconds are allowed.
func TestThreatRevokedKey(t *testing.T) {
	s := newSigning(t)
	other := New(s.desk, s.clock)
	s.accepts("before", s.request())
	s.accepts("before, on the other node", s.request(), other)
	s.record.RevokedAt = s.clock.Now()
	s.keep(s.record)
	s.Forget()
	s.refuses("on this node", fault.SignatureInvalid, "revoked", s.request())
	s.clock.Advance(remember)
	s.refuses("on the other node", fault.SignatureInvalid, "revoked", s.request(), other)
	if remember > time.Minute {
		t.Errorf("keys are remembered for %v", remember)
	}
}

// TestThreatExpiredKey uses a key before and after its time, although it is remembered.
func TestThreatExpiredKey(t *testing.T) {
	s := newSigning(t)
	s.record.NotBefore, s.record.NotAfter = start.Add(time.Second), start.Add(3*time.Second)
	s.keep(s.record)
	s.refuses("before its time", fault.SignatureInvalid, "not valid yet", s.request())
	s.clock.Advance(time.Second)
	s.accepts("in its time", s.request())
	s.clock.Advance(2 * time.Second)
	s.refuses("after its time", fault.SignatureInvalid, "expired", s.request())
	forged := s.request()
	forged.Signature = s.request().Signature
	s.refuses("by a stranger, who learns nothing of it", fault.SignatureInvalid, "no key with this keyid", forged)
}

func TestKeysOverlapWhileOneIsReplaced(t *testing.T) {
	s := newSigning(t)
	s.accepts("the old key", s.request())
	old, oldRecord := s.key, s.record
	p256, err := seal.NewP256Key([32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	s.key = p256
	s.record = s.register(s.psp, p256)
	s.accepts("the new key", s.request())
	s.key, s.record = old, oldRecord
	s.accepts("the old key beside it", s.request())
}

// TestThreatNonceUsedUpByStranger sends a PSP's nonce in requests that are wrong in something: it is still new for the PSP.
func TestThreatNonceUsedUpByStranger(t *testing.T) {
	s := newSigning(t)
	good := s.request()
	forged := good
	forged.TargetURI += "/x"
	s.refuses("a forgery", fault.SignatureInvalid, "no key", forged)
	late := New(s.desk, world.NewManual(start.Add(time.Hour)))
	s.refuses("to a node whose clock is wrong", fault.SignatureInvalid, "too old", good, late)
	s.accepts("the PSP itself", good)
}

func TestNoncesThatCannotBeNotedLetNobodyIn(t *testing.T) {
	s := newSigning(t)
	s.accepts("before", s.request())
	broken := errors.New("no connection")
	s.desk.Fault = func(p store.Point) error {
		if p == store.WritePoint {
			return broken
		}
		return nil
	}
	s.refuses("a database that takes no writes", fault.OutOfService, "sign it anew", s.request())
	tries := 0
	s.desk.Fault = func(p store.Point) error {
		if tries++; p == store.WritePoint && tries < 3 {
			return store.ErrRetry
		}
		return nil
	}
	s.accepts("a database that asks to try again", s.request())
	s.desk.Fault = nil
	gone, leave := context.WithCancel(s.ctx)
	leave()
	if _, err := s.SignedPSP(gone, s.request()); err != nil && !fault.Has(err, fault.OutOfService) {
		t.Errorf("a caller that has left: %v", err)
	}
	s.accepts("the next caller", s.request())
}

func TestManyNoncesShareACommit(t *testing.T) {
	s := newSigning(t)
	s.accepts("the first", s.request()) // the key is remembered now
	var requests []SignedRequest
	for range 40 {
		requests = append(requests, s.request())
	}
	commits, hold := atomic.Int64{}, make(chan struct{})
	s.desk.Fault = func(p store.Point) error {
		if p == store.WritePoint && commits.Add(1) == 1 {
			<-hold
		}
		return nil
	}
	var group sync.WaitGroup
	for _, r := range requests {
		group.Go(func() {
			if _, err := s.SignedPSP(s.ctx, r); err != nil {
				t.Error(err)
			}
		})
	}
	pen := &s.Gate.nonces
	for waiting := 0; waiting < len(requests)-1; time.Sleep(time.Millisecond) {
		pen.mu.Lock()
		waiting = len(pen.waiting)
		pen.mu.Unlock()
	}
	close(hold)
	group.Wait()
	if n := commits.Load(); n != 2 {
		t.Errorf("40 nonces took %d commits", n)
	}
}
