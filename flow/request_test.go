package flow_test

import (
	"errors"
	"strings"
	"testing"

	"tolom/access"
	"tolom/fault"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// param gives the field that a refusal blames.
func param(err error) string {
	if f := fault.From(err); f != nil {
		return f.Param
	}
	return ""
}

func TestARequestIsRefusedByTheFieldAtFault(t *testing.T) {
	k := newKit(t, memory(t), false)
	six := make([]wire.Extra, 6)
	for i := range six {
		six[i] = wire.Extra{Key: "k", Value: "v"}
	}
	many := map[string]string{}
	for i := range 21 {
		many[strings.Repeat("x", i+1)] = "v"
	}
	for _, c := range []struct {
		name, code, param string
		in                wire.NewPaymentRequest
	}{
		{"a long description", "invalid_request", "description", wire.NewPaymentRequest{Amount: 1, Description: strings.Repeat("ы", 141)}},
		{"a description with a line break", "invalid_request", "description", wire.NewPaymentRequest{Amount: 1, Description: "a\nb"}},
		{"a description that is not UTF-8", "invalid_request", "description", wire.NewPaymentRequest{Amount: 1, Description: "a\xff"}},
		{"a long order", "invalid_request", "order_id", wire.NewPaymentRequest{Amount: 1, OrderID: strings.Repeat("o", 65)}},
		{"a life of more than a year", "invalid_request", "expires_in", wire.NewPaymentRequest{Amount: 1, ExpiresIn: 365*24*3600 + 1}},
		{"an address without a host", "invalid_request", "success_url", wire.NewPaymentRequest{Amount: 1, SuccessURL: "/thanks"}},
		{"an address that runs a script", "invalid_request", "success_url", wire.NewPaymentRequest{Amount: 1, SuccessURL: "javascript://x/%0aalert(1)"}},
		{"an address with a password", "invalid_request", "success_url", wire.NewPaymentRequest{Amount: 1, SuccessURL: "https://a:b@shop.example/"}},
		{"six extra fields", "invalid_request", "extra", wire.NewPaymentRequest{Amount: 1, Extra: six}},
		{"an extra field without a key", "invalid_request", "extra.key", wire.NewPaymentRequest{Amount: 1, Extra: []wire.Extra{{Value: "v"}}}},
		{"metadata of 21 texts", "invalid_request", "metadata", wire.NewPaymentRequest{Amount: 1, Metadata: many}},
		{"a long metadata text", "invalid_request", "metadata.a", wire.NewPaymentRequest{Amount: 1, Metadata: map[string]string{"b": strings.Repeat("x", 501), "a": strings.Repeat("x", 501)}}},
		{"a store of nobody", "not_found", "store_id", wire.NewPaymentRequest{Amount: 1, StoreID: "st_00000000000000000000000000"}},
		{"a merchant as a store", "not_found", "store_id", wire.NewPaymentRequest{Amount: 1, StoreID: string(k.shops["shop"].ID)}},
		{"a merchant as a till", "not_found", "till_id", wire.NewPaymentRequest{Amount: 1, TillID: string(k.shops["shop"].ID)}},
		{"a PSP as a till", "not_found", "till_id", wire.NewPaymentRequest{Amount: 1, TillID: string(k.psps["blue"].ID)}},
	} {
		_, _, err := k.platform.CreateRequest(k.ctx, k.shops["shop"], key(c.name, "create", c.in), c.in)
		if string(k.code(err)) != c.code || param(err) != c.param {
			t.Errorf("%s: refused with %v, want %s (%s)", c.name, err, c.code, c.param)
		}
	}
}

// furnish gives a merchant a store with a till.
func (k *kit) furnish(shop, name string) (store.Place, store.Till) {
	k.t.Helper()
	m := k.shops[shop].ID
	place, err := k.registry.AddStore(k.ctx, store.Place{Merchant: m, Name: name})
	k.must(err)
	till, err := k.registry.AddTill(k.ctx, store.Till{Merchant: m, Store: place.ID, Name: "till of " + name})
	k.must(err)
	return place, till
}

func TestARequestStandsInAPlaceOfItsMerchant(t *testing.T) {
	k := newKit(t, memory(t), false)
	hall, hallTill := k.furnish("shop", "hall")
	yard, yardTill := k.furnish("shop", "yard")
	foreign, foreignTill := k.furnish("bazaar", "row 7")
	shop := k.shops["shop"].ID
	whole, atHall := access.Merchant{ID: shop}, access.Merchant{ID: shop, Till: hallTill.ID}
	for _, c := range []struct {
		name                string
		who                 access.Merchant
		store, till         string
		refused             fault.Code
		wantStore, wantTill string
	}{
		{"no place", whole, "", "", "", "", ""},
		{"a store", whole, string(yard.ID), "", "", string(yard.ID), ""},
		{"a till stands in its store", whole, "", string(yardTill.ID), "", string(yard.ID), string(yardTill.ID)},
		{"a till and its store", whole, string(yard.ID), string(yardTill.ID), "", string(yard.ID), string(yardTill.ID)},
		{"a till and another store", whole, string(hall.ID), string(yardTill.ID), fault.InvalidRequest, "", ""},
		{"a till's key", atHall, "", "", "", string(hall.ID), string(hallTill.ID)},
		{"a till's key and its till", atHall, "", string(hallTill.ID), "", string(hall.ID), string(hallTill.ID)},
		{"a till's key and another till", atHall, "", string(yardTill.ID), fault.Forbidden, "", ""},
		{"another merchant's store", whole, string(foreign.ID), "", fault.NotFound, "", ""},
		{"another merchant's till", whole, "", string(foreignTill.ID), fault.NotFound, "", ""},
	} {
		in := wire.NewPaymentRequest{Amount: 100, StoreID: c.store, TillID: c.till}
		r, _, err := k.platform.CreateRequest(k.ctx, c.who, key(c.name, "create", in), in)
		if k.code(err) != c.refused || string(r.Store) != c.wantStore || string(r.Till) != c.wantTill {
			t.Errorf("%s: store %q, till %q, %v", c.name, r.Store, r.Till, err)
		}
	}
}

func TestAKeptRefusalIsGivenAgainWordForWord(t *testing.T) {
	k := newKit(t, memory(t), false)
	p := k.success("lunch", 15_000)
	in := wire.NewRefund{Amount: 15_001}
	ask := func() (*fault.Error, bool) {
		_, replayed, err := k.platform.CreateRefund(k.ctx, k.shops["shop"], key("k", "refund", in), string(p.ID), in)
		return fault.From(err), replayed
	}
	first, before := ask()
	again, replayed := ask()
	if before || !replayed || first.Code != fault.RefundTooLarge || first.Param != "amount" || first.Detail == "" {
		t.Fatalf("refused with %v, replayed %v, then %v", first, before, replayed)
	}
	if again.Code != first.Code || again.Param != first.Param || again.Detail != first.Detail {
		t.Errorf("first %v, then %v", first, again)
	}
}

func TestADatabaseThatDoesNotAnswerIsNobodysMistake(t *testing.T) {
	p := memory(t)
	k := newKit(t, p, false)
	_, till := k.furnish("shop", "hall")
	paid := k.success("lunch", 15_000)
	down := false
	p.store.(*store.Memory).Fault = func(at store.Point) error {
		if down && at == store.ReadPoint {
			return errors.New("no connection")
		}
		return nil
	}
	shop, blue, in := k.shops["shop"], k.psps["blue"], newPayment(k.requestOf(paid), "p9", "payer")
	k.clock.Advance(believed)
	down = true
	for name, call := range map[string]func() error{
		"a request": func() error {
			body := wire.NewPaymentRequest{Amount: 1, TillID: string(till.ID)}
			_, _, err := k.platform.CreateRequest(k.ctx, shop, key("k", "create", body), body)
			return err
		},
		"a check":     func() error { _, err := k.platform.Check(k.ctx, blue, wire.Check{Payload: in.Payload}); return err },
		"a create":    func() error { _, _, err := k.platform.CreatePayment(k.ctx, blue, in, "f"); return err },
		"an execute":  func() error { _, err := k.platform.Execute(k.ctx, blue, string(paid.ID)); return err },
		"a state":     func() error { _, err := k.platform.PaymentState(k.ctx, blue, string(paid.ID)); return err },
		"an own id":   func() error { _, err := k.platform.PaymentByPSPID(k.ctx, blue, "lunch"); return err },
		"many states": func() error { _, _, err := k.platform.PaymentStates(k.ctx, blue, []string{"lunch"}); return err },
		"a refund": func() error {
			_, _, err := k.platform.CreateRefund(k.ctx, shop, key("k2", "refund", nil), string(paid.ID), wire.NewRefund{})
			return err
		},
		"a decode": func() error { _, err := k.platform.Decode(k.ctx, wire.Decode{Payload: in.Payload}); return err },
		"a till":   func() error { _, _, err := k.registry.IssueKey(k.ctx, shop.ID, till.ID, "till"); return err },
	} {
		if err := call(); !fault.Has(err, fault.OutOfService) {
			t.Errorf("%s: %v, want %s", name, err, fault.OutOfService)
		}
	}
}

// requestOf reads the request of a payment, though it is paid.
func (k *kit) requestOf(p payment.Payment) payment.Request {
	k.t.Helper()
	r, err := k.store.Request(k.ctx, p.Request)
	k.must(err)
	return r
}
