package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tolom/books"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

// chunk is how many stored payments go into one commit.
const chunk = 10_000

// loaders is how many commits are under way at once. Their keys are apart but
// for the end of the feed, which they take in turn.
const loaders = 2

// age is how long ago the oldest stored payment was; they end an hour ago.
const age = 30 * 24 * time.Hour

// Past is payments that were made before the measurement, each of a dynamic
// request of its own, as a bank app and a shop make them.
type Past struct {
	Store  store.Store
	World  world.World
	Field  Field
	Run    string
	Amount int64 // of payments to store

	begin time.Time
}

// Load stores the payments, and tells what they came to.
func (p Past) Load(ctx context.Context) (Tally, error) {
	bulk, ok := p.Store.(store.Bulk)
	if !ok {
		return Tally{}, fmt.Errorf("bench: this store cannot be filled")
	}
	p.begin = p.World.Clock.Now().Add(-age)
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make(chan error, loaders)
	for range loaders {
		group.Go(func() {
			for from := next.Add(chunk) - chunk; from < p.Amount && ctx.Err() == nil; from = next.Add(chunk) - chunk {
				if err := p.fill(ctx, bulk, from, min(from+chunk, p.Amount)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return Tally{}, err
	}
	return Tally{PSP: p.Field.PSP.ID, Paid: p.Amount}, bulk.Analyse(ctx)
}

// past is a commit of stored payments in the making.
type past struct {
	Past
	store.Changes
	claims []store.Claim
}

func (p Past) fill(ctx context.Context, bulk store.Bulk, from, to int64) error {
	f := &past{Past: p}
	bucket := uint16(from / chunk)
	f.Batch = store.Batch{ID: f.newID(id.Batch, bucket, p.when(from)), Bucket: bucket}
	for n := from; n < to; n++ {
		f.pay(n)
	}
	f.Now = p.when(to)
	var entries []ledger.Entry
	for _, e := range f.Entries {
		entries = append(entries, e.Entry)
	}
	deltas, err := ledger.Deltas(entries)
	if err != nil {
		return err
	}
	for _, d := range deltas {
		f.Deltas = append(f.Deltas, store.Delta{Account: d.Account, Amount: d.Amount})
	}
	return bulk.Fill(ctx, f.Changes, f.claims)
}

// when spreads the payments evenly over the time.
func (p Past) when(n int64) time.Time {
	return p.begin.Add(time.Duration(float64(age-time.Hour) * float64(n) / float64(p.Amount))).Truncate(time.Millisecond)
}

func (p Past) newID(k id.Kind, bucket uint16, at time.Time) id.ID {
	w := p.World
	w.Clock = still(at)
	return world.NewID(w, k, bucket)
}

// still is a clock that stands.
type still time.Time

// Now gives the moment at which it stands.
func (s still) Now() time.Time { return time.Time(s) }

// pay adds one payment with its request, name, facts and entries.
func (f *past) pay(n int64) {
	shop, at, sum := f.Field.shop(n).ID, f.when(n), amount(n)
	name := fmt.Sprintf("%s-%d", f.Run, n)
	r := payment.Request{
		ID: f.newID(id.Request, shop.Bucket(), at), Merchant: shop, Kind: payment.Dynamic, Status: payment.RequestPaid, Currency: "KGS",
		Description: "bench", Payload: f.Field.shop(n).Payload, CreatedAt: at, ExpiresAt: at.Add(15 * time.Minute), EndedAt: at.Add(2 * time.Second),
		PaymentsCount: 1, Version: 1,
	}
	p := payment.Payment{
		ID: f.newID(id.Payment, shop.Bucket(), at.Add(time.Second)), Request: r.ID, Merchant: shop, PSP: f.Field.PSP.ID, PSPPaymentID: name,
		Status: payment.Succeeded, Currency: "KGS", Payer: payment.Payer{Key: name, NameMasked: "P*** 1", Kind: "person"},
		CreatedAt: at.Add(time.Second), ExpiresAt: at.Add(time.Minute), EndedAt: r.EndedAt, Version: 1,
	}
	r.Amount, r.PaidAmount, p.Amount = money.Amount(sum), money.Amount(sum), money.Amount(sum)
	p.Fee, p.Interchange = Price.Price(p.Amount)
	f.NewRequests, f.NewPayments = append(f.NewRequests, r), append(f.NewPayments, p)
	scope := "psp_payment:" + string(p.PSP)
	f.claims = append(f.claims, store.Claim{Bucket: id.BucketOf(scope, name), Scope: scope, Key: name, Fingerprint: name, Object: p.ID, CreatedAt: p.CreatedAt})
	f.tell(payment.Fact{
		Type: payment.PaymentSucceeded, At: p.EndedAt, Merchant: shop, PSP: p.PSP, Request: r.ID, Payment: p.ID,
		Amount: p.Amount, Fee: p.Fee, Interchange: p.Interchange,
	})
	f.tell(payment.Fact{Type: payment.RequestWasPaid, At: r.EndedAt, Merchant: shop, Request: r.ID, Amount: r.PaidAmount})
}

func (f *past) tell(fact payment.Fact) {
	fact.ID, fact.Ordinal = f.newID(id.Event, fact.Merchant.Bucket(), fact.At), len(f.Facts)
	f.Facts = append(f.Facts, fact)
	for leg, e := range books.Transfer(fact) {
		f.Entries = append(f.Entries, store.Entry{Fact: fact.ID, Leg: leg, At: fact.At, Entry: e})
	}
}
