package sandbox

import (
	"fmt"
	"maps"
	"slices"

	"tolom/money"
)

// book is the bank's books as the journal's entries made them. Nothing here reads a clock or writes anything.
type book struct {
	entries   int64
	accounts  map[string]Account
	purchases map[string]Purchase
	refunds   map[string]Refund
	order     []string             // purchases as they were offered
	open      map[string]*Purchase // those the bank has to do something about, as they stand now
}

func newBook() *book {
	return &book{accounts: map[string]Account{}, purchases: map[string]Purchase{}, refunds: map[string]Refund{}, open: map[string]*Purchase{}}
}

// change is what an entry makes of the books: whole new values, so that it can be decided before it is written down
// and kept after.
type change struct {
	account  Account
	purchase *Purchase
	refund   *Refund
}

// decide judges an entry. It is refused whole, with one of the Err values, or gives the change.
func (b *book) decide(e entry) (change, error) {
	if e.N != b.entries+1 {
		return change{}, fmt.Errorf("sandbox: entry %d of the journal follows %d", e.N, b.entries)
	}
	c, err := b.changed(e)
	if err == nil {
		err = c.account.check()
	}
	return c, err
}

func (b *book) changed(e entry) (change, error) {
	switch e.Event {
	case payerJoined:
		return b.join(e)
	case purchaseOffered:
		return b.offer(e)
	}
	p, known := b.purchases[e.Purchase]
	if !known && e.Event != refundRejected {
		return change{}, ErrPurchase
	}
	switch e.Event {
	case refundCredited, refundRejected:
		return b.refund(e, p)
	}
	a := b.accounts[p.Payer]
	err := move(e, &p, &a)
	return change{account: a, purchase: &p}, err
}

func (b *book) join(e entry) (change, error) {
	if _, known := b.accounts[e.Payer.ID]; known || e.Payer.ID == "" || e.Payer.Initial < 0 || e.Payer.Initial > money.Max {
		return change{}, fmt.Errorf("%w: payer %q cannot be added", ErrPayer, e.Payer.ID)
	}
	return change{account: Account{Payer: *e.Payer, Available: e.Payer.Initial}}, nil
}

func (b *book) offer(e entry) (change, error) {
	a, known := b.accounts[e.Of]
	if !known {
		return change{}, ErrPayer
	}
	if _, twice := b.purchases[e.Purchase]; twice || e.Purchase == "" || e.Offer == nil {
		return change{}, fmt.Errorf("%w: %q cannot be offered", ErrPurchase, e.Purchase)
	}
	p := Purchase{ID: e.Purchase, Payer: e.Of, Text: e.Text, Offer: *e.Offer, Stage: Offered, Amount: e.Amount, CreatedAt: e.At}
	return change{account: a, purchase: &p}, nil
}

// keep makes a decided change part of the books.
func (b *book) keep(c change) {
	b.entries++
	// A refund of a purchase that is not ours touches no account.
	if c.account.ID != "" {
		b.accounts[c.account.ID] = c.account
	}
	if c.refund != nil {
		b.refunds[c.refund.ID] = *c.refund
	}
	if c.purchase == nil {
		return
	}
	p := *c.purchase
	if _, known := b.purchases[p.ID]; !known {
		b.order = append(b.order, p.ID)
	}
	b.purchases[p.ID] = p
	delete(b.open, p.ID)
	if p.open() {
		b.open[p.ID] = &p
	}
}

// check says whether a payer's books add up.
func (a Account) check() error {
	if a.Available < 0 || a.Held < 0 || a.Available+a.Held+a.Captured-a.Refunded != a.Initial {
		return fmt.Errorf("sandbox: the books of payer %s do not add up: available %d + held %d + captured %d − refunded %d ≠ initial %d",
			a.ID, a.Available, a.Held, a.Captured, a.Refunded, a.Initial)
	}
	return nil
}

// audit adds everything up a second time, from the purchases and refunds, and compares.
func (b *book) audit() error {
	again := map[string]Account{}
	for id, a := range b.accounts {
		again[id] = Account{Payer: a.Payer, Available: a.Initial}
	}
	for _, p := range b.purchases {
		a := again[p.Payer]
		switch {
		case p.Stage.holding():
			a.Held += p.Debit()
			a.Available -= p.Debit()
		case p.Stage == Succeeded:
			a.Captured += p.Debit()
			a.Available -= p.Debit()
		}
		again[p.Payer] = a
	}
	for _, r := range b.refunds {
		if a := again[r.Payer]; r.Credited {
			a.Refunded += r.Credit()
			a.Available += r.Credit()
			again[r.Payer] = a
		}
	}
	for _, id := range slices.Sorted(maps.Keys(again)) {
		if again[id] != b.accounts[id] {
			return fmt.Errorf("sandbox: the books of payer %s say %+v, the purchases %+v", id, b.accounts[id], again[id])
		}
	}
	return nil
}
