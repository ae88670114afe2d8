package invariant

import (
	"slices"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// offered is what an endpoint was offered, by its deliveries and by the feed.
type offered struct {
	store.Offered
	first      int64 // the lowest sequence of a delivery; 0 without one
	deliveries int64
	due        int64 // facts that lie between first and the cursor
}

// readDeliveries walks through the deliveries before the feed is walked through.
func (a *audit) readDeliveries() error {
	a.offers, a.listening = map[id.ID]*offered{}, map[id.ID][]*offered{}
	endpoints := stream[store.Offered]{page: func(after store.Offered) ([]store.Offered, error) {
		return a.archive.EndpointPage(a.ctx, after.Endpoint.ID, pageSize)
	}}
	err := endpoints.all(func(o *store.Offered) {
		e := &offered{Offered: *o}
		a.offers[o.Endpoint.ID] = e
		a.listening[o.Endpoint.Merchant] = append(a.listening[o.Endpoint.Merchant], e)
	})
	for last := id.ID(""); err == nil; {
		var page []store.Delivery
		page, err = a.archive.DeliveryPage(a.ctx, last, pageSize)
		if err != nil || len(page) == 0 {
			break
		}
		last = page[len(page)-1].ID
		err = a.deliveries(page)
	}
	return err
}

func (a *audit) deliveries(page []store.Delivery) error {
	page = slices.DeleteFunc(slices.Clone(page), func(d store.Delivery) bool { return d.Sequence == 0 }) // an endpoint was tried out
	names := make([]id.ID, len(page))
	for i, d := range page {
		names[i] = d.Fact
	}
	facts, err := a.archive.FactsOf(a.ctx, names)
	if err != nil {
		return err
	}
	of := byName(facts, func(f payment.Fact) id.ID { return f.ID })
	for i := range page {
		d := &page[i]
		a.report.look(Owners, 1)
		e, there := a.offers[d.Endpoint]
		if f := of[d.Fact]; !there || e.Endpoint.Merchant != d.Merchant || f.Merchant != d.Merchant {
			a.broken(Owners, string(d.ID), "a fact of %q goes to %s as %q's", f.Merchant, d.Endpoint, d.Merchant)
		}
		if !there {
			continue
		}
		e.deliveries++
		if e.first == 0 || d.Sequence < e.first {
			e.first = d.Sequence
		}
	}
	return nil
}

// offersOf notes a fact of the feed with those endpoints that must have been offered it.
func (a *audit) offersOf(n *store.Numbered) {
	for _, e := range a.listening[n.Reader] {
		wanted := len(e.Endpoint.Types) == 0 || slices.Contains(e.Endpoint.Types, string(n.Fact.Type))
		if wanted && e.first > 0 && n.Sequence >= e.first && n.Sequence <= e.Cursor {
			e.due++
		}
	}
}

// checkOffers compares the counts. What an endpoint was offered before its first
// delivery is not known: it began somewhere in the feed.
func (a *audit) checkOffers() error {
	for name, e := range a.offers {
		a.report.look(Offers, e.deliveries)
		if e.deliveries != e.due {
			a.broken(Offers, string(name), "from sequence %d to its cursor %d lie %d events for it, and it has %d deliveries", e.first, e.Cursor, e.due, e.deliveries)
		}
	}
	return nil
}
