package store

import (
	"context"
	"slices"
	"time"

	"tolom/id"
)

// Pairings keeps the codes by which tills are paired, owned by their merchant.
func (m *Memory) Pairings() Shelf[Pairing] {
	return memoryShelf[Pairing]{m, func(t *tables) *rack[Pairing] { return &t.desk.pairings }}
}

// TakePairing uses up the pairing of a code.
func (m *Memory) TakePairing(ctx context.Context, hash string, now time.Time) (taken Pairing, err error) {
	err = m.write(ctx, func(t *tables) error {
		p, err := t.desk.pairings.byName(hash)
		if err != nil {
			return err
		}
		if !p.UsedAt.IsZero() || !whole(now).Before(p.ExpiresAt) {
			return ErrNotFound
		}
		p.UsedAt = whole(now)
		taken = p
		return t.desk.pairings.put(p)
	})
	return taken, err
}

// TillSessions keeps who is signed in to the point of sale, owned by their merchant.
func (m *Memory) TillSessions() Shelf[TillSession] {
	return memoryShelf[TillSession]{m, func(t *tables) *rack[TillSession] { return &t.desk.sessions }}
}

// TillSessionByHash finds a session by the digest of its token.
func (m *Memory) TillSessionByHash(ctx context.Context, hash string) (TillSession, error) {
	return read(ctx, m, func(t *tables) (TillSession, error) { return t.desk.sessions.byName(hash) })
}

// ForgetTills deletes old pairings, and old sessions with their uses.
func (m *Memory) ForgetTills(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	err = m.write(ctx, func(t *tables) error {
		d := &t.desk
		names := d.pairings.oldest(limit, before, func(p Pairing) time.Time { return p.ExpiresAt })
		sessions := d.sessions.oldest(limit, before, func(s TillSession) time.Time { return s.ExpiresAt })
		for _, name := range names {
			d.pairings.delete(name)
		}
		for _, name := range sessions {
			d.sessions.delete(name)
			delete(d.uses, name)
		}
		forgotten = len(names) + len(sessions)
		return nil
	})
	return forgotten, err
}

// oldest gives the records whose time is over before a moment, the first to end first.
func (r *rack[T]) oldest(limit int, before time.Time, ends func(T) time.Time) (names []id.ID) {
	for _, name := range r.order {
		if ends(r.rows[name]).Before(before) {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b id.ID) int { return ends(r.rows[a]).Compare(ends(r.rows[b])) })
	return names[:min(limit, len(names))]
}

// delete takes a record away.
func (r *rack[T]) delete(name id.ID) {
	if r.kind.name != nil {
		delete(r.unique, r.kind.name(r.rows[name]))
	}
	delete(r.rows, name)
	if at, found := slices.BinarySearch(r.order, name); found {
		r.order = slices.Delete(r.order, at, at+1)
	}
}

// NoteUses writes when keys and sessions were used.
func (m *Memory) NoteUses(ctx context.Context, uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	return m.write(ctx, func(t *tables) error {
		for _, u := range uses {
			if at := whole(u.At); at.After(t.desk.uses[u.ID]) {
				t.desk.uses[u.ID] = at
			}
		}
		return nil
	})
}

// Uses gives when keys and sessions were last used.
func (m *Memory) Uses(ctx context.Context, of []id.ID) (map[id.ID]time.Time, error) {
	return read(ctx, m, func(t *tables) (map[id.ID]time.Time, error) {
		out := map[id.ID]time.Time{}
		for _, i := range of {
			if at, used := t.desk.uses[i]; used {
				out[i] = at
			}
		}
		return out, nil
	})
}

func copyPairing(p Pairing) Pairing {
	p.CreatedAt, p.ExpiresAt, p.UsedAt = whole(p.CreatedAt), whole(p.ExpiresAt), whole(p.UsedAt)
	return p
}

func copyTillSession(s TillSession) TillSession {
	s.CreatedAt, s.ExpiresAt, s.EndedAt = whole(s.CreatedAt), whole(s.ExpiresAt), whole(s.EndedAt)
	return s
}
