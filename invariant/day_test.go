package invariant_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/invariant"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// centre is a platform that has closed a few days.
type centre struct {
	t        *testing.T
	store    *store.Memory
	clock    *world.Manual
	days     *flow.BusinessDays
	platform *flow.Platform
	shop     access.Merchant
	psp      access.PSP
	made     int
}

// newCentre plays three days: one is settled, one is closed, and one goes on.
func newCentre(t *testing.T) *centre {
	t.Helper()
	w, clock := world.Simulated(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 5)
	c := &centre{t: t, store: store.NewMemory(clock), clock: clock}
	e := engine.New(c.store, w, engine.Config{Inline: true})
	r := flow.NewRegistry(c.store, access.New(c.store, clock), w)
	c.platform = flow.New(c.store, e, r, w, flow.Config{Provider: "tolom.test", Site: wire.Site{Base: "https://t", LinkBase: "https://t/"}})
	var err error
	c.days, err = flow.NewDays(c.store, e, r, w, flow.DaysConfig{})
	must(t, err)
	bank, err := r.AddParticipant(t.Context(), store.Participant{Name: "Bank", BIC: "BANKKG22"})
	must(t, err)
	m, err := r.AddMerchant(t.Context(), store.Merchant{Name: "Shop", MCC: "5812", Participant: bank.ID, BankAccount: "1091", Tariff: tariff.Tariff{Rate: 100, InterchangeRate: 40}})
	must(t, err)
	p, err := r.AddPSP(t.Context(), store.PSP{Name: "Wallet", Participant: bank.ID, BIC: "BANKKG22"})
	must(t, err)
	c.shop, c.psp = access.Merchant{ID: m.ID}, access.PSP{ID: p.ID}
	for day := range 2 {
		c.pay(10_000)
		c.pay(5_000)
		date := c.end()
		if day == 0 {
			_, err := c.days.MarkSubmitted(t.Context(), date, "file", "digest")
			must(t, err)
			_, err = c.days.Answer(t.Context(), date, flow.DayAnswer{Message: "file", Accepted: true})
			must(t, err)
		}
	}
	c.pay(700)
	c.steps()
	return c
}

func (c *centre) pay(amount int64) {
	c.t.Helper()
	c.made++
	name := fmt.Sprint("n", c.made)
	in := wire.NewPaymentRequest{Amount: amount, Description: "goods"}
	r, _, err := c.platform.CreateRequest(c.t.Context(), c.shop, flow.Idempotency{Key: name, Fingerprint: name}, in)
	must(c.t, err)
	p, _, err := c.platform.CreatePayment(c.t.Context(), c.psp, wire.NewPSPPayment{PSPPaymentID: name, Payload: r.Payload, Amount: amount, Payer: wire.Payer{Key: name}}, name)
	must(c.t, err)
	_, err = c.platform.Execute(c.t.Context(), c.psp, string(p.ID))
	must(c.t, err)
}

func (c *centre) steps() {
	c.t.Helper()
	for did := 1; did > 0; {
		_, err := c.store.Sequence(c.t.Context(), 1000)
		must(c.t, err)
		did, err = c.days.Step(c.t.Context())
		must(c.t, err)
	}
}

// end lets the clock go on until a day has ended.
func (c *centre) end() string {
	c.t.Helper()
	c.clock.Advance(24 * time.Hour)
	c.steps()
	days, err := c.days.List(c.t.Context(), "", 1)
	must(c.t, err)
	return days[0].Date
}

// twisted is a store whose records of business days are told with something wrong.
type twisted struct {
	store.Auditor
	lie *lie
}

// lie twists what is read; nil parts tell the truth.
type lie struct {
	store.Archive
	days      func([]settlement.Day, *store.Folding) []settlement.Day
	total     func(*settlement.Total)
	positions func([]settlement.Position) []settlement.Position
	payouts   func([]settlement.Payout) []settlement.Payout
	facts     func([]payment.Fact) []payment.Fact
	balance   func(*store.BalanceRow)
}

