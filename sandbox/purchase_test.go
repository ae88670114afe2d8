package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/client"
	"tolom/money"
	"tolom/sandbox"
)

func TestAPurchase(t *testing.T) {
	s := newStage(t)
	s.platform.ask("000201tea", true, 22_00)
	offer := s.scan("payer-1", " 000201tea\n")
	if offer.Stage != sandbox.Offered || offer.Offer.Merchant.Name != "DEMO SHOP" || s.balance("payer-1") != 10_000_00 {
		t.Fatalf("an offer costs nothing: %+v", offer)
	}
	paid, err := s.bank.Pay(t.Context(), offer.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if paid.Stage != sandbox.Succeeded || paid.Receipt != "http://platform/r/pay_1" || s.balance("payer-1") != 9_978_00 {
		t.Errorf("paid: %+v, balance %v", paid, s.balance("payer-1"))
	}
	again, err := s.bank.Pay(t.Context(), offer.ID, 0)
	if err != nil || again.Stage != paid.Stage || !again.EndedAt.Equal(paid.EndedAt) || s.balance("payer-1") != 9_978_00 {
		t.Errorf("a second press changed something: %+v, %v", again, err)
	}
	if history := s.bank.History("payer-1"); len(history) != 1 || history[0].ID != offer.ID {
		t.Errorf("history: %+v", history)
	}
	s.agree()
}

func TestWhatTheBankRefusesChangesNothing(t *testing.T) {
	s := newStage(t)
	s.platform.ask("fixed", true, 600_00)
	s.platform.ask("open", false, 0)
	fixed, open := s.scan("payer-2", "fixed"), s.scan("payer-2", "open")
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"more than the balance":  {func() error { _, err := s.bank.Pay(t.Context(), fixed.ID, 0); return err }, sandbox.ErrFunds},
		"another amount":         {func() error { _, err := s.bank.Pay(t.Context(), fixed.ID, 5_00); return err }, sandbox.ErrAmount},
		"no amount":              {func() error { _, err := s.bank.Pay(t.Context(), open.ID, 0); return err }, sandbox.ErrAmount},
		"a negative amount":      {func() error { _, err := s.bank.Pay(t.Context(), open.ID, -1); return err }, sandbox.ErrAmount},
		"above what is allowed":  {func() error { _, err := s.bank.Pay(t.Context(), open.ID, money.Max); return err }, sandbox.ErrAmount},
		"an unknown purchase":    {func() error { _, err := s.bank.Pay(t.Context(), "db-0", 1); return err }, sandbox.ErrPurchase},
		"an unknown payer":       {func() error { _, err := s.bank.Scan(t.Context(), "payer-9", "open", 0); return err }, sandbox.ErrPayer},
		"confirming an offer":    {func() error { _, err := s.bank.Confirm(t.Context(), open.ID); return err }, sandbox.ErrTooLate},
		"declining the unknown":  {func() error { _, err := s.bank.Decline(t.Context(), "db-0"); return err }, sandbox.ErrPurchase},
		"confirming the unknown": {func() error { _, err := s.bank.Confirm(t.Context(), "db-0"); return err }, sandbox.ErrPurchase},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	s.trouble(sandbox.Fault{Trouble: sandbox.Decline})
	if _, err := s.bank.Pay(t.Context(), open.ID, 1_00); !errors.Is(err, sandbox.ErrDeclined) {
		t.Errorf("the bank's own no: %v", err)
	}
	if s.balance("payer-2") != 500_00 || len(s.platform.payments) != 0 {
		t.Error("a refusal left something behind")
	}
	var problem *client.Problem
	if _, err := s.bank.Scan(t.Context(), "payer-1", "not ours", 0); !errors.As(err, &problem) || problem.Code != "payload_invalid" {
		t.Errorf("the platform's no: %v", err)
	}
}

func TestTheLastTyiynCanBeSpent(t *testing.T) {
	s := newStage(t)
	s.platform.ask("open", false, 0)
	if _, err := s.bank.Pay(t.Context(), s.scan("payer-2", "open").ID, 500_00); err != nil || s.balance("payer-2") != 0 {
		t.Errorf("balance %v, %v", s.balance("payer-2"), err)
	}
	if _, err := s.bank.Pay(t.Context(), s.scan("payer-2", "open").ID, 1); !errors.Is(err, sandbox.ErrFunds) {
		t.Errorf("one tyiyn more: %v", err)
	}
}

func TestThePayerMaySayNoUntilExecute(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	held := s.scan("payer-1", "tea")
	if p, err := s.bank.Hold(t.Context(), held.ID, 0); err != nil || p.Stage != sandbox.Created || s.balance("payer-1") != 9_978_00 {
		t.Fatalf("held: %+v, %v", p, err)
	}
	p, err := s.bank.Decline(t.Context(), held.ID)
	if err != nil || p.Stage != sandbox.Canceled || p.Telling || s.balance("payer-1") != 10_000_00 {
		t.Fatalf("declined: %+v, %v", p, err)
	}
	if got := s.platform.payments["pay_1"]; got.Status != "canceled" {
		t.Errorf("the platform was not told: %+v", got)
	}
	paid := s.scan("payer-1", "tea")
	if _, err := s.bank.Pay(t.Context(), paid.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.bank.Decline(t.Context(), paid.ID); !errors.Is(err, sandbox.ErrTooLate) {
		t.Errorf("a no after the success: %v", err)
	}
	s.agree()
}

func TestAnUnconfirmedPaymentIsGivenUpWhenItsTimeIsOver(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	held := s.scan("payer-1", "tea")
	if _, err := s.bank.Hold(t.Context(), held.ID, 0); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(59 * time.Second)
	s.step()
	if p := s.purchase(held.ID); p.Stage != sandbox.Created {
		t.Fatalf("given up too early: %+v", p)
	}
	s.clock.Advance(time.Second)
	s.rest()
	if p := s.purchase(held.ID); p.Stage != sandbox.Canceled || p.Reason != "expired" || s.balance("payer-1") != 10_000_00 {
		t.Errorf("%+v", p)
	}
	s.agree()
}

// A simulated bank once held a payer's money for nine hundred years (seed 20261126, world 214).
func TestADateThatIsTooLateHoldsNobodysMoney(t *testing.T) {
	s := newStage(t)
	s.network = func(request *http.Request, send http.RoundTripper) (*http.Response, error) {
		response, err := send.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(`_at":"2026`), []byte(`_at":"2926`))))
		return response, err
	}
	s.platform.ask("tea", true, 22_00)
	held := s.scan("payer-1", "tea")
	if _, err := s.bank.Hold(t.Context(), held.ID, 0); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	s.rest()
	if p := s.purchase(held.ID); p.Stage != sandbox.Canceled || s.balance("payer-1") != 10_000_00 {
		t.Errorf("%+v", p)
	}
}

