// Package books is the one table that says which fact moves what between which
// accounts. A fact that moves no money has no line here.
package books

import (
	"tolom/flaw"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// Transfer gives the entries of a fact; nil when it moves nothing.
func Transfer(f payment.Fact) ledger.Transfer {
	post, ok := table[f.Type]
	if !ok {
		return nil
	}
	return post(f, accountsOf(f), nil)
}

// accounts are the ones a payment or its settlement touches.
type accounts struct {
	clearing, payable, fees, interchange, refunds, bank ledger.Account
}

func accountsOf(f payment.Fact) accounts {
	return accounts{
		clearing:    ledger.Of(f.PSP, ledger.Clearing),
		payable:     ledger.Of(f.Merchant, ledger.Payable),
		fees:        ledger.Platform(ledger.Fees),
		interchange: ledger.Of(f.PSP, ledger.Interchange),
		refunds:     ledger.Of(f.PSP, ledger.Refunds),
		bank:        ledger.Of(f.Participant, ledger.Bank),
	}
}

type posting func(payment.Fact, accounts, ledger.Transfer) ledger.Transfer

// table: fact → (debit, credit, amount) lines.
var table = map[payment.FactType]posting{
	payment.PaymentSucceeded: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		if flaw.Has(flaw.FeeTwice) {
			f.Amount -= f.Fee
		}
		t = t.
			Move(a.clearing, a.payable, f.Amount-f.Fee).
			Move(a.clearing, a.fees, f.Fee+f.Surcharge-f.Interchange)
		if flaw.Has(flaw.InterchangeMissing) {
			return t
		}
		return t.Move(a.clearing, a.interchange, f.Interchange)
	},
	payment.RefundWasRequested: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		return t.Move(a.payable, a.refunds, f.Amount).Move(a.payable, a.fees, f.Fee)
	},
	payment.RefundDidSucceed: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		if flaw.Has(flaw.LegSwapped) {
			a.refunds, a.clearing = a.clearing, a.refunds
		}
		to := a.payable // who bore the fee has it back
		if f.Surcharge > 0 {
			to = a.clearing
		}
		return t.
			Move(a.refunds, a.clearing, f.Amount).
			Move(a.fees, to, f.Fee+f.Surcharge-f.Interchange).
			Move(a.interchange, to, f.Interchange)
	},
	payment.RefundWasRejected: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		return t.Move(a.refunds, a.payable, f.Amount).Move(a.fees, a.payable, f.Fee)
	},
	payment.PayoutWasMade: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		return t.Move(a.payable, a.bank, f.Amount)
	},
	payment.PayoutWasReturned: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		if flaw.Has(flaw.ReturnedKept) {
			return t
		}
		return t.Move(a.bank, a.payable, f.Amount)
	},
	payment.PositionWasClosed: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		return moveEither(moveEither(t, a.bank, a.clearing, f.Amount), a.interchange, a.bank, f.Interchange)
	},
	payment.BooksWereCorrected: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		return moveEither(t, a.clearing, ledger.Platform(ledger.Suspense), f.Amount)
	},
	payment.PositionWasSettled: func(f payment.Fact, a accounts, t ledger.Transfer) ledger.Transfer {
		return moveEither(t, a.bank, ledger.Platform(ledger.Settlement), f.Amount)
	},
}

// moveEither moves an amount that may be below zero, which goes the other way.
func moveEither(t ledger.Transfer, debit, credit ledger.Account, amount money.Amount) ledger.Transfer {
	if amount < 0 {
		debit, credit, amount = credit, debit, -amount
	}
	return t.Move(debit, credit, amount)
}

// Payable gives what a fact changes of the merchant's payable balance.
func Payable(f payment.Fact) (change money.Amount) {
	payable := ledger.Of(f.Merchant, ledger.Payable)
	for _, e := range Transfer(f) {
		switch payable {
		case e.Credit:
			change += e.Amount
		case e.Debit:
			change -= e.Amount
		}
	}
	return change
}