func (s twisted) Audit(ctx context.Context, do func(store.Archive) error) error {
	return s.Auditor.Audit(ctx, func(a store.Archive) error {
		told := *s.lie
		told.Archive = a
		return do(&told)
	})
}

func (l *lie) AllDays(ctx context.Context) ([]settlement.Day, store.Folding, error) {
	days, f, err := l.Archive.AllDays(ctx)
	if l.days != nil {
		days = l.days(days, &f)
	}
	return days, f, err
}

func (l *lie) TotalPage(ctx context.Context, n int64, after id.ID, limit int) ([]settlement.Total, error) {
	rows, err := l.Archive.TotalPage(ctx, n, after, limit)
	for i := range rows {
		if l.total != nil {
			l.total(&rows[i])
		}
	}
	return rows, err
}

func (l *lie) PositionsOf(ctx context.Context, date string) ([]settlement.Position, error) {
	rows, err := l.Archive.PositionsOf(ctx, date)
	if l.positions != nil {
		rows = l.positions(rows)
	}
	return rows, err
}

func (l *lie) PayoutPage(ctx context.Context, after id.ID, limit int) ([]settlement.Payout, error) {
	rows, err := l.Archive.PayoutPage(ctx, after, limit)
	if rows = slices.Clone(rows); l.payouts != nil && len(rows) > 0 {
		rows = l.payouts(rows)
	}
	return rows, err
}

func (l *lie) FactPage(ctx context.Context, after id.ID, limit int) ([]payment.Fact, error) {
	rows, err := l.Archive.FactPage(ctx, after, limit)
	if rows = slices.Clone(rows); l.facts != nil && len(rows) > 0 {
		rows = l.facts(rows)
	}
	return rows, err
}

func (l *lie) BalancePage(ctx context.Context, after store.BalanceRow, limit int) ([]store.BalanceRow, error) {
	rows, err := l.Archive.BalancePage(ctx, after, limit)
	rows = slices.Clone(rows)
	for i := range rows {
		if l.balance != nil {
			l.balance(&rows[i])
		}
	}
	return rows, err
}

func without1[T any](rows []T, is func(T) bool) []T { return slices.DeleteFunc(slices.Clone(rows), is) }

func ofKind(k id.Kind, day int64, change func(*settlement.Total)) func(*settlement.Total) {
	return func(t *settlement.Total) {
		if t.Owner.Kind() == k && t.Day == day {
			change(t)
		}
	}
}

