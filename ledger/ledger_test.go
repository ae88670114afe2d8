package ledger

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/id"
	"tolom/money"
)

func accounts() []Account {
	mer := id.New(id.Merchant, time.UnixMilli(1), 9, id.Random{})
	psp := id.New(id.PSP, time.UnixMilli(1), 3, id.Random{})
	return []Account{Of(mer, Payable), Of(psp, Clearing), Of(psp, Interchange), Platform(Fees)}
}

func TestEveryHistorySumsToZero(t *testing.T) {
	all := accounts()
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			i := rapid.IntRange(0, 3).Draw(t, "debit")
			j := (i + rapid.IntRange(1, 3).Draw(t, "step")) % 4
			entries = append(entries, Entry{all[i], all[j], money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "amount"))})
		}
		if err := Transfer(entries).Check(); err != nil {
			t.Fatal(err)
		}
		deltas, err := Deltas(entries)
		if err != nil {
			t.Fatal(err)
		}
		var sum money.Amount
		for _, d := range deltas {
			sum += d.Amount
		}
		if sum != 0 {
			t.Fatalf("%d entries make %v, which sums to %d", len(entries), deltas, sum)
		}
		if !slices.IsSortedFunc(deltas, func(a, b Delta) int { return strings.Compare(a.Account.Code, b.Account.Code) }) {
			t.Fatal("deltas are not in the order of accounts")
		}
	})
}

func TestEntriesThatMoveNothingAreRefused(t *testing.T) {
	a := accounts()
	for _, bad := range []Entry{{a[0], a[1], 0}, {a[0], a[1], -5}, {a[0], a[0], 5}} {
		if (Transfer{bad}).Check() == nil {
			t.Errorf("accepted %+v", bad)
		}
	}
	if len(Transfer(nil).Move(a[0], a[1], 0)) != 0 {
		t.Error("a movement of nothing became an entry")
	}
}

func TestSumsOverInt64AreRefused(t *testing.T) {
	a := accounts()
	big := Entry{a[0], a[1], math.MaxInt64}
	if _, err := Deltas([]Entry{big, big}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v", err)
	}
}

func TestAnAccountTellsItsPurposeAndShard(t *testing.T) {
	for _, a := range accounts() {
		if p := a.Purpose(); p.Guarded() != (p == Payable) {
			t.Errorf("%s guarded: %v", a.Code, p.Guarded())
		}
	}
	if a := accounts()[0]; a.Bucket != 9 {
		t.Errorf("%s is in bucket %d", a.Code, a.Bucket)
	}
}
