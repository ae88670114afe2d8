package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/payment"
	"tolom/store/internal/db"
	"tolom/world"
)

// town is a store with enough in it that reading a table whole would not pay.
type town struct {
	t         *testing.T
	s         *sqlStore
	clock     *world.Manual
	n         int
	merchants []id.ID
	psps      map[id.ID]id.ID // one for each merchant
	psp       id.ID           // the second merchant's
	last      Changes
	claims    []Claim
	delivery  Delivery
}

const townSize = 60 // merchants, each with townSize payments

func newTown(t *testing.T, s *sqlStore) *town {
	w := &town{t: t, s: s, clock: world.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), psps: map[id.ID]id.ID{}}
	for n := range townSize {
		w.merchants = append(w.merchants, w.newID(id.Merchant, uint16(n)))
		w.psps[w.merchants[n]] = w.newID(id.PSP, uint16(n))
	}
	w.psp = w.psps[w.merchants[1]]
	w.furnish()
	w.limit()
	for range townSize {
		w.trade()
	}
	_, err := s.Sequence(t.Context(), 10*townSize)
	must(t, err)
	w.trade()
	w.deliver()
	w.reconcile()
	w.closeDays()
	return w
}

func (w *town) newID(k id.Kind, bucket uint16) id.ID {
	w.n++
	w.clock.Advance(time.Millisecond)
	return id.New(k, w.clock.Now(), bucket, id.Random{0, byte(w.n), byte(w.n >> 8)})
}

// furnish fills the tables of reference data.
func (w *town) furnish() {
	ctx := w.t.Context()
	for n, m := range w.merchants {
		for range 20 {
			must(w.t, w.s.Merchants().Put(ctx, Merchant{ID: w.newID(id.Merchant, m.Bucket()), Participant: w.merchants[n]}))
			must(w.t, w.s.Stores().Put(ctx, Place{ID: w.newID(id.Store, m.Bucket()), Merchant: m}))
			must(w.t, w.s.Tills().Put(ctx, Till{ID: w.newID(id.Till, m.Bucket()), Merchant: m}))
			must(w.t, w.s.PSPs().Put(ctx, PSP{ID: w.newID(id.PSP, m.Bucket()), Participant: m}))
			must(w.t, w.s.Keys().Put(ctx, Key{ID: w.newID(id.Key, m.Bucket()), Owner: m, Hash: fmt.Sprint("hash", w.n)}))
			must(w.t, w.s.Operators().Put(ctx, Operator{ID: w.newID(id.Operator, 0), Login: fmt.Sprint("login", w.n)}))
			must(w.t, w.s.Endpoints().Put(ctx, Endpoint{ID: w.newID(id.Endpoint, m.Bucket()), Merchant: m}))
			must(w.t, w.s.Participants().Put(ctx, Participant{ID: w.newID(id.Participant, 0)}))
			must(w.t, w.s.PSPKeys().Put(ctx, PSPKey{ID: w.newID(id.PSPKey, m.Bucket()), PSP: w.psps[m]}))
			must(w.t, w.s.Certificates().Put(ctx, Certificate{ID: w.newID(id.Certificate, m.Bucket()), PSP: w.psps[m]}))
		}
	}
	w.spend()
	w.propose()
	w.staff()
}

