package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// SignedRequest is a request with its signature (RFC 9421) as it came. The headers are values of headers that were
// sent once; "" for one that was not.
type SignedRequest struct {
	Method    string
	TargetURI string // as the caller addressed the platform, by its public name
	Digest    string // Content-Digest
	Input     string // Signature-Input
	Signature string
	Body      []byte
}

// SignatureWindow is how far the time of a signature may be from this node's, before or after.
const SignatureWindow = 5 * time.Minute

// NonceMemory is how long after its signature a nonce is kept: as long as some node may accept the signature, with
// as much again for clocks of nodes that differ.
const NonceMemory = 2 * SignatureWindow

// signer is a PSP's key with its record.
type signer struct {
	record store.PSPKey
	public seal.PublicKey
}

// SignedPSP recognises a PSP by its signature of a request. Whatever is refused has changed nothing, and only a
// request that is right in everything else uses its nonce: a stranger can use up nobody's.
func (g *Gate) SignedPSP(ctx context.Context, r SignedRequest) (PSP, error) {
	if err := digested(r); err != nil {
		return PSP{}, err
	}
	s, err := seal.ReadRequest(r.Input, r.Signature, seal.Request{Method: r.Method, TargetURI: r.TargetURI, Digest: r.Digest})
	if err != nil {
		return PSP{}, fault.New(fault.SignatureInvalid).On(seal.HeaderSignatureInput).Because(err.Error())
	}
	now := g.clock.Now()
	if err := timely(s, now); err != nil {
		return PSP{}, err
	}
	k, err := g.signer(ctx, s.KeyID, now)
	if err != nil {
		return PSP{}, err
	}
	if !s.By(k.public) {
		return PSP{}, forged()
	}
	// Only who has the key learns how it stands with it.
	if err := standing(k.record, now); err != nil {
		return PSP{}, err
	}
	if err := g.nonces.spend(ctx, store.Nonce{Key: k.record.ID, Nonce: s.Nonce, CreatedAt: s.Created}); err != nil {
		return PSP{}, err
	}
	return PSP{ID: k.record.PSP, Key: k.record.ID}, nil
}

// digested holds the body to its digest, which is wanted in one form only, so that the signature covers these bytes.
func digested(r SignedRequest) error {
	if len(r.Body) == 0 && r.Digest == "" || r.Digest == seal.ContentDigest(r.Body) {
		return nil
	}
	return fault.New(fault.WrongDigest).On(seal.HeaderDigest).Because("a signed request carries Content-Digest: sha-256=:BASE64: of its body as it is sent, and no other digest")
}

func timely(s seal.Signed, now time.Time) error {
	apart := now.Sub(s.Created).Abs()
	if apart <= SignatureWindow && (s.Expires.IsZero() || now.Before(s.Expires)) {
		return nil
	}
	return fault.New(fault.SignatureInvalid).On(seal.HeaderSignatureInput).Because(fmt.Sprintf(
		"the signature is too old or from the future: created may be %v from our time, which is %d; sign each attempt anew", SignatureWindow, now.Unix()))
}

// forged is the one answer to a key that nobody has and to a signature that its key did not make: a stranger learns
// nothing about the keys there are.
func forged() error {
	return fault.New(fault.SignatureInvalid).On(seal.HeaderSignature).Because(
		"no key with this keyid made this signature of this request: compare what you signed with docs/psp-signing.md, above all the address with scheme and host")
}

func (g *Gate) signer(ctx context.Context, keyID string, now time.Time) (signer, error) {
	name, err := id.Parse(id.PSPKey, keyID)
	if err != nil {
		return signer{}, forged()
	}
	if k, ok := g.signers.get(keyID, now); ok {
		return k, nil
	}
	record, err := g.desk.PSPKeys().Get(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return signer{}, forged()
	case err != nil:
		return signer{}, fault.Wrap(fault.OutOfService, err)
	}
	public, err := seal.ParsePublicKey(record.Public)
	if err != nil || string(public.Algorithm()) != record.Algorithm {
		return signer{}, fault.Wrap(fault.InternalError, fmt.Errorf("the public key %s is damaged: %w", name, err))
	}
	k := signer{record, public}
	g.signers.put(keyID, k, now)
	return k, nil
}

// standing says whether a key may sign now.
func standing(k store.PSPKey, now time.Time) error {
	why := ""
	switch {
	case !k.RevokedAt.IsZero() && !now.Before(k.RevokedAt):
		why = "the key is revoked"
	case now.Before(k.NotBefore):
		why = "the key is not valid yet"
	case !k.NotAfter.IsZero() && !now.Before(k.NotAfter):
		why = "the key has expired"
	default:
		return nil
	}
	return fault.New(fault.SignatureInvalid).On(seal.HeaderSignatureInput).Because(why + ": sign with another one")
}
