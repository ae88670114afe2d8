package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var pairingTable = db.NewTable("pairing",
	db.String("id", func(p *Pairing) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *Pairing) int64 { return int64(p.ID.Bucket()) }),
	db.String("merchant", func(p *Pairing) *string { return (*string)(&p.Merchant) }),
	db.String("till", func(p *Pairing) *string { return (*string)(&p.Till) }),
	db.String("hash", func(p *Pairing) *string { return &p.Hash }),
	db.Time("created_at", func(p *Pairing) *time.Time { return &p.CreatedAt }),
	db.Time("expires_at", func(p *Pairing) *time.Time { return &p.ExpiresAt }),
	db.Time("used_at", func(p *Pairing) *time.Time { return &p.UsedAt }),
)

var tillSessionTable = db.NewTable("till_session",
	db.String("id", func(s *TillSession) *string { return (*string)(&s.ID) }),
	db.Derived("bucket", func(s *TillSession) int64 { return int64(s.ID.Bucket()) }),
	db.String("merchant", func(s *TillSession) *string { return (*string)(&s.Merchant) }),
	db.String("till", func(s *TillSession) *string { return (*string)(&s.Till) }),
	db.String("key", func(s *TillSession) *string { return (*string)(&s.Key) }),
	db.String("hash", func(s *TillSession) *string { return &s.Hash }),
	db.Time("created_at", func(s *TillSession) *time.Time { return &s.CreatedAt }),
	db.Time("expires_at", func(s *TillSession) *time.Time { return &s.ExpiresAt }),
	db.Time("ended_at", func(s *TillSession) *time.Time { return &s.EndedAt }),
)

var useTable = db.NewTable("last_use",
	db.String("id", func(u *Use) *string { return (*string)(&u.ID) }),
	db.Derived("bucket", func(u *Use) int64 { return int64(u.ID.Bucket()) }),
	db.Time("used_at", func(u *Use) *time.Time { return &u.At }),
)

// useInsert keeps the latest time: nodes write theirs in any order.
var useInsert = db.Insertion("last_use",
	"ON CONFLICT (id, bucket) DO UPDATE SET used_at = excluded.used_at WHERE excluded.used_at > last_use.used_at RETURNING id", useVectors(nil)...)

func useVectors(uses []Use) []db.Vector {
	n := len(uses)
	names, buckets, times := make([]string, n), make([]int64, n), make([]int64, n)
	for i, u := range uses {
		names[i], buckets[i], times[i] = string(u.ID), int64(u.ID.Bucket()), db.Millis(u.At)
	}
	return []db.Vector{db.Texts("id", names), db.Ints("bucket", buckets), db.Ints("used_at", times)}
}

// Pairings keeps the codes by which tills are paired, owned by their merchant.
func (s *sqlStore) Pairings() Shelf[Pairing] { return sqlShelf[Pairing]{s, pairingTable, "merchant"} }

// TakePairing uses up the pairing of a code. The row's lock lets one of several callers see it unused.
func (s *sqlStore) TakePairing(ctx context.Context, hash string, now time.Time) (Pairing, error) {
	var n int64
	err := db.Do(ctx, s.d, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, "UPDATE pairing SET used_at = $1 WHERE hash = $2 AND used_at = 0 AND expires_at > $1", db.Millis(now), hash)
		return err
	})
	if err != nil {
		return Pairing{}, fmt.Errorf("store: take a pairing: %w", err)
	}
	if n == 0 {
		return Pairing{}, ErrNotFound
	}
	return one(pairingTable.Find(ctx, s.d, "WHERE t.hash = $1", hash))
}

// TillSessions keeps who is signed in to the point of sale, owned by their merchant.
func (s *sqlStore) TillSessions() Shelf[TillSession] {
	return sqlShelf[TillSession]{s, tillSessionTable, "merchant"}
}

// TillSessionByHash finds a session by the digest of its token.
func (s *sqlStore) TillSessionByHash(ctx context.Context, hash string) (TillSession, error) {
	return one(tillSessionTable.Find(ctx, s.d, "WHERE t.hash = $1", hash))
}

// ForgetTills deletes old pairings, and old sessions with their uses.
func (s *sqlStore) ForgetTills(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		forgotten = 0
		for _, table := range []string{"pairing", "till_session"} {
			names, err := expired(ctx, tx, table, before, limit)
			if err != nil {
				return err
			}
			forgotten += len(names)
			for _, from := range []string{table, "last_use"} {
				if _, err := tx.Exec(ctx, "DELETE FROM "+from+" WHERE id = ANY($1)", names); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("store: forget tills: %w", err)
	}
	return forgotten, nil
}

// expired gives the ids of the rows that expired first.
func expired(ctx context.Context, tx db.Tx, table string, before time.Time, limit int) (names []string, err error) {
	names = []string{}
	err = tx.Query(ctx, "SELECT t.id FROM "+table+" AS t WHERE t.expires_at < $1 ORDER BY t.expires_at LIMIT $2", func(scan db.Scan) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, db.Millis(before), int64(limit))
	return names, err
}

// NoteUses writes when keys and sessions were used, in the order of their ids, so that two nodes never wait for each
// other in a ring.
func (s *sqlStore) NoteUses(ctx context.Context, uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(uses), func(a, b Use) int { return cmp.Or(cmp.Compare(a.ID, b.ID), b.At.Compare(a.At)) })
	sorted = slices.CompactFunc(sorted, func(a, b Use) bool { return a.ID == b.ID })
	q := db.Question{Many: useInsert, Rows: useVectors(sorted), Each: func(scan db.Scan) error { return scan(new(string)) }}
	if err := db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Ask(ctx, q) }); err != nil {
		return fmt.Errorf("store: note uses: %w", err)
	}
	return nil
}

// Uses gives when keys and sessions were last used.
func (s *sqlStore) Uses(ctx context.Context, of []id.ID) (map[id.ID]time.Time, error) {
	rows, err := useTable.Find(ctx, s.d, "WHERE t.id = ANY($1)", texts(of))
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]time.Time, len(rows))
	for _, u := range rows {
		out[u.ID] = u.At
	}
	return out, nil
}