// dayLies are what may be wrong with business days, and a rule that must notice.
var dayLies = []struct {
	name string
	rule invariant.Rule
	lie  lie
}{
	{"a fact is in two days", invariant.Days, lie{days: func(d []settlement.Day, _ *store.Folding) []settlement.Day { d[1].From--; return d }}},
	{"a fact is in no day", invariant.Days, lie{days: func(d []settlement.Day, _ *store.Folding) []settlement.Day { d[1].From++; return d }}},
	{"a fact changed its day", invariant.Days, lie{days: func(d []settlement.Day, _ *store.Folding) []settlement.Day {
		d[0].To, d[1].From = d[0].To-1, d[1].From-1
		return d
	}}},
	{"two days have one date", invariant.Days, lie{days: func(d []settlement.Day, _ *store.Folding) []settlement.Day { d[1].Date = d[0].Date; return d }}},
	{"a day is missing", invariant.Days, lie{days: func(d []settlement.Day, _ *store.Folding) []settlement.Day { return d[1:] }}},
	{"the day that is going on forgets a fact", invariant.Days, lie{days: func(d []settlement.Day, f *store.Folding) []settlement.Day { f.Position -= 2; return d }}},
	{"late facts are not told of", invariant.Days, lie{days: func(d []settlement.Day, _ *store.Folding) []settlement.Day { d[1].Late++; return d }}},
	{"a total is a tyiyn short", invariant.Days, lie{total: ofKind(id.Merchant, 1, func(t *settlement.Total) { t.Payments-- })}},
	{"the count of the running day is wrong", invariant.Days, lie{total: ofKind(id.Merchant, 3, func(t *settlement.Total) { t.Count++ })}},
	{"the positions do not sum to zero", invariant.Nets, lie{positions: func(p []settlement.Position) []settlement.Position { p[0].Net++; return p }}},
	{"a participant has no position", invariant.Nets, lie{positions: func(p []settlement.Position) []settlement.Position { return p[:1] }}},
	{"two wrong positions sum to zero", invariant.Nets, lie{positions: func(p []settlement.Position) []settlement.Position {
		p[0].Held, p[0].Net, p[1].Payouts, p[1].Net = p[0].Held-1, p[0].Net-1, p[1].Payouts+1, p[1].Net+1
		return p
	}}},
	{"a payout does not add up", invariant.PaidOut, lie{payouts: func(p []settlement.Payout) []settlement.Payout { p[0].Amount++; return p }}},
	{"a payout says other payments than the day", invariant.PaidOut, lie{payouts: func(p []settlement.Payout) []settlement.Payout {
		p[0].Payments, p[0].Fees = p[0].Payments+1, p[0].Fees+1
		return p
	}}},
	{"a merchant is paid twice", invariant.PaidOut, lie{payouts: func(p []settlement.Payout) []settlement.Payout {
		twice := p[0]
		twice.ID = twice.ID.Next()
		return append(p, twice)
	}}},
	{"a payout is gone", invariant.PaidOut, lie{payouts: func(p []settlement.Payout) []settlement.Payout { return p[1:] }}},
	{"what a day left is forgotten", invariant.PaidOut, lie{total: ofKind(id.Merchant, 2, func(t *settlement.Total) { t.Opening = -1 })}},
	{"a payout is paid that nobody was told of", invariant.Told, lie{payouts: func(p []settlement.Payout) []settlement.Payout {
		last := &p[len(p)-1]
		last.Status, last.PaidAt, last.EndedAt = settlement.PayoutPaid, last.CreatedAt, last.CreatedAt
		return p
	}}},
	{"a participant is settled twice", invariant.Settled, lie{facts: func(f []payment.Fact) []payment.Fact { return again(f, payment.PositionWasSettled) }}},
	{"a participant is not settled", invariant.Settled, lie{facts: func(f []payment.Fact) []payment.Fact {
		return without1(f, func(x payment.Fact) bool { return x.Type == payment.PositionWasSettled })
	}}},
	{"a PSP's position is closed with another sum", invariant.Settled, lie{facts: func(f []payment.Fact) []payment.Fact {
		f[slices.IndexFunc(f, func(x payment.Fact) bool { return x.Type == payment.PositionWasClosed })].Amount++
		return f
	}}},
	{"a limit is not released", invariant.Settled, lie{facts: func(f []payment.Fact) []payment.Fact {
		return without1(f, func(x payment.Fact) bool { return x.Type == payment.PositionWasReleased })
	}}},
	{"what is unsettled is counted wrong", invariant.Settled, lie{balance: func(b *store.BalanceRow) {
		if b.Account.Purpose() == "unsettled" {
			b.Amount++
		}
	}}},
}

func again(f []payment.Fact, kind payment.FactType) []payment.Fact {
	at := slices.IndexFunc(f, func(x payment.Fact) bool { return x.Type == kind })
	return slices.Insert(f, at, f[at])
}

func TestEveryLieOfADayIsNoticed(t *testing.T) {
	c := newCentre(t)
	report, err := invariant.Check(t.Context(), c.store)
	must(t, err)
	must(t, report.Err())
	for _, rule := range []invariant.Rule{invariant.Days, invariant.Nets, invariant.PaidOut, invariant.Settled} {
		if report.Looked[rule] == 0 {
			t.Errorf("nothing was held against %q", rule)
		}
	}
	for _, l := range dayLies {
		report, err := invariant.Check(t.Context(), twisted{c.store, &l.lie})
		must(t, err)
		if report.Breaks[l.rule] == 0 {
			t.Errorf("%s: the audit finds %v, and not that it breaks %q", l.name, report.Err(), l.rule)
		}
	}
}
