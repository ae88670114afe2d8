package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

var tills = chapter{name: "Tills", sentences: []sentence{
	{"Pairings are listed by their merchant", shelfPairings},
	{"Sessions of tills are listed by their merchant", shelfTillSessions},
	{"A session is found by the digest of its token, ended or not", sessionByHash},
	{"A pairing is taken once, before it expires", pairingOnce},
	{"Of many that take a pairing at once one gets it", pairingRace},
	{"Old pairings and sessions are forgotten, with their uses, the oldest first", oldTills},
	{"The latest use counts, in whatever order uses are noted", latestUse},
	{"A use is no change of reference data", useIsNoChange},
	{"Payments and refunds are listed by store and by till", listsOfAPlace},
}}

func (k *kit) pairing(owner id.ID) store.Pairing {
	name := k.newID(id.Pairing, 4)
	return store.Pairing{ID: name, Merchant: owner, Till: k.newID(id.Till, 4), Hash: "pairing:" + name.Token(), CreatedAt: epoch, ExpiresAt: epoch.Add(10 * time.Minute)}
}

func (k *kit) session(owner id.ID) store.TillSession {
	name := k.newID(id.TillSession, 4)
	return store.TillSession{ID: name, Merchant: owner, Till: k.newID(id.Till, 4), Key: k.newID(id.Key, 4), Hash: "session:" + name.Token(),
		CreatedAt: epoch, ExpiresAt: epoch.Add(day)}
}

func shelfPairings(k *kit) {
	shelf[store.Pairing]{on: k.Pairings(), kind: id.Pairing, owned: true,
		make:   func(name, owner id.ID, _ int) store.Pairing { p := k.pairing(owner); p.ID = name; return p },
		change: func(p store.Pairing) store.Pairing { p.UsedAt = epoch.Add(time.Second); return p },
	}.try(k)
}

func shelfTillSessions(k *kit) {
	shelf[store.TillSession]{on: k.TillSessions(), kind: id.TillSession, owned: true,
		make:   func(name, owner id.ID, _ int) store.TillSession { s := k.session(owner); s.ID = name; return s },
		change: func(s store.TillSession) store.TillSession { s.EndedAt = epoch.Add(time.Second); return s },
	}.try(k)
}

func sessionByHash(k *kit) {
	s := k.session(k.newID(id.Merchant, 4))
	ask(k.TillSessionByHash(k.ctx, s.Hash)).missing(k)
	k.must(k.TillSessions().Put(k.ctx, s))
	equal(k, ask(k.TillSessionByHash(k.ctx, s.Hash)).get(k), s)
	s.EndedAt = epoch.Add(time.Hour)
	k.must(k.TillSessions().Put(k.ctx, s))
	equal(k, ask(k.TillSessionByHash(k.ctx, s.Hash)).get(k), s)
	ask(k.TillSessionByHash(k.ctx, "")).missing(k)
}

func pairingOnce(k *kit) {
	owner := k.newID(id.Merchant, 4)
	first, late := k.pairing(owner), k.pairing(owner)
	ask(k.TakePairing(k.ctx, first.Hash, epoch)).missing(k)
	k.must(k.Pairings().Put(k.ctx, first))
	k.must(k.Pairings().Put(k.ctx, late))
	ask(k.TakePairing(k.ctx, late.Hash, late.ExpiresAt)).missing(k)
	first.UsedAt = epoch.Add(time.Minute)
	equal(k, ask(k.TakePairing(k.ctx, first.Hash, first.UsedAt)).get(k), first)
	ask(k.TakePairing(k.ctx, first.Hash, first.UsedAt)).missing(k)
	equal(k, ask(k.Pairings().Get(k.ctx, first.ID)).get(k), first)
	equal(k, ask(k.Pairings().Get(k.ctx, late.ID)).get(k), late)
}

func pairingRace(k *kit) {
	p := k.pairing(k.newID(id.Merchant, 4))
	k.must(k.Pairings().Put(k.ctx, p))
	var won atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := k.TakePairing(k.ctx, p.Hash, epoch); err == nil {
				won.Add(1)
			}
		})
	}
	group.Wait()
	equal(k, won.Load(), int64(1))
}

