package storetest

import (
	"time"

	"tolom/ledger"
	"tolom/payment"
	"tolom/store"
)

var saving = chapter{name: "Save", sentences: []sentence{
	{"New rows are kept as they came", saveNew},
	{"A changed row is stored under the next version", saveChanged},
	{"A row that changed since it was loaded is stale, and nothing is kept", saveStale},
	{"A row that does not exist cannot be changed", saveAbsent},
	{"An id that is used cannot be new, and nothing is kept", saveTwice},
	{"The totals of a static request are the sum of its steps", saveTotals},
	{"A static request that is saved again keeps its totals", saveTotalsOnce},
	{"A claim that is dropped in its own batch is free again", saveDropped},
	{"A claim keeps the outcome that it is given", saveOutcome},
	{"A batch of a thousand rows is one commit", saveMany},
}}

func saveNew(k *kit) {
	s := k.newShop()
	r := k.request(s, payment.Dynamic, 700)
	p, q := k.payment(s, r, 700), k.payment(s, r, 700)
	f := k.refund(p, 300)
	k.save(store.Changes{
		NewRequests: []payment.Request{r}, NewPayments: []payment.Payment{p, q}, NewRefunds: []payment.Refund{f},
	})
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
	equal(k, ask(k.Payment(k.ctx, q.ID)).get(k), q)
	equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
}

// changedRows are a request, a payment and a refund after everything about them changed.
func (k *kit) changedRows() (payment.Request, payment.Payment, payment.Refund) {
	k.t.Helper()
	s, r := k.newRequest(payment.Dynamic)
	p := k.newPayment(s, r)
	f := k.newRefund(p, 400)
	later := k.clock.Now().Add(time.Second + 7*time.Millisecond)
	r.Status, r.ScannedAt, r.EndedAt, r.PaidAmount, r.PaymentsCount = payment.RequestPaid, k.clock.Now(), later, p.Amount, 1
	p.Status, p.EndedAt, p.Refunding, p.Refunded, p.FeeReturned, p.InterchangeReturned = payment.Succeeded, later, 300, 400, 4, 2
	f.Status, f.EndedAt, f.Code, f.PSPRefundID, f.FeeReturned, f.InterchangeReturned = payment.RefundSucceeded, later, "00", "psp-refund-1", 4, 2
	return r, p, f
}

func saveChanged(k *kit) {
	r, p, f := k.changedRows()
	k.save(store.Changes{Requests: []payment.Request{r}, Payments: []payment.Payment{p}, Refunds: []payment.Refund{f}})
	r.Version, p.Version, f.Version = r.Version+1, p.Version+1, f.Version+1
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
	equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
	f.Status, f.Code = payment.RefundRejected, "05"
	p.Reason, p.Status = payment.ReasonSuspended, payment.Failed
	k.save(store.Changes{Payments: []payment.Payment{p}, Refunds: []payment.Refund{f}})
	p.Version, f.Version = p.Version+1, f.Version+1
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
	equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
}

func saveStale(k *kit) {
	r, p, f := k.changedRows()
	k.save(store.Changes{Requests: []payment.Request{r}, Payments: []payment.Payment{p}, Refunds: []payment.Refund{f}})
	account := k.free()
	for _, c := range []store.Changes{
		{Requests: []payment.Request{r}}, {Payments: []payment.Payment{p}}, {Refunds: []payment.Refund{f}},
	} {
		c.Deltas = []store.Delta{{Account: account, Amount: 5}}
		k.is(k.trySave(c), store.ErrStale)
	}
	equal(k, k.balance(account), 0)
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k).Version, p.Version+1)
}

func saveAbsent(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.payment(s, r, 1)
	k.is(k.trySave(store.Changes{Payments: []payment.Payment{p}}), store.ErrStale)
	k.is(k.trySave(store.Changes{Refunds: []payment.Refund{k.refund(p, 1)}}), store.ErrStale)
	k.is(k.trySave(store.Changes{Requests: []payment.Request{k.request(s, payment.Static, 0)}}), store.ErrStale)
	ask(k.Payment(k.ctx, p.ID)).missing(k)
}

func saveTwice(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.newPayment(s, r)
	f := k.newRefund(p, 1)
	fact := k.fact(s, r.ID)
	k.save(store.Changes{Facts: []payment.Fact{fact}})
	for _, c := range []store.Changes{
		{NewRequests: []payment.Request{r}}, {NewPayments: []payment.Payment{p}}, {NewRefunds: []payment.Refund{f}}, {Facts: []payment.Fact{fact}},
	} {
		other := k.request(s, payment.Static, 0)
		c.NewRequests = append([]payment.Request{other}, c.NewRequests...)
		refused(k, k.trySave(c))
		ask(k.Request(k.ctx, other.ID)).missing(k)
	}
}

