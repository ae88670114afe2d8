package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tolom/ledger"
	"tolom/money"
	"tolom/store/internal/db"
)

var (
	balanceAdd = db.Insertion("balance", "ON CONFLICT (account, bucket, slice) DO UPDATE SET amount = balance.amount + excluded.amount", balanceVectors(nil)...)
	balanceNew = db.Insertion("balance", "ON CONFLICT (account, bucket, slice) DO NOTHING", balanceVectors(nil)...)
)

// part is one row of a balance. (Memory calls its place a slot.)
type part struct {
	slot
	amount money.Amount
}

func balanceVectors(parts []part) []db.Vector {
	n := len(parts)
	codes, buckets, slices, amounts := make([]string, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, p := range parts {
		codes[i], buckets[i], slices[i], amounts[i] = p.account.Code, int64(p.account.Bucket), int64(p.slice), int64(p.amount)
	}
	return []db.Vector{db.Texts("account", codes), db.Ints("bucket", buckets), db.Ints("slice", slices), db.Ints("amount", amounts)}
}

func compareSlots(a, b slot) int {
	return cmp.Or(cmp.Compare(a.account.Code, b.account.Code), cmp.Compare(a.account.Bucket, b.account.Bucket), cmp.Compare(a.slice, b.slice))
}

const balanceSum = "SELECT CAST(coalesce(sum(t.amount), 0) AS bigint) FROM balance AS t WHERE t.account = $1 AND t.bucket = $2"

// Balance gives the sum of an account's slices.
func (s *sqlStore) Balance(ctx context.Context, a ledger.Account) (money.Amount, error) {
	return balanceOf(ctx, s.d, a)
}

func balanceOf(ctx context.Context, q db.Querier, a ledger.Account) (money.Amount, error) {
	n, err := number(ctx, q, balanceSum, a.Code, int64(a.Bucket))
	return money.Amount(n), err
}

// lockBalances locks all rows of the accounts in key order and gives them. A row
// that is not there cannot be locked, so accounts that were never used get one.
func lockBalances(ctx context.Context, tx db.Tx, accounts []ledger.Account) (map[slot]money.Amount, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	held, err := lockedParts(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	var missing []part
	for _, a := range accounts {
		if _, found := held[slot{a, 0}]; !found {
			missing = append(missing, part{slot: slot{a, 0}})
		}
	}
	if len(missing) == 0 {
		return held, nil
	}
	slices.SortFunc(missing, func(a, b part) int { return compareSlots(a.slot, b.slot) })
	if err := tx.Run(ctx, db.Step{Many: balanceNew, Rows: balanceVectors(missing), Want: -1}); err != nil {
		return nil, err
	}
	return lockedParts(ctx, tx, accounts)
}

func lockedParts(ctx context.Context, tx db.Tx, accounts []ledger.Account) (map[slot]money.Amount, error) {
	codes := make([]string, len(accounts))
	for i, a := range accounts {
		codes[i] = a.Code
	}
	held := make(map[slot]money.Amount, len(accounts))
	err := tx.Query(ctx, "SELECT t.account, t.bucket, t.slice, t.amount FROM balance AS t WHERE t.account = ANY($1)"+
		" ORDER BY t.account, t.bucket, t.slice FOR NO KEY UPDATE", func(scan db.Scan) error {
		var code string
		var bucket, slice, amount int64
		err := scan(&code, &bucket, &slice, &amount)
		held[slot{ledger.Account{Code: code, Bucket: uint16(bucket)}, int(slice)}] = money.Amount(amount)
		return err
	}, codes)
	return held, err
}

// sumOf adds the slices of an account.
func sumOf(held map[slot]money.Amount, a ledger.Account) (sum money.Amount, err error) {
	for slice := range Slices {
		if sum, err = money.Add(sum, held[slot{a, slice}]); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// weighDeltas refuses changes that would pass a floor. Without a floor there is
// nothing to weigh and nothing is locked ahead. With one, every account that may
// ever have a floor is locked now, so that all transactions lock these first.
func weighDeltas(ctx context.Context, tx db.Tx, deltas []Delta) error {
	if !slices.ContainsFunc(deltas, func(d Delta) bool { return d.Guarded }) {
		return nil
	}
	var accounts []ledger.Account
	for _, d := range deltas {
		if d.Guarded || d.Account.Purpose().Guarded() {
			accounts = append(accounts, d.Account)
		}
	}
	held, err := lockBalances(ctx, tx, accounts)
	if err != nil {
		return err
	}
	return judgeFloors(held, deltas)
}

func judgeFloors(held map[slot]money.Amount, deltas []Delta) error {
	var guilty []ledger.Account
	for _, d := range deltas {
		at := slot{d.Account, d.Slice}
		after, err := money.Add(held[at], d.Amount)
		if err != nil {
			return fmt.Errorf("store: account %s: %w", d.Account.Code, err)
		}
		if held[at] = after; d.Guarded && after < d.Floor {
			guilty = append(guilty, d.Account)
		}
	}
	if len(guilty) > 0 {
		return &GuardError{guilty}
	}
	return nil
}

// addDeltas is the step that changes balances, one row each, those that may have
// a floor first, in key order.
func addDeltas(deltas []Delta) (db.Step, error) {
	sums := make(map[slot]money.Amount, len(deltas))
	for _, d := range deltas {
		at := slot{d.Account, d.Slice}
		sum, err := money.Add(sums[at], d.Amount)
		if err != nil {
			return db.Step{}, fmt.Errorf("store: account %s: %w", d.Account.Code, err)
		}
		sums[at] = sum
	}
	parts := make([]part, 0, len(sums))
	for at, sum := range sums {
		parts = append(parts, part{at, sum})
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(-compareTruths(a.account.Purpose().Guarded(), b.account.Purpose().Guarded()), compareSlots(a.slot, b.slot))
	})
	return db.Step{Many: balanceAdd, Rows: balanceVectors(parts), Want: int64(len(parts))}, nil
}

func compareTruths(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
