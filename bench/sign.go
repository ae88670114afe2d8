package bench

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"tolom/flow"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// Signing is how a bench's PSP proves itself on the live platform, and how it knows that an answer is the platform's.
type Signing struct {
	id       string
	key      seal.PrivateKey
	platform map[string]seal.PublicKey
	clock    world.Clock
}

// NewSigning registers a key of the PSP; published are the platform's keys.
func NewSigning(ctx context.Context, p *flow.Platform, psp id.ID, published []seal.PublicKey) (*Signing, error) {
	w := world.System()
	var random [32]byte
	if _, err := io.ReadFull(w.Entropy, random[:]); err != nil {
		return nil, err
	}
	s := &Signing{key: seal.NewPrivateKey(random), platform: map[string]seal.PublicKey{}, clock: w.Clock}
	for _, k := range published {
		s.platform[k.ID()] = k
	}
	public, err := s.key.Public().Text()
	if err != nil {
		return nil, err
	}
	made, err := p.Registry().AddPSPKey(ctx, store.PSPKey{PSP: psp, Name: "bench", Algorithm: string(s.key.Public().Algorithm()), Public: public})
	s.id = string(made.ID)
	return s, err
}

// Signed has the PSP sign its calls, and verify every answer.
func (o *OverHTTP) Signed(s *Signing) *OverHTTP {
	o.signing = s
	return o
}

// proof is the signature of a call and of its answer.
type proof struct {
	target                   string
	digest, input, signature string // sent
	answered                 struct{ digest, input, signature string }
}

// sign makes the signature of a call. The nonce is the call's own name, which no other call of any run has.
func (s *Signing) sign(a ask, base, name string) (*proof, error) {
	p := &proof{target: base + a.path + a.suffix}
	if len(a.body) > 0 {
		p.digest = seal.ContentDigest(a.body)
	}
	var err error
	p.input, p.signature, err = seal.SignRequest(s.key, seal.Request{Method: "POST", TargetURI: p.target, Digest: p.digest},
		seal.Terms{Created: s.clock.Now(), KeyID: s.id, Nonce: name})
	return p, err
}

// verify holds an answer to the platform's signature of it.
func (s *Signing) verify(p *proof, status int, body []byte) error {
	is := p.answered
	if is.digest != seal.ContentDigest(body) {
		return fmt.Errorf("bench: an answer has another digest than its body: %q", is.digest)
	}
	read, err := seal.ReadAnswer(is.input, is.signature, seal.Answer{Status: status, Digest: is.digest, Method: "POST", TargetURI: p.target, Signature: p.signature})
	if err != nil {
		return err
	}
	if !read.By(s.platform[read.KeyID]) {
		return fmt.Errorf("bench: the platform did not sign an answer: %q", is.input)
	}
	return nil
}

// asPSP makes a call of the PSP, signed where the bench is to sign.
func (o *OverHTTP) asPSP(ctx context.Context, by caller, base, name string, nth int64, a ask) ([]byte, error) {
	if o.signing == nil {
		a.key = o.Field.PSPKey
		return call(ctx, by, a)
	}
	p, err := o.signing.sign(a, base, name+"."+strconv.FormatInt(nth, 10))
	if err != nil {
		return nil, err
	}
	a.proof = p
	status, answer, err := by.post(ctx, a)
	if err == nil {
		err = o.signing.verify(p, status, answer)
	}
	return judged(a, status, answer, err)
}
