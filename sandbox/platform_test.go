package sandbox_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"tolom/wire"
	"tolom/world"
)

// platform is the PSP API as the protocol describes it, small enough to be judged by reading. The bank under test
// reaches it only over HTTP.
type platform struct {
	mu        sync.Mutex
	clock     world.Clock
	requests  map[string]*request // by payload
	payments  map[string]*payment // by id
	byPSP     map[string]*payment // by psp_payment_id; a tombstone has no id
	refunds   []*refund
	suspended bool
	calls     map[string]int
}

type request struct {
	checked wire.Checked
	dynamic bool
	status  string // why it cannot be paid, "" while it can
}

type payment struct {
	wire.PSPPayment
	body    string // of the create, to tell repetitions from reuse
	request *request
}

type refund struct{ wire.PSPRefund }

func newPlatform(clock world.Clock) *platform {
	return &platform{clock: clock, requests: map[string]*request{}, payments: map[string]*payment{},
		byPSP: map[string]*payment{}, calls: map[string]int{}}
}

// ask makes a payment request; amount 0 lets the payer enter one.
func (p *platform) ask(payload string, dynamic bool, amount int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	low, high := amount, amount
	if amount == 0 {
		low, high = 1, 9_999_999_999_999
	}
	p.requests[payload] = &request{dynamic: dynamic, checked: wire.Checked{
		RequestID: "pr_" + payload, Merchant: wire.CheckedMerchant{Name: "DEMO SHOP", Store: "Store 1"}, Amount: amount,
		AmountEditable: amount == 0, MinAmount: low, MaxAmount: high, Currency: "KGS", Description: "Tea",
		Extra: []wire.Extra{{Key: "table", Label: "Table", Value: "7"}},
	}}
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[r.Method+" "+r.URL.Path]++
	p.expire()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /psp/v1/check", p.check)
	mux.HandleFunc("POST /psp/v1/payments", p.create)
	mux.HandleFunc("POST /psp/v1/payments/{id}/execute", p.execute)
	mux.HandleFunc("POST /psp/v1/cancel", p.cancelByPSPID)
	mux.HandleFunc("POST /psp/v1/payments/status", p.states)
	mux.HandleFunc("GET /psp/v1/refunds", p.listRefunds)
	mux.HandleFunc("POST /psp/v1/refunds/{id}/ack", p.ack)
	mux.ServeHTTP(w, r)
}

func (p *platform) expire() {
	for _, pay := range p.payments {
		if pay.Status == "created" && !p.clock.Now().Before(pay.ExpiresAt.Time) {
			pay.end("canceled", 40, "expired", p.clock.Now())
		}
	}
}

func (p *payment) end(status string, code int, reason string, now time.Time) {
	p.Status, p.StatusCode, p.Reason, p.EndedAt = status, code, reason, wire.At(now)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code string, pay *payment) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	problem := wire.Problem{Status: status, Code: code, Retryable: status >= 500}
	if pay != nil {
		problem.Payment = &pay.PSPPayment
	}
	_ = json.NewEncoder(w).Encode(problem)
}

// find reads the body and the request that a link or payload names.
func (p *platform) find(link, payload string) *request { return p.requests[cmp.Or(payload, link)] }

func (p *platform) check(w http.ResponseWriter, r *http.Request) {
	var in wire.Check
	_ = json.NewDecoder(r.Body).Decode(&in)
	found := p.find(in.Link, in.Payload)
	switch {
	case found == nil:
		refuse(w, 422, "payload_invalid", nil)
	case found.status != "":
		refuse(w, 409, found.status, nil)
	default:
		answer(w, 200, found.checked)
	}
}

func (p *platform) create(w http.ResponseWriter, r *http.Request) {
	var in wire.NewPSPPayment
	_ = json.NewDecoder(r.Body).Decode(&in)
	body := fmt.Sprintf("%+v", in)
	if known := p.byPSP[in.PSPPaymentID]; known != nil {
		switch {
		case known.ID == nil:
			refuse(w, 409, "psp_payment_id_canceled", known)
		case known.body != body:
			refuse(w, 422, "psp_payment_id_reused", known)
		default:
			answer(w, 200, known.PSPPayment)
		}
		return
	}
	found := p.find(in.Link, in.Payload)
	switch {
	case p.suspended:
		refuse(w, 409, "merchant_suspended", nil)
	case found == nil:
		refuse(w, 422, "payload_invalid", nil)
	case found.status != "":
		refuse(w, 409, found.status, nil)
	case found.checked.Amount != 0 && in.Amount != found.checked.Amount:
		refuse(w, 422, "amount_mismatch", nil)
	default:
		answer(w, 201, p.open(in, body, found).PSPPayment)
	}
}

