package settlement

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tolom/books"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// NoBankAccount stands in a total for the account of a merchant that had none at the close. An empty text there is of a day
// that was closed before accounts were noted.
const NoBankAccount = "-"

// Total is what the facts of one day make of one owner's money, in tyiyn. Of a
// merchant it says how its payable balance came about, of a PSP what its payers paid
// and got back, of a participant what its merchants' accounts did not take, and
// of the centre, whose owner is empty, what was earned and what is on its way.
type Total struct {
	Day          int64 // its number
	Owner        id.ID
	Participant  id.ID        // whose position it is in; of PSPs, once the day is cut
	BankAccount  string       // that a merchant had at the close, or NoBankAccount; of merchants, once payouts are made
	Opening      money.Amount // carried over from the days before; of merchants
	Payments     money.Amount // gross; of PSPs what their payers paid
	Count        int64        // of payments
	Fees         money.Amount // of a merchant's payments; of the centre what it earned
	Refunds      money.Amount // asked for; of PSPs those given; of the centre what more is on its way
	RefundsCount int64
	Rejected     money.Amount
	FeesReturned money.Amount
	Returned     money.Amount // payouts of earlier days that came back
	Interchange  money.Amount
	Adjusted     money.Amount // changes by facts of other kinds
}

// Plus adds the amounts and counts of another total of the same owner.
func (t Total) Plus(o Total) Total {
	t.Opening += o.Opening
	t.Payments += o.Payments
	t.Count += o.Count
	t.Fees += o.Fees
	t.Refunds += o.Refunds
	t.RefundsCount += o.RefundsCount
	t.Rejected += o.Rejected
	t.FeesReturned += o.FeesReturned
	t.Returned += o.Returned
	t.Interchange += o.Interchange
	t.Adjusted += o.Adjusted
	return t
}

// Change is what the day changed of a merchant's payable balance, before its payout.
func (t Total) Change() money.Amount {
	return t.Payments - t.Fees - t.Refunds + t.Rejected + t.FeesReturned + t.Returned + t.Adjusted
}

// Payable is what was owed to a merchant at the cut-off. Below zero refunds went further than payments.
func (t Total) Payable() money.Amount { return t.Opening + t.Change() }

// Owed is what a PSP owes for its payers' day, before interchange. So much the day weighs in
// the positions that limits bound, until it is settled.
func (t Total) Owed() money.Amount { return t.Payments - t.Refunds - t.Adjusted }

// settles are the facts that write down what an earlier day came to. They are in the
// feed like all facts, but add nothing to the day that they are in.
var settles = map[payment.FactType]bool{
	payment.PayoutWasMade: true, payment.PayoutWasPaid: true,
	payment.PositionWasClosed: true, payment.PositionWasSettled: true, payment.PositionWasReleased: true,
}

// Fold adds up facts of the day of that number: one total for each owner that they
// touch, by owner, and how many of them happened before the cut-off of an earlier day.
// Sums come from the table of books, so they are those of the ledger; the kinds
// of facts only say under which name an amount is shown.
func Fold(number int64, facts []payment.Fact, earlierCut time.Time) (totals []Total, late int64) {
	f := folding{}
	for i := range facts {
		if facts[i].At.Before(earlierCut) {
			late++
		}
		if !settles[facts[i].Type] {
			f.add(&facts[i])
		}
	}
	totals = make([]Total, 0, len(f))
	for owner, t := range f {
		t.Day, t.Owner = number, owner
		totals = append(totals, *t)
	}
	slices.SortFunc(totals, func(a, b Total) int { return cmp.Compare(a.Owner, b.Owner) })
	return totals, late
}

type folding map[id.ID]*Total

func (f folding) of(owner id.ID) *Total {
	t := f[owner]
	if t == nil {
		t = &Total{}
		f[owner] = t
	}
	return t
}

func (f folding) add(fact *payment.Fact) {
	for _, e := range books.Transfer(*fact) {
		f.move(fact, e.Debit, -e.Amount)
		f.move(fact, e.Credit, e.Amount)
	}
	switch fact.Type {
	case payment.PaymentSucceeded: // what was credited is counted so far; the rest of the gross is fees
		m := f.of(fact.Merchant)
		m.Fees += fact.Amount
		m.Payments += fact.Amount
		m.Count++
		f.of(fact.PSP).Count++
		if flaw.Has(flaw.SurchargeUncounted) {
			f.of(fact.PSP).Payments -= fact.Surcharge
		}
	case payment.RefundWasRequested: // what the merchant paid for it is no part of the refund
		m := f.of(fact.Merchant)
		m.Refunds -= fact.Fee
		m.Fees += fact.Fee
		m.RefundsCount++
	case payment.RefundWasRejected:
		m := f.of(fact.Merchant)
		m.Rejected -= fact.Fee
		m.FeesReturned += fact.Fee
	case payment.RefundDidSucceed:
		f.of(fact.PSP).RefundsCount++
		f.of(fact.Merchant) // It is in the day's records, with its account, although nothing of its balance moves.
	}
}

// move puts the change of one account under its name.
func (f folding) move(fact *payment.Fact, a ledger.Account, change money.Amount) {
	name, _, _ := strings.Cut(a.Code, ":")
	owner := id.ID(name)
	switch a.Purpose() {
	case ledger.Payable:
		*f.of(owner).payable(fact.Type) += signed(fact.Type, change)
	case ledger.Clearing:
		*f.of(owner).clearing(fact.Type) += signedPSP(fact.Type, change)
	case ledger.Interchange:
		f.of(owner).Interchange += change
	case ledger.Bank:
		f.of(owner).Returned -= change
	case ledger.Refunds:
		f.of(Centre).Refunds += change
	case ledger.Fees:
		f.of(Centre).Fees += change
	default:
		f.of(Centre).Adjusted += change
	}
}

// Centre is the owner of what the processing centre itself has.
const Centre id.ID = ""

func (t *Total) payable(kind payment.FactType) *money.Amount {
	switch kind {
	case payment.PaymentSucceeded:
		return &t.Fees
	case payment.RefundWasRequested:
		return &t.Refunds
	case payment.RefundDidSucceed:
		return &t.FeesReturned
	case payment.RefundWasRejected:
		return &t.Rejected
	case payment.PayoutWasReturned:
		return &t.Returned
	}
	return &t.Adjusted
}

// signed gives a change as its name counts it: fees and refunds count what left the merchant.
func signed(kind payment.FactType, change money.Amount) money.Amount {
	if kind == payment.PaymentSucceeded || kind == payment.RefundWasRequested {
		return -change
	}
	return change
}

func (t *Total) clearing(kind payment.FactType) *money.Amount {
	switch kind {
	case payment.PaymentSucceeded:
		return &t.Payments
	case payment.RefundDidSucceed:
		return &t.Refunds
	}
	return &t.Adjusted
}

// signedPSP does the same for a PSP, whose clearing account falls with what its payers paid.
func signedPSP(kind payment.FactType, change money.Amount) money.Amount {
	if kind == payment.PaymentSucceeded {
		return -change
	}
	return change
}
