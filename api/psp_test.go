package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/wire"
)

func (k *kit) create(in wire.NewPSPPayment) ask {
	return post("/psp/v1/payments", jsonOf(in)).as(k.pspKey)
}

func TestACreateMayBeRepeated(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":100}`)
	in := wire.NewPSPPayment{PSPPaymentID: "p1", Payload: r.Payload, Amount: 100, Currency: "KGS", Payer: wire.Payer{Key: "a"}}
	first := decode[wire.PSPPayment](t, k.want(http.StatusCreated, k.create(in)).body)
	k.execute(*first.ID)
	// The same fields, written in another order and with spaces.
	again := `{ "payer": {"key":"a"}, "currency":"KGS", "amount":100, "payload":` + jsonOf(r.Payload) + `, "psp_payment_id":"p1" }`
	second := decode[wire.PSPPayment](t, k.want(http.StatusOK, post("/psp/v1/payments", again).as(k.pspKey)).body)
	if *second.ID != *first.ID || second.Status != "success" {
		t.Errorf("got %+v", second)
	}
	in.Payer.NameMasked = "Payer B."
	p := k.refused(http.StatusUnprocessableEntity, "psp_payment_id_reused", "psp_payment_id", k.create(in))
	if p.NationalCode != 454 {
		t.Errorf("the national code is %d", p.NationalCode)
	}
	// Another PSP's id of the same name is another id; but the request is paid.
	k.refused(http.StatusConflict, "already_paid", "", k.create(in).as(k.otherPSP))
}

func TestARefusalShowsThePaymentItIsAbout(t *testing.T) {
	k := newKit(t)
	_, done := k.paid(100)
	late := k.open(k.sell(`{"amount":100}`), "late", 100)
	given := k.open(k.sell(`{"amount":100}`), "given", 100)
	canceled := decode[wire.PSPPayment](t, k.want(http.StatusOK, post("/psp/v1/payments/"+*given.ID+"/cancel", ``).as(k.pspKey)).body)
	if canceled.Status != "canceled" || canceled.StatusCode != 40 || canceled.Reason != "psp" {
		t.Errorf("canceled %+v", canceled)
	}
	k.clock.Advance(time.Minute)
	for about, c := range map[string]struct {
		ask          ask
		code, status string
		id           string
	}{
		"execute late":                     {post("/psp/v1/payments/"+*late.ID+"/execute", ``), "payment_expired", "canceled", *late.ID},
		"execute after cancel":             {post("/psp/v1/payments/"+*given.ID+"/execute", ``), "payment_canceled", "canceled", *given.ID},
		"cancel after success":             {post("/psp/v1/payments/"+*done.ID+"/cancel", ``), "payment_already_succeeded", "success", *done.ID},
		"cancel after success by own name": {post("/psp/v1/cancel", jsonOf(wire.CancelByPSPID{PSPPaymentID: done.PSPPaymentID})), "payment_already_succeeded", "success", *done.ID},
	} {
		k.unchanged(func() {
			p := k.refused(http.StatusConflict, c.code, "", c.ask.as(k.pspKey))
			if p.Payment == nil || p.Payment.ID == nil || *p.Payment.ID != c.id || p.Payment.Status != c.status || p.NationalCode == 0 {
				t.Errorf("%s shows %+v", about, p.Payment)
			}
		})
	}
	// A merchant's problems carry neither.
	p := k.refused(http.StatusNotFound, "not_found", "", get("/v1/payments/pay_1").as(k.merchantKey))
	if p.NationalCode != 0 || p.Payment != nil {
		t.Errorf("a merchant was told %+v", p)
	}
}

func TestExecutingTwiceIsExecutingOnce(t *testing.T) {
	k := newKit(t)
	_, done := k.paid(100)
	before := k.counts()
	if again := k.execute(*done.ID); again != done && *again.ID != *done.ID || k.counts() != before {
		t.Errorf("again: %+v, first: %+v", again, done)
	}
}

func TestAnUnknownNameIsClosedByACancel(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":100}`)
	k.refused(http.StatusNotFound, "not_found", "", get("/psp/v1/payments?psp_payment_id=lost").as(k.pspKey))
	tomb := k.want(http.StatusOK, post("/psp/v1/cancel", `{"psp_payment_id":"lost"}`).as(k.pspKey))
	if !strings.HasPrefix(string(tomb.body), `{"id":null,"psp_payment_id":"lost","status":"canceled","status_code":40,`) {
		t.Errorf("answered %s", tomb.body)
	}
	in := wire.NewPSPPayment{PSPPaymentID: "lost", Payload: r.Payload, Amount: 100}
	if p := k.refused(http.StatusConflict, "psp_payment_id_canceled", "psp_payment_id", k.create(in)); p.Payment == nil || p.Payment.Status != "canceled" || p.Payment.ID != nil {
		t.Errorf("the refusal shows %+v", p.Payment)
	}
	found := decode[wire.PSPPayment](t, k.want(http.StatusOK, get("/psp/v1/payments?psp_payment_id=lost").as(k.pspKey)).body)
	if found.ID != nil || found.Status != "canceled" {
		t.Errorf("found %+v", found)
	}
}

