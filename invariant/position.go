package invariant

import (
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// paymentFacts are the kinds of facts whose entries come from payments alone.
var paymentFacts = map[payment.FactType]bool{
	payment.PaymentSucceeded: true, payment.RefundWasRequested: true, payment.RefundDidSucceed: true, payment.RefundWasRejected: true,
}

// positions are what each account comes to by payments, counted twice: from the
// payments themselves, without the table of books, and from the entries.
type positions map[ledger.Account]money.Amount

// paid adds what a payment makes of the accounts of its parties.
func (x positions) paid(p *payment.Payment) {
	if p.Status != payment.Succeeded {
		return
	}
	fee, surcharge, interchange := p.Fee-p.FeeReturned, p.Surcharge-p.SurchargeReturned, p.Interchange-p.InterchangeReturned
	x[ledger.Of(p.PSP, ledger.Clearing)] -= p.Amount - p.Refunded + surcharge
	x[ledger.Of(p.PSP, ledger.Refunds)] += p.Refunding
	x[ledger.Of(p.PSP, ledger.Interchange)] += interchange
	x[ledger.Platform(ledger.Fees)] += fee + surcharge - interchange
	x[ledger.Of(p.Merchant, ledger.Payable)] += p.Amount - p.Refunded - p.Refunding - fee
}

// charged adds what a refund costs its merchant, unless it was rejected.
func (x positions) charged(r *payment.Refund) {
	if r.Status != payment.RefundRejected {
		x[ledger.Of(r.Merchant, ledger.Payable)] -= r.Charge
		x[ledger.Platform(ledger.Fees)] += r.Charge
	}
}

// moved takes the entries of a payment's fact off again.
func (x positions) moved(e ledger.Entry) {
	x[e.Debit] += e.Amount
	x[e.Credit] -= e.Amount
}

// checkPositions reports accounts that payments and entries make differently, and
// participants' money that does not sum to zero.
func (a *audit) checkPositions() error {
	var all money.Amount
	a.report.look(Positions, int64(len(a.positions)))
	for account, left := range a.positions {
		all += left
		if left != 0 {
			a.broken(Positions, account.Code, "its payments come to %d tyiyn more than their entries", left)
		}
	}
	if all != 0 {
		a.broken(Positions, "all positions", "they sum to %d tyiyn", all)
	}
	return nil
}

// limits counts again what the limits count.
type limits struct {
	of     map[id.ID]payment.Limits
	psps   map[id.ID]id.ID // their participants
	used   map[ledger.Account]money.Amount
	newest map[ledger.Account]payment.Payment // the youngest that is counted
	raised map[ledger.Account][]raise
}

// raise is what made a position larger and is bounded by no cap: a correction by which a PSP
// owes more, or the settlement of a day in which more was given back than paid. Both are few.
type raise struct {
	at     time.Time
	amount money.Amount
}

// disorder is how far the times of two commits may be from the order in which they changed a counter.
const disorder = time.Minute

// readLimits reads what is bounded before the payments are walked through.
func (a *audit) readLimits() error {
	bounds, participants, err := a.archive.Bounds(a.ctx)
	a.limits = limits{
		of: map[id.ID]payment.Limits{}, psps: participants, used: map[ledger.Account]money.Amount{},
		newest: map[ledger.Account]payment.Payment{}, raised: map[ledger.Account][]raise{},
	}
	for _, l := range bounds {
		a.limits.of[l.Owner] = l
	}
	return err
}

// count adds a payment to the counters of those whose limits it must keep. It
// says again, apart from books.Counters, what is counted: what is reserved or
// paid, by the day of its creation; in a position what the payer pays on top too, and
// without what was given back.
func (x *limits) count(p *payment.Payment) {
	if len(x.of) == 0 || p.Status == payment.Failed || p.Status == payment.Canceled {
		return
	}
	for _, owner := range []id.ID{p.Merchant, p.PSP, x.psps[p.PSP]} {
		l, bounded := x.of[owner]
		if !bounded || owner == "" {
			continue
		}
		if l.Daily > 0 && !p.CreatedAt.Before(l.CountedFrom) {
			x.add(ledger.OfDay(owner, payment.DayOf(p.CreatedAt)), p.Amount, p)
		}
		if l.NetDebit > 0 {
			x.add(ledger.Of(owner, ledger.Position), p.Amount+p.Surcharge-p.Refunded-p.SurchargeReturned, p)
		}
	}
}

func (x *limits) add(counter ledger.Account, amount money.Amount, p *payment.Payment) {
	x.used[counter] += amount
	if newest, counted := x.newest[counter]; !counted || newest.CreatedAt.Before(p.CreatedAt) {
		x.newest[counter] = *p
	}
}

// step changes the positions of a PSP and of its participant by what is corrected, or by what
// is settled, which is below zero.
func (x *limits) step(psp id.ID, amount money.Amount, at time.Time) {
	for _, owner := range []id.ID{psp, x.psps[psp]} {
		if l, bounded := x.of[owner]; bounded && owner != "" && l.NetDebit > 0 {
			counter := ledger.Of(owner, ledger.Position)
			if x.used[counter] += amount; amount > 0 {
				x.raised[counter] = append(x.raised[counter], raise{at, amount})
			}
		}
	}
}

// raisedSince is how much larger a position has become since the youngest payment that is counted in it.
func (x *limits) raisedSince(counter ledger.Account) (sum money.Amount) {
	for _, r := range x.raised[counter] {
		if r.at.After(x.newest[counter].CreatedAt.Add(-disorder)) {
			sum += r.amount
		}
	}
	return sum
}

// unsettled counts what of a PSP's position is closed and not settled.
func (x *limits) unsettled(psp id.ID, amount money.Amount) {
	x.used[ledger.Of(psp, ledger.Unsettled)] += amount
}

// owned gives the limits that a counter belongs to, and its cap; false for a
// counter that is not kept any more.
func (x *limits) owned(counter ledger.Account) (l payment.Limits, bound money.Amount, kept bool) {
	l, bounded := x.of[ownerOf(counter)]
	if !bounded || counter.Purpose() == ledger.Unsettled {
		return l, 0, false
	}
	if counter.Purpose() == ledger.Position {
		return l, l.NetDebit, l.NetDebit > 0
	}
	return l, l.Daily, l.Daily > 0 && counter.Code >= ledger.OfDay(l.Owner, payment.DayOf(l.CountedFrom)).Code
}

func ownerOf(a ledger.Account) id.ID {
	for i := range a.Code {
		if a.Code[i] == ':' {
			return id.ID(a.Code[:i])
		}
	}
	return ""
}

// most is how much a counter may say under its cap. A cap may be put below what is used; then
// nothing more may have been added but what no cap bounds. By how much it may be passed is noted
// with it, in the commits that make it so: an order of times would not tell, as a clock may go
// back. Limits of before it was noted are judged by times. False when nothing can be told.
func (x *limits) most(counter ledger.Account, bound money.Amount) (money.Amount, bool) {
	l := x.of[ownerOf(counter)]
	switch {
	case l.Over() && counter.Purpose() == ledger.Position:
		return bound + l.NetDebitOver, true
	case l.Over():
		return bound + l.DailyOver, counter.Code >= ledger.OfDay(l.Owner, payment.DayOf(l.SetAt)).Code
	}
	return bound + x.raisedSince(counter), !l.SetAt.IsZero() && x.newest[counter].CreatedAt.After(l.SetAt)
}

// checkLimits compares the stored counters, negated as they are kept, with those
// that were counted again, and both with the caps.
func (a *audit) checkLimits(stored map[ledger.Account]money.Amount) {
	x := a.limits
	for counter := range x.used {
		if _, kept := stored[counter]; !kept {
			stored[counter] = 0
		}
	}
	for counter, balance := range stored {
		_, bound, kept := x.owned(counter)
		if unsettled := x.used[counter]; counter.Purpose() == ledger.Unsettled && unsettled != -balance {
			a.broken(Settled, counter.Code, "it counts %d tyiyn, what is closed and not settled comes to %d", -balance, unsettled)
		}
		if !kept {
			continue
		}
		a.report.look(Counted, 1)
		a.report.look(Capped, 1)
		used := x.used[counter]
		if used != -balance {
			a.broken(Counted, counter.Code, "it counts %d tyiyn, what counts comes to %d", -balance, used)
		}
		if most, known := x.most(counter, bound); known && used > most {
			a.broken(Capped, counter.Code, "%d tyiyn are used of %d, and no more than %d can be by what came before the limit was set or is not bounded by it", used, bound, most)
		}
	}
}
