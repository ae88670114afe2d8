package client

import (
	"net/http"

	"tolom/world"
)

// Option changes how a Client works.
type Option func(*Client)

// WithHTTP sends through an http.Client of the caller's: for its own timeouts, certificates, or [Direct].
func WithHTTP(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithKeysHTTP fetches the platform's public keys through another http.Client than the calls.
func WithKeysHTTP(h *http.Client) Option { return func(c *Client) { c.keysHTTP = h } }

// WithSigner has every request signed; a [Verifier] judges the answers too. [WithSigningKey] is one.
func WithSigner(s Signer) Option { return func(c *Client) { c.signer = s } }

// WithWorld takes the clock (for dates in Retry-After) and the randomness (for idempotency keys and the spread of
// retries) from w instead of from the system.
func WithWorld(w world.World) Option {
	return func(c *Client) { c.clock, c.entropy = w.Clock, w.Entropy }
}

// WithSleep waits between retries by s: simulations move their clock instead.
func WithSleep(s Sleep) Option { return func(c *Client) { c.sleep = s } }

// WithAttempts bounds how often a merchant's call is sent, 1 or more; 1 means no retries. The default is 4.
func WithAttempts(n int) Option { return func(c *Client) { c.attempts = max(n, 1) } }

// WithLanguage asks for error messages in a language: "ky", "ru" or "en".
func WithLanguage(language string) Option { return func(c *Client) { c.language = language } }

// CallOption changes one call.
type CallOption func(*call)

// IdempotencyKey names the call by a key of the caller's, which must be stored before the call and be the same when
// it is repeated. Without it each call gets a random key, which covers the retries of that call only.
func IdempotencyKey(key string) CallOption { return func(c *call) { c.idempotency = key } }
