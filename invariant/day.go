package invariant

import (
	"cmp"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// days goes through the business days beside the feed: it adds up the facts of each
// again, and holds them against what was written down of it.
type days struct {
	all     []settlement.Day // those whose end the feed has not reached yet
	closed  []settlement.Day // that are no longer open
	going   store.Folding
	now     int64     // number of the day whose facts are added up
	earlier time.Time // the cut-off of the day before
	late    int64
	sums    map[id.ID]settlement.Total      // of its facts
	carried map[id.ID]money.Amount          // owed to merchants from the day before
	payouts map[string]map[id.ID]owedPayout // of the days that are not held against them yet
	wanted  map[posted]amounts              // what facts of settlement must say
	older   map[posted]amounts              // what they may say instead, from programs by which corrections counted in no limit
	facts   map[posted][]amounts            // what they say
}

// posted names a fact of settlement, of which there is one.
type posted struct {
	kind  payment.FactType
	day   string
	owner id.ID
}

type amounts struct{ amount, interchange money.Amount }

// owedPayout is what of a payout is held against its day.
type owedPayout struct {
	id           id.ID
	participant  id.ID
	amount, held money.Amount
	parts        settlement.Total
}

func (a *audit) readDays() error {
	all, going, err := a.archive.AllDays(a.ctx)
	a.days = days{
		all: all, going: going, now: 1, sums: map[id.ID]settlement.Total{}, carried: map[id.ID]money.Amount{},
		payouts: map[string]map[id.ID]owedPayout{}, wanted: map[posted]amounts{}, older: map[posted]amounts{}, facts: map[posted][]amounts{},
	}
	var last settlement.Day
	for _, d := range all {
		a.report.look(Days, 1)
		if d.Number != last.Number+1 || d.From != last.To || d.To < d.From || d.Date <= last.Date {
			a.broken(Days, d.Date, "day %d has the facts after %d up to %d; day %d, %s, ended with %d", d.Number, d.From, d.To, last.Number, last.Date, last.To)
		}
		last = d
	}
	if going.Number != last.Number+1 || going.Position < last.To {
		a.broken(Days, "the day that is going on", "it is day %d, counted up to %d, after day %d up to %d", going.Number, going.Position, last.Number, last.To)
	}
	return err
}

// payout looks at a payout.
func (a *audit) payout(p *settlement.Payout) {
	a.report.look(PaidOut, 1)
	if p.Amount <= 0 || p.Held < 0 || p.Explained() != p.Amount {
		a.broken(PaidOut, string(p.ID), "its parts come to %d tyiyn, it is %d, and %d are held", p.Explained(), p.Amount, p.Held)
	}
	if p.Status == settlement.PayoutMade != p.EndedAt.IsZero() || p.Status == settlement.PayoutPaid && p.PaidAt.IsZero() {
		a.broken(PaidOut, string(p.ID), "it is %s, was paid at %v, and ended at %v", p.Status, p.PaidAt, p.EndedAt)
	}
	of := a.days.payouts[p.Day]
	if of == nil {
		of = map[id.ID]owedPayout{}
		a.days.payouts[p.Day] = of
	}
	if twice, paid := of[p.Merchant]; paid {
		a.broken(PaidOut, string(p.ID), "%s has %s of %s already", p.Merchant, twice.id, p.Day)
	}
	of[p.Merchant] = owedPayout{p.ID, p.Participant, p.Amount, p.Held, settlement.Total{
		Opening: p.Opening, Payments: p.Payments, Count: p.Count, Fees: p.Fees, Refunds: p.Refunds, Rejected: p.Rejected,
		FeesReturned: p.FeesReturned, Returned: p.Returned, Adjusted: p.Adjusted,
	}}
	a.expectPayout(p)
}

func (a *audit) expectPayout(p *settlement.Payout) {
	says := telling{fromRow: true, merchant: p.Merchant, amount: p.Amount, at: p.CreatedAt}
	a.meet(happening{p.ID, payment.PayoutWasMade}, says)
	if says.at = p.PaidAt; !p.PaidAt.IsZero() {
		a.meet(happening{p.ID, payment.PayoutWasPaid}, says)
	}
	if says.at = p.EndedAt; p.Status == settlement.PayoutReturned {
		a.meet(happening{p.ID, payment.PayoutWasReturned}, says)
	}
}

// settled notes a fact of settlement that has no row of its own.
func (a *audit) settled(f *payment.Fact) bool {
	owner := cmp.Or(f.PSP, f.Participant)
	switch f.Type {
	case payment.PositionWasReleased:
		a.limits.step(f.PSP, -f.Amount, f.At)
	case payment.PositionWasClosed, payment.PositionWasSettled:
	default:
		return false
	}
	key := posted{f.Type, f.Day, owner}
	a.days.facts[key] = append(a.days.facts[key], amounts{f.Amount, f.Interchange})
	return true
}

// inDay adds a numbered fact to its day, once the days before it are held against what was written down.
func (a *audit) inDay(position int64, f *payment.Fact) error {
	for len(a.days.all) > 0 && position > a.days.all[0].To {
		if err := a.dayEnds(); err != nil {
			return err
		}
	}
	if len(a.days.all) == 0 && position > a.days.going.Position {
		return nil
	}
	totals, late := settlement.Fold(a.days.now, []payment.Fact{*f}, a.days.earlier)
	a.days.late += late
	for _, t := range totals {
		sum, there := a.days.sums[t.Owner]
		if !there {
			sum = settlement.Total{Day: t.Day, Owner: t.Owner}
		}
		a.days.sums[t.Owner] = sum.Plus(t)
	}
	return nil
}

// restOfDays ends the days that no fact came after, and holds what is counted of the one that is going on.
func (a *audit) restOfDays() error {
	for len(a.days.all) > 0 {
		if err := a.dayEnds(); err != nil {
			return err
		}
	}
	if _, err := a.written(settlement.Day{Number: a.days.going.Number, Date: "the day that is going on", Late: a.days.going.Late}); err != nil {
		return err
	}
	return a.checkSettled()
}

// dayEnds holds the first of the days that are left against what its facts come to.
func (a *audit) dayEnds() error {
	d := a.days.all[0]
	a.days.all = a.days.all[1:]
	totals, err := a.written(d)
	if err != nil {
		return err
	}
	a.days.now, a.days.earlier, a.days.late, a.days.sums = d.Number+1, d.CutAt, 0, map[id.ID]settlement.Total{}
	if d.Status == settlement.Open {
		return nil
	}
	a.days.closed = append(a.days.closed, d)
	paid := a.days.payouts[d.Date]
	delete(a.days.payouts, d.Date)
	sums := map[id.ID]settlement.PaidOut{}
	for _, p := range paid {
		sum := sums[p.participant]
		sums[p.participant] = settlement.PaidOut{Participant: p.participant, Amount: sum.Amount + p.amount, Count: sum.Count + 1}
	}
	a.paidOut(d, totals, paid)
	return a.positionsOf(d, totals, sums)
}

// written reads a day's totals and compares them with those of its facts.
func (a *audit) written(d settlement.Day) (out []settlement.Total, err error) {
	if d.Late != a.days.late {
		a.broken(Days, d.Date, "%d facts are counted as late, %d are", d.Late, a.days.late)
	}
	rows := stream[settlement.Total]{page: func(after settlement.Total) ([]settlement.Total, error) {
		if after.Day != 0 && after.Owner == "" { // the centre's total has no owner
			after.Owner = " "
		}
		return a.archive.TotalPage(a.ctx, d.Number, after.Owner, pageSize)
	}}
	err = rows.all(func(t *settlement.Total) {
		a.report.look(Days, 1)
		counted := a.days.sums[t.Owner]
		delete(a.days.sums, t.Owner)
		counted.Day, counted.Owner, counted.Participant, counted.BankAccount, counted.Opening = t.Day, t.Owner, t.Participant, t.BankAccount, t.Opening
		if counted != *t {
			a.broken(Days, d.Date, "of %s it counts %+v, its facts come to %+v", t.Owner, *t, counted)
		}
		out = append(out, *t)
	})
	for owner, t := range a.days.sums {
		if t != (settlement.Total{Day: t.Day, Owner: t.Owner}) {
			a.broken(Days, d.Date, "it counts nothing of %s, whose facts come to %+v", owner, t)
		}
	}
	return out, err
}

// paidOut holds the payouts of a closed day against what was owed at its cut-off, and
// that against what the day before left.
func (a *audit) paidOut(d settlement.Day, totals []settlement.Total, paid map[id.ID]owedPayout) {
	left := map[id.ID]money.Amount{}
	for _, t := range totals {
		if t.Owner.Kind() != id.Merchant {
			continue
		}
		a.report.look(PaidOut, 1)
		if t.Opening != a.days.carried[t.Owner] {
			a.broken(PaidOut, string(t.Owner), "%s begins with %d tyiyn, the day before left %d", d.Date, t.Opening, a.days.carried[t.Owner])
		}
		delete(a.days.carried, t.Owner)
		p, some := paid[t.Owner]
		delete(paid, t.Owner)
		parts := t
		parts.Day, parts.Owner, parts.Participant, parts.BankAccount, parts.RefundsCount, parts.Interchange = 0, "", "", "", 0, 0
		if some && (p.parts != parts || p.amount+p.held != t.Payable()) {
			a.broken(PaidOut, string(p.id), "it says %+v, the day %s came to %+v", p.parts, d.Date, parts)
		}
		if rest := t.Payable() - p.amount; rest != 0 {
			left[t.Owner] = rest
		}
	}
	for merchant, p := range paid {
		a.broken(PaidOut, string(p.id), "%s has no total on %s", merchant, d.Date)
	}
	for merchant, amount := range a.days.carried {
		a.broken(PaidOut, string(merchant), "the day before %s left %d tyiyn, which are forgotten", d.Date, amount)
	}
	a.days.carried = left
}
