package storetest

import (
	"slices"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

var lists = chapter{name: "Questions", sentences: []sentence{
	{"What does not exist is not found", askMissing},
	{"A merchant's requests come newest first, a page at a time", pageRequests},
	{"Requests are picked by each field and by several", filterRequests},
	{"Payments come newest first for their merchant and for their PSP", pagePayments},
	{"Payments are picked by each field and by several", filterPayments},
	{"Payments are found by their ids, those that exist, each once", paymentsByID},
	{"Requests are found by their ids, with their running totals", requestsByID},
	{"A thousand ids may be asked for at once", paymentsByManyIDs},
	{"Refunds come newest first, or oldest first from a cursor", pageRefunds},
	{"Refunds are picked by payment and by status", filterRefunds},
	{"A row made at a bound is inside its start and outside its end", timeBounds},
}}

func askMissing(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.payment(s, r, 1)
	ask(k.Request(k.ctx, k.request(s, payment.Static, 0).ID)).missing(k)
	ask(k.Payment(k.ctx, p.ID)).missing(k)
	ask(k.Refund(k.ctx, k.refund(p, 1).ID)).missing(k)
	stranger := k.newShop()
	equal(k, ask(k.Requests(k.ctx, store.RequestFilter{Merchant: stranger.merchant, Limit: 5})).get(k), nil)
	equal(k, ask(k.Payments(k.ctx, store.PaymentFilter{PSP: stranger.psp, Limit: 5})).get(k), nil)
	equal(k, ask(k.Refunds(k.ctx, store.RefundFilter{Merchant: stranger.merchant, Limit: 5})).get(k), nil)
	equal(k, ask(k.PaymentsByID(k.ctx, nil)).get(k), nil)
}

// reversed gives ids newest first.
func reversed(ids []id.ID) []id.ID {
	out := slices.Clone(ids)
	slices.Reverse(out)
	return out
}

// pages reads a list two rows at a time until a page is empty.
func pages(page func(cursor id.ID) []id.ID) (all []id.ID) {
	for cursor := id.ID(""); ; {
		ids := page(cursor)
		if len(ids) == 0 {
			return all
		}
		all = append(all, ids...)
		cursor = ids[len(ids)-1]
	}
}

// fiveRequests saves five requests of a shop; the rows of another shop stand between them.
func (k *kit) fiveRequests(shape func(n int, r *payment.Request)) (shop, []id.ID) {
	k.t.Helper()
	s, other, c, ids := k.newShop(), k.newShop(), store.Changes{}, []id.ID{}
	for n := range 5 {
		r := k.request(s, payment.Dynamic, 100)
		shape(n, &r)
		ids = append(ids, r.ID)
		foreign := k.request(other, payment.Dynamic, 100)
		shape(n, &foreign)
		foreign.Merchant = other.merchant
		c.NewRequests = append(c.NewRequests, foreign, r)
	}
	k.save(c)
	return s, ids
}

func pageRequests(k *kit) {
	s, ids := k.fiveRequests(func(int, *payment.Request) {})
	got := pages(func(cursor id.ID) []id.ID {
		page := ask(k.Requests(k.ctx, store.RequestFilter{Merchant: s.merchant, Before: cursor, Limit: 2})).get(k)
		if len(page) > 2 {
			k.t.Fatalf("%d rows, at most 2 were asked for", len(page))
		}
		return idsOf(page, requestID)
	})
	equal(k, got, reversed(ids))
}

func filterRequests(k *kit) {
	place, till := k.newShop().place, k.newShop().till
	s, ids := k.fiveRequests(func(n int, r *payment.Request) {
		r.CreatedAt = epoch.Add(time.Duration(n) * time.Hour)
		r.ID = k.idAt(id.Request, r.ID.Bucket(), r.CreatedAt)
		if n%2 == 0 {
			r.OrderID, r.Store, r.Kind = "order 7", place, payment.Static
		}
		if n > 2 {
			r.Till, r.Status = till, payment.RequestExpired
		}
	})
	for _, x := range []struct {
		f    store.RequestFilter
		want []int
	}{
		{store.RequestFilter{}, []int{4, 3, 2, 1, 0}},
		{store.RequestFilter{OrderID: "order 7"}, []int{4, 2, 0}},
		{store.RequestFilter{OrderID: "order"}, nil},
		{store.RequestFilter{OrderID: "%"}, nil},
		{store.RequestFilter{Store: place}, []int{4, 2, 0}},
		{store.RequestFilter{Till: till}, []int{4, 3}},
		{store.RequestFilter{Till: s.till}, []int{2, 1, 0}},
		{store.RequestFilter{Status: payment.RequestExpired}, []int{4, 3}},
		{store.RequestFilter{Status: payment.RequestPaused}, nil},
		{store.RequestFilter{Kind: payment.Static}, []int{4, 2, 0}},
		{store.RequestFilter{Kind: payment.Dynamic, Till: s.till}, []int{1}},
		{store.RequestFilter{From: epoch.Add(time.Hour)}, []int{4, 3, 2, 1}},
		{store.RequestFilter{To: epoch.Add(time.Hour)}, []int{0}},
		{store.RequestFilter{From: epoch.Add(time.Hour), To: epoch.Add(4 * time.Hour)}, []int{3, 2, 1}},
		{store.RequestFilter{From: epoch.Add(time.Hour), To: epoch.Add(4 * time.Hour), OrderID: "order 7", Before: ids[3]}, []int{2}},
		{store.RequestFilter{Before: ids[2]}, []int{1, 0}},
		{store.RequestFilter{Status: payment.RequestExpired, Before: ids[4]}, []int{3}},
	} {
		x.f.Merchant, x.f.Limit = s.merchant, 10
		k.lists(ask(k.Requests(k.ctx, x.f)).get(k), ids, x.want, x.f)
	}
}

// lists checks rows against the places of their ids.
func (k *kit) lists(rows any, ids []id.ID, want []int, filter any) {
	k.t.Helper()
	var got []id.ID
	switch rows := rows.(type) {
	case []payment.Request:
		got = idsOf(rows, requestID)
	case []payment.Payment:
		got = idsOf(rows, paymentID)
	case []payment.Refund:
		got = idsOf(rows, refundID)
	}
	places := []int{}
	for _, i := range got {
		places = append(places, slices.Index(ids, i))
	}
	if !slices.Equal(places, want) {
		k.t.Fatalf("%+v lists rows %v, want %v", filter, places, want)
	}
}

// fivePayments saves five payments of a shop; payments of another merchant
// through the same PSP, and of the same merchant through another PSP, stand between them.
func (k *kit) fivePayments(shape func(n int, p *payment.Payment)) (shop, []id.ID) {
	k.t.Helper()
	s, other := k.newShop(), k.newShop()
	mine, foreign := k.request(s, payment.Static, 0), k.request(other, payment.Static, 0)
	c, ids := store.Changes{NewRequests: []payment.Request{mine, foreign}}, []id.ID{}
	for n := range 5 {
		p, q := k.payment(s, mine, 100), k.payment(s, foreign, 100)
		shape(n, &p)
		ids = append(ids, p.ID)
		r := k.payment(other, mine, 100)
		c.NewPayments = append(c.NewPayments, q, p, r)
	}
	k.save(c)
	return s, ids
}

func pagePayments(k *kit) {
	s, ids := k.fivePayments(func(int, *payment.Payment) {})
	seen := func(f store.PaymentFilter) (mine []id.ID) {
		all := pages(func(cursor id.ID) []id.ID {
			f.Before, f.Limit = cursor, 2
			return idsOf(ask(k.Payments(k.ctx, f)).get(k), paymentID)
		})
		equal(k, len(all), 10)
		if !slices.IsSortedFunc(all, func(a, b id.ID) int { return -compareIDs(a, b) }) {
			k.t.Fatalf("%v is not newest first", all)
		}
		return slices.DeleteFunc(all, func(i id.ID) bool { return !slices.Contains(ids, i) })
	}
	equal(k, seen(store.PaymentFilter{Merchant: s.merchant}), reversed(ids))
	equal(k, seen(store.PaymentFilter{PSP: s.psp}), reversed(ids))
}

func compareIDs(a, b id.ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func filterPayments(k *kit) {
	_, otherRequest := k.newRequest(payment.Static)
	till := k.newShop().till
	s, ids := k.fivePayments(func(n int, p *payment.Payment) {
		p.CreatedAt = epoch.Add(time.Duration(n) * time.Hour)
		p.ID = k.idAt(id.Payment, p.ID.Bucket(), p.CreatedAt)
		p.Till = till
		if n%2 == 0 {
			p.Request = otherRequest.ID
		}
		if n > 2 {
			p.Status, p.EndedAt = payment.Succeeded, epoch
		}
		if n == 1 {
			p.Till = "till_another"
		}
	})
	for _, x := range []struct {
		f    store.PaymentFilter
		want []int
	}{
		{store.PaymentFilter{Till: till}, []int{4, 3, 2, 0}},
		{store.PaymentFilter{Request: otherRequest.ID}, []int{4, 2, 0}},
		{store.PaymentFilter{Status: payment.Succeeded}, []int{4, 3}},
		{store.PaymentFilter{Status: payment.Created, Till: till}, []int{2, 0}},
		{store.PaymentFilter{Status: payment.InProcess}, nil},
		{store.PaymentFilter{From: epoch.Add(2 * time.Hour)}, []int{4, 3, 2}},
		{store.PaymentFilter{From: epoch, To: epoch.Add(2 * time.Hour), Till: till}, []int{0}},
		{store.PaymentFilter{Till: till, Before: ids[4]}, []int{3, 2, 0}},
		{store.PaymentFilter{Request: otherRequest.ID, Before: ids[2]}, []int{0}},
	} {
		for _, f := range []store.PaymentFilter{{Merchant: s.merchant}, {PSP: s.psp}} {
			x.f.Merchant, x.f.PSP, x.f.Limit = f.Merchant, f.PSP, 20
			rows := ask(k.Payments(k.ctx, x.f)).get(k)
			rows = slices.DeleteFunc(rows, func(p payment.Payment) bool { return !slices.Contains(ids, p.ID) })
			k.lists(rows, ids, x.want, x.f)
		}
	}
}

func paymentsByID(k *kit) {
	s, r := k.newRequest(payment.Static)
	one, other := k.newPayment(s, r), k.newPayment(s, r)
	k.newPayment(s, r)
	nobody := k.payment(s, r, 1).ID
	got := ask(k.PaymentsByID(k.ctx, []id.ID{other.ID, nobody, one.ID, other.ID})).get(k)
	slices.SortFunc(got, func(a, b payment.Payment) int { return compareIDs(a.ID, b.ID) })
	equal(k, got, []payment.Payment{one, other})
}

func requestsByID(k *kit) {
	s, one := k.newRequest(payment.Static)
	_, other := k.newRequest(payment.Dynamic)
	k.save(store.Changes{Totals: []store.Total{{Request: one.ID, Slice: 4, Amount: 800, Count: 2}}})
	nobody := k.payment(s, one, 1).ID
	got := ask(k.RequestsByID(k.ctx, []id.ID{other.ID, nobody, one.ID, other.ID})).get(k)
	slices.SortFunc(got, func(a, b payment.Request) int { return compareIDs(a.ID, b.ID) })
	equal(k, got, []payment.Request{ask(k.Request(k.ctx, one.ID)).get(k), ask(k.Request(k.ctx, other.ID)).get(k)})
	equal(k, ask(k.RequestsByID(k.ctx, nil)).get(k), nil)
}

func paymentsByManyIDs(k *kit) {
	s, r := k.newRequest(payment.Static)
	var ids []id.ID
	for range 999 {
		ids = append(ids, k.payment(s, r, 1).ID)
	}
	last := k.newPayment(s, r)
	equal(k, ask(k.PaymentsByID(k.ctx, append(ids, last.ID))).get(k), []payment.Payment{last})
}

// fiveRefunds saves five refunds of one payment, and others around them.
func (k *kit) fiveRefunds(shape func(n int, r *payment.Refund)) (shop, payment.Payment, []id.ID) {
	k.t.Helper()
	s, r := k.newRequest(payment.Static)
	other, foreign := k.newRequest(payment.Static)
	p, q := k.succeeded(s, r, 1000), k.succeeded(other, foreign, 1000)
	c, ids := store.Changes{}, []id.ID{}
	for n := range 5 {
		f := k.refund(p, 10)
		shape(n, &f)
		ids = append(ids, f.ID)
		c.NewRefunds = append(c.NewRefunds, f, k.refund(q, 10))
	}
	k.save(c)
	return s, p, ids
}

func pageRefunds(k *kit) {
	s, _, ids := k.fiveRefunds(func(int, *payment.Refund) {})
	for _, f := range []store.RefundFilter{{Merchant: s.merchant}, {PSP: s.psp}} {
		newest := pages(func(cursor id.ID) []id.ID {
			f.Before, f.Limit = cursor, 2
			return idsOf(ask(k.Refunds(k.ctx, f)).get(k), refundID)
		})
		equal(k, newest, reversed(ids))
		f.Before, f.Ascending = "", true
		oldest := pages(func(cursor id.ID) []id.ID {
			f.After = cursor
			return idsOf(ask(k.Refunds(k.ctx, f)).get(k), refundID)
		})
		equal(k, oldest, ids)
	}
}

func filterRefunds(k *kit) {
	_, q := k.newRequest(payment.Static)
	s, p, ids := k.fiveRefunds(func(n int, r *payment.Refund) {
		if n > 2 {
			r.Status, r.EndedAt = payment.RefundSucceeded, epoch
		}
		if n%2 == 1 {
			r.Payment = id.ID("pay_" + q.ID.Token())
		}
	})
	for _, x := range []struct {
		f    store.RefundFilter
		want []int
	}{
		{store.RefundFilter{Payment: p.ID}, []int{4, 2, 0}},
		{store.RefundFilter{Status: payment.RefundRequested}, []int{2, 1, 0}},
		{store.RefundFilter{Status: payment.RefundSucceeded, Payment: p.ID}, []int{4}},
		{store.RefundFilter{Status: payment.RefundRejected}, nil},
		{store.RefundFilter{Status: payment.RefundRequested, Ascending: true}, []int{0, 1, 2}},
		{store.RefundFilter{Status: payment.RefundRequested, Ascending: true, After: ids[0]}, []int{1, 2}},
		{store.RefundFilter{Payment: p.ID, Before: ids[4]}, []int{2, 0}},
	} {
		x.f.Merchant, x.f.Limit = s.merchant, 10
		k.lists(ask(k.Refunds(k.ctx, x.f)).get(k), ids, x.want, x.f)
		x.f.Merchant, x.f.PSP = "", s.psp
		k.lists(ask(k.Refunds(k.ctx, x.f)).get(k), ids, x.want, x.f)
	}
}

func timeBounds(k *kit) {
	at := epoch.Add(999 * time.Millisecond)
	s, ids := k.fiveRequests(func(n int, r *payment.Request) { r.CreatedAt = at.Add(time.Duration(n-2) * time.Millisecond) })
	for _, x := range []struct {
		from, to time.Time
		want     []int
	}{
		{at, at, nil},
		{at, at.Add(time.Millisecond), []int{2}},
		{at.Add(-time.Millisecond), at, []int{1}},
		{time.Time{}, at, []int{1, 0}},
		{at.Add(time.Millisecond), time.Time{}, []int{4, 3}},
	} {
		f := store.RequestFilter{Merchant: s.merchant, From: x.from, To: x.to, Limit: 10}
		k.lists(ask(k.Requests(k.ctx, f)).get(k), ids, x.want, f)
	}
}
