package books

import (
	"cmp"
	"slices"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// Count is a step of a counter that a limit keeps: Used tyiyn more are used, or
// fewer when it is below zero. A step in which a payment takes something may not
// lead above Cap, also when others give back more in it; Refusal is what is said then.
type Count struct {
	Account ledger.Account
	Used    money.Amount
	Takes   bool // some payment weighs more than before
	Cap     money.Amount
	Refusal fault.Code
	rank    int
}

// The ranks are the order in which limits are judged and refused.
const (
	merchantDaily = iota
	pspDaily
	participantDaily
	pspPosition
	participantPosition
)

var refusals = []fault.Code{
	merchantDaily: fault.LimitMerchantDaily, pspDaily: fault.LimitPSPDaily, participantDaily: fault.LimitParticipantDaily,
	pspPosition: fault.LimitPSPPosition, participantPosition: fault.LimitParticipantPosition,
}

// Counters says what changed payments move in the counters of the limits: for
// each payment the difference between what it weighs now and what it weighed
// before, 0 when it was not there. So whatever a create took comes back with the
// end that frees it, from the counter of the payment's own day.
func Counters(caps payment.Caps, before, changed []payment.Payment) []Count {
	if len(caps.Limits) == 0 {
		return nil
	}
	var out counts
	for _, p := range changed {
		old := earlier(before, p.ID)
		for _, l := range caps.Of(p.Merchant, p.PSP) {
			if l.Daily > 0 && !p.CreatedAt.Before(l.CountedFrom) {
				out.add(Count{Account: ledger.OfDay(l.Owner, payment.DayOf(p.CreatedAt)), Used: Taken(p) - Taken(old), Cap: l.Daily, rank: dailyOf(l.Owner)})
			}
			if l.NetDebit > 0 {
				out.add(Count{Account: ledger.Of(l.Owner, ledger.Position), Used: Exposed(p) - Exposed(old), Cap: l.NetDebit, rank: positionOf(l.Owner)})
			}
		}
	}
	return out.moved()
}

// Taken is what a payment weighs in the counters of its day.
func Taken(p payment.Payment) money.Amount {
	switch p.Status {
	case payment.Created, payment.InProcess, payment.Succeeded:
		return p.Amount
	}
	if flaw.Has(flaw.PositionKept) {
		return p.Amount
	}
	return 0
}

// Exposed is what a payment weighs in a position until it is settled: all that the PSP
// takes from the payer, less what it gave back.
func Exposed(p payment.Payment) money.Amount {
	taken := Taken(p)
	if taken > 0 {
		taken += p.Surcharge
	}
	if flaw.Has(flaw.PositionForgetsRefunds) {
		return taken
	}
	return taken - p.Refunded - p.SurchargeReturned
}

func dailyOf(owner id.ID) int {
	switch owner.Kind() {
	case id.Merchant:
		return merchantDaily
	case id.PSP:
		return pspDaily
	}
	return participantDaily
}

func positionOf(owner id.ID) int {
	if owner.Kind() == id.PSP {
		return pspPosition
	}
	return participantPosition
}

// earlier finds a payment as it was before; the zero payment when it is new.
func earlier(before []payment.Payment, want id.ID) payment.Payment {
	for i := range before {
		if before[i].ID == want {
			return before[i]
		}
	}
	return payment.Payment{}
}

// counts adds up steps by account.
type counts []Count

func (c *counts) add(step Count) {
	step.Takes = step.Used > 0
	for i := range *c {
		if (*c)[i].Account == step.Account {
			(*c)[i].Used += step.Used
			(*c)[i].Takes = (*c)[i].Takes || step.Takes
			return
		}
	}
	step.Refusal = refusals[step.rank]
	*c = append(*c, step)
}

// moved gives the counters that changed, or from which something was taken, in the order in which they are judged.
func (c counts) moved() []Count {
	out := slices.DeleteFunc(c, func(x Count) bool { return x.Used == 0 && !x.Takes })
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Account.Code, b.Account.Code))
	})
	return out
}
