package store

import (
	"context"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/store/internal/db"
)

// takeOwnersTurn locks the row of an owner or a person that all who change what is theirs lock first; the first one
// makes it. SQLite has one writer anyway.
const takeOwnersTurn = "INSERT INTO desk_turn (owner, bucket, turns) VALUES ($1, $2, 1)" +
	" ON CONFLICT (owner, bucket) DO UPDATE SET turns = desk_turn.turns + 1"

// Alone runs do in a transaction of which its desk is a part. Rows are locked in the order of their names, so that two
// who want the same two never wait for each other.
func (s *sqlStore) Alone(ctx context.Context, whose []id.ID, do func(context.Context, Desk) error) error {
	names := slices.Compact(slices.Sorted(slices.Values(whose)))
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		for _, name := range names {
			if _, err := tx.Exec(ctx, takeOwnersTurn, string(name), int64(name.Bucket())); err != nil {
				return fmt.Errorf("store: wait for the turn of %s: %w", name, err)
			}
		}
		return do(ctx, &sqlStore{db.Join(s.d, tx)})
	})
}
