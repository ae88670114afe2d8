package invariant

import (
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
)

// positionsOf holds the positions of a closed day against its totals and payouts.
func (a *audit) positionsOf(d settlement.Day, totals []settlement.Total, paid map[id.ID]settlement.PaidOut) error {
	stored, err := a.archive.PositionsOf(a.ctx, d.Date)
	if err != nil {
		return err
	}
	r := settlement.Reckoning{Day: d.Date}
	var sum money.Amount
	for _, p := range stored {
		a.report.look(Nets, 1)
		if sum += p.Net; !p.Adds() {
			a.broken(Nets, string(p.Participant), "the parts of its position on %s do not come to its net of %d tyiyn", d.Date, p.Net)
		}
		if p.Participant != settlement.Centre {
			r.Parties = append(r.Parties, settlement.Party{ID: p.Participant, Name: p.Name, BIC: p.BIC})
		}
	}
	if sum != 0 {
		a.broken(Nets, d.Date, "its positions sum to %d tyiyn", sum)
	}
	r.PSPs, r.Returned, r.Merchants, r.Centre = split(totals)
	for _, x := range paid {
		r.PaidOut = append(r.PaidOut, x)
	}
	counted, err := r.Positions()
	if err != nil {
		a.broken(Nets, d.Date, "%v", err)
		return nil
	}
	a.samePositions(d, stored, counted)
	a.wantPostings(d, r.PSPs, counted)
	return nil
}

// split sorts a day's totals by what they are of.
func split(totals []settlement.Total) (psps, returned []settlement.Total, merchants, centre settlement.Total) {
	for _, t := range totals {
		switch t.Owner.Kind() {
		case id.PSP:
			if t.Participant != "" || t != (settlement.Total{Day: t.Day, Owner: t.Owner}) {
				psps = append(psps, t)
			}
		case id.Participant:
			returned = append(returned, t)
		case id.Merchant:
			merchants = merchants.Plus(t)
		default:
			centre = t
		}
	}
	return psps, returned, merchants, centre
}

func (a *audit) samePositions(d settlement.Day, stored, counted []settlement.Position) {
	of := map[id.ID]settlement.Position{}
	for _, p := range stored {
		of[p.Participant] = p
	}
	for _, p := range counted {
		if got := of[p.Participant]; got != p {
			a.broken(Nets, string(p.Participant), "on %s its position is %+v, the day comes to %+v", d.Date, got, p)
		}
	}
}

// wantPostings notes which facts must have written down what the day comes to, by where it stands.
func (a *audit) wantPostings(d settlement.Day, psps []settlement.Total, positions []settlement.Position) {
	for _, t := range psps {
		closed, released := posted{payment.PositionWasClosed, d.Date, t.Owner}, posted{payment.PositionWasReleased, d.Date, t.Owner}
		if t.Owed() != 0 || t.Interchange != 0 {
			a.days.wanted[closed] = amounts{t.Owed(), t.Interchange}
		}
		if t.Owed() != 0 && !d.AcceptedAt.IsZero() {
			a.days.wanted[released] = amounts{amount: t.Owed()}
		}
		if t.Adjusted != 0 {
			a.days.older[closed] = amounts{t.Owed(), t.Interchange}
		}
		if t.Adjusted != 0 && !d.AcceptedAt.IsZero() {
			a.days.older[released] = amounts{amount: t.Payments - t.Refunds}
		}
	}
	for _, p := range positions {
		if p.Net != 0 && p.Participant != settlement.Centre && !d.AcceptedAt.IsZero() {
			a.days.wanted[posted{payment.PositionWasSettled, d.Date, p.Participant}] = amounts{amount: p.Net}
		}
	}
}

// readOlder takes facts of older programs for what those of today say. What is settled weighs in
// no limit, the corrections of its day neither, though such a fact does not count them.
func (a *audit) readOlder() {
	for key, older := range a.days.older {
		got := a.days.facts[key]
		want, wanted := a.days.wanted[key]
		if len(got) != 1 || got[0] != older || wanted && got[0] == want {
			continue
		}
		if key.kind == payment.PositionWasReleased {
			a.limits.step(key.owner, got[0].amount-want.amount, time.Time{})
		}
		if a.days.facts[key] = []amounts{want}; !wanted {
			delete(a.days.facts, key)
		}
	}
}

// checkSettled holds the facts of settlement against what the days come to. While a day
// is being written down some of its facts are still to come.
func (a *audit) checkSettled() error {
	for key, got := range a.days.facts {
		if _, released := a.days.facts[posted{payment.PositionWasReleased, key.day, key.owner}]; key.kind == payment.PositionWasClosed && !released {
			a.limits.unsettled(key.owner, got[0].amount)
		}
	}
	a.readOlder()
	inWork := map[string]bool{}
	for _, d := range a.days.closed {
		inWork[d.Date] = d.Stage != settlement.Wait
	}
	for key, want := range a.days.wanted {
		a.report.look(Settled, 1)
		got := a.days.facts[key]
		delete(a.days.facts, key)
		switch {
		case len(got) == 0 && inWork[key.day]:
		case len(got) != 1 || got[0] != want:
			a.broken(Settled, string(key.owner), "%s of %s says %v, it must be once %v", key.kind, key.day, got, want)
		}
	}
	known := map[string]bool{}
	for _, d := range a.days.closed {
		known[d.Date] = true
	}
	for key, got := range a.days.facts {
		if known[key.day] || len(got) != 1 { // of a day that is open, the close has not come so far
			a.broken(Settled, string(key.owner), "%s of %s says %v, and nothing is to be settled", key.kind, key.day, got)
		}
	}
	return nil
}
