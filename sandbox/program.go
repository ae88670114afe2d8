package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"tolom/money"
	"tolom/sandbox/page"
)

// program adds the JSON API for tests: what the screens do, for programs.
//
//	GET  api/payers                          the books of all payers
//	POST api/scan {payer, text, amount}      a purchase, offered
//	GET  api/purchases/{id}
//	POST api/purchases/{id}/pay {amount}     hold, create and execute
//	POST api/purchases/{id}/hold {amount}    hold and create only
//	POST api/purchases/{id}/confirm, …/decline
//	GET  api/history?payer=
//	GET  api/totals
//	POST api/faults {trouble, call, times, wait_ms}; DELETE api/faults
func (d door) program(at func(string, http.HandlerFunc)) {
	b := d.bank
	at("GET /api/payers", answers(func(*http.Request, wish) (any, error) { return b.Accounts(), nil }))
	at("GET /api/totals", answers(func(*http.Request, wish) (any, error) { return b.Totals(), b.Audit() }))
	at("GET /api/history", answers(func(r *http.Request, _ wish) (any, error) { return d.historyOf(r.URL.Query().Get("payer")) }))
	at("GET /api/purchases/{id}", answers(func(r *http.Request, _ wish) (any, error) { return b.Purchase(r.PathValue("id")) }))
	at("POST /api/scan", answers(func(r *http.Request, in wish) (any, error) {
		return b.Scan(context.WithoutCancel(r.Context()), in.Payer, in.Text, in.Amount)
	}))
	for name, do := range map[string]func(context.Context, string, money.Amount) (Purchase, error){
		"pay": b.Pay, "hold": b.Hold, "confirm": amountless(b.Confirm), "decline": amountless(b.Decline),
	} {
		at("POST /api/purchases/{id}/"+name, answers(func(r *http.Request, in wish) (any, error) {
			return do(context.WithoutCancel(r.Context()), r.PathValue("id"), in.Amount)
		}))
	}
	if b.Faults == nil {
		return
	}
	at("DELETE /api/faults", answers(func(*http.Request, wish) (any, error) { b.Faults.Clear(); return b.Faults.List(), nil }))
	at("POST /api/faults", answers(func(_ *http.Request, in wish) (any, error) {
		fault := Fault{Trouble: in.Trouble, Call: in.Call, Times: in.Times, Wait: time.Duration(in.WaitMS) * time.Millisecond}
		err := b.Faults.Add(fault)
		return b.Faults.List(), err
	}))
}

// wish is the body of every call; each uses what it needs.
type wish struct {
	Payer   string       `json:"payer"`
	Text    string       `json:"text"`
	Amount  money.Amount `json:"amount"` // tyiyn
	Trouble Trouble      `json:"trouble"`
	Call    string       `json:"call"`
	Times   int          `json:"times"`
	WaitMS  int64        `json:"wait_ms"`
}

func amountless(do func(context.Context, string) (Purchase, error)) func(context.Context, string, money.Amount) (Purchase, error) {
	return func(ctx context.Context, name string, _ money.Amount) (Purchase, error) { return do(ctx, name) }
}

func (d door) historyOf(payer string) ([]Purchase, error) {
	if _, err := d.bank.Account(payer); err != nil {
		return nil, err
	}
	return append([]Purchase{}, d.bank.History(payer)...), nil
}

// answers makes a handler of a function: its result as JSON, or what was wrong, in English, with the error's status.
func answers(do func(*http.Request, wish) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in wish
		body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
		body.DisallowUnknownFields()
		if err := body.Decode(&in); err != nil && r.ContentLength != 0 {
			tell(w, http.StatusBadRequest, map[string]string{"error": "the body is not the JSON of this call: " + err.Error()})
			return
		}
		out, err := do(r, in)
		if err != nil {
			said, status := explained(page.Words{Language: "en"}, err)
			tell(w, status, map[string]string{"error": err.Error(), "message": said})
			return
		}
		tell(w, http.StatusOK, out)
	}
}

func tell(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
