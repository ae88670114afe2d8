package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tolom/seal"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

const (
	// answerWithin is how long a receiver has for its answer.
	answerWithin = 10 * time.Second
	// mostReply is how many bytes of an answer are kept.
	mostReply = 1 << 10
	userAgent = "Tolom-Webhooks/1"
)

// Sender sends one webhook at a time to whoever it is told, and reports the answer.
type Sender struct {
	transport http.RoundTripper
	clock     world.Clock
}

// NewSender makes a sender. The transport decides which addresses can be
// reached; in production it is that of a world.Dialer, which refuses private ones.
func NewSender(transport http.RoundTripper, clock world.Clock) *Sender {
	return &Sender{transport: transport, clock: clock}
}

// answer is what came of one attempt.
type answer struct {
	at         time.Time
	took       time.Duration
	status     int    // 0: none came
	trouble    string // why none came, in words that tell nothing of our network
	request    string // what was sent, for the log
	headers    string // of the answer, for the log
	reply      string
	retryAfter time.Duration // what the receiver asked for, at most a day
}

// taken says that the receiver has the event.
func (a answer) taken() bool { return a.status >= 200 && a.status <= 299 }

// gone says that the receiver wants no events any more.
func (a answer) gone() bool { return a.status == http.StatusGone }

// note writes an attempt into its delivery.
func (a answer) note(d store.Delivery) store.Delivery {
	d.Attempts++
	d.HTTPStatus, d.Error, d.Reply = a.status, a.trouble, a.reply
	d.Request, d.ReplyHeaders = a.request, a.headers
	d.LastAt, d.DurationMS = a.at, a.took.Milliseconds()
	return d
}

// send makes one attempt. The error says that no attempt was made, or that ctx
// ended on the way; what the receiver does is in the answer.
func (s *Sender) send(ctx context.Context, e store.Endpoint, event wire.Event) (answer, error) {
	a := answer{at: s.clock.Now()}
	timed, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	request, err := letter(timed, e, event, a.at)
	if err != nil {
		return a, err
	}
	a.request = headText(request.Method+" "+request.URL.RequestURI(), request.Header)
	// The transport alone, without a client: redirects are not followed, because
	// the new address was never checked, and an answer of 3xx is a failure.
	response, err := s.transport.RoundTrip(request)
	if err != nil && ctx.Err() != nil {
		return a, ctx.Err()
	}
	if err == nil {
		a.status, a.retryAfter = response.StatusCode, retryAfter(response.Header.Get("Retry-After"), a.at)
		a.headers = headText(response.Proto+" "+response.Status, response.Header)
		a.reply, err = readReply(response.Body)
	}
	if err != nil && !a.taken() {
		a.trouble = trouble(err)
	}
	a.took = s.clock.Now().Sub(a.at)
	return a, nil
}

// letter is the signed request. The body is the event as it was, whether or not
// it has been acknowledged meanwhile, so that every attempt sends the same bytes.
func letter(ctx context.Context, e store.Endpoint, event wire.Event, at time.Time) (*http.Request, error) {
	event.Acked = false
	body, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	var signatures []string
	for _, secret := range slices.Concat(e.Secrets, e.Keys) {
		signature, err := seal.SignWebhook(secret, event.ID, at, body)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, signature)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	h := request.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", userAgent)
	h.Set(seal.HeaderWebhookID, event.ID)
	h.Set(seal.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(seal.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}

// readReply keeps the beginning of an answer, as text that a database can hold.
func readReply(body io.ReadCloser) (string, error) {
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, mostReply))
	return storable(string(raw)), err
}

// storable makes foreign bytes a text that a database can hold.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// headText is the head of a message for the log: its first line and its headers in
// the order of their names, cut where it grows long.
func headText(first string, headers http.Header) string {
	var text strings.Builder
	text.WriteString(first)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			if text.Len() < mostReply {
				fmt.Fprintf(&text, "\n%s: %.300s", strings.ToLower(name), value)
			}
		}
	}
	whole := text.String()
	return storable(whole[:min(len(whole), mostReply)])
}

// trouble says in a few words why there was no answer. The words are ours: those
// of the network may name addresses that are not the merchant's business.
func trouble(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var waited net.Error
	switch {
	case errors.Is(err, world.ErrPrivate):
		return "the host is not on the public internet"
	case errors.Is(err, world.ErrPort):
		return "the port is not 443"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &waited) && waited.Timeout():
		return "no answer within 10 seconds"
	case errors.As(err, &name):
		return "the name of the host is not known"
	case errors.As(err, &certificate):
		return "the certificate of the host is not valid"
	}
	return "the connection failed"
}

// longestRest is the longest time that a receiver may ask us to stay away for.
const longestRest = 24 * time.Hour

// retryAfter reads the header Retry-After: seconds, or a date. A number too long
// for us is a long time, not none.
func retryAfter(text string, now time.Time) time.Duration {
	var rest time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		rest = time.Duration(min(max(seconds, 0), int64(longestRest/time.Second))) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		rest = date.Sub(now)
	}
	return min(max(rest, 0), longestRest)
}
