package bench

import (
	"context"
	"fmt"
	"sync"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
)

// Shop is a merchant of a bench with its key and a static code.
type Shop struct {
	ID      id.ID
	Key     string
	Payload string
}

// Field is what payments are made on: shops, and a PSP.
type Field struct {
	Shops  []Shop
	PSP    access.PSP
	PSPKey string
}

// Price is the tariff of all shops; it has all parts.
var Price = tariff.Tariff{Rate: 50, InterchangeRate: 20}

// seeders is how many shops are made at once: enough to fill a batch.
const seeders = 64

// Seed registers merchants with a tariff that has all three parts, each with a
// static code, and a PSP.
func Seed(ctx context.Context, p *flow.Platform, merchants int) (Field, error) {
	r := p.Registry()
	psp, err := r.AddPSP(ctx, store.PSP{Name: "Bench Bank", BIC: "BENCHKG2"})
	if err != nil {
		return Field{}, err
	}
	f := Field{Shops: make([]Shop, merchants), PSP: access.PSP{ID: psp.ID}}
	if _, f.PSPKey, err = r.IssueKey(ctx, psp.ID, "", "bench"); err != nil {
		return f, err
	}
	return f, f.each(func(n int) (err error) {
		f.Shops[n], err = shop(ctx, p, n)
		return err
	})
}

// each does something with every shop, many at once, and gives one of its failures.
func (f Field) each(do func(n int) error) error {
	var group sync.WaitGroup
	errs := make(chan error, seeders)
	for w := range seeders {
		group.Go(func() {
			for n := w; n < len(f.Shops); n += seeders {
				if err := do(n); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

func shop(ctx context.Context, p *flow.Platform, n int) (Shop, error) {
	r := p.Registry()
	m, err := r.AddMerchant(ctx, store.Merchant{
		Name: fmt.Sprintf("BENCH SHOP %d", n), MCC: "5411", Tariff: Price,
	})
	if err != nil {
		return Shop{}, err
	}
	_, key, err := r.IssueKey(ctx, m.ID, "", "bench")
	if err != nil {
		return Shop{}, err
	}
	request, _, err := p.CreateRequest(ctx, access.Merchant{ID: m.ID}, flow.Idempotency{Key: "seed", Fingerprint: "seed"},
		wire.NewPaymentRequest{Kind: string(payment.Static), Description: "bench"})
	return Shop{ID: m.ID, Key: key, Payload: request.Payload}, err
}

// Known lets a node see every shop once, as a node does in its first minutes. The one that made them knows them; on
// others each first payment of a shop would else read its records, and a short run would measure nothing but that.
func (f Field) Known(ctx context.Context, p *flow.Platform, gate *access.Gate) error {
	return f.each(func(n int) error {
		if _, err := gate.Merchant(ctx, f.Shops[n].Key); err != nil {
			return err
		}
		_, err := p.Check(ctx, f.PSP, wire.Check{Payload: f.Shops[n].Payload, Amount: 100})
		return err
	})
}

// shop picks the n-th payment's shop, so that neighbours in time differ.
func (f Field) shop(n int64) Shop { return f.Shops[int(n%int64(len(f.Shops)))] }
