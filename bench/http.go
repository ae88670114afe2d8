package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"tolom/wire"
)

// OverHTTP pays as a shop and a bank do, four calls each: the shop makes a
// dynamic request, the bank checks it, creates the payment and executes it. As
// behind a balancer, each call goes to the next of the nodes.
type OverHTTP struct {
	Bases []string
	Field Field
	Run   string
	http  *http.Client
}

// NewOverHTTP makes the payer with a connection kept open for each client.
func NewOverHTTP(bases []string, f Field, run string, clients int) *OverHTTP {
	return &OverHTTP{Bases: bases, Field: f, Run: run, http: &http.Client{Transport: &http.Transport{MaxIdleConns: clients, MaxIdleConnsPerHost: clients}}}
}

// Pay makes one payment.
func (o *OverHTTP) Pay(ctx context.Context, _ int, n int64) error {
	shop, name := o.Field.shop(n), o.Run+"-"+strconv.FormatInt(n, 10)
	node := func(call int64) string { return o.Bases[(n+call)%int64(len(o.Bases))] }
	sum := strconv.FormatInt(amount(n), 10)
	var request wire.PaymentRequest
	if err := o.post(ctx, shop.Key, node(0)+"/v1/payment-requests", `{"amount":`+sum+`,"description":"bench"}`, name, &request); err != nil {
		return err
	}
	payload, err := json.Marshal(request.Payload)
	if err != nil {
		return err
	}
	var checked wire.Checked
	if err := o.post(ctx, o.Field.PSPKey, node(1)+"/psp/v1/check", `{"payload":`+string(payload)+`}`, "", &checked); err != nil {
		return err
	}
	var pay wire.PSPPayment
	create := `{"psp_payment_id":"` + name + `","payload":` + string(payload) + `,"amount":` + sum + `,"currency":"KGS","payer":{"key":"` + name + `","name_masked":"P*** 1","kind":"person"}}`
	if err := o.post(ctx, o.Field.PSPKey, node(2)+"/psp/v1/payments", create, "", &pay); err != nil {
		return err
	}
	if err := o.post(ctx, o.Field.PSPKey, node(3)+"/psp/v1/payments/"+*pay.ID+"/execute", "", "", &pay); err != nil {
		return err
	}
	if pay.Status != "success" {
		return fmt.Errorf("payment %s ended as %s", *pay.ID, pay.Status)
	}
	return nil
}

// post makes one call; anything but a success is an error.
func (o *OverHTTP) post(ctx context.Context, key, address, body, idempotency string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if idempotency != "" {
		r.Header.Set("Idempotency-Key", idempotency)
	}
	answer, err := o.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode > 299 {
		return fmt.Errorf("POST %s: %d %s", address, answer.StatusCode, text)
	}
	return json.Unmarshal(text, into)
}