func saveTotals(k *kit) {
	s, r := k.newRequest(payment.Static)
	_, neighbour := k.newRequest(payment.Static)
	for n := range 3 {
		k.save(store.Changes{Totals: []store.Total{
			{Request: r.ID, Slice: n % 2, Amount: 1000, Count: 2}, {Request: r.ID, Slice: 15, Amount: 1, Count: 1},
		}})
	}
	r.PaidAmount, r.PaymentsCount = 3003, 9
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
	equal(k, ask(k.Requests(k.ctx, store.RequestFilter{Merchant: s.merchant, Limit: 9})).get(k), []payment.Request{r})
	equal(k, ask(k.Request(k.ctx, neighbour.ID)).get(k), neighbour)
}

func saveTotalsOnce(k *kit) {
	_, r := k.newRequest(payment.Static)
	k.save(store.Changes{Totals: []store.Total{{Request: r.ID, Slice: 4, Amount: 800, Count: 1}}})
	for _, status := range []payment.RequestStatus{payment.RequestPaused, payment.RequestActive} {
		k.must(k.transact(nil, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
			view, err := tx.Load(k.ctx, []store.Need{{Request: r.ID}}, nil)
			if err != nil {
				return err
			}
			loaded := view.States[r.ID].Request
			loaded.Status = status
			return tx.Save(k.ctx, store.Changes{Batch: batch, Now: view.Now, Requests: []payment.Request{loaded}})
		}))
	}
	r.PaidAmount, r.PaymentsCount, r.Version = 800, 1, r.Version+2
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
}

// claiming takes names and saves changes in one commit.
func (k *kit) claiming(c store.Changes, claims ...store.Claim) {
	k.t.Helper()
	k.must(k.transact(claims, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
		view, err := tx.Load(k.ctx, nil, nil)
		if err != nil {
			return err
		}
		c.Batch, c.Now = batch, view.Now
		for i := range c.Facts {
			c.Facts[i].Batch = batch.ID
		}
		return tx.Save(k.ctx, c)
	}))
}

func saveDropped(k *kit) {
	kept, dropped, also := k.claim("order"), k.claim("order"), k.claim("idempotency")
	k.claiming(store.Changes{Dropped: []store.Name{nameOf(also), nameOf(dropped)}}, kept, dropped, also)
	ask(k.Claim(k.ctx, nameOf(dropped))).missing(k)
	ask(k.Claim(k.ctx, nameOf(also))).missing(k)
	equal(k, ask(k.Claim(k.ctx, nameOf(kept))).get(k), kept)
	equal(k, k.taking(dropped), nil)
}

func saveOutcome(k *kit) {
	plain, refusal := k.claim("idempotency"), k.claim("idempotency")
	kept := refusal
	kept.Outcome, kept.Object = "already_paid", ""
	k.claiming(store.Changes{Outcomes: []store.Claim{kept}}, plain, refusal)
	equal(k, ask(k.Claim(k.ctx, nameOf(refusal))).get(k), kept)
	equal(k, ask(k.Claim(k.ctx, nameOf(plain))).get(k), plain)
	equal(k, k.taking(refusal), []store.Claim{kept})
}

func saveMany(k *kit) {
	s, c := k.newShop(), store.Changes{}
	var names []store.Claim
	for n := range 1000 {
		r := k.request(s, payment.Dynamic, 500)
		c.NewRequests = append(c.NewRequests, r)
		c.NewPayments = append(c.NewPayments, k.payment(s, r, 500))
		fact := k.fact(s, r.ID)
		fact.Ordinal = n
		c.Facts = append(c.Facts, fact)
		c.Entries = append(c.Entries, store.Entry{Fact: fact.ID, At: k.clock.Now(), Entry: ledger.Entry{Debit: k.free(), Credit: k.free(), Amount: 1}})
		c.Deltas = append(c.Deltas, store.Delta{Account: k.free(), Slice: n % store.Slices, Amount: 1})
		names = append(names, k.claim("many"))
	}
	k.claiming(c, names...)
	equal(k, len(ask(k.Requests(k.ctx, store.RequestFilter{Merchant: s.merchant, Limit: 2000})).get(k)), 1000)
	equal(k, len(ask(k.PaymentsByID(k.ctx, idsOf(c.NewPayments, paymentID))).get(k)), 1000)
	equal(k, len(k.taking(names...)), 1000)
	needs := []store.Need{}
	for _, p := range c.NewPayments {
		needs = append(needs, store.Need{Request: p.Request, Payment: p.ID})
	}
	k.changeMany(needs)
	equal(k, ask(k.Payment(k.ctx, c.NewPayments[999].ID)).get(k).Status, payment.Succeeded)
}

// changeMany makes the payments that the needs name succeed in one commit.
func (k *kit) changeMany(needs []store.Need) {
	k.t.Helper()
	k.must(k.transact(nil, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
		view, err := tx.Load(k.ctx, needs, nil)
		if err != nil {
			return err
		}
		c := store.Changes{Batch: batch, Now: view.Now}
		for _, n := range needs {
			p := view.States[n.Request].Payments[0]
			p.Status, p.EndedAt = payment.Succeeded, k.clock.Now()
			c.Payments = append(c.Payments, p)
		}
		return tx.Save(k.ctx, c)
	}))
}
