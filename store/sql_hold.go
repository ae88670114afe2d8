package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

const (
	holdTake = "INSERT INTO endpoint_hold (endpoint, bucket, holder, held_until) VALUES ($1, $2, $3, $4)" +
		" ON CONFLICT (endpoint, bucket) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until" +
		" WHERE endpoint_hold.holder = $3 OR endpoint_hold.held_until <= $5"
	holdFind = "SELECT held_until FROM endpoint_hold WHERE endpoint = $1 AND bucket = $2 AND holder <> $3"
)

// Hold lets one node at a time deliver to an endpoint. It looks before it writes,
// because all nodes but one only look.
func (s *sqlStore) Hold(ctx context.Context, endpoint id.ID, holder string, lasts time.Duration) (held bool, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		until, err := number(ctx, tx, holdFind, string(endpoint), int64(endpoint.Bucket()), holder)
		if err != nil || until > db.Millis(now) {
			return err
		}
		n, err := tx.Exec(ctx, holdTake, string(endpoint), int64(endpoint.Bucket()), holder, db.Millis(now.Add(lasts)), db.Millis(now))
		held = n == 1
		return err
	})
	return held && err == nil, err
}
