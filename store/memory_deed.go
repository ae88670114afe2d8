package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/trail"
)

// deeds is what a Memory keeps of the log of deeds.
type deeds struct {
	sealed sealedLog
	places []deedName // by position, which counts from 1
	placed map[deedName]bool
}

// Deeds gives the hashes and checkpoints of the log of deeds.
func (m *Memory) Deeds() Trail {
	return memoryLog{m, func(t *tables) *sealedLog { return &t.deeds.sealed }}
}

// NumberDeeds gives places to events.
func (m *Memory) NumberDeeds(ctx context.Context, since time.Time, limit int) (n int, err error) {
	err = m.write(ctx, func(t *tables) error {
		if t.deeds.placed == nil {
			t.deeds.placed = map[deedName]bool{}
		}
		for _, d := range t.placeless(since, limit) {
			name := nameOfDeed(d)
			t.deeds.places, t.deeds.placed[name] = append(t.deeds.places, name), true
			n++
		}
		return nil
	})
	return n, err
}

// placeless gives events without a place since a moment, so many of each kind at most.
func (t *tables) placeless(since time.Time, limit int) (out []trail.Deed) {
	from, fromProposal := deedFloors(since)
	var people, moved []trail.Deed
	add := func(to *[]trail.Deed, d trail.Deed, from id.ID) {
		if !t.deeds.placed[nameOfDeed(d)] && d.Name >= from && len(*to) < limit {
			*to = append(*to, d)
		}
	}
	for _, e := range t.people.events {
		add(&people, deedOfPerson(e), from)
	}
	for _, name := range t.proposals.order {
		for _, e := range t.proposals.events[name] {
			add(&moved, deedOfProposal(e), fromProposal)
		}
	}
	out = append(people, moved...)
	slices.SortFunc(out, oldestDeed)
	return out
}

// DeedHead gives the last position.
func (m *Memory) DeedHead(ctx context.Context) (int64, error) {
	return read(ctx, m, func(t *tables) (int64, error) { return int64(len(t.deeds.places)), nil })
}

// DeedPage gives places with what stands there.
func (m *Memory) DeedPage(ctx context.Context, after int64, limit int) ([]DeedRow, error) {
	return read(ctx, m, func(t *tables) ([]DeedRow, error) {
		if after >= int64(len(t.deeds.places)) {
			return nil, nil
		}
		var out []DeedRow
		for i, name := range t.deeds.places[after:min(int64(len(t.deeds.places)), after+int64(limit))] {
			out = append(out, t.deed(after+int64(i)+1, name))
		}
		return out, nil
	})
}

// deed reads what stands at a place.
func (t *tables) deed(position int64, name deedName) DeedRow {
	r := DeedRow{Deed: trail.Deed{Of: name.of, Name: name.name, Number: name.number}}
	if name.of == trail.OfPeople {
		at, found := slices.BinarySearchFunc(t.people.events, name, func(e PersonEvent, n deedName) int { return cmp.Compare(e.ID, n.name) })
		if found {
			r.Deed = deedOfPerson(t.people.events[at])
		}
	} else {
		r.Proposal = copyProposal(t.proposals.rows[name.name])
		if events := t.proposals.events[name.name]; int(name.number) <= len(events) {
			r.Deed = deedOfProposal(events[name.number-1])
		}
	}
	r.Position = position
	return r
}

// memoryDeedArchive is the log of deeds of one moment.
type memoryDeedArchive struct {
	sealedLog
	rows    []DeedRow
	waiting int64
}

func (t *tables) deedArchive() memoryDeedArchive {
	a := memoryDeedArchive{sealedLog: t.deeds.sealed.copy()}
	for i, name := range t.deeds.places {
		a.rows = append(a.rows, t.deed(int64(i+1), name))
	}
	a.waiting = int64(len(t.placeless(time.Time{}, len(t.people.events)+len(t.proposals.rows)*8)))
	return a
}

// Deeds gives the log of deeds of the archive's moment.
func (a *memoryArchive) Deeds() DeedArchive { return a.deeds }

func (a memoryDeedArchive) DeedPage(_ context.Context, after int64, limit int) ([]DeedRow, error) {
	return page(a.rows, limit, func(r DeedRow) int { return cmp.Compare(r.Position, after) }), nil
}

func (a memoryDeedArchive) DeedsWaiting(context.Context) (int64, error) { return a.waiting, nil }
