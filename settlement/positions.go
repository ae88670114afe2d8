package settlement

import (
	"cmp"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/money"
)

// Party is a participant as it is named in a position.
type Party struct {
	ID        id.ID
	Name, BIC string
}

// PaidOut is what a participant's merchants are paid out together.
type PaidOut struct {
	Participant id.ID
	Amount      money.Amount
	Count       int64
}

// Reckoning is everything that the positions of a day are made of.
type Reckoning struct {
	Day       string
	Parties   []Party   // all participants: those without payments have positions of zero
	PSPs      []Total   // each with its Participant
	Returned  []Total   // of participants
	PaidOut   []PaidOut // by participant
	Merchants Total     // the totals of all merchants, summed
	Centre    Total
}

// Positions gives the positions of a day, by participant, the centre's first. Each is
// counted on its own, the centre's too, from what it earned and holds; so when the
// Nets do not sum to zero some money is counted wrong, and that is the error.
func (r Reckoning) Positions() ([]Position, error) {
	of := map[id.ID]*Position{Centre: {Day: r.Day}}
	for _, p := range r.Parties {
		of[p.ID] = &Position{Day: r.Day, Participant: p.ID, Name: p.Name, BIC: p.BIC}
	}
	for _, x := range []error{r.addPSPs(of), r.addReturned(of), r.addPaidOut(of)} {
		if x != nil {
			return nil, x
		}
	}
	r.addCentre(of[Centre])
	out := make([]Position, 0, len(of))
	var sum money.Amount
	for _, p := range of {
		p.Net = p.net()
		sum += p.Net
		out = append(out, *p)
	}
	if sum != 0 {
		return nil, fmt.Errorf("settlement: the positions of %s sum to %d tyiyn instead of zero; the day stays open until the difference is found", r.Day, sum)
	}
	slices.SortFunc(out, func(a, b Position) int { return cmp.Compare(a.Participant, b.Participant) })
	return out, nil
}

func (p Position) net() money.Amount {
	return p.Refunded + p.Interchange + p.Payouts + p.Adjusted + p.Fees + p.Held - p.Paid - p.Returned
}

// Adds says that the parts of a position come to its net.
func (p Position) Adds() bool { return p.Net == p.net() }

func (r Reckoning) addPSPs(of map[id.ID]*Position) error {
	for _, t := range r.PSPs {
		p := of[t.Participant]
		if p == nil || t.Participant == Centre {
			return fmt.Errorf("settlement: on %s PSP %s settles for %q, which is no participant", r.Day, t.Owner, t.Participant)
		}
		p.Paid += t.Payments
		p.PaidCount += t.Count
		p.Refunded += t.Refunds
		p.RefundedCount += t.RefundsCount
		p.Interchange += t.Interchange
		p.Adjusted += t.Adjusted
	}
	return nil
}

func (r Reckoning) addReturned(of map[id.ID]*Position) error {
	for _, t := range r.Returned {
		p := of[t.Owner]
		if p == nil {
			return fmt.Errorf("settlement: on %s payouts came back from %s, which is no participant", r.Day, t.Owner)
		}
		p.Returned += t.Returned
	}
	return nil
}

func (r Reckoning) addPaidOut(of map[id.ID]*Position) error {
	for _, x := range r.PaidOut {
		p := of[x.Participant]
		if p == nil || x.Participant == Centre {
			return fmt.Errorf("settlement: on %s payouts go to %q, which is no participant", r.Day, x.Participant)
		}
		p.Payouts, p.PayoutsCount = x.Amount, x.Count
	}
	return nil
}

// addCentre counts what stays at the centre: its fees, refunds that are on their way
// to payers, and what merchants are owed and not paid out yet.
func (r Reckoning) addCentre(p *Position) {
	p.Fees, p.Adjusted = r.Centre.Fees, r.Centre.Adjusted
	p.Held = r.Centre.Refunds + r.Merchants.Change()
	for _, x := range r.PaidOut {
		p.Held -= x.Amount
	}
}
