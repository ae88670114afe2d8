package invariant_test

import (
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

// count adds what a limit's counter says of the sale.
func (s *sale) count(a ledger.Account, used money.Amount) {
	s.Deltas = append(s.Deltas, store.Delta{Account: a, Amount: -used})
}

func TestWhatIsLimitedIsCountedAgain(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			w := newTown(t, s)
			for _, l := range []payment.Limits{{Owner: w.psp.ID, Daily: 10_000_000, NetDebit: 10_000_000}, {Owner: w.shop.ID, Daily: 10_000_000}} {
				_, err := w.p.SetLimits(t.Context(), l)
				must(t, err)
			}
			w.live()
			report, _ := check(t, s)
			must(t, report.Err())
			if report.Looked[invariant.Counted] != 3 || report.Looked[invariant.Capped] != 3 {
				t.Errorf("three counters are kept, the audit looked at %d", report.Looked[invariant.Counted])
			}
			stray := sold()
			stray.count(ledger.Of(w.psp.ID, ledger.Position), 1)
			stray.count(ledger.OfDay(w.shop.ID, payment.DayOf(stray.Now)), 1)
			stray.keep(t, s)
			if _, broken := check(t, s); broken[invariant.Counted] != 2 {
				t.Errorf("two counters are a tyiyn off, reported: %v", broken)
			}
		})
	}
}

// bounded is a sale of 1000 tyiyn through a PSP with limits, which count it.
func bounded(t *testing.T, s store.Store, netDebit, daily money.Amount) *sale {
	t.Helper()
	psp := world.NewID(system, id.PSP, 9)
	must(t, s.SetLimits(t.Context(), payment.Limits{Owner: psp, NetDebit: netDebit, Daily: daily}))
	sale := soldBy(psp)
	if netDebit > 0 {
		sale.count(ledger.Of(psp, ledger.Position), 1000)
	}
	if daily > 0 {
		sale.count(ledger.OfDay(psp, payment.DayOf(sale.Now)), 1000)
	}
	return sale
}

func TestNoCapIsPassed(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			exact := bounded(t, s, 1000, 1000)
			exact.keep(t, s)
			report, _ := check(t, s)
			must(t, report.Err())
			lowered := payment.Limits{Owner: exact.NewPayments[0].PSP, NetDebit: 1, Daily: 1}
			must(t, s.SetLimits(t.Context(), lowered)) // what was there before may stay
			report, _ = check(t, s)
			must(t, report.Err())
			bounded(t, s, 999, 0).keep(t, s)
			bounded(t, s, 0, 999).keep(t, s)
			if _, broken := check(t, s); broken[invariant.Capped] != 2 {
				t.Errorf("two caps are passed by a tyiyn, reported: %v", broken)
			}
		})
	}
}

// TestACapDoesNotDependOnClocks keeps what a simulation met: the database's clock goes back between a payment and a
// lower cap, and before a payment that passes one; and a correction, which no cap bounds, is not the payment's fault.
func TestACapDoesNotDependOnClocks(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			capped := func(what string, want int) {
				t.Helper()
				if _, broken := check(t, s); broken[invariant.Capped] != want {
					t.Errorf("%s: %d caps are passed, reported: %v", what, want, broken)
				}
			}
			later := bounded(t, s, 1000, 1000)
			psp := later.NewPayments[0].PSP
			for i := range later.NewPayments {
				later.NewPayments[i].CreatedAt = later.Now.Add(time.Minute)
			}
			later.keep(t, s)
			must(t, s.SetLimits(t.Context(), payment.Limits{Owner: psp, NetDebit: 400, Daily: 400}))
			capped("the clock went back before the cap was lowered", 0)

			raised := sold()
			raised.tell(payment.Fact{Type: payment.BooksWereCorrected, At: raised.Now.Add(-time.Hour), PSP: psp, Amount: 30, Reason: "rec_1"})
			raised.count(ledger.Of(psp, ledger.Position), 30)
			raised.keep(t, s)
			capped("a correction made a position larger", 0)

			earlier := soldBy(psp)
			earlier.count(ledger.Of(psp, ledger.Position), 1000)
			earlier.count(ledger.OfDay(psp, payment.DayOf(earlier.Now)), 1000)
			earlier.NewPayments[0].CreatedAt = earlier.Now.Add(-time.Second)
			earlier.keep(t, s)
			capped("a payment has a time of before the caps that it passes", 2)
		})
	}
}

