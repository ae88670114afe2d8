package flow

import (
	"context"
	"errors"
	"strings"

	"tolom/elqr"
	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// resolve reads a link or payload and finds the request that it names. Refused,
// in this order: payload_invalid, foreign_provider, not_found, payload_altered.
// The answer's state may be overdue; decisions look again under a lock.
func (p *Platform) resolve(ctx context.Context, text string) (payment.Request, error) {
	return p.resolveFrom(ctx, text, p.readRequest)
}

// resolveFixed does the same for a caller that uses only what never changes of a
// request, which may then come from memory.
func (p *Platform) resolveFixed(ctx context.Context, text string) (payment.Request, error) {
	return p.resolveFrom(ctx, text, func(ctx context.Context, request id.ID) (payment.Request, error) {
		if r, ok := p.requests.get(request); ok {
			return r, nil
		}
		return p.readRequest(ctx, request)
	})
}

func (p *Platform) readRequest(ctx context.Context, request id.ID) (payment.Request, error) {
	r, err := p.read.Request(ctx, request)
	if err == nil {
		p.requests.put(request, r)
	}
	return r, err
}

func (p *Platform) resolveFrom(ctx context.Context, text string, read func(context.Context, id.ID) (payment.Request, error)) (payment.Request, error) {
	code, err := elqr.Read(text)
	if err != nil {
		return payment.Request{}, unreadable(err)
	}
	token, refusal := p.named(code)
	if refusal != nil {
		return payment.Request{}, refusal
	}
	request, err := id.FromToken(id.Request, token)
	if err != nil {
		return payment.Request{}, fault.New(fault.NotFound).On("32.11").Because("the payload names no payment request of ours")
	}
	r, err := read(ctx, request)
	if errors.Is(err, store.ErrNotFound) {
		return r, fault.New(fault.NotFound).On("32.11").Because("the payload names no payment request of ours")
	}
	if err != nil {
		return r, missing(err)
	}
	if r.Payload == "" && r.Status.Final() { // It was erased after its time; that the request has ended is what a caller is told.
		return r, nil
	}
	return r, unaltered(code.Text, r.Payload)
}

func unreadable(err error) *fault.Error {
	var read *elqr.ReadError
	if errors.As(err, &read) {
		return fault.Wrap(fault.PayloadInvalid, err).Because(read.Code + ": " + read.Message)
	}
	return fault.Wrap(fault.PayloadInvalid, err)
}

// named gives the request token of a national payload that is routed to us.
func (p *Platform) named(code elqr.Code) (string, *fault.Error) {
	if code.Dialect != elqr.ELQR {
		return "", fault.New(fault.ForeignProvider).Because("the payload is an EMVCo code of another country")
	}
	provider, _ := code.Sub("32", "00")
	if !strings.EqualFold(provider, p.config.Provider) {
		return "", fault.New(fault.ForeignProvider).On("32.00").Because("the payload is routed to " + provider)
	}
	token, _ := code.Sub("32", "11")
	return token, nil
}

// unaltered compares a payload with the one we issued. Every field must be
// equal; only the case of the checksum's letters is free. A checksum that is
// right proves nothing, anyone can compute it.
func unaltered(got, issued string) error {
	const checksum = 4
	if len(got) == len(issued) && got[:len(got)-checksum] == issued[:len(issued)-checksum] {
		return nil
	}
	return fault.New(fault.PayloadAltered).Because("a field differs from what was issued for this payment request; tell the merchant")
}

// codeOf picks the one of link and payload that was sent.
func codeOf(link, payload string) (string, error) {
	switch {
	case link != "" && payload != "":
		return "", fault.New(fault.InvalidRequest).On("payload").Because("send link or payload, not both")
	case link != "":
		return link, nil
	case payload != "":
		return payload, nil
	}
	return "", fault.New(fault.InvalidRequest).On("link").Because("send the scanned link or payload")
}
