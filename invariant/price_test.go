package invariant_test

import (
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
	"tolom/world"
)

// TestAPriceIsThatOfTheVersionThatHeld breaks the prices of payments, one thing at a time.
func TestAPriceIsThatOfTheVersionThatHeld(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			now := system.Clock.Now().UTC().Truncate(time.Millisecond)
			put := func(owner id.ID, rate int64, from time.Time) tariff.Version {
				v := tariff.Version{ID: world.NewID(system, id.Tariff, 7), Owner: owner, Tariff: tariff.Tariff{Rate: rate, InterchangeRate: 20}, ValidFrom: from, CreatedAt: from}
				must(t, s.Tariffs().Put(t.Context(), v))
				return v
			}
			m := store.Merchant{ID: world.NewID(system, id.Merchant, 7), Name: "Shop", MCC: "5812", CreatedAt: now.Add(-72 * time.Hour)}
			must(t, s.Merchants().Put(t.Context(), m))
			old, held := put(m.ID, 100, now.Add(-48*time.Hour)), put(m.ID, 50, now.Add(-time.Hour))
			category := put(tariff.Category("5812"), 50, now.Add(-48*time.Hour))
			foreign := put(world.NewID(system, id.Merchant, 7), 50, now.Add(-48*time.Hour))
			broken := 0
			for _, c := range []struct {
				name   string
				by     id.ID
				breaks bool
				spoil  func(*payment.Payment)
			}{
				{"as it must be", held.ID, false, func(*payment.Payment) {}},
				{"a tyiyn more", held.ID, true, func(p *payment.Payment) { p.Fee++ }},
				{"the PSP has a tyiyn less", held.ID, true, func(p *payment.Payment) { p.Interchange-- }},
				{"the payer bears it", held.ID, true, func(p *payment.Payment) { p.Surcharge, p.Fee = p.Fee, 0 }},
				{"the fee goes back", held.ID, true, func(p *payment.Payment) { p.FeeRefundable = true }},
				{"by the version before", old.ID, true, func(p *payment.Payment) { p.Fee = 10 }},
				{"by the version before, when nobody had heard of the later one", old.ID, false, func(p *payment.Payment) {
					p.Fee, p.CreatedAt = 10, held.ValidFrom.Add(30*time.Second)
				}},
				{"by the later version, before it began", held.ID, true, func(p *payment.Payment) { p.CreatedAt = held.ValidFrom.Add(-time.Millisecond) }},
				{"by the category's, when its own held", category.ID, true, func(*payment.Payment) {}},
				{"by another merchant's", foreign.ID, true, func(*payment.Payment) {}},
				{"by none, when there is one", tariff.None.ID, true, func(p *payment.Payment) { p.Fee, p.Interchange = 0, 0 }},
			} {
				sale := sold()
				own := &sale.NewPayments[0]
				own.Merchant, own.Tariff = m.ID, c.by
				c.spoil(own)
				sale.keep(t, s)
				_, breaks := check(t, s)
				if got := breaks[invariant.Priced] > broken; got != c.breaks {
					t.Errorf("%s: broken %v, want %v", c.name, got, c.breaks)
				}
				broken = breaks[invariant.Priced]
			}
		})
	}
}