// offers are ways in which the deliveries of an endpoint can be wrong: three of four facts were offered.
var offers = []struct {
	name  string
	rule  invariant.Rule
	spoil func(log []store.Delivery) []store.Delivery
}{
	{"as they must be", "", func(log []store.Delivery) []store.Delivery { return log }},
	{"one was left out", invariant.Offers, func(log []store.Delivery) []store.Delivery { return without(log, 1) }},
	{"the last was left out", invariant.Offers, func(log []store.Delivery) []store.Delivery { return without(log, 2) }},
	{"one was offered twice", invariant.Offers, func(log []store.Delivery) []store.Delivery {
		again := log[1]
		again.ID = world.NewID(system, id.Delivery, 7)
		return append(log, again)
	}},
	{"one is of another merchant", invariant.Owners, func(log []store.Delivery) []store.Delivery {
		log[1].Merchant = world.NewID(system, id.Merchant, 7)
		return log
	}},
	{"one tells another merchant's fact", invariant.Owners, func(log []store.Delivery) []store.Delivery {
		log[1].Fact = world.NewID(system, id.Event, 7)
		return log
	}},
	{"the endpoint was tried out", "", func(log []store.Delivery) []store.Delivery {
		return append(log, store.Delivery{ID: world.NewID(system, id.Delivery, 7), Endpoint: log[0].Endpoint, Merchant: log[0].Merchant, CreatedAt: log[0].CreatedAt})
	}},
}

func TestEveryEventIsOfferedOnce(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			before := map[invariant.Rule]int{}
			for _, o := range offers {
				offer(t, s, o.spoil)
				report, after := check(t, s)
				for _, rule := range []invariant.Rule{invariant.Offers, invariant.Owners} {
					if got := after[rule] > before[rule]; got != (rule == o.rule) {
						t.Errorf("%s: %q is broken: %v: %v", o.name, rule, got, report.Err())
					}
				}
				before = after
			}
		})
	}
}

// offer sells twice for one shop, whose endpoint is offered the last three of the four facts.
func offer(t *testing.T, s store.Store, spoil func([]store.Delivery) []store.Delivery) {
	t.Helper()
	first, second := sold(), sold()
	e := store.Endpoint{ID: world.NewID(system, id.Endpoint, 7), Merchant: second.NewPayments[0].Merchant, URL: "https://shop.example/", CreatedAt: first.Now}
	second.tell(payment.Fact{Type: payment.RequestWasPaused, At: second.Now, Merchant: e.Merchant, Request: second.NewRequests[0].ID})
	second.tell(payment.Fact{Type: payment.RequestWasResumed, At: second.Now, Merchant: e.Merchant, Request: second.NewRequests[0].ID})
	first.keep(t, s)
	second.keep(t, s)
	sequence(t, s)
	must(t, s.Endpoints().Put(t.Context(), e))
	must(t, s.Advance(t.Context(), e.ID, 0, 1, nil))
	var log []store.Delivery
	for n, f := range second.Facts[1:] {
		log = append(log, store.Delivery{
			ID: world.NewID(system, id.Delivery, 7), Endpoint: e.ID, Merchant: e.Merchant, Fact: f.ID, Sequence: int64(n + 2),
			EventType: string(f.Type), Status: store.DeliveryPending, CreatedAt: f.At,
		})
	}
	must(t, s.Advance(t.Context(), e.ID, 1, 4, spoil(log)))
}
