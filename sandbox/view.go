package sandbox

import (
	"maps"
	"slices"

	"tolom/money"
)

// Accounts gives the books of all payers, by id.
func (b *Bank) Accounts() []Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Account, 0, len(b.book.accounts))
	for _, name := range slices.Sorted(maps.Keys(b.book.accounts)) {
		all = append(all, b.book.accounts[name])
	}
	return all
}

// Account gives the books of one payer, or ErrPayer.
func (b *Bank) Account(payer string) (Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, known := b.book.accounts[payer]
	if !known {
		return Account{}, ErrPayer
	}
	return a, nil
}

// Balance is what a payer can spend, in tyiyn, or ErrPayer.
func (b *Bank) Balance(payer string) (money.Amount, error) {
	a, err := b.Account(payer)
	return a.Available, err
}

// Purchase gives one purchase, or ErrPurchase.
func (b *Bank) Purchase(name string) (Purchase, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, known := b.book.purchases[name]
	if !known {
		return Purchase{}, ErrPurchase
	}
	return p, nil
}

// History gives a payer's purchases, the newest first; offers that were not taken up are left out.
func (b *Bank) History(payer string) []Purchase {
	return b.Purchases(func(p Purchase) bool { return p.Payer == payer && !p.HeldAt.IsZero() })
}

// Purchases gives all purchases that a reader wants to see, the newest first.
func (b *Bank) Purchases(wanted func(Purchase) bool) []Purchase {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Purchase
	for _, name := range slices.Backward(b.book.order) {
		if p := b.book.purchases[name]; wanted(p) {
			found = append(found, p)
		}
	}
	return found
}

// Refunds gives all refunds, by id.
func (b *Bank) Refunds() []Refund {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Refund, 0, len(b.book.refunds))
	for _, name := range slices.Sorted(maps.Keys(b.book.refunds)) {
		all = append(all, b.book.refunds[name])
	}
	return all
}

// Totals sums the books, to be compared with the platform's. Amounts are tyiyn.
type Totals struct {
	Initial        money.Amount `json:"initial"`
	Available      money.Amount `json:"available"`
	Held           money.Amount `json:"held"`
	Captured       money.Amount `json:"captured"` // with the fees that payers bore
	Fees           money.Amount `json:"fees"`
	Refunded       money.Amount `json:"refunded"`
	Payments       int          `json:"payments"` // successful ones
	Refunds        int          `json:"refunds"`  // credited ones
	Open           int          `json:"open"`     // purchases that are not settled with the platform
	Contradictions int          `json:"contradictions"`
}

// Totals adds everything up. Captured − fees equals the platform's successful payments of this PSP once Open is 0.
func (b *Bank) Totals() Totals {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := Totals{Open: len(b.book.open)}
	for _, a := range b.book.accounts {
		t.Initial += a.Initial
		t.Available += a.Available
		t.Held += a.Held
		t.Captured += a.Captured
		t.Refunded += a.Refunded
	}
	for _, p := range b.book.purchases {
		if p.Stage == Succeeded {
			t.Payments++
			t.Fees += p.Fee
		}
		if p.Contradicted {
			t.Contradictions++
		}
	}
	for _, r := range b.book.refunds {
		if r.Credited {
			t.Refunds++
		}
	}
	return t
}

// Open counts the purchases that are not settled with the platform, as in Totals and cheaper.
func (b *Bank) Open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.book.open)
}

// Audit adds the books up a second way and says where they differ.
func (b *Bank) Audit() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(b.book.accounts)) {
		if err := b.book.accounts[name].check(); err != nil {
			return err
		}
	}
	return b.book.audit()
}

// due names the open purchases whose time has come, the oldest first: ids are ordered by time.
func (b *Bank) due() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.Clock.Now()
	var names []string
	for name, p := range b.book.open {
		if !b.dueAt(p).After(now) && !b.busy[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
