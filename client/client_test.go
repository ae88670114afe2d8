package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"tolom/client"
	"tolom/wire"
	"tolom/world"
)

// seen is a request as the platform got it.
type seen struct {
	method, target, body, key, bearer, language, accept, resume string
}

// platform answers with the handlers in turn, the last one for ever, and notes what it was asked.
type platform struct {
	t       *testing.T
	mu      sync.Mutex
	answers []http.HandlerFunc
	asked   []seen
	waits   []time.Duration
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	p.asked = append(p.asked, seen{r.Method, r.URL.RequestURI(), string(body), r.Header.Get("Idempotency-Key"),
		r.Header.Get("Authorization"), r.Header.Get("Accept-Language"), r.Header.Get("Accept"), r.Header.Get("Last-Event-ID")})
	answer := p.answers[min(len(p.asked), len(p.answers))-1]
	p.mu.Unlock()
	answer(w, r)
}

// calls are the requests so far.
func (p *platform) calls() []seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// client makes a client of a test server whose waits are noted and take no time.
func (p *platform) client(options ...client.Option) *client.Client {
	server := httptest.NewServer(p)
	p.t.Cleanup(server.Close)
	simulated, _ := world.Simulated(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 1)
	note := func(ctx context.Context, wait time.Duration) error {
		p.waits = append(p.waits, wait)
		return ctx.Err()
	}
	options = append([]client.Option{client.WithWorld(simulated), client.WithSleep(note)}, options...)
	return client.New(server.URL+"/", "sk_test", options...)
}

func answering(t *testing.T, answers ...http.HandlerFunc) *platform {
	return &platform{t: t, answers: answers}
}

func ok(body any) http.HandlerFunc { return status(http.StatusOK, body) }

func status(code int, body any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(body)
	}
}

func problem(p wire.Problem, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(p.Status)
		_ = json.NewEncoder(w).Encode(p)
	}
}

// lost is a call that was done and whose reply never arrived.
func lost(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func asProblem(t *testing.T, err error) *client.Problem {
	t.Helper()
	var p *client.Problem
	if !errors.As(err, &p) {
		t.Fatalf("%v holds no *client.Problem", err)
	}
	return p
}

func TestALostReplyIsAskedAgainUnderTheSameKey(t *testing.T) {
	p := answering(t, lost, lost, ok(wire.PaymentRequest{ID: "pr_1", Amount: 100}))
	got, err := p.client().Merchant().CreateRequest(t.Context(), wire.NewPaymentRequest{Amount: 100})
	if err != nil || got.ID != "pr_1" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if len(p.calls()) != 3 {
		t.Fatalf("the call was sent %d times, want 3", len(p.calls()))
	}
	for _, again := range p.calls() {
		if again != p.calls()[0] || again.key == "" || again.bearer != "Bearer sk_test" {
			t.Errorf("a repetition differs: %+v, first %+v", again, p.calls()[0])
		}
	}
}

func TestTheCallerMayNameTheCall(t *testing.T) {
	p := answering(t, ok(wire.Refund{ID: "re_1"}))
	m := p.client().Merchant()
	if _, err := m.CreateRefund(t.Context(), "pay_1", wire.NewRefund{}, client.IdempotencyKey("order 7, refund")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.CreateRefund(t.Context(), "pay_1", wire.NewRefund{}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.CreateRefund(t.Context(), "pay_1", wire.NewRefund{}); err != nil {
		t.Fatal(err)
	}
	if p.calls()[0].key != "order 7, refund" || len(p.calls()[1].key) != 32 || p.calls()[1].key == p.calls()[2].key {
		t.Errorf("keys %q, %q, %q", p.calls()[0].key, p.calls()[1].key, p.calls()[2].key)
	}
}

func TestOnlyWhatTimeMendsIsRetried(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		times  int
		code   string
		waits  []time.Duration
	}{
		"a refusal":                   {problem(wire.Problem{Status: 409, Code: "already_paid"}), 1, "already_paid", nil},
		"a refusal about state":       {problem(wire.Problem{Status: 409, Code: "insufficient_balance", Retryable: true}), 1, "insufficient_balance", nil},
		"the key is still in use":     {problem(wire.Problem{Status: 409, Code: "idempotency_key_in_use", Retryable: true}), 3, "idempotency_key_in_use", nil},
		"too many, with advice":       {problem(wire.Problem{Status: 429, Code: "rate_limited", Retryable: true}, "Retry-After", "7"), 3, "rate_limited", []time.Duration{7 * time.Second, 7 * time.Second}},
		"unavailable until a date":    {problem(wire.Problem{Status: 503, Code: "unavailable", Retryable: true}, "Retry-After", "Sun, 01 Mar 2026 00:00:09 GMT"), 3, "unavailable", []time.Duration{9 * time.Second, 9 * time.Second}},
		"asked to wait for too long":  {problem(wire.Problem{Status: 503, Code: "unavailable", Retryable: true}, "Retry-After", "3600"), 1, "unavailable", nil},
		"a proxy's page":              {status(502, "gateway"), 3, client.BadAnswer, nil},
		"a page that is not ours":     {status(403, "forbidden"), 1, client.BadAnswer, nil},
		"a success without its JSON":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, 1, client.BadAnswer, nil},
		"a success with a second one": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}{}") }, 1, client.BadAnswer, nil},
		"no reply at all":             {lost, 3, client.NoAnswer, nil},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusTemporaryRedirect)
		}, 1, client.BadAnswer, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := answering(t, c.answer)
			_, err := p.client(client.WithAttempts(3)).Merchant().Balance(t.Context())
			got := asProblem(t, err)
			if got.Code != c.code || len(p.calls()) != c.times {
				t.Errorf("got %v after %d calls, want %s after %d", err, len(p.calls()), c.code, c.times)
			}
			if c.waits != nil && (len(p.waits) != len(c.waits) || p.waits[0] != c.waits[0]) {
				t.Errorf("waited %v, want %v", p.waits, c.waits)
			}
		})
	}
}

