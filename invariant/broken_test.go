package invariant_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

// breakages are sales with one thing wrong, and a rule that must notice.
var breakages = []struct {
	name  string
	rule  invariant.Rule
	spoil func(*sale)
}{
	// First, because the sum of all accounts stays wrong from here on.
	{"money appears", invariant.Conserved, func(s *sale) { s.Deltas[1].Amount += 1000 }},
	{"an entry is lost", invariant.Books, func(s *sale) { s.Entries = without(s.Entries, 1) }},
	{"an entry is a tyiyn short", invariant.Books, func(s *sale) { s.Entries[0].Amount-- }},
	{"an entry belongs to no fact", invariant.Books, func(s *sale) { s.Entries[2].Fact = world.NewID(system, id.Event, 7) }},
	{"a fact without money moves some", invariant.Books, func(s *sale) {
		stray := s.Entries[0]
		stray.Fact, stray.Leg = s.Facts[1].ID, 0
		s.Entries = append(s.Entries, stray)
	}},
	{"a balance is a tyiyn short", invariant.Balances, func(s *sale) { s.Deltas[0].Amount-- }},
	{"a balance moves without an entry", invariant.Balances, func(s *sale) { s.Entries, s.Facts = nil, s.Facts[1:] }},
	{"a guarded balance is in pieces", invariant.Balances, func(s *sale) {
		for i := range s.Deltas {
			if s.Deltas[i].Account.Purpose().Guarded() {
				s.Deltas[i].Slice = 3
			}
		}
	}},
	{"a success is not told", invariant.Told, func(s *sale) { s.Facts, s.Entries, s.Deltas = s.Facts[1:], nil, nil }},
	{"a success is told twice", invariant.Told, func(s *sale) { s.tell(s.Facts[0]) }},
	{"a success is told that never was", invariant.Told, func(s *sale) { s.NewPayments[0].Status = payment.Created }},
	{"the fact tells another fee", invariant.Told, func(s *sale) { s.NewPayments[0].Fee++ }},
	{"a paid request is not told", invariant.Told, func(s *sale) { s.Facts = s.Facts[:1] }},
	{"a request does not count its payment", invariant.Counts, func(s *sale) { s.NewRequests[0].PaymentsCount = 0 }},
	{"a request counts too much", invariant.Counts, func(s *sale) { s.NewRequests[0].PaidAmount++ }},
	{"a paid request has no payment", invariant.Counts, func(s *sale) { s.NewPayments[0].Status = payment.Canceled }},
	{"a dynamic request is paid twice", invariant.Counts, func(s *sale) {
		second := s.NewPayments[0]
		second.ID = world.NewID(system, id.Payment, 7)
		s.NewPayments = append(s.NewPayments, second)
	}},
	{"a static request's total is missing", invariant.Counts, func(s *sale) {
		r := &s.NewRequests[0]
		r.Kind, r.PaidAmount, r.PaymentsCount = payment.Static, 0, 0
	}},
	{"a payment belongs to no request", invariant.Rows, func(s *sale) { s.NewRequests = nil }},
	{"a payment belongs to another merchant", invariant.Owners, func(s *sale) { s.NewRequests[0].Merchant = world.NewID(system, id.Merchant, 7) }},
	{"a payment ended at no time", invariant.Rows, func(s *sale) { s.NewPayments[0].EndedAt = time.Time{} }},
	{"a request that lives has ended", invariant.Rows, func(s *sale) { s.NewRequests[0].Status = payment.RequestActive }},
	{"more is refunded than was paid", invariant.Rows, func(s *sale) { s.NewPayments[0].Refunded = 1001 }},
	{"a payment says of refunds that are not there", invariant.Refunded, func(s *sale) { s.NewPayments[0].Refunding = 400 }},
	{"a refund is not in its payment", invariant.Refunded, func(s *sale) { s.refund(10) }},
	{"a refund is of another PSP than its payment", invariant.Owners, func(s *sale) { s.refund(10).PSP = world.NewID(system, id.PSP, 7) }},
	{"a refund is of another merchant than its payment", invariant.Owners, func(s *sale) { s.refund(10).Merchant = world.NewID(system, id.Merchant, 7) }},
	{"more of the fee went back than was due", invariant.Refunded, func(s *sale) {
		p := &s.NewPayments[0]
		p.FeeRefundable, p.FeeReturned = true, 1
	}},
	{"a fee went back that is not given back", invariant.Refunded, func(s *sale) { s.NewPayments[0].FeeReturned = 1 }},
	{"money is moved into suspense for a case that is not there", invariant.Corrected, func(s *sale) {
		s.tell(payment.Fact{Type: payment.BooksWereCorrected, At: s.Now, PSP: s.NewPayments[0].PSP, Amount: 7, Reason: payment.Reason(world.NewID(system, id.Case, 7))})
	}},
	{"a payment was priced by a tariff that is not there", invariant.Priced, func(s *sale) { s.NewPayments[0].Tariff = world.NewID(system, id.Tariff, 7) }},
	{"both bear a fee", invariant.Rows, func(s *sale) { s.NewPayments[0].Surcharge = 1 }},
	{"the fact tells another surcharge", invariant.Told, func(s *sale) { s.Facts[0].Surcharge++ }},
	{"a surcharge went back of a payment whose fee is kept", invariant.Refunded, func(s *sale) { s.NewPayments[0].SurchargeReturned = 1 }},
	{"a refund costs more than it gives", invariant.Rows, func(s *sale) { s.refund(10).Charge = 11 }},
	{"a refund's charge is in no entry", invariant.Positions, func(s *sale) { s.refund(10).Charge = 1 }},
	{"less is paid than was asked for", invariant.Amounts, func(s *sale) { s.NewRequests[0].Amount++ }},
	{"a tip is taken off", invariant.Amounts, func(s *sale) { s.NewRequests[0].Amount, s.NewRequests[0].AmountEditable = 1001, true }},
	{"a payment succeeds in the moment its time is over", invariant.Times, func(s *sale) { s.NewPayments[0].ExpiresAt = s.Now }},
	{"a payment outlives its request", invariant.Times, func(s *sale) { s.NewRequests[0].ExpiresAt = s.Now.Add(time.Second) }},
	{"a payment is created after the end of its request", invariant.Times, func(s *sale) { s.NewRequests[0].ExpiresAt = s.Now }},
	{"a payment waits too long", invariant.Times, func(s *sale) { s.NewPayments[0].ExpiresAt = s.Now.Add(61 * time.Second) }},
	{"a payment expires too soon", invariant.Times, func(s *sale) {
		s.NewPayments[0].Status, s.NewPayments[0].Reason = payment.Canceled, payment.ReasonExpired
	}},
	{"a request expires too soon", invariant.Times, func(s *sale) { s.NewRequests[0].Status = payment.RequestExpired }},
	{"a payment loses the race in a later commit", invariant.Times, func(s *sale) {
		p := &s.NewPayments[0]
		p.Status, p.Reason, p.EndedAt = payment.Canceled, payment.ReasonLostRace, p.EndedAt.Add(time.Millisecond)
	}},
	{"a payment waits although its request is paid", invariant.Lives, func(s *sale) { s.another(payment.Created, "") }},
	{"a payer has two payments that wait", invariant.Lives, func(s *sale) {
		s.NewRequests[0].Kind = payment.Static
		s.another(payment.Created, "payer")
		s.another(payment.Created, "payer")
	}},
	{"too many payments wait", invariant.Lives, func(s *sale) {
		s.NewRequests[0].Status = payment.RequestActive
		for n := range payment.MaxLive + 1 {
			s.another(payment.Created, fmt.Sprint("payer ", n))
		}
	}},
	{"a payment has the fee in one row and another in its entries", invariant.Positions, func(s *sale) { s.NewPayments[0].Fee-- }},
	{"a success is in no entry", invariant.Positions, func(s *sale) { s.Entries, s.Deltas = nil, nil }},
	{"a name is taken for nothing", invariant.Taken, func(s *sale) {
		s.take("psp_payment:"+string(s.NewPayments[0].PSP), "other", world.NewID(system, id.Payment, 7))
	}},
	{"a name is taken for a payment that has another", invariant.Taken, func(s *sale) { s.take("psp_payment:"+string(s.NewPayments[0].PSP), "other", s.NewPayments[0].ID) }},
	{"a key belongs to another's request", invariant.Taken, func(s *sale) { s.take("idem:"+string(world.NewID(system, id.Merchant, 7)), "key", s.NewRequests[0].ID) }},
	{"an order belongs to a request that has another", invariant.Taken, func(s *sale) { s.take("order:"+string(s.NewRequests[0].Merchant), "17", s.NewRequests[0].ID) }},
	{"a payment does not hold its name", invariant.Names, func(s *sale) { s.claims = nil }},
	{"a payment's name is another's", invariant.Names, func(s *sale) { s.claims[0].Object = world.NewID(system, id.Payment, 7) }},
	{"an order's name is free", invariant.Names, func(s *sale) { s.NewRequests[0].OrderID = "17" }},
}