// staff fills the tables of people.
func (w *town) staff() {
	ctx := w.t.Context()
	for _, m := range w.merchants[:40] {
		for range 15 {
			p := Person{ID: w.newID(id.Person, 3), Login: fmt.Sprint("person", w.n)}
			must(w.t, w.s.Persons().Put(ctx, p))
			must(w.t, w.s.Memberships().Put(ctx, Membership{ID: w.newID(id.Membership, 3), Person: p.ID, Owner: m}))
			must(w.t, w.s.StaffSessions().Put(ctx, StaffSession{ID: w.newID(id.Session, 3), Person: p.ID, Hash: fmt.Sprint("session", w.n)}))
			must(w.t, w.s.Invitations().Put(ctx, Invitation{ID: w.newID(id.Invitation, 3), Owner: m, Hash: fmt.Sprint("invitation", w.n)}))
			must(w.t, w.s.Passkeys().Put(ctx, Passkey{ID: w.newID(id.Passkey, 3), Person: p.ID, Credential: fmt.Sprint("credential", w.n)}))
			must(w.t, w.s.AddTicket(ctx, Ticket{ID: w.newID(id.Ticket, 3), Person: p.ID, Hash: fmt.Sprint("ticket", w.n), ExpiresAt: w.clock.Now()}))
			must(w.t, w.s.SetRecovery(ctx, p.ID, []string{"a", "b"}))
			must(w.t, w.s.SpendStep(ctx, p.ID, 1))
			ask(w, func() (any, error) { return w.s.Attempt(ctx, string(p.ID), Allowance{5, time.Minute}, w.clock.Now()) })
			must(w.t, w.s.AddPersonEvents(ctx, []PersonEvent{{ID: w.newID(id.PersonEvent, 3), Owner: m, Person: p.ID}}))
		}
	}
}

func (w *town) askStaff(ctx context.Context, m id.ID) {
	now := w.clock.Now()
	members, err := w.s.MembershipsOf(ctx, m, "", 5)
	must(w.t, err)
	p := members[2].Person
	ask(w, func() (any, error) { return w.s.MembershipsOf(ctx, m, members[0].ID, 5) })
	ask(w, func() (any, error) { return w.s.Memberships().List(ctx, p, "", 5) })
	ask(w, func() (any, error) { return w.s.Persons().Get(ctx, p) })
	who, err := w.s.Persons().Get(ctx, p)
	must(w.t, err)
	ask(w, func() (any, error) { return w.s.PersonByLogin(ctx, who.Login) })
	ask(w, func() (any, error) { return w.s.StaffSessions().List(ctx, p, "", 5) })
	ask(w, func() (any, error) { return w.s.OpenSessions(ctx, p, now, 5) })
	ask(w, func() (any, error) { return w.s.EndSessions(ctx, p, "", now) })
	must(w.t, w.s.SetPassword(ctx, p, "x", now))
	must(w.t, w.s.SetTOTP(ctx, p, "x", now))
	ask(w, func() (any, error) { return w.s.Invitations().List(ctx, m, "", 5) })
	ask(w, func() (any, error) { return w.s.Passkeys().List(ctx, p, "", 5) })
	ask(w, func() (any, error) { return w.s.RecoveryLeft(ctx, p) })
	must(w.t, w.s.Relent(ctx, string(p), Allowance{5, time.Minute}))
	ask(w, func() (any, error) { return w.s.PersonEvents(ctx, PersonEventFilter{Owner: m, Limit: 5}) })
	ask(w, func() (any, error) {
		return w.s.PersonEvents(ctx, PersonEventFilter{Person: p, Before: members[1].ID, Limit: 5})
	})
	ask(w, func() (any, error) { return w.s.ForgetProofs(ctx, now, 5) })
	ask(w, func() (any, error) { return w.s.NumberDeeds(ctx, now.Add(-time.Hour), 5) })
	ask(w, func() (any, error) { return w.s.DeedHead(ctx) })
	ask(w, func() (any, error) { return w.s.DeedPage(ctx, 1, 5) })
	for _, lost := range []func() error{
		func() error { _, err := w.s.StaffSessionByHash(ctx, "x"); return err },
		func() error { _, err := w.s.InvitationByHash(ctx, "x"); return err },
		func() error { _, err := w.s.PasskeyByCredential(ctx, "x"); return err },
		func() error { _, err := w.s.TicketByHash(ctx, "x", now); return err },
		func() error { return w.s.TakeRecovery(ctx, p, "x", now) },
		func() error { _, err := w.s.TakeTicket(ctx, "x", now); return err },
		func() error { _, err := w.s.Accept(ctx, "x", now, members[0], nil); return err },
	} {
		if err := lost(); !errors.Is(err, ErrNotFound) {
			w.t.Errorf("what is not there: %v", err)
		}
	}
}

