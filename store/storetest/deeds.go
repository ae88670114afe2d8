package storetest

import (
	"time"

	"tolom/id"
	"tolom/proposal"
	"tolom/store"
	"tolom/trail"
)

var deeds = chapter{name: "The log of deeds", apart: true, sentences: []sentence{
	{"Events of people and of proposals get places without gaps, the oldest first, each once", deedsNumbered},
	{"Events of before a moment are passed over until all are asked for", deedsSince},
	{"Of many nodes that number at once each event gets one place", deedsRace},
	{"Its hashes and checkpoints are apart from those of the log of facts", deedsApart},
	{"An audit sees places with their events and proposals, and counts what waits", deedsAudited},
}}

func (k *kit) personEvent(at time.Time) store.PersonEvent {
	e := store.PersonEvent{ID: id.New(id.PersonEvent, at, 5, id.Random{9, byte(at.Unix())}), Owner: store.Centre, Person: k.newID(id.Person, 3), By: k.newID(id.Person, 3), Kind: "role_changed", Detail: "оператор → ə", Address: "192.0.2.7", At: at}
	k.must(k.AddPersonEvents(k.ctx, []store.PersonEvent{e}))
	return e
}

func (k *kit) numberDeeds(since time.Time, limit, want int) {
	k.t.Helper()
	equal(k, ask(k.NumberDeeds(k.ctx, since, limit)).get(k), want)
}

func deedsNumbered(k *kit) {
	equal(k, ask(k.DeedHead(k.ctx)).get(k), int64(0))
	late := k.personEvent(epoch.Add(time.Minute))
	early := k.personEvent(epoch.Add(-time.Minute))
	p, asked := k.proposed("") // at the epoch
	k.numberDeeds(time.Time{}, 9, 3)
	k.numberDeeds(time.Time{}, 9, 0)
	p, agreed := k.approved(p)
	k.must(k.MoveProposal(k.ctx, moves(p, agreed)))
	p.Version = 2
	k.numberDeeds(time.Time{}, 9, 1)
	equal(k, ask(k.DeedHead(k.ctx)).get(k), int64(4))
	person := func(position int64, e store.PersonEvent) store.DeedRow {
		return store.DeedRow{Deed: trail.Deed{Position: position, Of: trail.OfPeople, Name: e.ID, At: e.At, Kind: e.Kind, By: e.By, Owner: e.Owner, Person: e.Person, Detail: e.Detail, Address: e.Address}}
	}
	moved := func(position int64, e proposal.Event) store.DeedRow {
		return store.DeedRow{Proposal: p, Deed: trail.Deed{Position: position, Of: trail.OfProposals, Name: e.Proposal, Number: e.Number, At: e.At, Kind: e.Kind, By: e.By.ID, ByName: e.By.Name,
			Detail: e.Note, Digest: e.Digest}}
	}
	want := []store.DeedRow{person(1, early), moved(2, asked), person(3, late), moved(4, agreed)}
	equal(k, ask(k.DeedPage(k.ctx, 0, 9)).get(k), want)
	equal(k, ask(k.DeedPage(k.ctx, 1, 2)).get(k), want[1:3])
	equal(k, len(ask(k.DeedPage(k.ctx, 4, 9)).get(k)), 0)
}

func deedsSince(k *kit) {
	for n := range 3 {
		k.personEvent(epoch.Add(time.Duration(n) * time.Hour))
	}
	k.numberDeeds(epoch.Add(2*time.Hour), 9, 1)
	k.numberDeeds(time.Time{}, 1, 1)
	k.numberDeeds(time.Time{}, 9, 1)
}

func deedsRace(k *kit) {
	for n := range 20 {
		k.personEvent(epoch.Add(time.Duration(n) * time.Second))
	}
	k.race(func(int) error { _, err := k.NumberDeeds(k.ctx, time.Time{}, 100); return err })
	k.must2(k.NumberDeeds(k.ctx, time.Time{}, 100))
	seen := map[id.ID]bool{}
	for i, r := range ask(k.DeedPage(k.ctx, 0, 100)).get(k) {
		equal(k, r.Position, int64(i+1))
		seen[r.Name] = true
	}
	equal(k, len(seen), 20)
	equal(k, ask(k.DeedHead(k.ctx)).get(k), int64(20))
}

func deedsApart(k *kit) {
	log := k.Deeds()
	k.must(log.Extend(k.ctx, checkpoint(1, 2), []trail.Tile{tile(0, 0, 1, 2)}))
	_, err := k.Checkpoint(k.ctx, 0)
	k.is(err, store.ErrNotFound)
	k.must(k.Extend(k.ctx, checkpoint(1, 9), []trail.Tile{tile(0, 0, 9)}))
	equal(k, ask(log.Checkpoint(k.ctx, 0)).get(k), checkpoint(1, 2))
	equal(k, ask(log.Tiles(k.ctx, []trail.Name{{}, {Level: 1}})).get(k), []trail.Tile{tile(0, 0, 1, 2)})
	k.is(log.Extend(k.ctx, checkpoint(1, 3), nil), store.ErrRetry)
}

func deedsAudited(k *kit) {
	first := k.personEvent(epoch)
	k.numberDeeds(time.Time{}, 9, 1)
	k.must(k.Deeds().Extend(k.ctx, checkpoint(1, 1), []trail.Tile{tile(0, 0, 1)}))
	k.personEvent(epoch.Add(time.Second))
	k.proposed("")
	k.must(k.Audit(k.ctx, func(a store.Archive) error {
		log := a.Deeds()
		rows := ask(log.DeedPage(k.ctx, 0, 9)).get(k)
		equal(k, len(rows), 1)
		equal(k, rows[0].Name, first.ID)
		equal(k, ask(log.DeedsWaiting(k.ctx)).get(k), int64(2))
		equal(k, ask(log.CheckpointPage(k.ctx, 0, 9)).get(k), []store.Checkpoint{checkpoint(1, 1)})
		equal(k, ask(log.TilesOf(k.ctx, []trail.Name{{}})).get(k), []trail.Tile{tile(0, 0, 1)})
		equal(k, ask(log.TileAfter(k.ctx, trail.Name{Level: -1})).get(k), trail.Name{})
		return nil
	}))
}