func TestEveryBreakageIsNoticed(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			sold().keep(t, s)
			report, before := check(t, s)
			must(t, report.Err())
			for _, b := range breakages {
				spoiled := sold()
				b.spoil(spoiled)
				spoiled.keep(t, s)
				_, after := check(t, s)
				if after[b.rule] <= before[b.rule] {
					t.Errorf("%s: nothing of %q was reported", b.name, b.rule)
				}
				before = after
			}
		})
	}
}

// liar is an auditor whose feed and batches are not as they were written.
type liar struct {
	store.Auditor
	feed  func([]store.Numbered) []store.Numbered
	batch func([]store.BatchRow) []store.BatchRow

	waiting func([]payment.Payment) []payment.Payment
}

func (l liar) Audit(ctx context.Context, do func(store.Archive) error) error {
	return l.Auditor.Audit(ctx, func(a store.Archive) error { return do(lies{a, l}) })
}

type lies struct {
	store.Archive
	liar liar
}

func (l lies) NumberedPage(ctx context.Context, after int64, limit int) ([]store.Numbered, error) {
	rows, err := l.Archive.NumberedPage(ctx, after, limit)
	switch {
	case l.liar.feed == nil:
	case after == 0:
		rows = l.liar.feed(rows)
	default:
		rows = nil // all was on the first page
	}
	return rows, err
}

