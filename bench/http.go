package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"tolom/seal"
)

// OverHTTP pays as a shop and a bank do, four calls each: the shop makes a
// dynamic request, the bank checks it, creates the payment and executes it. As
// behind a balancer, each call goes to the next of the nodes.
type OverHTTP struct {
	Bases []string
	Field Field
	Run   string
	desks []desk // one a client

	signing *Signing // nil: the PSP comes with its key
}

// desk is what one client pays with.
type desk struct {
	callers []caller // one a node
	body    []byte
}

// caller makes one call after another. The answer is valid until the next one.
type caller interface {
	post(ctx context.Context, a ask) (status int, answer []byte, err error)
}

// ask is one POST.
type ask struct {
	path, suffix string // written one after the other
	key          string // of the caller, "" when it signs
	proof        *proof // its signature, nil when it has a key
	once         string // idempotency key, "" for none
	body         []byte
}

// NewOverHTTP makes the payer with a connection kept open to each node for each
// client.
func NewOverHTTP(bases []string, f Field, run string, clients int) *OverHTTP {
	o := &OverHTTP{Bases: bases, Field: f, Run: run, desks: make([]desk, clients)}
	o.callBy(func(base string) caller { return &line{address: strings.TrimPrefix(base, "http://")} })
	return o
}

// AsPrograms has the clients call by the standard library's client, as a shop's
// program would, instead of by one that leaves the machine to the server.
func (o *OverHTTP) AsPrograms() *OverHTTP {
	shared := &http.Client{Transport: &http.Transport{MaxIdleConns: len(o.desks) * len(o.Bases), MaxIdleConnsPerHost: len(o.desks)}}
	o.callBy(func(base string) caller { return &program{shared, base} })
	return o
}

func (o *OverHTTP) callBy(to func(base string) caller) {
	for c := range o.desks {
		o.desks[c].callers = nil
		for _, base := range o.Bases {
			o.desks[c].callers = append(o.desks[c].callers, to(base))
		}
	}
}

// Pay makes one payment.
func (o *OverHTTP) Pay(ctx context.Context, client int, n int64) error {
	shop, name := o.Field.shop(n), o.Run+"-"+strconv.FormatInt(n, 10)
	d := &o.desks[client]
	psp := func(nth int64, a ask) ([]byte, error) {
		node := (n + nth) % int64(len(d.callers))
		return o.asPSP(ctx, d.callers[node], o.Bases[node], name, nth, a)
	}

	answer, err := call(ctx, d.callers[n%int64(len(d.callers))], ask{path: "/v1/payment-requests", key: shop.Key, once: name, body: d.write(`{"amount":`, amount(n), `,"description":"bench"}`)})
	if err != nil {
		return err
	}
	payload := string(member(answer, "payload")) // As it was written, so that it can be sent on.
	if _, err = psp(1, ask{path: "/psp/v1/check", body: d.write(`{"payload":`, payload, `}`)}); err != nil {
		return err
	}
	create := d.write(`{"psp_payment_id":"`, name, `","payload":`, payload, `,"amount":`, amount(n),
		`,"currency":"KGS","payer":{"key":"`, name, `","name_masked":"P*** 1","kind":"person"}}`)
	if answer, err = psp(2, ask{path: "/psp/v1/payments", body: create}); err != nil {
		return err
	}
	pay := string(unquoted(member(answer, "id")))
	if answer, err = psp(3, ask{path: "/psp/v1/payments/" + pay, suffix: "/execute"}); err != nil {
		return err
	}
	if status := unquoted(member(answer, "status")); string(status) != "success" {
		return fmt.Errorf("payment %s ended as %s", pay, status)
	}
	return nil
}

// write puts a body together, texts and numbers; it is valid until the next one.
func (d *desk) write(parts ...any) []byte {
	d.body = d.body[:0]
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			d.body = append(d.body, p...)
		case int64:
			d.body = strconv.AppendInt(d.body, p, 10)
		}
	}
	return d.body
}

// call makes one call; anything but a success is an error.
func call(ctx context.Context, by caller, a ask) ([]byte, error) {
	status, answer, err := by.post(ctx, a)
	return judged(a, status, answer, err)
}

// judged makes an error of whatever is no success.
func judged(a ask, status int, answer []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if status > 299 {
		return nil, fmt.Errorf("POST %s%s: %d %s", a.path, a.suffix, status, answer)
	}
	return answer, nil
}

// program calls by the standard client.
type program struct {
	http *http.Client
	base string
}

func (p *program) post(ctx context.Context, a ask) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+a.path+a.suffix, bytes.NewReader(a.body))
	if err != nil {
		return 0, nil, err
	}
	if a.key != "" {
		r.Header.Set("Authorization", "Bearer "+a.key)
	}
	if p := a.proof; p != nil {
		if p.digest != "" {
			r.Header.Set(seal.HeaderDigest, p.digest)
		}
		r.Header.Set(seal.HeaderSignatureInput, p.input)
		r.Header.Set(seal.HeaderSignature, p.signature)
	}
	if len(a.body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.once != "" {
		r.Header.Set("Idempotency-Key", a.once)
	}
	answer, err := p.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	if p := a.proof; p != nil {
		p.answered.digest, p.answered.input, p.answered.signature = answer.Header.Get(seal.HeaderDigest), answer.Header.Get(seal.HeaderSignatureInput), answer.Header.Get(seal.HeaderSignature)
	}
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}
