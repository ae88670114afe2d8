package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var deliveryTable = db.NewTable("delivery",
	db.String("id", func(d *Delivery) *string { return (*string)(&d.ID) }),
	db.Derived("bucket", func(d *Delivery) int64 { return int64(d.ID.Bucket()) }),
	db.String("endpoint", func(d *Delivery) *string { return (*string)(&d.Endpoint) }),
	db.String("merchant", func(d *Delivery) *string { return (*string)(&d.Merchant) }),
	db.String("fact", func(d *Delivery) *string { return (*string)(&d.Fact) }),
	db.Int64("sequence", func(d *Delivery) *int64 { return &d.Sequence }),
	db.String("event_type", func(d *Delivery) *string { return &d.EventType }),
	db.String("status", func(d *Delivery) *string { return (*string)(&d.Status) }),
	db.Int("attempts", func(d *Delivery) *int { return &d.Attempts }),
	db.Int("http_status", func(d *Delivery) *int { return &d.HTTPStatus }),
	db.String("error", func(d *Delivery) *string { return &d.Error }),
	db.String("reply", func(d *Delivery) *string { return &d.Reply }),
	db.String("request", func(d *Delivery) *string { return &d.Request }),
	db.String("reply_headers", func(d *Delivery) *string { return &d.ReplyHeaders }),
	db.Int64("duration_ms", func(d *Delivery) *int64 { return &d.DurationMS }),
	db.Time("created_at", func(d *Delivery) *time.Time { return &d.CreatedAt }),
	db.Time("last_at", func(d *Delivery) *time.Time { return &d.LastAt }),
	db.Time("next_at", func(d *Delivery) *time.Time { return &d.NextAt }),
)

// Cursor gives how far an endpoint was offered its owner's feed.
func (s *sqlStore) Cursor(ctx context.Context, endpoint id.ID) (int64, error) {
	return number(ctx, s.d, "SELECT sequence FROM endpoint_cursor WHERE endpoint = $1 AND bucket = $2", string(endpoint), int64(endpoint.Bucket()))
}

// Advance moves the cursor and writes the log. ErrRetry when another node moved
// it first: then nothing is written.
func (s *sqlStore) Advance(ctx context.Context, endpoint id.ID, from, to int64, log []Delivery) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		if err := moveCursor(ctx, tx, endpoint, from, to); err != nil || len(log) == 0 {
			return err
		}
		step, err := deliveryTable.Put(log)
		if err != nil {
			return err
		}
		return tx.Run(ctx, step)
	})
}

func moveCursor(ctx context.Context, tx db.Tx, endpoint id.ID, from, to int64) error {
	moved, err := tx.Exec(ctx, "UPDATE endpoint_cursor SET sequence = $1 WHERE endpoint = $2 AND bucket = $3 AND sequence = $4",
		to, string(endpoint), int64(endpoint.Bucket()), from)
	if err == nil && moved == 0 && from == 0 {
		moved, err = tx.Exec(ctx, "INSERT INTO endpoint_cursor (endpoint, bucket, sequence) VALUES ($1, $2, $3) ON CONFLICT (endpoint, bucket) DO NOTHING",
			string(endpoint), int64(endpoint.Bucket()), to)
	}
	if err == nil && moved == 0 {
		return fmt.Errorf("%w: the cursor of %s does not stand at %d", ErrRetry, endpoint, from)
	}
	return err
}

// PutDelivery writes a delivery.
func (s *sqlStore) PutDelivery(ctx context.Context, d Delivery) error {
	return put(ctx, s.d, deliveryTable, d)
}

// put writes one row, new or changed.
func put[T any](ctx context.Context, d db.Database, t *db.Table[T], row T) error {
	step, err := t.Put([]T{row})
	if err != nil {
		return err
	}
	return db.Do(ctx, d, func(tx db.Tx) error { return tx.Run(ctx, step) })
}

// Delivery gives a delivery.
func (s *sqlStore) Delivery(ctx context.Context, name id.ID) (Delivery, error) {
	return one(deliveryTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// Due gives deliveries whose next try is due, the longest due first.
func (s *sqlStore) Due(ctx context.Context, endpoint id.ID, now time.Time, limit int) ([]Delivery, error) {
	return deliveryTable.Find(ctx, s.d, "WHERE t.endpoint = $1 AND t.status = 'pending' AND t.next_at > 0 AND t.next_at <= $2"+
		" ORDER BY t.next_at, t.id LIMIT $3", string(endpoint), db.Millis(now), int64(limit))
}

// Deliveries lists an endpoint's deliveries, newest first.
func (s *sqlStore) Deliveries(ctx context.Context, endpoint, before id.ID, limit int) ([]Delivery, error) {
	var c filter
	c.where("t.endpoint = $", string(endpoint)).when("t.id < $", string(before))
	tail, args := c.tail("t.id DESC", limit)
	return deliveryTable.Find(ctx, s.d, tail, args...)
}
