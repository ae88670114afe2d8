package client

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tolom/world"
)

// Client holds what all calls share. It is safe for concurrent use and keeps no state of its own.
type Client struct {
	base     string
	key      string
	http     *http.Client
	keysHTTP *http.Client // fetches the platform's keys; nil: http does
	signer   Signer
	clock    world.Clock
	entropy  world.Entropy
	sleep    Sleep
	attempts int
	language string
}

// Signer adds to a request what proves who sent it, such as a signature of RFC 9421. It is called last, once for
// each time the request is sent, with the body that will be sent; an error keeps the request from being sent.
type Signer interface {
	Sign(request *http.Request, body []byte) error
}

// Sleep waits for a time, or returns the error of ctx when that ends first.
type Sleep func(ctx context.Context, wait time.Duration) error

const (
	// answerTime bounds one exchange. The platform promises an answer within 2 s.
	answerTime = 10 * time.Second
	// defaultAttempts is how often a merchant's call is sent when the answer says that it may succeed later.
	defaultAttempts = 4
)

// New makes a client for the platform at base, such as "https://pay.example.kg", and the secret key of a merchant
// (sk_…) or a PSP (psk_…). The key may be empty when a Signer proves who calls.
func New(base, key string, options ...Option) *Client {
	system := world.System()
	c := &Client{
		base: strings.TrimRight(base, "/"), key: key,
		http:  &http.Client{Timeout: answerTime, CheckRedirect: stay},
		clock: system.Clock, entropy: system.Entropy, sleep: sleep, attempts: defaultAttempts,
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Merchant gives the calls of the merchant API.
func (c *Client) Merchant() *Merchant { return &Merchant{c} }

// PSP gives the calls of the PSP API.
func (c *Client) PSP() *PSP { return &PSP{c} }

// stay keeps redirects from being followed: the API has none, and a key must not travel to another host.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
