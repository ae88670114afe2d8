package invariant

import (
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
)

// news is how long a version of a tariff may take to be known to every node: a payment
// that was created sooner after the version was put may have the price of the one before.
// Nodes look every two seconds; the rest is for commands that wait for a database.
const news = time.Minute

// prices are the tariffs that payments were priced by.
type prices struct {
	versions  map[id.ID]tariff.Version
	put       map[id.ID][]tariff.Version // by owner, in the order in which they begin
	merchants map[id.ID]priced
}

// priced is what of a merchant decides its prices.
type priced struct {
	mcc string
	own []tariff.Version
}

// readPrices reads all tariffs before the payments are walked through.
func (a *audit) readPrices() error {
	a.prices = prices{map[id.ID]tariff.Version{tariff.None.ID: tariff.None}, map[id.ID][]tariff.Version{}, map[id.ID]priced{}}
	x := a.prices
	versions := stream[tariff.Version]{page: func(after tariff.Version) ([]tariff.Version, error) {
		return a.archive.TariffPage(a.ctx, after.ID, pageSize)
	}}
	if err := versions.all(func(v *tariff.Version) {
		x.versions[v.ID] = *v
		x.put[v.Owner] = append(x.put[v.Owner], *v)
	}); err != nil {
		return err
	}
	for _, list := range x.put {
		tariff.Sort(list)
	}
	merchants := stream[store.Merchant]{page: func(after store.Merchant) ([]store.Merchant, error) {
		return a.archive.MerchantPage(a.ctx, after.ID, pageSize)
	}}
	return merchants.all(func(m *store.Merchant) {
		own := tariff.OwnOf(m.ID, m.Tariff, m.CreatedAt, x.put[m.ID])
		for _, v := range own {
			x.versions[v.ID] = v
		}
		x.merchants[m.ID] = priced{m.MCC, own}
	})
}

// check holds a payment against the version that it was priced by, and that version
// against the one that held. Payments of before there were versions name none.
func (x prices) check(a *audit, p *payment.Payment) {
	if p.Tariff == "" {
		return
	}
	a.report.look(Priced, 1)
	m, known := x.merchants[p.Merchant]
	v, found := x.versions[p.Tariff]
	if !known || !found {
		a.broken(Priced, string(p.ID), "it was priced by %s for %s, and there is no such tariff or merchant", p.Tariff, p.Merchant)
		return
	}
	says := tariff.Price{Fee: p.Fee, Surcharge: p.Surcharge, Interchange: p.Interchange}
	if want := v.Price(p.Amount, p.PSP); says != want || p.FeeRefundable != v.Tariff.RefundsFee {
		a.broken(Priced, string(p.ID), "it costs %+v (fee goes back: %v), by its tariff %s it costs %+v (%v)", says, p.FeeRefundable, v.ID, want, v.Tariff.RefundsFee)
	}
	book := tariff.Book{Own: m.own, Category: x.put[tariff.Category(m.mcc)], Centre: x.put[tariff.Centre]}
	if held := book.At(p.CreatedAt); held.ID != v.ID && !x.unheard(book, v, p.CreatedAt) {
		a.broken(Priced, string(p.ID), "it was priced by %s when %s held", v.ID, held.ID)
	}
}

// unheard says that a version held when nothing is known that was put shortly before.
func (x prices) unheard(book tariff.Book, v tariff.Version, at time.Time) bool {
	old := func(list []tariff.Version) (out []tariff.Version) {
		for _, each := range list {
			if each.CreatedAt.Before(at.Add(-news)) || each.ID == v.ID {
				out = append(out, each)
			}
		}
		return out
	}
	return tariff.Book{Own: old(book.Own), Category: old(book.Category), Centre: old(book.Centre)}.At(at).ID == v.ID
}
