package crash

import "tolom/internal/traffic"

// load is the clients of a place at work.
type load struct {
	*traffic.Load
	p *place
}

// startLoad has all clients pay, take back and give back.
func (p *place) startLoad() *load {
	customers := make([]traffic.Customer, clients)
	for i := range customers {
		customers[i] = p.people.Customer(p.node.URL(), p.calls, &p.unknown)
	}
	return &load{traffic.Start(p.ctx, customers, &p.next, 0), p}
}

// stop waits for all outcomes and adds the deals to those that the place remembers.
func (l *load) stop() ([]traffic.Deal, error) {
	deals, err := l.Stop()
	for _, d := range deals {
		l.p.owed[d.Shop] += d.Net
	}
	l.p.deals = append(l.p.deals, deals...)
	return deals, err
}