func TestStatesOfMany(t *testing.T) {
	k := newKit(t)
	_, a := k.paid(100)
	b := k.open(k.sell(`{"amount":100}`), "b", 100)
	body := jsonOf(wire.StatusQuery{IDs: []string{*a.ID, "b", "nobody", "pay_06h0r4bkg1a4r2mqpwk4m5634g"}})
	got := decode[wire.StatusAnswer](t, k.want(http.StatusOK, post("/psp/v1/payments/status", body).as(k.pspKey)).body)
	if len(got.Data) != 2 || got.Data[0].Status != "success" || got.Data[1].Status != "created" || *got.Data[1].ID != *b.ID || len(got.NotFound) != 2 {
		t.Errorf("got %+v", got)
	}
	foreign := decode[wire.StatusAnswer](t, k.want(http.StatusOK, post("/psp/v1/payments/status", body).as(k.otherPSP)).body)
	if len(foreign.Data) != 0 || len(foreign.NotFound) != 4 {
		t.Errorf("another PSP sees %+v", foreign)
	}
	for _, n := range []int{0, 1001} {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = "x"
		}
		k.refused(http.StatusBadRequest, "invalid_request", "ids", post("/psp/v1/payments/status", jsonOf(wire.StatusQuery{IDs: ids})).as(k.pspKey))
	}
}

func TestRefundsAreOfferedUntilTheyAreAcknowledged(t *testing.T) {
	k := newKit(t)
	_, p := k.paid(1000)
	k.paid(1000)
	var made []wire.Refund
	for _, amount := range []string{"100", "200", "300"} {
		r := k.want(http.StatusCreated, post("/v1/payments/"+*p.ID+"/refunds", `{"amount":`+amount+`}`).as(k.merchantKey).keyed(fresh()))
		made = append(made, decode[wire.Refund](t, r.body))
		k.clock.Advance(time.Second)
	}
	list := decode[wire.List[wire.PSPRefund]](t, k.want(http.StatusOK, get("/psp/v1/refunds?limit=2").as(k.pspKey)).body)
	if len(list.Data) != 2 || !list.HasMore || list.Data[0].ID != made[0].ID || list.Data[0].PSPPaymentID != p.PSPPaymentID {
		t.Fatalf("offered %+v", list)
	}
	rest := decode[wire.List[wire.PSPRefund]](t, k.want(http.StatusOK, get("/psp/v1/refunds?limit=2&after="+list.After).as(k.pspKey)).body)
	if len(rest.Data) != 1 || rest.HasMore || rest.Data[0].ID != made[2].ID {
		t.Errorf("the rest is %+v", rest)
	}
	ack := post("/psp/v1/refunds/"+made[0].ID+"/ack", `{"outcome":"credited","psp_refund_id":"x1"}`).as(k.pspKey)
	for range 2 {
		if got := decode[wire.PSPRefund](t, k.want(http.StatusOK, ack).body); got.Status != "success" || got.PSPRefundID != "x1" {
			t.Errorf("acknowledged %+v", got)
		}
	}
	k.refused(http.StatusConflict, "refund_already_final", "", post("/psp/v1/refunds/"+made[0].ID+"/ack", `{"outcome":"rejected","code":"closed"}`).as(k.pspKey))
	k.refused(http.StatusBadRequest, "invalid_request", "outcome", post("/psp/v1/refunds/"+made[1].ID+"/ack", `{"outcome":"maybe"}`).as(k.pspKey))
	k.refused(http.StatusNotFound, "not_found", "", ack.as(k.otherPSP))
	if left := decode[wire.List[wire.PSPRefund]](t, k.want(http.StatusOK, get("/psp/v1/refunds").as(k.pspKey)).body); len(left.Data) != 2 {
		t.Errorf("still offered: %+v", left.Data)
	}
}

func TestRequestsThatHaveEndedOrAreNotForSale(t *testing.T) {
	k := newKit(t)
	expired := k.sell(`{"amount":100,"expires_in":1}`)
	canceled := k.sell(`{"amount":100}`)
	k.want(http.StatusOK, post("/v1/payment-requests/"+canceled.ID+"/cancel", ``).as(k.merchantKey).keyed(fresh()))
	paid, _ := k.paid(100)
	k.clock.Advance(2 * time.Second)
	for code, r := range map[string]wire.PaymentRequest{"request_expired": expired, "request_canceled": canceled, "already_paid": paid} {
		k.unchanged(func() {
			k.refused(http.StatusConflict, code, "", post("/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload})).as(k.pspKey))
			k.refused(http.StatusConflict, code, "", k.create(wire.NewPSPPayment{PSPPaymentID: fresh(), Payload: r.Payload, Amount: 100}))
		})
	}
	fixed := k.sell(`{"amount":100}`)
	for amount, code := range map[int64]string{0: "amount_required", 99: "amount_mismatch", 101: "amount_mismatch"} {
		k.refused(http.StatusBadRequest, code, "amount", k.create(wire.NewPSPPayment{PSPPaymentID: fresh(), Payload: fixed.Payload, Amount: amount}))
	}
	k.refused(http.StatusBadRequest, "currency_unsupported", "currency", k.create(wire.NewPSPPayment{PSPPaymentID: fresh(), Payload: fixed.Payload, Amount: 100, Currency: "USD"}))
	k.refused(http.StatusBadRequest, "invalid_request", "psp_payment_id", k.create(wire.NewPSPPayment{PSPPaymentID: "no spaces", Payload: fixed.Payload, Amount: 100}))
}