func TestWaitsGrowAndAreSpread(t *testing.T) {
	p := answering(t, lost)
	_, err := p.client(client.WithAttempts(5)).Merchant().Balance(t.Context())
	asProblem(t, err)
	full := 200 * time.Millisecond
	for _, wait := range p.waits {
		if wait < full/2 || wait > full {
			t.Errorf("waited %v, want between %v and %v", wait, full/2, full)
		}
		full *= 2
	}
	if len(p.waits) != 4 {
		t.Errorf("waited %d times between 5 attempts", len(p.waits))
	}
}

// TestACallerWithoutEndOfPatienceWaitsTheLongest: after many doublings, too.
func TestACallerWithoutEndOfPatienceWaitsTheLongest(t *testing.T) {
	p := answering(t, lost)
	_, err := p.client(client.WithAttempts(150)).Merchant().Balance(t.Context())
	asProblem(t, err)
	if len(p.waits) != 149 {
		t.Fatalf("waited %d times between 150 attempts", len(p.waits))
	}
	for n, wait := range p.waits[10:] {
		if wait < 15*time.Second || wait > 30*time.Second {
			t.Fatalf("wait %d is %v, want half a minute or half of that", n+11, wait)
		}
	}
}

func TestACallerWhoLeavesEndsTheRetries(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	p := answering(t, func(http.ResponseWriter, *http.Request) { leave(); lost(nil, nil) })
	_, err := p.client().Merchant().Balance(ctx)
	if got := asProblem(t, err); got.Code != client.NoAnswer || len(p.calls()) != 1 {
		t.Errorf("got %v after %d calls", err, len(p.calls()))
	}
}

func TestAProblemTellsAllItKnows(t *testing.T) {
	refused := wire.Problem{Status: 409, Code: "payment_canceled", Title: "Төлөм жокко чыгарылган", Param: "id",
		NationalCode: 454, RequestID: "req-9", Payment: &wire.PSPPayment{PSPPaymentID: "a", Status: "canceled", StatusCode: 40}}
	p := answering(t, problem(refused))
	_, err := p.client(client.WithLanguage("ky")).PSP().Execute(t.Context(), "pay_1")
	got := asProblem(t, err)
	if got.NationalCode != 454 || got.Payment == nil || got.Payment.PSPPaymentID != "a" || got.RequestID != "req-9" {
		t.Errorf("the problem lost something: %+v", got)
	}
	if want := "client: POST /psp/v1/payments/pay_1/execute: payment_canceled (id): Төлөм жокко чыгарылган: request req-9"; err.Error() != want {
		t.Errorf("it says %q, want %q", err, want)
	}
	if p.calls()[0].language != "ky" {
		t.Errorf("the language asked for is %q", p.calls()[0].language)
	}
}

// signed is a signer that fails on demand.
type signed struct{ err error }

func (s signed) Sign(r *http.Request, body []byte) error {
	r.Header.Set("Idempotency-Key", "signed over "+string(body))
	return s.err
}

func TestASignerSeesWhatIsSent(t *testing.T) {
	p := answering(t, ok(wire.PSPPayment{}))
	if _, err := p.client(client.WithSigner(signed{})).PSP().CancelByPSPID(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	if want := `signed over {"psp_payment_id":"x"}`; p.calls()[0].key != want || p.calls()[0].body != `{"psp_payment_id":"x"}` {
		t.Errorf("got %+v", p.calls()[0])
	}
	broken := errors.New("no key")
	_, err := p.client(client.WithSigner(signed{broken})).PSP().Execute(t.Context(), "x")
	if got := asProblem(t, err); got.Unknown() || got.Code != client.NotSent || !errors.Is(err, broken) || len(p.calls()) != 1 {
		t.Errorf("a call that was not signed: %v, sent %d times", err, len(p.calls()))
	}
}