func (s *stage) step() {
	s.t.Helper()
	if _, err := s.bank.Step(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// TestAfterExecuteOnlyAFinalStatusCounts answers the execute with everything that is not one, and sees the hold stay.
func TestAfterExecuteOnlyAFinalStatusCounts(t *testing.T) {
	answers := map[string]func(w http.ResponseWriter){
		"500":                   func(w http.ResponseWriter) { refuse(w, 500, "internal_error", nil) },
		"401":                   func(w http.ResponseWriter) { refuse(w, 401, "unauthorized", nil) },
		"404":                   func(w http.ResponseWriter) { refuse(w, 404, "not_found", nil) },
		"409 without a payment": func(w http.ResponseWriter) { refuse(w, 409, "payment_canceled", nil) },
		"created": func(w http.ResponseWriter) {
			answer(w, 200, map[string]any{"id": "pay_1", "status": "created", "status_code": 10})
		},
		"in_process": func(w http.ResponseWriter) {
			answer(w, 200, map[string]any{"id": "pay_1", "status": "in_process", "status_code": 20})
		},
		"another's cancellation": func(w http.ResponseWriter) {
			answer(w, 200, map[string]any{"id": "pay_1", "psp_payment_id": "x", "status": "canceled", "status_code": 40})
		},
		"nonsense": func(w http.ResponseWriter) { answer(w, 200, "success") },
	}
	for name, give := range answers {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.platform.ask("tea", true, 22_00)
			offer := s.scan("payer-1", "tea")
			s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
				if !strings.HasSuffix(r.URL.Path, "/execute") {
					return send.RoundTrip(r)
				}
				return client.Direct(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { give(w) })).Transport.RoundTrip(r)
			}
			p, err := s.bank.Pay(t.Context(), offer.ID, 0)
			if err != nil || p.Stage != sandbox.Executing || s.balance("payer-1") != 9_978_00 {
				t.Fatalf("the hold did not stay: %+v, %v", p, err)
			}
			if _, err := s.bank.Decline(t.Context(), offer.ID); !errors.Is(err, sandbox.ErrTooLate) {
				t.Errorf("a no while the outcome is unknown: %v", err)
			}
			s.network = nil
			s.rest()
			s.agree()
		})
	}
}