func (p *platform) open(in wire.NewPSPPayment, body string, of *request) *payment {
	id := fmt.Sprintf("pay_%d", len(p.payments)+1)
	now := p.clock.Now()
	pay := &payment{request: of, body: body, PSPPayment: wire.PSPPayment{ID: &id, PSPPaymentID: in.PSPPaymentID, Status: "created",
		StatusCode: 10, Amount: in.Amount, Currency: "KGS", ReceiptID: in.ReceiptID, CreatedAt: wire.At(now),
		ExpiresAt: wire.At(now.Add(time.Minute))}}
	p.payments[id], p.byPSP[in.PSPPaymentID] = pay, pay
	return pay
}

func (p *platform) execute(w http.ResponseWriter, r *http.Request) {
	pay, now := p.payments[r.PathValue("id")], p.clock.Now()
	switch {
	case pay == nil:
		refuse(w, 404, "not_found", nil)
		return
	case pay.Status == "canceled":
		refuse(w, 409, "payment_canceled", pay)
		return
	case pay.Status == "created" && p.suspended:
		pay.end("error", 30, "merchant_suspended", now)
	case pay.Status == "created":
		pay.end("success", 50, "", now)
		pay.Receipt = "http://platform/r/" + *pay.ID
		p.pay(pay)
	}
	answer(w, 200, pay.PSPPayment)
}

// pay ends a dynamic request with its first success, and the other payments with it.
func (p *platform) pay(won *payment) {
	if !won.request.dynamic {
		return
	}
	won.request.status = "already_paid"
	for _, other := range p.payments {
		if other.request == won.request && other.Status == "created" {
			other.end("canceled", 40, "lost_race", p.clock.Now())
		}
	}
}

func (p *platform) cancelByPSPID(w http.ResponseWriter, r *http.Request) {
	var in wire.CancelByPSPID
	_ = json.NewDecoder(r.Body).Decode(&in)
	pay := p.byPSP[in.PSPPaymentID]
	switch {
	case pay == nil:
		pay = &payment{PSPPayment: wire.PSPPayment{PSPPaymentID: in.PSPPaymentID, Status: "canceled", StatusCode: 40}}
		p.byPSP[in.PSPPaymentID] = pay
	case pay.Status == "created":
		pay.end("canceled", 40, "psp", p.clock.Now())
	case pay.Status == "success":
		refuse(w, 409, "payment_already_succeeded", pay)
		return
	}
	answer(w, 200, pay.PSPPayment)
}

func (p *platform) states(w http.ResponseWriter, r *http.Request) {
	var in wire.StatusQuery
	_ = json.NewDecoder(r.Body).Decode(&in)
	if len(in.IDs) > 1000 {
		refuse(w, 422, "invalid_request", nil)
		return
	}
	var out wire.StatusAnswer
	for _, id := range in.IDs {
		pay := p.payments[id]
		if pay == nil {
			pay = p.byPSP[id]
		}
		if pay != nil {
			out.Data = append(out.Data, pay.PSPPayment)
		} else {
			out.NotFound = append(out.NotFound, id)
		}
	}
	answer(w, 200, out)
}

// giveBack is the merchant refunding a payment.
func (p *platform) giveBack(id string, amount int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pay := p.payments[id]
	p.refunds = append(p.refunds, &refund{wire.PSPRefund{ID: fmt.Sprintf("re_%03d", len(p.refunds)+1), PaymentID: id,
		PSPPaymentID: pay.PSPPaymentID, Amount: amount, Currency: "KGS", Status: "requested"}})
}

func (p *platform) listRefunds(w http.ResponseWriter, r *http.Request) {
	// Two to a page, so that pages are turned.
	page := wire.List[wire.PSPRefund]{Data: []wire.PSPRefund{}}
	for _, re := range p.refunds {
		if re.Status != "requested" || re.ID <= r.URL.Query().Get("after") {
			continue
		}
		if len(page.Data) == 2 {
			page.HasMore, page.After = true, page.Data[1].ID
			break
		}
		page.Data = append(page.Data, re.PSPRefund)
	}
	answer(w, 200, page)
}

func (p *platform) ack(w http.ResponseWriter, r *http.Request) {
	var in wire.RefundAck
	_ = json.NewDecoder(r.Body).Decode(&in)
	i := slices.IndexFunc(p.refunds, func(re *refund) bool { return re.ID == r.PathValue("id") })
	if i < 0 {
		refuse(w, 404, "not_found", nil)
		return
	}
	re, to := p.refunds[i], map[string]string{"credited": "success", "rejected": "rejected"}[in.Outcome]
	if re.Status != "requested" && re.Status != to {
		refuse(w, 409, "refund_already_final", nil)
		return
	}
	re.Status, re.Code = to, in.Code
	answer(w, 200, re.PSPRefund)
}