// spend uses as many nonces as a busy minute.
func (w *town) spend() {
	for range townSize {
		var nonces []Nonce
		for range townSize {
			w.n++
			nonces = append(nonces, Nonce{Key: w.newID(id.PSPKey, 1), Nonce: fmt.Sprint("nonce", w.n), CreatedAt: w.clock.Now()})
		}
		_, err := w.s.Spend(w.t.Context(), nonces)
		must(w.t, err)
	}
}

// limit gives a thousand PSPs a limit.
func (w *town) limit() {
	must(w.t, db.Do(w.t.Context(), w.s.d, func(tx db.Tx) error {
		for n := range 1000 {
			if err := putLimits(w.t.Context(), tx, payment.Limits{Owner: w.newID(id.PSP, uint16(n)), Daily: 1}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// trade commits one batch in which every merchant sells once.
func (w *town) trade() {
	ctx, now := w.t.Context(), w.clock.Now()
	batch := Batch{ID: w.newID(id.Batch, uint16(w.n)), Bucket: uint16(w.n)}
	c := Changes{Batch: batch, Now: now}
	w.claims = nil
	for _, m := range w.merchants {
		w.sell(&c, m)
	}
	tx, err := w.s.Begin(ctx)
	must(w.t, err)
	defer tx.Rollback()
	_, err = tx.Claim(ctx, batch, w.claims)
	must(w.t, err)
	must(w.t, tx.Save(ctx, c))
	must(w.t, tx.Commit(ctx))
	w.last = c
}

func (w *town) sell(c *Changes, m id.ID) {
	now, psp := w.clock.Now(), w.psps[m]
	r := payment.Request{ID: w.newID(id.Request, m.Bucket()), Merchant: m, Kind: payment.Static, Status: payment.RequestActive, OrderID: fmt.Sprint("order", w.n), CreatedAt: now}
	p := payment.Payment{ID: w.newID(id.Payment, m.Bucket()), Request: r.ID, Merchant: m, PSP: psp, Status: payment.Succeeded, Amount: 100, CreatedAt: now, EndedAt: now}
	live := payment.Payment{ID: w.newID(id.Payment, m.Bucket()), Request: r.ID, Merchant: m, PSP: w.newID(id.PSP, 1), Status: payment.Canceled, Amount: 100, CreatedAt: now}
	if w.n%50 == 0 {
		r.ExpiresAt, live.ExpiresAt, live.Status, live.Payer.Key = now.Add(time.Minute), now.Add(time.Minute), payment.Created, "payer"
	}
	f := payment.Refund{ID: w.newID(id.Refund, m.Bucket()), Payment: p.ID, Request: r.ID, Merchant: m, PSP: psp, Status: payment.RefundSucceeded, Amount: 1, CreatedAt: now, EndedAt: now}
	fact := payment.Fact{ID: w.newID(id.Event, m.Bucket()), Ordinal: len(c.Facts), Type: payment.PaymentSucceeded, At: now, Merchant: m, PSP: psp, Request: r.ID, Payment: p.ID, Amount: 100}
	c.NewRequests, c.NewPayments, c.NewRefunds = append(c.NewRequests, r), append(c.NewPayments, p, live), append(c.NewRefunds, f)
	c.Facts = append(c.Facts, fact)
	e := ledger.Entry{Debit: ledger.Of(psp, ledger.Clearing), Credit: ledger.Of(m, ledger.Payable), Amount: 100}
	c.Entries = append(c.Entries, Entry{Fact: fact.ID, At: now, Entry: e})
	c.Deltas = append(c.Deltas, Delta{Account: ledger.Of(r.ID, ledger.Payable), Amount: 100})
	c.Totals = append(c.Totals, Total{Request: r.ID, Amount: 100, Count: 1})
	for _, scope := range []string{"idem:" + string(m), "order:" + string(m)} {
		key := fmt.Sprint("key", w.n)
		w.claims = append(w.claims, Claim{Bucket: id.BucketOf(scope, key), Scope: scope, Key: key, CreatedAt: now})
	}
}

// deliver fills the log of deliveries.
func (w *town) deliver() {
	for n := range townSize {
		endpoint, log := w.newID(id.Endpoint, 1), []Delivery{}
		for range townSize {
			d := Delivery{ID: w.newID(id.Delivery, 1), Endpoint: endpoint, Status: DeliveryDelivered}
			if n == 1 {
				d.Status, d.NextAt = DeliveryPending, w.clock.Now()
			}
			log, w.delivery = append(log, d), d
		}
		must(w.t, w.s.Advance(w.t.Context(), endpoint, 0, 9, log))
	}
	for _, f := range w.last.Facts {
		must(w.t, w.s.Ack(w.t.Context(), f.Merchant, f.ID, w.clock.Now()))
	}
}

// askEverything asks every question that the store answers, with each filter that has an index.
func (w *town) askEverything() {
	ctx, now, m, s := w.t.Context(), w.clock.Now(), w.merchants[1], w.s
	r, p, f, fact := w.last.NewRequests[1], w.last.NewPayments[2], w.last.NewRefunds[1], w.last.Facts[1]
	from, to := now.Add(-time.Minute), now.Add(time.Minute)
	ask(w, func() (any, error) { return s.Request(ctx, r.ID) })
	ask(w, func() (any, error) { return s.Requests(ctx, RequestFilter{Merchant: m, Limit: 20}) })
	ask(w, func() (any, error) { return s.Requests(ctx, RequestFilter{Merchant: m, OrderID: r.OrderID, Limit: 20}) })
	ask(w, func() (any, error) {
		return s.Requests(ctx, RequestFilter{Merchant: m, From: from, To: to, Before: r.ID, Limit: 20})
	})
	ask(w, func() (any, error) { return s.Payment(ctx, p.ID) })
	ask(w, func() (any, error) { return s.PaymentsByID(ctx, []id.ID{p.ID, w.last.NewPayments[4].ID}) })
	ask(w, func() (any, error) { return s.Payments(ctx, PaymentFilter{Merchant: m, Limit: 20}) })
	ask(w, func() (any, error) {
		return s.Payments(ctx, PaymentFilter{PSP: w.psp, From: from, To: to, Before: p.ID, Limit: 20})
	})
	ask(w, func() (any, error) { return s.Payments(ctx, PaymentFilter{Merchant: m, Request: r.ID, Limit: 20}) })
	ask(w, func() (any, error) { return s.Refund(ctx, f.ID) })
	ask(w, func() (any, error) { return s.Refunds(ctx, RefundFilter{Merchant: m, Before: f.ID, Limit: 20}) })
	ask(w, func() (any, error) {
		return s.Refunds(ctx, RefundFilter{PSP: w.psp, Status: payment.RefundRequested, Ascending: true, After: f.ID, Limit: 20})
	})
	ask(w, func() (any, error) { return s.Refunds(ctx, RefundFilter{PSP: w.psp, Limit: 20}) })
	ask(w, func() (any, error) { return s.Refunds(ctx, RefundFilter{Merchant: m, Payment: f.Payment, Limit: 20}) })
	ask(w, func() (any, error) { return s.Balance(ctx, ledger.Of(r.ID, ledger.Payable)) })
	ask(w, func() (any, error) { return s.Statement(ctx, m, from, to) })
	ask(w, func() (any, error) { return s.Overdue(ctx, to, 20) })
	ask(w, func() (any, error) { return s.Feed(ctx, m, 1, 20) })
	ask(w, func() (any, error) { return s.Unacked(ctx, m, 1, 20) })
	ask(w, func() (any, error) { return s.Tail(ctx, 100, 20) })
	ask(w, func() (any, error) { return s.Head(ctx) })
	w.askDesk(ctx, m)
	w.askProposals(ctx, m)
	w.askRecon(ctx, m)
	w.askDays(ctx, m)
	w.askStaff(ctx, m)
	ask(w, func() (any, error) { return s.Cursor(ctx, w.delivery.Endpoint) })
	ask(w, func() (any, error) { return s.Due(ctx, w.delivery.Endpoint, now, 20) })
	ask(w, func() (any, error) { return s.Delivery(ctx, w.delivery.ID) })
	ask(w, func() (any, error) { return s.Deliveries(ctx, w.delivery.Endpoint, w.delivery.ID, 20) })
	ask(w, func() (any, error) { return s.Hold(ctx, w.delivery.Endpoint, "node", time.Minute) })
	cursor, err := s.Cursor(ctx, w.delivery.Endpoint)
	must(w.t, err)
	must(w.t, s.Advance(ctx, w.delivery.Endpoint, cursor, cursor+1, nil))
	ask(w, func() (any, error) { return s.PruneClaims(ctx, "idem:", from, 10) })
	w.load(ctx, r.ID, p.ID, f.ID)
	for _, owner := range []id.ID{m, w.psp, w.newID(id.Participant, 1)} {
		must(w.t, s.SetLimits(ctx, payment.Limits{Owner: owner, Daily: 1000, NetDebit: 1000}))
		ask(w, func() (any, error) { return s.Recount(ctx) })
		must(w.t, s.SetLimits(ctx, payment.Limits{Owner: owner}))
	}
	ask(w, func() (any, error) { return s.Limits(ctx, m) })
	ask(w, func() (any, error) { return s.Sequence(ctx, 10) })
	must(w.t, s.Ack(ctx, m, w.last.Facts[2].ID, now))
	ask(w, func() (any, error) { return s.FeedItem(ctx, m, fact.ID) })
	ask(w, func() (any, error) { return s.SuccessOf(ctx, p) })
	p.Amount, p.Merchant = p.Fee, w.merchants[7] // so that nothing moved
	if _, err := s.SuccessOf(ctx, p); !errors.Is(err, ErrNotFound) {
		w.t.Errorf("the success of another's payment: %v", err)
	}
}

func (w *town) askDesk(ctx context.Context, m id.ID) {
	ask(w, func() (any, error) { return w.s.Merchants().List(ctx, m, "", 20) })
	ask(w, func() (any, error) { return w.s.Merchants().List(ctx, "", m, 20) })
	ask(w, func() (any, error) { return w.s.Stores().List(ctx, m, "", 20) })
	ask(w, func() (any, error) { return w.s.Tills().List(ctx, m, "", 20) })
	ask(w, func() (any, error) { return w.s.PSPs().List(ctx, m, "", 20) })
	ask(w, func() (any, error) { return w.s.Keys().List(ctx, m, "", 20) })
	ask(w, func() (any, error) { return w.s.Endpoints().List(ctx, m, "", 20) })
	keys, err := w.s.Keys().List(ctx, m, "", 1)
	must(w.t, err)
	ask(w, func() (any, error) { return w.s.Keys().Get(ctx, keys[0].ID) })
	ask(w, func() (any, error) { return w.s.KeyByHash(ctx, keys[0].Hash) })
	ask(w, func() (any, error) { return w.s.PSPKeys().List(ctx, w.psp, "", 20) })
	ask(w, func() (any, error) { return w.s.Certificates().List(ctx, w.psp, "", 20) })
	ask(w, func() (any, error) {
		return w.s.Spend(ctx, []Nonce{{Key: w.psp, Nonce: "n", CreatedAt: w.clock.Now()}})
	})
	ask(w, func() (any, error) { return w.s.ForgetNonces(ctx, w.clock.Now(), 20) })
}

// load asks what a transaction asks.
func (w *town) load(ctx context.Context, r, p, f id.ID) {
	tx, err := w.s.Begin(ctx)
	must(w.t, err)
	defer tx.Rollback()
	_, err = tx.Load(ctx, []Need{{Request: r, Payment: p, Refund: f}, {Request: r, Live: true}}, []ledger.Account{ledger.Of(r, ledger.Payable)})
	must(w.t, err)
}

// ask asks a question that must be answered.
func ask(w *town, question func() (any, error)) {
	w.t.Helper()
	if _, err := question(); err != nil {
		w.t.Errorf("a question of the town: %v", err)
	}
}
