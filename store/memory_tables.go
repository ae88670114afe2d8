package store

import (
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// tables are the rows of a Memory, with the indexes that keep a question as
// cheap as its answer is short.
type tables struct {
	batches map[id.ID]bool // true for one that was committed, false for a tombstone
	claims  map[Name]Claim

	requests map[id.ID]payment.Request // without the totals of static ones
	totals   map[id.ID]total
	payments map[id.ID]payment.Payment
	refunds  map[id.ID]payment.Refund

	requestsOf index               // by merchant
	paymentsOf index               // by merchant and by PSP
	refundsOf  index               // by merchant and by PSP
	live       index               // created payments by request
	waiting    map[id.ID]time.Time // requests that the clock can end, or whose payments it can, and when

	revision  int64 // changes of reference data and limits
	limits    map[id.ID]payment.Limits
	balances  map[ledger.Account]*stripes
	entries   []Entry
	entriesOf map[ledger.Account][]int // places in entries

	business   business
	files      map[id.ID]File
	facts      map[id.ID]payment.Fact
	unnumbered map[id.ID]unnumbered
	feed       []FeedItem // by position, which counts from 1
	feedOf     map[id.ID][]int
	placeOf    map[id.ID]int // of a fact in feed
	acks       map[ack]time.Time

	cursors    map[id.ID]int64
	holds      map[id.ID]hold
	deliveries map[id.ID]Delivery
	sent       index // deliveries by endpoint
	pending    index // those that are to be tried again

	sealed sealedLog // of facts
	deeds  deeds

	reports map[id.ID]*kept // what was ordered, with its file

	desk   desk
	people people
	nonces map[spent]time.Time // by when they were signed

	proposals proposals

	recon reconciled
}

// total is what a static request has taken so far.
type total struct {
	amount money.Amount
	count  int64
}

// slot is one row of a balance.
type slot struct {
	account ledger.Account
	slice   int
}

// stripes are the rows of one account's balance, by slice; not all of them exist.
type stripes [Slices]struct {
	amount money.Amount
	exists bool
}

// stripe gives one row of a balance; 0 when there is none.
func (t *tables) stripe(s slot) money.Amount {
	if rows := t.balances[s.account]; rows != nil {
		return rows[s.slice].amount
	}
	return 0
}

// setStripe writes one row of a balance.
func (t *tables) setStripe(s slot, amount money.Amount) {
	rows := t.balances[s.account]
	if rows == nil {
		rows = &stripes{}
		t.balances[s.account] = rows
	}
	rows[s.slice].amount, rows[s.slice].exists = amount, true
}

// unnumbered is a committed batch whose facts have no place in the feed yet.
type unnumbered struct {
	at    time.Time
	facts []id.ID // by ordinal
}

type ack struct{ reader, fact id.ID }

// hold is who delivers to an endpoint, and until when.
type hold struct {
	holder string
	until  time.Time
}

func newTables() tables {
	return tables{
		batches:    map[id.ID]bool{},
		claims:     map[Name]Claim{},
		requests:   map[id.ID]payment.Request{},
		totals:     map[id.ID]total{},
		payments:   map[id.ID]payment.Payment{},
		refunds:    map[id.ID]payment.Refund{},
		requestsOf: index{},
		paymentsOf: index{},
		refundsOf:  index{},
		live:       index{},
		waiting:    map[id.ID]time.Time{},
		limits:     map[id.ID]payment.Limits{},
		balances:   map[ledger.Account]*stripes{},
		entriesOf:  map[ledger.Account][]int{},
		business:   newBusiness(),
		facts:      map[id.ID]payment.Fact{},
		unnumbered: map[id.ID]unnumbered{},
		feedOf:     map[id.ID][]int{},
		placeOf:    map[id.ID]int{},
		acks:       map[ack]time.Time{},
		cursors:    map[id.ID]int64{},
		holds:      map[id.ID]hold{},
		deliveries: map[id.ID]Delivery{},
		sent:       index{},
		pending:    index{},
		reports:    map[id.ID]*kept{}, files: map[id.ID]File{},
		desk:      newDesk(),
		people:    newPeople(),
		proposals: newProposals(),
		recon:     newReconciled(),
		nonces:    map[spent]time.Time{},
	}
}

// index keeps the ids that belong to an owner, in order.
type index map[id.ID][]id.ID

func (x index) add(owner, member id.ID) {
	if owner == "" {
		return
	}
	if at, found := slices.BinarySearch(x[owner], member); !found {
		x[owner] = slices.Insert(x[owner], at, member)
	}
}

func (x index) remove(owner, member id.ID) {
	at, found := slices.BinarySearch(x[owner], member)
	if !found {
		return
	}
	if x[owner] = slices.Delete(x[owner], at, at+1); len(x[owner]) == 0 {
		delete(x, owner)
	}
}

// older gives the part of sorted ids that is older than the cursor; all when there is none.
func older(ids []id.ID, cursor id.ID) []id.ID {
	if cursor == "" {
		return ids
	}
	at, _ := slices.BinarySearch(ids, cursor)
	return ids[:at]
}

// newer gives the part of sorted ids that is newer than the cursor; all when there is none.
func newer(ids []id.ID, cursor id.ID) []id.ID {
	at, found := slices.BinarySearch(ids, cursor)
	if found {
		at++
	}
	return ids[at:]
}

func (t *tables) putRequest(r payment.Request) {
	t.requests[r.ID] = r
	t.requestsOf.add(r.Merchant, r.ID)
	t.await(r.ID)
}

func (t *tables) putPayment(p payment.Payment) {
	t.payments[p.ID] = p
	t.paymentsOf.add(p.Merchant, p.ID)
	t.paymentsOf.add(p.PSP, p.ID)
	if p.Status == payment.Created {
		t.live.add(p.Request, p.ID)
	} else {
		t.live.remove(p.Request, p.ID)
	}
	t.await(p.Request)
}

func (t *tables) putRefund(r payment.Refund) {
	t.refunds[r.ID] = r
	t.refundsOf.add(r.Merchant, r.ID)
	t.refundsOf.add(r.PSP, r.ID)
}

// await keeps when the clock ends a request, so that looking for those that are overdue reads no rows.
func (t *tables) await(request id.ID) {
	if at, ends := t.due(request); ends {
		t.waiting[request] = at
	} else {
		delete(t.waiting, request)
	}
}

// due gives the moment at which the clock ends the request or the first of its
// payments; false when it never will.
func (t *tables) due(request id.ID) (at time.Time, ends bool) {
	consider := func(moment time.Time) {
		if !moment.IsZero() && (!ends || moment.Before(at)) {
			at, ends = moment, true
		}
	}
	if r := t.requests[request]; !r.Status.Final() {
		consider(r.ExpiresAt)
	}
	for _, p := range t.live[request] {
		consider(t.payments[p].ExpiresAt)
	}
	return at, ends
}
