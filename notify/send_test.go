package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// line is a transport that does as the test says.
type line func(*http.Request) (*http.Response, error)

func (l line) RoundTrip(r *http.Request) (*http.Response, error) { return l(r) }

// silent never answers.
var silent = line(func(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
})

var (
	testEndpoint = store.Endpoint{ID: someID(id.Endpoint), URL: "https://shop.example/", Secrets: []string{seal.NewWebhookSecret([32]byte{1})}}
	testEvent    = wire.Event{ID: string(someID(id.Event)), Type: "request.paid"}
)

func TestReceiverHasTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSender(silent, world.System().Clock)
		a, err := s.send(t.Context(), testEndpoint, testEvent)
		if err != nil || a.took != 10*time.Second || a.status != 0 || a.trouble != "no answer within 10 seconds" || a.taken() {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// TestOurOwnEndIsNoFailure of the receiver: the attempt counts as not made.
func TestOurOwnEndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := NewSender(silent, world.System().Clock).send(ctx, testEndpoint, testEvent); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestTroubleIsToldInOurWords(t *testing.T) {
	for want, cause := range map[string]error{
		"the host is not on the public internet": fmt.Errorf("dial: %w: 10.0.0.7", world.ErrPrivate),
		"the name of the host is not known":      &net.OpError{Op: "dial", Err: &net.DNSError{Name: "shop.internal", Server: "10.0.0.1:53"}},
		"the certificate of the host is not valid": fmt.Errorf("tls: %w", &tls.CertificateVerificationError{
			Err: errors.New("signed by an unknown authority")}),
		"no answer within 10 seconds": &net.DNSError{IsTimeout: true},
		"the connection failed":       errors.New("read tcp 10.0.0.7:5000->10.0.0.9:443: connection reset"),
	} {
		s := NewSender(line(func(*http.Request) (*http.Response, error) { return nil, cause }), world.System().Clock)
		a, err := s.send(t.Context(), testEndpoint, testEvent)
		if err != nil || a.trouble != want {
			t.Errorf("%v is told as %q, %v", cause, a.trouble, err)
		}
	}
}

// TestPrivateAddressesAreNotReached sends through the transport of production.
func TestPrivateAddressesAreNotReached(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	c.open(world.Dialer{}.Transport())
	c.pay(c.ask(100), 100)
	c.pass(e)
	if d := c.log(e)[0]; d.Error != "the host is not on the public internet" || len(box.got()) != 0 {
		t.Errorf("%+v, %d webhooks came", d, len(box.got()))
	}
}

// TestRetryAfterIsReadInBothForms and never asks for more than a day.
func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "-5": 0, "": 0, "soon": 0, "1.5": 0,
		"86401": 24 * time.Hour, "99999999999999999999999999": 24 * time.Hour, "-99999999999999999999999999": 0,
		"Tue, 24 Nov 2026 05:45:00 GMT": 5 * time.Minute, "Tue, 24 Nov 2026 05:30:00 GMT": 0, "Fri, 31 Dec 9999 23:59:59 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("Retry-After: %s is %v, want %v", text, got, want)
		}
	}
}
