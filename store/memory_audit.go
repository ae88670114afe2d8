package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sort"

	"tolom/id"
	"tolom/payment"
	"tolom/settlement"
	"tolom/tariff"
)

// Audit lets do read a copy of everything.
func (m *Memory) Audit(ctx context.Context, do func(Archive) error) error {
	archive, err := read(ctx, m, func(t *tables) (*memoryArchive, error) { return t.archive(), nil })
	if err != nil {
		return err
	}
	return do(archive)
}

// memoryArchive is everything in the order of its pages.
type memoryArchive struct {
	requests []payment.Request
	payments []payment.Payment
	children []payment.Payment
	waiting  []payment.Payment
	refunds  []payment.Refund
	facts    []payment.Fact
	entries  []Entry
	balances []BalanceRow
	feed     []Numbered
	batches  []BatchRow
	claims   map[Name]Claim
	named    []Claim // the same, in order

	bounds       []payment.Limits
	participants map[id.ID]id.ID // by PSP
	endpoints    []Offered
	deliveries   []Delivery

	tariffs   []tariff.Version
	merchants []Merchant

	days         []settlement.Day
	folding      Folding
	totals       []settlement.Total // by day and owner
	dayPositions map[string][]settlement.Position
	payouts      []settlement.Payout

	cases []ReconCase

	sealedLog
	strays map[id.ID]bool
	deeds  memoryDeedArchive
}

var _ Archive = (*memoryArchive)(nil)

func (t *tables) archive() *memoryArchive {
	a := &memoryArchive{
		payments: sortedRows(t.payments), refunds: sortedRows(t.refunds), facts: sortedRows(t.facts),
		entries: slices.Clone(t.entries), claims: maps.Clone(t.claims),
	}
	for _, request := range slices.Sorted(maps.Keys(t.requests)) {
		a.requests = append(a.requests, t.summed(request))
	}
	a.children = slices.SortedFunc(slices.Values(a.payments), compareChildren)
	for _, p := range a.children {
		if slices.Contains(t.live[p.Request], p.ID) {
			kept := payment.Payer{Key: p.Payer.Key}
			a.waiting = append(a.waiting, payment.Payment{ID: p.ID, Request: p.Request, PSP: p.PSP, Payer: kept, Amount: p.Amount, ExpiresAt: p.ExpiresAt})
		}
	}
	slices.SortFunc(a.entries, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.Leg, b.Leg)) })
	for account, rows := range t.balances {
		for slice, row := range rows {
			if row.exists {
				a.balances = append(a.balances, BalanceRow{account, slice, row.amount})
			}
		}
	}
	slices.SortFunc(a.balances, compareBalanceRows)
	a.numberBatches(t)
	a.addRest(t)
	a.addTrail(t)
	a.addDays(t)
	a.deeds = t.deedArchive()
	return a
}

func sortedRows[T any](rows map[id.ID]T) []T {
	out := make([]T, 0, len(rows))
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, rows[name])
	}
	return out
}

// numberBatches says of each batch what the databases keep in its row.
func (a *memoryArchive) numberBatches(t *tables) {
	rows := map[id.ID]BatchRow{}
	for batch, committed := range t.batches {
		if committed {
			rows[batch] = BatchRow{ID: batch}
		}
	}
	for _, f := range a.facts {
		b := rows[f.Batch]
		b.ID, b.Facts = f.Batch, b.Facts+1
		rows[f.Batch] = b
	}
	for _, item := range t.feed {
		if b := rows[item.Fact.Batch]; b.Position == 0 {
			b.Position = item.Position
			rows[b.ID] = b
		}
	}
	for _, item := range t.feed {
		a.feed = append(a.feed, Numbered{item, rows[item.Fact.Batch]})
	}
	a.batches = sortedRows(rows)
}

func compareChildren(a, b payment.Payment) int {
	return cmp.Or(cmp.Compare(a.Request, b.Request), cmp.Compare(a.ID, b.ID))
}

func compareBalanceRows(a, b BalanceRow) int {
	return compareSlots(slot{a.Account, a.Slice}, slot{b.Account, b.Slice})
}

// page cuts the rows after a cursor out of sorted ones. position says where a row stands to the cursor.
func page[T any](rows []T, limit int, position func(T) int) []T {
	first := sort.Search(len(rows), func(i int) bool { return position(rows[i]) > 0 })
	return rows[first:min(len(rows), first+limit)]
}

func (a *memoryArchive) RequestPage(_ context.Context, after id.ID, limit int) ([]payment.Request, error) {
	return page(a.requests, limit, func(r payment.Request) int { return cmp.Compare(r.ID, after) }), nil
}

func (a *memoryArchive) PaymentPage(_ context.Context, after id.ID, limit int) ([]payment.Payment, error) {
	return page(a.payments, limit, func(p payment.Payment) int { return cmp.Compare(p.ID, after) }), nil
}

func (a *memoryArchive) ChildPage(_ context.Context, request, after id.ID, limit int) ([]payment.Payment, error) {
	cursor := payment.Payment{Request: request, ID: after}
	return page(a.children, limit, func(p payment.Payment) int { return compareChildren(p, cursor) }), nil
}

func (a *memoryArchive) WaitingPage(_ context.Context, request, after id.ID, limit int) ([]payment.Payment, error) {
	cursor := payment.Payment{Request: request, ID: after}
	return page(a.waiting, limit, func(p payment.Payment) int { return compareChildren(p, cursor) }), nil
}

func (a *memoryArchive) RefundPage(_ context.Context, after id.ID, limit int) ([]payment.Refund, error) {
	return page(a.refunds, limit, func(r payment.Refund) int { return cmp.Compare(r.ID, after) }), nil
}

func (a *memoryArchive) FactPage(_ context.Context, after id.ID, limit int) ([]payment.Fact, error) {
	return page(a.facts, limit, func(f payment.Fact) int { return cmp.Compare(f.ID, after) }), nil
}

func (a *memoryArchive) EntriesOf(_ context.Context, after, upTo id.ID) ([]Entry, error) {
	rest := page(a.entries, len(a.entries), func(e Entry) int { return cmp.Compare(e.Fact, after) })
	if upTo == "" {
		return rest, nil
	}
	beyond := page(rest, len(rest), func(e Entry) int { return cmp.Compare(e.Fact, upTo) })
	return rest[:len(rest)-len(beyond)], nil
}

func (a *memoryArchive) BalancePage(_ context.Context, after BalanceRow, limit int) ([]BalanceRow, error) {
	return page(a.balances, limit, func(b BalanceRow) int { return compareBalanceRows(b, after) }), nil
}

func (a *memoryArchive) NumberedPage(_ context.Context, after int64, limit int) ([]Numbered, error) {
	return page(a.feed, limit, func(n Numbered) int { return cmp.Compare(n.Position, after) }), nil
}

func (a *memoryArchive) BatchPage(_ context.Context, after id.ID, limit int) ([]BatchRow, error) {
	return page(a.batches, limit, func(b BatchRow) int { return cmp.Compare(b.ID, after) }), nil
}

func (a *memoryArchive) ClaimsOf(_ context.Context, names []Name) (out []Claim, err error) {
	for _, name := range names {
		if c, taken := a.claims[name]; taken {
			out = append(out, c)
		}
	}
	return out, nil
}
