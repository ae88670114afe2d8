// Package ledger is double entry in its plainest form: every entry moves an
// amount from one account to another, so every transfer sums to zero by its
// shape. It knows accounts and sums; books knows which fact moves what.
package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tolom/id"
	"tolom/money"
)

// Purpose says what an account is for.
type Purpose string

// The purposes. A balance is credits minus debits: positive means that the
// platform owes it, negative that it is owed.
const (
	Clearing    Purpose = "clearing"      // what a PSP owes for payments its payers made
	Payable     Purpose = "payable"       // what is owed to a merchant
	Fees        Purpose = "fees"          // what the platform earned
	Interchange Purpose = "interchange"   // what is owed to a PSP for bringing payers
	Refunds     Purpose = "refunds"       // on its way back to a PSP's payers
	Bank        Purpose = "bank_clearing" // what a merchants' bank is to receive at settlement
	Settlement  Purpose = "settlement"    // the account at the central bank
	Suspense    Purpose = "suspense"      // differences found by reconciliation

	// Memo accounts count what limits bound. No entry moves them and they stand
	// outside of double entry: the balance is what is used, negated, so that a cap is a floor.
	Position Purpose = "position" // reserved and paid less refunded, not yet settled
	Daily    Purpose = "daily"    // reserved and paid on one day, which the code names
	// Unsettled is what of a PSP's position left its clearing account with the close of
	// a day and is not settled yet, negated.
	Unsettled Purpose = "unsettled"
)

// Memo says that accounts of this purpose only count.
func (p Purpose) Memo() bool { return p == Position || p == Daily || p == Unsettled }

// Guarded says that accounts of this purpose may have a floor, so their balance
// is one row that is checked when it changes. All others are striped into slices.
func (p Purpose) Guarded() bool { return p == Payable || p.Memo() }

// Account is the name of an account and the shard that keeps it. The code is
// "owner:purpose", such as "mer_…:payable", or "owner:purpose-day".
type Account struct {
	Code   string
	Bucket uint16
}

// Of names the account of an owner.
func Of(owner id.ID, p Purpose) Account {
	return Account{Code: string(owner) + ":" + string(p), Bucket: owner.Bucket()}
}

// OfDay names the account in which an owner's payments of a day, "2026-11-24", are counted.
func OfDay(owner id.ID, day string) Account {
	return Account{Code: string(owner) + ":" + string(Daily) + "-" + day, Bucket: owner.Bucket()}
}

// EndOfDays is behind the codes of all accounts that OfDay names for an owner.
func EndOfDays(owner id.ID) string { return string(owner) + ":" + string(Daily) + "-~" }

// Platform names an account of the processing centre itself.
func Platform(p Purpose) Account { return Account{Code: "platform:" + string(p)} }

// Purpose reads the purpose back from the code.
func (a Account) Purpose() Purpose {
	purpose, _, _ := strings.Cut(a.Code[strings.LastIndexByte(a.Code, ':')+1:], "-")
	return Purpose(purpose)
}

// Entry moves Amount tyiyn: the debit account's balance falls, the credit
// account's rises. Amount is positive.
type Entry struct {
	Debit, Credit Account
	Amount        money.Amount
}

// Transfer is the entries of one fact, written together or not at all.
type Transfer []Entry

// Move appends an entry unless the amount is zero.
func (t Transfer) Move(debit, credit Account, amount money.Amount) Transfer {
	if amount == 0 {
		return t
	}
	return append(t, Entry{debit, credit, amount})
}

// Check refuses entries that are not above zero or that move money in a circle of one.
func (t Transfer) Check() error {
	for i, e := range t {
		if e.Amount <= 0 || e.Debit == e.Credit {
			return fmt.Errorf("ledger: entry %d moves %d tyiyn from %s to %s", i, e.Amount, e.Debit.Code, e.Credit.Code)
		}
	}
	return nil
}

// Delta is the change of one balance, in tyiyn.
type Delta struct {
	Account Account
	Amount  money.Amount
}

// Deltas folds entries, and changes of memo accounts, into one change per
// account, in order of the account's code, so that every writer locks balances in
// the same order. Accounts that end unchanged are left out. ErrOverflow when a sum
// does not fit.
func Deltas(entries []Entry, memo ...Delta) ([]Delta, error) {
	sums := make(map[Account]money.Amount, 2*len(entries))
	for _, e := range entries {
		d, err := money.Sub(sums[e.Debit], e.Amount)
		if err != nil {
			return nil, err
		}
		sums[e.Debit] = d
		if sums[e.Credit], err = money.Add(sums[e.Credit], e.Amount); err != nil {
			return nil, err
		}
	}
	for _, m := range memo {
		sum, err := money.Add(sums[m.Account], m.Amount)
		if err != nil {
			return nil, err
		}
		sums[m.Account] = sum
	}
	out := make([]Delta, 0, len(sums))
	for a, s := range sums {
		if s != 0 {
			out = append(out, Delta{a, s})
		}
	}
	slices.SortFunc(out, func(x, y Delta) int { return cmp.Compare(x.Account.Code, y.Account.Code) })
	return out, nil
}
