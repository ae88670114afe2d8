package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"tolom/seal"
)

// SigningKey is what a PSP signs its requests with: a private key, and the id under which the operator has registered
// its public part.
type SigningKey struct {
	ID  string // pk_…
	Key seal.PrivateKey
}

// ReadSigningKey reads a private key of PEM text (PKCS #8), Ed25519 or ECDSA P-256.
func ReadSigningKey(id string, pem []byte) (SigningKey, error) {
	keys, err := seal.ParsePrivateKeys(pem)
	if err != nil {
		return SigningKey{}, err
	}
	return SigningKey{id, keys[0]}, nil
}

// KeysPath is where the platform publishes the keys that its answers are verified with.
const KeysPath = "/.well-known/jwks.json"

// WithSigningKey signs every request (RFC 9421) and accepts no answer that the platform has not signed for that very
// request: a wrong one is a [BadAnswer]. The platform's keys are fetched from [KeysPath] and remembered for minutes.
func WithSigningKey(k SigningKey) Option {
	return func(c *Client) { c.key, c.signer = "", &signature{client: c, key: k} }
}

// Verifier is a Signer that judges answers too.
type Verifier interface {
	Signer
	// Verify judges an answer to a request that Sign has signed. An error makes it a [BadAnswer].
	Verify(request *http.Request, response *http.Response, body []byte) error
}

// signature signs and verifies for a client.
type signature struct {
	client *Client
	key    SigningKey

	mu        sync.Mutex
	platform  map[string]seal.PublicKey
	fetched   time.Time
	attempted time.Time
}

// Sign adds Content-Digest, Signature-Input and Signature, with a new nonce each time.
func (s *signature) Sign(request *http.Request, body []byte) error {
	var random [18]byte
	if _, err := io.ReadFull(s.client.entropy, random[:]); err != nil {
		return fmt.Errorf("no randomness for a nonce: %w", err)
	}
	r := signedPart(request)
	if len(body) > 0 {
		r.Digest = seal.ContentDigest(body)
		request.Header.Set(seal.HeaderDigest, r.Digest)
	}
	input, made, err := seal.SignRequest(s.key.Key, r, seal.Terms{
		Created: s.client.clock.Now(), KeyID: s.key.ID, Nonce: base64.RawURLEncoding.EncodeToString(random[:]),
	})
	if err != nil {
		return err
	}
	request.Header.Set(seal.HeaderSignatureInput, input)
	request.Header.Set(seal.HeaderSignature, made)
	return nil
}

// signedPart is what the request line and the address say, as the signature covers it.
func signedPart(request *http.Request) seal.Request {
	return seal.Request{Method: request.Method, TargetURI: request.URL.Scheme + "://" + request.URL.Host + request.URL.RequestURI()}
}

// Verify holds an answer to the platform's signature and to its request.
func (s *signature) Verify(request *http.Request, response *http.Response, body []byte) error {
	digest, err1 := one(response.Header, seal.HeaderDigest)
	input, err2 := one(response.Header, seal.HeaderSignatureInput)
	made, err3 := one(response.Header, seal.HeaderSignature)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if digest != seal.ContentDigest(body) {
		return errors.New("its digest is not that of its body")
	}
	asked := signedPart(request)
	signed, err := seal.ReadAnswer(input, made, seal.Answer{Status: response.StatusCode, Digest: digest,
		Method: asked.Method, TargetURI: asked.TargetURI, Signature: request.Header.Get(seal.HeaderSignature)})
	if err != nil {
		return err
	}
	key, err := s.platformKey(request.Context(), signed.KeyID)
	if err != nil {
		return err
	}
	if !signed.By(key) {
		return errors.New("the platform did not sign it, or signed it for another request")
	}
	return nil
}

func one(h http.Header, name string) (string, error) {
	all := h.Values(name)
	if len(all) != 1 {
		return "", fmt.Errorf("it has the header %s %d times, not once: it is not signed", name, len(all))
	}
	return all[0], nil
}

const (
	// keysLast is how long the platform's keys are believed; it publishes new ones for longer before it uses them.
	keysLast = 5 * time.Minute
	// keysPause keeps wrong key ids in answers from fetching the keys all the time.
	keysPause = 2 * time.Second
	mostKeys  = 64 << 10 // bytes of the published keys
)

// platformKey gives a published key, fetched anew when it is not known or what is known is old.
func (s *signature) platformKey(ctx context.Context, id string) (seal.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.client.clock.Now()
	key, known := s.platform[id]
	fresh := now.Sub(s.fetched) < keysLast
	if known && fresh {
		return key, nil
	}
	if fresh && now.Sub(s.attempted) < keysPause {
		return key, errors.New("it is signed with a key that the platform does not publish")
	}
	s.attempted = now
	keys, err := s.fetch(ctx)
	if err != nil {
		return key, fmt.Errorf("the platform's keys could not be fetched: %w", err)
	}
	s.platform, s.fetched = keys, now
	if key, known = keys[id]; !known {
		return key, errors.New("it is signed with a key that the platform does not publish")
	}
	return key, nil
}

func (s *signature) fetch(ctx context.Context) (map[string]seal.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.client.base+KeysPath, nil)
	if err != nil {
		return nil, err
	}
	by := s.client.keysHTTP
	if by == nil {
		by = s.client.http
	}
	response, err := by.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostKeys))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s%s answers %s: %s", s.client.base, KeysPath, response.Status, strings.TrimSpace(string(bytes.ToValidUTF8(text[:min(len(text), 100)], nil))))
	}
	return seal.ParseKeySet(text)
}

// verified judges an answer where the signer can.
func (c *Client) verified(what call, request *http.Request, response *http.Response, body []byte) error {
	v, ok := c.signer.(Verifier)
	if !ok {
		return nil
	}
	if err := v.Verify(request, response, body); err != nil {
		return strange(what, response.StatusCode, "but the answer proves nothing", err)
	}
	return nil
}