// oldTills works in a time before all others.
func oldTills(k *kit) {
	owner, then := k.newID(id.Merchant, 4), epoch.Add(-1000*day)
	var pairings []store.Pairing
	var sessions []store.TillSession
	for n := range 3 {
		p, s := k.pairing(owner), k.session(owner)
		p.ExpiresAt, s.ExpiresAt = then.Add(time.Duration(n)*time.Hour), then.Add(time.Duration(n)*time.Hour)
		pairings, sessions = append(pairings, p), append(sessions, s)
		k.must(k.Pairings().Put(k.ctx, p))
		k.must(k.TillSessions().Put(k.ctx, s))
		k.must(k.NoteUses(k.ctx, []store.Use{{ID: s.ID, At: epoch}}))
	}
	last := then.Add(2 * time.Hour)
	equal(k, ask(k.ForgetTills(k.ctx, last, 1)).get(k), 2)
	equal(k, ask(k.Pairings().List(k.ctx, owner, "", 9)).get(k), pairings[1:])
	equal(k, ask(k.TillSessions().List(k.ctx, owner, "", 9)).get(k), sessions[1:])
	equal(k, ask(k.ForgetTills(k.ctx, last, 9)).get(k), 2)
	equal(k, ask(k.ForgetTills(k.ctx, last, 9)).get(k), 0)
	equal(k, ask(k.Pairings().List(k.ctx, owner, "", 9)).get(k), pairings[2:])
	equal(k, ask(k.TillSessions().List(k.ctx, owner, "", 9)).get(k), sessions[2:])
	ask(k.TillSessionByHash(k.ctx, sessions[0].Hash)).missing(k)
	equal(k, ask(k.Uses(k.ctx, []id.ID{sessions[0].ID, sessions[2].ID})).get(k), map[id.ID]time.Time{sessions[2].ID: epoch})
}

func latestUse(k *kit) {
	a, b := k.newID(id.Key, 4), k.newID(id.TillSession, 9)
	of := []id.ID{b, a, k.newID(id.Key, 4)}
	equal(k, len(ask(k.Uses(k.ctx, of)).get(k)), 0)
	k.must(k.NoteUses(k.ctx, nil))
	k.must(k.NoteUses(k.ctx, []store.Use{{ID: b, At: epoch.Add(time.Hour)}, {ID: a, At: epoch}, {ID: a, At: epoch.Add(time.Minute)}}))
	k.must(k.NoteUses(k.ctx, []store.Use{{ID: a, At: epoch.Add(time.Second)}, {ID: b, At: epoch.Add(2 * time.Hour)}}))
	equal(k, ask(k.Uses(k.ctx, of)).get(k), map[id.ID]time.Time{a: epoch.Add(time.Minute), b: epoch.Add(2 * time.Hour)})
}

func useIsNoChange(k *kit) {
	before := ask(k.Revision(k.ctx)).get(k)
	k.must(k.NoteUses(k.ctx, []store.Use{{ID: k.newID(id.Key, 4), At: epoch}}))
	equal(k, ask(k.Revision(k.ctx)).get(k), before)
}

func listsOfAPlace(k *kit) {
	place, till := k.newID(id.Store, 1), k.newID(id.Till, 1)
	s, ids := k.fivePayments(func(n int, p *payment.Payment) {
		if p.Store, p.Till = place, ""; n%2 == 1 {
			p.Store, p.Till = k.newID(id.Store, 1), till
		}
	})
	for _, x := range []struct {
		f    store.PaymentFilter
		want []int
	}{
		{store.PaymentFilter{Store: place}, []int{4, 2, 0}},
		{store.PaymentFilter{Till: till}, []int{3, 1}},
		{store.PaymentFilter{Store: place, Till: till}, nil},
	} {
		x.f.Merchant, x.f.Limit = s.merchant, 10
		k.lists(ask(k.Payments(k.ctx, x.f)).get(k), ids, x.want, x.f)
	}
}
