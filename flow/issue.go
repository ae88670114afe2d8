package flow

import (
	"errors"
	"strings"

	"tolom/elqr"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// payload writes the national payload of a request. It always carries what the
// amount is bound to, so that a check can compare every field with what we issued.
func payload(m store.Merchant, request id.ID, provider string, r payment.Request) (string, error) {
	kind := elqr.Static
	if r.Kind == payment.Dynamic {
		kind = elqr.Dynamic
	}
	p := elqr.Payload{
		Kind: kind, Provider: provider, Transaction: request.Token(), Merchant: r.Merchant.Token(),
		AmountEditable: r.AmountEditable, Comment: cut(r.Description, 32),
		MCC: m.MCC, Currency: money.KGSCode, Amount: int64(r.Amount), Name: m.NameLatin,
	}
	for _, x := range r.Extra {
		p.Extra = append(p.Extra, elqr.Extra{Key: x.Key, Label: x.Label, Value: x.Value, Title: x.Title, Visible: x.Visible})
	}
	return p.Encode()
}

// unwritable names the field of a request that cannot be written into a payload.
func unwritable(err error) *fault.Error {
	out := fault.Wrap(fault.InvalidRequest, err).Because("the request does not fit into a QR code: " + err.Error())
	var field *elqr.FieldError
	if !errors.As(err, &field) {
		return out
	}
	switch tag, _, _ := strings.Cut(field.Tag, "."); {
	case tag == "34":
		return out.On("description")
	case tag >= "35" && tag <= "39":
		return out.On("extra")
	case tag == "54":
		return out.On("amount")
	}
	return out
}

// draftOf is a request with nothing in it but its merchant, to try a payload with.
func draftOf(m store.Merchant) payment.Request {
	mer := id.New(id.Merchant, m.CreatedAt, 0, id.Random{})
	return payment.Request{Merchant: mer, Kind: payment.Static, AmountEditable: true}
}

// cut keeps the first n characters of a text.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n])
}
