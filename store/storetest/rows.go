package storetest

import (
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// request is a request of the shop with every field that always has a value.
func (k *kit) request(s shop, kind payment.Kind, amount money.Amount) payment.Request {
	r := payment.Request{
		ID: k.newID(id.Request, s.merchant.Bucket()), Merchant: s.merchant, Store: s.place, Till: s.till, Kind: kind,
		Status: payment.RequestActive, Amount: amount, Currency: money.KGS, AmountEditable: kind == payment.Static,
		Payload: "000201", CreatedAt: k.clock.Now(),
	}
	if kind == payment.Dynamic {
		r.ExpiresAt = r.CreatedAt.Add(15 * time.Minute)
	}
	return r
}

// payment is a payment of the request that waits for its execute.
func (k *kit) payment(s shop, r payment.Request, amount money.Amount) payment.Payment {
	p := payment.Payment{
		ID: k.newID(id.Payment, r.ID.Bucket()), Request: r.ID, Merchant: r.Merchant, Store: r.Store, Till: r.Till, PSP: s.psp,
		Status: payment.Created, Amount: amount, Currency: money.KGS, Fee: amount / 100, Interchange: amount / 200, FeeRefundable: true,
		CreatedAt: k.clock.Now(), ExpiresAt: k.clock.Now().Add(payment.ExecuteWithin),
	}
	p.PSPPaymentID = "psp-" + p.ID.Token()
	p.Payer = payment.Payer{Key: "payer-" + p.ID.Token(), NameMasked: "Payer A.", Kind: "person", BIC: "DEMOKG22"}
	return p
}

// refund is a refund of the payment that was asked for.
func (k *kit) refund(p payment.Payment, amount money.Amount) payment.Refund {
	r := payment.Refund{
		ID: k.newID(id.Refund, p.ID.Bucket()), Payment: p.ID, Request: p.Request, Merchant: p.Merchant, PSP: p.PSP,
		PSPPaymentID: p.PSPPaymentID, Amount: amount, Currency: money.KGS, Status: payment.RefundRequested,
		Reason: "returned goods", CreatedAt: k.clock.Now(),
	}
	r.Ref = "ref-" + r.ID.Token()
	return r
}

// fact is a fact of the request alone, which moves nothing.
func (k *kit) fact(s shop, r id.ID) payment.Fact {
	return payment.Fact{
		ID: k.newID(id.Event, s.merchant.Bucket()), Type: payment.RequestWasScanned, At: k.clock.Now(), Merchant: s.merchant, Request: r,
	}
}

// newRequest saves a request of a new shop.
func (k *kit) newRequest(kind payment.Kind) (shop, payment.Request) {
	k.t.Helper()
	s := k.newShop()
	r := k.request(s, kind, 10_000)
	k.save(store.Changes{NewRequests: []payment.Request{r}})
	return s, r
}

// newPayment saves a payment of the request.
func (k *kit) newPayment(s shop, r payment.Request) payment.Payment {
	k.t.Helper()
	p := k.payment(s, r, 10_000)
	k.save(store.Changes{NewPayments: []payment.Payment{p}})
	return p
}

// succeeded saves a payment of the request that is a success, by hand.
func (k *kit) succeeded(s shop, r payment.Request, amount money.Amount) payment.Payment {
	k.t.Helper()
	p := k.payment(s, r, amount)
	p.Status, p.EndedAt = payment.Succeeded, k.clock.Now()
	k.save(store.Changes{NewPayments: []payment.Payment{p}})
	return p
}

// newRefund saves a refund of the payment.
func (k *kit) newRefund(p payment.Payment, amount money.Amount) payment.Refund {
	k.t.Helper()
	r := k.refund(p, amount)
	k.save(store.Changes{NewRefunds: []payment.Refund{r}})
	return r
}

// free is an account without a floor that nobody used before.
func (k *kit) free() ledger.Account { return ledger.Of(k.newID(id.PSP, 9), ledger.Clearing) }

// floored is an account with a floor that nobody used before: of each kind in turn.
func (k *kit) floored() ledger.Account {
	owner := k.newID(id.Merchant, 9)
	switch k.born.Load() % 3 {
	case 0:
		return ledger.Of(owner, ledger.Position)
	case 1:
		return ledger.OfDay(owner, payment.DayOf(epoch))
	}
	return ledger.Of(owner, ledger.Payable)
}

func (k *kit) balance(a ledger.Account) money.Amount {
	k.t.Helper()
	return ask(k.Balance(k.ctx, a)).get(k)
}

func idsOf[T any](rows []T, name func(T) id.ID) []id.ID {
	out := []id.ID{}
	for _, row := range rows {
		out = append(out, name(row))
	}
	return out
}

func requestID(r payment.Request) id.ID { return r.ID }
func paymentID(p payment.Payment) id.ID { return p.ID }
func refundID(r payment.Refund) id.ID   { return r.ID }