func (l lies) WaitingPage(ctx context.Context, request, after id.ID, limit int) ([]payment.Payment, error) {
	rows, err := l.Archive.WaitingPage(ctx, request, after, limit)
	switch {
	case l.liar.waiting == nil:
	case request == "":
		rows = l.liar.waiting(slices.Clone(rows))
	default:
		rows = nil
	}
	return rows, err
}

func (l lies) BatchPage(ctx context.Context, after id.ID, limit int) ([]store.BatchRow, error) {
	rows, err := l.Archive.BatchPage(ctx, after, limit)
	if l.liar.batch != nil && after == "" {
		rows = l.liar.batch(rows)
	}
	return rows, err
}

// waitings are ways in which what waits can be wrong: one payment of a request waits.
var waitings = map[string]func([]payment.Payment) []payment.Payment{
	"one that waits is not kept":     func([]payment.Payment) []payment.Payment { return nil },
	"one is kept that does not wait": func(w []payment.Payment) []payment.Payment { w[0].ID = "pay_other"; return w },
	"another amount is kept":         func(w []payment.Payment) []payment.Payment { w[0].Amount++; return w },
	"another end is kept":            func(w []payment.Payment) []payment.Payment { w[0].ExpiresAt = w[0].ExpiresAt.Add(1e9); return w },
}

func TestEveryPaymentThatWaitsIsKept(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			w := newTown(t, s)
			w.create(w.ask("dynamic", ""))
			report, _ := check(t, s)
			must(t, report.Err())
			for name, spoil := range waitings {
				if _, broken := check(t, liar{Auditor: s, waiting: spoil}); broken[invariant.Waits] == 0 {
					t.Errorf("%s: nothing was reported", name)
				}
			}
		})
	}
}

// feeds are ways in which a feed can be wrong: four facts of two sales lie in it.
var feeds = map[string]func([]store.Numbered) []store.Numbered{
	"a place is empty":              func(f []store.Numbered) []store.Numbered { return without(f, 2) },
	"the last fact has no place":    func(f []store.Numbered) []store.Numbered { return without(f, 3) },
	"two facts changed places":      func(f []store.Numbered) []store.Numbered { f[0].Fact, f[1].Fact = f[1].Fact, f[0].Fact; return f },
	"a fact has two places":         func(f []store.Numbered) []store.Numbered { f[1].Fact = f[0].Fact; return f },
	"a sequence jumps":              func(f []store.Numbered) []store.Numbered { f[1].Sequence++; return f },
	"a fact is in another's feed":   func(f []store.Numbered) []store.Numbered { f[0].Reader = f[3].Reader; return f },
	"a batch begins somewhere else": func(f []store.Numbered) []store.Numbered { f[2].Batch.Position++; f[3].Batch.Position++; return f },
}

func TestEveryGapInTheFeedIsNoticed(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			sold().keep(t, s)
			sold().keep(t, s)
			sequence(t, s)
			report, _ := check(t, s)
			must(t, report.Err())
			for name, spoil := range feeds {
				if _, broken := check(t, liar{Auditor: s, feed: spoil}); broken[invariant.Numbering] == 0 {
					t.Errorf("%s: nothing was reported", name)
				}
			}
			lie := liar{Auditor: s, batch: func(b []store.BatchRow) []store.BatchRow { b[0].Facts++; return b }}
			if _, broken := check(t, lie); broken[invariant.Numbering] == 0 {
				t.Error("a batch that tells of more facts than there are was not reported")
			}
		})
	}
}

func sequence(t *testing.T, s store.Post) {
	t.Helper()
	_, err := s.Sequence(t.Context(), 1000)
	must(t, err)
}
