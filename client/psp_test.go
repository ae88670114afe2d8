package client_test

import (
	"net/http"
	"testing"

	"tolom/client"
	"tolom/wire"
)

// TestWhenTheOutcomeIsUnknown is the law of a PSP as a table: after an execute only a payment in a final status
// decides.
func TestWhenTheOutcomeIsUnknown(t *testing.T) {
	of := func(status string, code int) *wire.PSPPayment {
		return &wire.PSPPayment{Status: status, StatusCode: code}
	}
	for name, c := range map[string]struct {
		answer                     http.HandlerFunc
		afterExecute, afterAnother bool
	}{
		"no reply":                         {lost, true, true},
		"500":                              {problem(wire.Problem{Status: 500, Code: "internal_error"}), true, true},
		"503":                              {problem(wire.Problem{Status: 503, Code: "unavailable"}), true, true},
		"a proxy's 502":                    {status(502, "gateway"), true, true},
		"a proxy's 403":                    {status(403, "who are you"), true, true},
		"a success that cannot be read":    {ok("not a payment"), true, true},
		"401":                              {problem(wire.Problem{Status: 401, Code: "unauthorized"}), true, false},
		"404":                              {problem(wire.Problem{Status: 404, Code: "not_found"}), true, false},
		"429":                              {problem(wire.Problem{Status: 429, Code: "rate_limited"}), true, false},
		"409 without a payment":            {problem(wire.Problem{Status: 409, Code: "payment_canceled"}), true, false},
		"409 with a created payment":       {problem(wire.Problem{Status: 409, Code: "x", Payment: of("created", 10)}), true, false},
		"409 with one in process":          {problem(wire.Problem{Status: 409, Code: "x", Payment: of("in_process", 20)}), true, false},
		"409 that contradicts itself":      {problem(wire.Problem{Status: 409, Code: "x", Payment: of("canceled", 50)}), true, false},
		"409 with a canceled payment":      {problem(wire.Problem{Status: 409, Code: "x", Payment: of("canceled", 40)}), false, false},
		"409 with a failed payment":        {problem(wire.Problem{Status: 409, Code: "x", Payment: of("error", 30)}), false, false},
		"409 with a payment that is done":  {problem(wire.Problem{Status: 409, Code: "x", Payment: of("success", 50)}), false, false},
		"5xx that shows a final status":    {problem(wire.Problem{Status: 500, Code: "x", Payment: of("success", 50)}), true, true},
		"a final status nobody has heard":  {problem(wire.Problem{Status: 409, Code: "x", Payment: of("done", 60)}), true, false},
		"409 with a payment and code zero": {problem(wire.Problem{Status: 409, Code: "x", Payment: of("success", 0)}), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := answering(t, c.answer)
			psp := p.client().PSP()
			_, err := psp.Execute(t.Context(), "pay_1")
			if got := asProblem(t, err).Unknown(); got != c.afterExecute {
				t.Errorf("after execute unknown is %v: %v", got, err)
			}
			_, err = psp.Create(t.Context(), wire.NewPSPPayment{PSPPaymentID: "a"})
			if got := asProblem(t, err).Unknown(); got != c.afterAnother {
				t.Errorf("after create unknown is %v: %v", got, err)
			}
			if len(p.calls()) != 2 {
				t.Errorf("a PSP's call was repeated without its word: %d calls", len(p.calls()))
			}
		})
	}
}

func TestFinalNeedsNameAndCode(t *testing.T) {
	for _, c := range []struct {
		status string
		code   int
		final  bool
	}{
		{"created", 10, false}, {"in_process", 20, false}, {"error", 30, true}, {"canceled", 40, true}, {"success", 50, true},
		{"success", 40, false}, {"canceled", 50, false}, {"error", 0, false}, {"", 50, false},
	} {
		if got := client.Final(wire.PSPPayment{Status: c.status, StatusCode: c.code}); got != c.final {
			t.Errorf("Final(%s, %d) = %v", c.status, c.code, got)
		}
	}
}

func TestPSPCallsGoWhereTheyBelong(t *testing.T) {
	p := answering(t, ok(map[string]any{}))
	psp, ctx := p.client().PSP(), t.Context()
	calls := []struct {
		do   func() error
		want string
	}{
		{func() error { _, err := psp.Check(ctx, wire.Check{Payload: "00"}); return err }, `POST /psp/v1/check {"payload":"00"}`},
		{func() error { _, err := psp.Execute(ctx, "pay/1"); return err }, `POST /psp/v1/payments/pay%2F1/execute `},
		{func() error { _, err := psp.Cancel(ctx, "pay_1"); return err }, `POST /psp/v1/payments/pay_1/cancel `},
		{func() error { _, err := psp.CancelByPSPID(ctx, "a"); return err }, `POST /psp/v1/cancel {"psp_payment_id":"a"}`},
		{func() error { _, err := psp.State(ctx, "pay_1"); return err }, `GET /psp/v1/payments/pay_1 `},
		{func() error { _, err := psp.StateByPSPID(ctx, "a b"); return err }, `GET /psp/v1/payments?psp_payment_id=a+b `},
		{func() error { _, err := psp.States(ctx, []string{"a", "b"}); return err }, `POST /psp/v1/payments/status {"ids":["a","b"]}`},
		{func() error { _, err := psp.Refunds(ctx, "", 0); return err }, `GET /psp/v1/refunds `},
		{func() error { _, err := psp.Refunds(ctx, "c", 50); return err }, `GET /psp/v1/refunds?after=c&limit=50 `},
		{func() error { _, err := psp.AckRefund(ctx, "re_1", wire.RefundAck{Outcome: "credited"}); return err }, `POST /psp/v1/refunds/re_1/ack {"outcome":"credited"}`},
	}
	for i, c := range calls {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		if got := p.calls()[i].method + " " + p.calls()[i].target + " " + p.calls()[i].body; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