func TestAnUnknownOutcomeIsAskedAfterTheProtocolsTimes(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	offer := s.scan("payer-1", "tea")
	var asked []time.Duration
	var batches int
	s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/execute"):
			asked = append(asked, s.clock.Now().Sub(start))
			return nil, errNetwork
		case strings.HasSuffix(r.URL.Path, "/status"):
			if batches++; batches < 3 {
				return nil, errNetwork
			}
		}
		return send.RoundTrip(r)
	}
	if _, err := s.bank.Pay(t.Context(), offer.ID, 0); err != nil {
		t.Fatal(err)
	}
	s.rest()
	want := []time.Duration{0, 1 * time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second, 45 * time.Second}
	if len(asked) != len(want) {
		t.Fatalf("executed after %v, want %v", asked, want)
	}
	for i := range want {
		if asked[i] != want[i] {
			t.Errorf("executed after %v, want %v", asked, want)
		}
	}
	if p := s.purchase(offer.ID); batches != 3 || p.Stage != sandbox.Canceled || p.Reason != "expired" {
		t.Errorf("after %d batches: %+v", batches, p)
	}
	s.agree()
}

func TestManyUnknownOutcomesAreAskedInBatches(t *testing.T) {
	s := newStage(t)
	s.platform.ask("open", false, 0)
	s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
		response, err := send.RoundTrip(r)
		if strings.HasSuffix(r.URL.Path, "/execute") {
			return nil, errNetwork
		}
		return response, err
	}
	const purchases = 1_050
	for range purchases {
		if _, err := s.bank.Pay(t.Context(), s.scan("payer-3", "open").ID, 1_00); err != nil {
			t.Fatal(err)
		}
	}
	s.rest()
	if got := s.bank.Totals(); got.Payments != purchases || s.platform.calls["POST /psp/v1/payments/status"] != 2 {
		t.Errorf("%+v after %d batches", got, s.platform.calls["POST /psp/v1/payments/status"])
	}
	s.agree()
}

func TestACreateWithoutAnAnswerIsGivenUpAndBarred(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	offer := s.scan("payer-1", "tea")
	var late []func() *http.Request
	s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
		if r.URL.Path == "/psp/v1/payments" {
			late = append(late, copied(r))
			return nil, errNetwork
		}
		return send.RoundTrip(r)
	}
	if p, err := s.bank.Pay(t.Context(), offer.ID, 0); err != nil || p.Stage != sandbox.Held {
		t.Fatalf("%+v, %v", p, err)
	}
	s.rest()
	if p := s.purchase(offer.ID); p.Stage != sandbox.Failed || p.Reason != "no_answer" || s.balance("payer-1") != 10_000_00 {
		t.Errorf("%+v", p)
	}
	for _, r := range late {
		response, err := client.Direct(s.platform).Transport.RoundTrip(r())
		if err != nil || response.StatusCode != http.StatusConflict {
			t.Errorf("a create that came late was taken: %v, %v", response, err)
		}
	}
	if len(late) < 3 {
		t.Errorf("create was tried %d times", len(late))
	}
	s.agree()
}

func TestTermsThatChangedAreNotPaid(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	offer := s.scan("payer-1", "tea")
	s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
		if r.URL.Path != "/psp/v1/payments" {
			return send.RoundTrip(r)
		}
		again := copied(r)
		if _, err := send.RoundTrip(again()); err != nil {
			return nil, err
		}
		s.platform.payments["pay_1"].Fee = 1_00
		return send.RoundTrip(again())
	}
	p, err := s.bank.Pay(t.Context(), offer.ID, 0)
	if err != nil || p.Stage != sandbox.Failed || p.Reason != "terms_changed" || s.balance("payer-1") != 10_000_00 {
		t.Errorf("a fee the payer never saw was paid: %+v, %v", p, err)
	}
	s.agree()
}

func TestTheLoserOfARaceGetsTheMoneyBack(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	first, second := s.scan("payer-1", "tea"), s.scan("payer-3", "tea")
	for _, offer := range []sandbox.Purchase{first, second} {
		if _, err := s.bank.Hold(t.Context(), offer.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
	won, err := s.bank.Confirm(t.Context(), second.ID)
	if err != nil || won.Stage != sandbox.Succeeded {
		t.Fatalf("%+v, %v", won, err)
	}
	lost, err := s.bank.Confirm(t.Context(), first.ID)
	if err != nil || lost.Stage != sandbox.Canceled || lost.Reason != "lost_race" || s.balance("payer-1") != 10_000_00 {
		t.Errorf("%+v, %v", lost, err)
	}
	s.agree()
}

func TestASuspendedMerchantsPaymentFails(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	offer := s.scan("payer-1", "tea")
	if _, err := s.bank.Hold(t.Context(), offer.ID, 0); err != nil {
		t.Fatal(err)
	}
	s.platform.suspended = true
	p, err := s.bank.Confirm(t.Context(), offer.ID)
	if err != nil || p.Stage != sandbox.Failed || p.Reason != "merchant_suspended" || s.balance("payer-1") != 10_000_00 {
		t.Errorf("%+v, %v", p, err)
	}
	s.agree()
}
