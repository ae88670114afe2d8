package sim

import (
	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// ledgerOfDays is what the facts of settlement have said so far, beside what the platform
// keeps of it. Each commit is held to it.
type ledgerOfDays struct {
	once     map[onceOf]id.ID          // what happens once for an owner on a day
	payouts  map[id.ID]*paidOut        // by payout
	closed   map[id.ID]closedPositions // by PSP: the sum over all days
	released map[id.ID]money.Amount    // by PSP
	fixed    map[id.ID]money.Amount    // corrections by PSP
	charged  map[id.ID]money.Amount    // what refunds cost, by merchant
}

type onceOf struct {
	kind  payment.FactType
	day   string
	owner id.ID
}

type closedPositions struct{ owed, interchange money.Amount }

// paidOut is one payout as its facts tell of it.
type paidOut struct {
	merchant       id.ID
	amount         money.Amount
	paid, returned bool
}

func newLedgerOfDays() ledgerOfDays {
	return ledgerOfDays{once: map[onceOf]id.ID{}, payouts: map[id.ID]*paidOut{}, closed: map[id.ID]closedPositions{}, released: map[id.ID]money.Amount{}, fixed: map[id.ID]money.Amount{}, charged: map[id.ID]money.Amount{}}
}

// fact takes a fact of settlement in.
func (x *ledgerOfDays) fact(w *World, f *payment.Fact) {
	switch f.Type {
	case payment.PayoutWasMade:
		x.onlyOnce(w, f, f.Merchant)
		x.payouts[f.Payout] = &paidOut{merchant: f.Merchant, amount: f.Amount}
	case payment.PayoutWasPaid, payment.PayoutWasReturned:
		x.ended(w, f)
	case payment.PositionWasClosed:
		x.onlyOnce(w, f, f.PSP)
		sum := x.closed[f.PSP]
		x.closed[f.PSP] = closedPositions{sum.owed + f.Amount, sum.interchange + f.Interchange}
	case payment.PositionWasSettled:
		x.onlyOnce(w, f, f.Participant)
	case payment.PositionWasReleased:
		x.onlyOnce(w, f, f.PSP)
		x.released[f.PSP] += f.Amount
	case payment.RefundWasRequested:
		x.charged[f.Merchant] += f.Fee
	case payment.RefundWasRejected:
		x.charged[f.Merchant] -= f.Fee
	case payment.BooksWereCorrected:
		x.onlyOnceFor(w, f)
		x.fixed[f.PSP] += f.Amount
	}
}

func (x *ledgerOfDays) onlyOnce(w *World, f *payment.Fact, owner id.ID) {
	key := onceOf{f.Type, f.Day, owner}
	if before, twice := x.once[key]; twice {
		w.violated("a day is settled once", string(owner), "%s of %s is told by %s and by %s", f.Type, f.Day, before, f.ID)
	}
	x.once[key] = f.ID
}

// onlyOnceFor holds that a case is corrected once in each direction: the staff of these worlds asks for no more.
func (x *ledgerOfDays) onlyOnceFor(w *World, f *payment.Fact) {
	key := onceOf{f.Type, string(f.Reason), f.PSP}
	if before, twice := x.once[key]; twice {
		w.violated("a correction is booked once", string(f.Reason), "by %s and by %s", before, f.ID)
	}
	x.once[key] = f.ID
}

// ended holds that a payout ends as one: paid once, and sent back once, which is final.
func (x *ledgerOfDays) ended(w *World, f *payment.Fact) {
	p := x.payouts[f.Payout]
	switch {
	case p == nil:
		w.violated("a payout ends once", string(f.Payout), "%s tells of a payout that was not made", f.ID)
		return
	case p.returned, f.Type == payment.PayoutWasPaid && p.paid, p.amount != f.Amount, p.merchant != f.Merchant:
		w.violated("a payout ends once", string(f.Payout), "%s of %d by %s comes after %+v", f.Type, f.Amount, f.ID, *p)
	}
	p.paid = p.paid || f.Type == payment.PayoutWasPaid
	p.returned = p.returned || f.Type == payment.PayoutWasReturned
}
