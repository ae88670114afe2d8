package invariant_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"tolom/books"
	"tolom/id"
	"tolom/internal/pgtest"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// place is a store to audit.
type place struct {
	name string
	open func(t *testing.T) store.Store
}

var everywhere = []place{
	{"memory", func(*testing.T) store.Store { return store.NewMemory(world.System().Clock) }},
	{"SQLite", func(t *testing.T) store.Store { return open(t, "sqlite:"+t.TempDir()+"/tolom.db") }},
	{"PostgreSQL", func(t *testing.T) store.Store { return open(t, pgtest.New(t)) }},
}

func open(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sale is a batch in which one payment is created and succeeds, and the names it takes.
type sale struct {
	store.Changes
	claims []store.Claim
}

var system = world.System()

// sold is a sale in which everything is as it must be.
func sold() *sale { return soldBy(world.NewID(system, id.PSP, 9)) }

// soldBy is one whose payer comes with the PSP.
func soldBy(psp id.ID) *sale {
	now := system.Clock.Now()
	shop := world.NewID(system, id.Merchant, 7)
	r := payment.Request{
		ID: world.NewID(system, id.Request, 7), Merchant: shop, Kind: payment.Dynamic, Status: payment.RequestPaid, Amount: 1000, Currency: "KGS",
		CreatedAt: now, ExpiresAt: now.Add(time.Hour), EndedAt: now, PaidAmount: 1000, PaymentsCount: 1,
	}
	p := payment.Payment{
		ID: world.NewID(system, id.Payment, 7), Request: r.ID, Merchant: shop, PSP: psp, PSPPaymentID: string(r.ID), Status: payment.Succeeded,
		Amount: 1000, Currency: "KGS", Fee: 5, Interchange: 2, CreatedAt: now, ExpiresAt: now.Add(payment.ExecuteWithin), EndedAt: now,
	}
	s := &sale{Changes: store.Changes{Now: now, NewRequests: []payment.Request{r}, NewPayments: []payment.Payment{p}}}
	s.Batch = store.Batch{ID: world.NewID(system, id.Batch, 7), Bucket: 7}
	s.tell(payment.Fact{
		Type: payment.PaymentSucceeded, At: now, Merchant: shop, PSP: psp, Request: r.ID, Payment: p.ID, Amount: 1000, Fee: 5, Interchange: 2,
	})
	s.tell(payment.Fact{Type: payment.RequestWasPaid, At: now, Merchant: shop, Request: r.ID, Amount: 1000})
	scope := "psp_payment:" + string(psp)
	s.claims = []store.Claim{{Bucket: id.BucketOf(scope, p.PSPPaymentID), Scope: scope, Key: p.PSPPaymentID, Object: p.ID, CreatedAt: now}}
	return s
}

// tell adds a fact with what it moves.
func (s *sale) tell(f payment.Fact) {
	f.ID, f.Batch, f.Ordinal = world.NewID(system, id.Event, f.Merchant.Bucket()), s.Batch.ID, len(s.Facts)
	s.Facts = append(s.Facts, f)
	moved := books.Transfer(f)
	for leg, e := range moved {
		s.Entries = append(s.Entries, store.Entry{Fact: f.ID, Leg: leg, At: f.At, Entry: e})
	}
	deltas, _ := ledger.Deltas(moved)
	for _, d := range deltas {
		s.Deltas = append(s.Deltas, store.Delta{Account: d.Account, Amount: d.Amount})
	}
}

// refund adds a refund that its payment says nothing of.
func (s *sale) refund(amount money.Amount) *payment.Refund {
	p := s.NewPayments[0]
	s.NewRefunds = append(s.NewRefunds, payment.Refund{
		ID: world.NewID(system, id.Refund, 7), Payment: p.ID, Request: p.Request, Merchant: p.Merchant, PSP: p.PSP,
		Amount: amount, Status: payment.RefundRequested, CreatedAt: s.Now,
	})
	return &s.NewRefunds[len(s.NewRefunds)-1]
}

// another adds a payment of the same request.
func (s *sale) another(status payment.Status, payer string) {
	p := s.NewPayments[0]
	p.ID, p.Status, p.Payer.Key, p.EndedAt = world.NewID(system, id.Payment, 7), status, payer, time.Time{}
	p.PSPPaymentID = string(p.ID)
	s.NewPayments = append(s.NewPayments, p)
}

// take takes a name for a thing.
func (s *sale) take(scope, key string, object id.ID) {
	key += string(s.Batch.ID) // every sale takes its own
	s.claims = append(s.claims, store.Claim{Bucket: id.BucketOf(scope, key), Scope: scope, Key: key, Object: object, CreatedAt: s.Now})
}

// keep commits the sale as it stands.
func (s *sale) keep(t *testing.T, l store.Ledger) {
	t.Helper()
	ctx := context.Background()
	tx, err := l.Begin(ctx)
	must(t, err)
	defer tx.Rollback()
	_, err = tx.Claim(ctx, s.Batch, s.claims)
	must(t, err)
	must(t, tx.Save(ctx, s.Changes))
	must(t, tx.Commit(ctx))
}

// check audits and gives the rules that are broken, how often each.
func check(t *testing.T, s store.Auditor) (invariant.Report, map[invariant.Rule]int) {
	t.Helper()
	report, err := invariant.Check(t.Context(), s)
	must(t, err)
	return report, report.Breaks
}

// without removes one of a list.
func without[T any](list []T, at int) []T { return slices.Delete(slices.Clone(list), at, at+1) }
