package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var ticketTable = db.NewTable("ticket",
	db.String("id", func(t *Ticket) *string { return (*string)(&t.ID) }),
	db.Derived("bucket", func(t *Ticket) int64 { return int64(t.ID.Bucket()) }),
	db.String("person", func(t *Ticket) *string { return (*string)(&t.Person) }),
	db.String("purpose", func(t *Ticket) *string { return &t.Purpose }),
	db.String("hash", func(t *Ticket) *string { return &t.Hash }),
	db.String("data", func(t *Ticket) *string { return &t.Data }),
	db.Time("created_at", func(t *Ticket) *time.Time { return &t.CreatedAt }),
	db.Time("expires_at", func(t *Ticket) *time.Time { return &t.ExpiresAt }),
	db.Time("used_at", func(t *Ticket) *time.Time { return &t.UsedAt }),
)

var personEventTable = db.NewTable("person_event",
	db.String("id", func(e *PersonEvent) *string { return (*string)(&e.ID) }),
	db.Derived("bucket", func(e *PersonEvent) int64 { return int64(e.ID.Bucket()) }),
	db.String("owner", func(e *PersonEvent) *string { return (*string)(&e.Owner) }),
	db.String("person", func(e *PersonEvent) *string { return (*string)(&e.Person) }),
	db.String("done_by", func(e *PersonEvent) *string { return (*string)(&e.By) }),
	db.String("kind", func(e *PersonEvent) *string { return &e.Kind }),
	db.String("detail", func(e *PersonEvent) *string { return &e.Detail }),
	db.String("address", func(e *PersonEvent) *string { return &e.Address }),
	db.Time("at", func(e *PersonEvent) *time.Time { return &e.At }),
)

// alone runs one statement in a transaction of its own and tells how many rows it touched.
func (s *sqlStore) alone(ctx context.Context, what, text string, args ...any) (n int64, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, text, args...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: %s: %w", what, err)
	}
	return n, nil
}

// AddTicket writes a new ticket.
func (s *sqlStore) AddTicket(ctx context.Context, t Ticket) error {
	step, err := ticketTable.Insert([]Ticket{t})
	if err != nil {
		return err
	}
	return db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, step) })
}

// TicketByHash finds a ticket that waits.
func (s *sqlStore) TicketByHash(ctx context.Context, hash string, now time.Time) (Ticket, error) {
	return one(ticketTable.Find(ctx, s.d, "WHERE t.hash = $1 AND t.used_at = 0 AND t.expires_at > $2", hash, db.Millis(now)))
}

// TakeTicket uses up a ticket. The row's lock lets one of several callers see it unused.
func (s *sqlStore) TakeTicket(ctx context.Context, hash string, now time.Time) (Ticket, error) {
	n, err := s.alone(ctx, "take a ticket", "UPDATE ticket SET used_at = $1 WHERE hash = $2 AND used_at = 0 AND expires_at > $1", db.Millis(now), hash)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Ticket{}, err
	}
	return one(ticketTable.Find(ctx, s.d, "WHERE t.hash = $1", hash))
}

// EndTickets uses up all tickets of a person that wait.
func (s *sqlStore) EndTickets(ctx context.Context, person id.ID, now time.Time) (int, error) {
	n, err := s.alone(ctx, "end tickets", "UPDATE ticket SET used_at = $1 WHERE person = $2 AND used_at = 0 AND expires_at > $1", db.Millis(now), string(person))
	return int(n), err
}

// SetRecovery replaces the recovery codes of a person.
func (s *sqlStore) SetRecovery(ctx context.Context, person id.ID, hashes []string) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		bucket := int64(person.Bucket())
		if _, err := tx.Exec(ctx, "DELETE FROM recovery WHERE person = $1 AND bucket = $2", string(person), bucket); err != nil {
			return err
		}
		for _, hash := range hashes {
			if _, err := tx.Exec(ctx, "INSERT INTO recovery (person, bucket, hash, used_at) VALUES ($1, $2, $3, 0)", string(person), bucket, hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// TakeRecovery uses up a recovery code.
func (s *sqlStore) TakeRecovery(ctx context.Context, person id.ID, hash string, now time.Time) error {
	n, err := s.alone(ctx, "take a recovery code", "UPDATE recovery SET used_at = $1 WHERE person = $2 AND hash = $3 AND bucket = $4 AND used_at = 0",
		db.Millis(now), string(person), hash, int64(person.Bucket()))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// RecoveryLeft counts the codes that were not used.
func (s *sqlStore) RecoveryLeft(ctx context.Context, person id.ID) (int, error) {
	n, err := number(ctx, s.d, "SELECT count(*) FROM recovery AS t WHERE t.person = $1 AND t.bucket = $2 AND t.used_at = 0", string(person), int64(person.Bucket()))
	return int(n), err
}

// SpendStep takes a step of a person's TOTP.
func (s *sqlStore) SpendStep(ctx context.Context, person id.ID, step int64) error {
	n, err := s.alone(ctx, "spend a step", "INSERT INTO spent_step (person, bucket, step) VALUES ($1, $2, $3)"+
		" ON CONFLICT (person, bucket) DO UPDATE SET step = excluded.step WHERE excluded.step > spent_step.step", string(person), int64(person.Bucket()), step)
	if err == nil && n == 0 {
		err = ErrTaken
	}
	return err
}

// attempt moves the moment at which an allowance is full again by one step, unless that would be too far ahead.
const attempt = "INSERT INTO attempt (name, bucket, full_at) VALUES ($1, $2, CAST($3 AS bigint) + CAST($4 AS bigint)) ON CONFLICT (name, bucket) DO UPDATE" +
	" SET full_at = CASE WHEN attempt.full_at > $3 THEN attempt.full_at ELSE $3 END + $4" +
	" WHERE attempt.full_at + $4 <= $3 + CAST($5 AS bigint)"

// Attempt uses one of an allowance.
func (s *sqlStore) Attempt(ctx context.Context, name string, a Allowance, now time.Time) (bool, error) {
	every := a.Every.Milliseconds()
	n, err := s.alone(ctx, "count an attempt", attempt, name, int64(id.BucketOf(name)), db.Millis(now), every, every*int64(a.Most))
	return n > 0, err
}

// Relent gives one back.
func (s *sqlStore) Relent(ctx context.Context, name string, a Allowance) error {
	_, err := s.alone(ctx, "give back an attempt", "UPDATE attempt SET full_at = full_at - $1 WHERE name = $2 AND bucket = $3",
		a.Every.Milliseconds(), name, int64(id.BucketOf(name)))
	return err
}

// ForgetProofs deletes what is of no use any more.
func (s *sqlStore) ForgetProofs(ctx context.Context, before time.Time, limit int) (int, error) {
	tickets, err := s.alone(ctx, "forget tickets", "DELETE FROM ticket WHERE (id, bucket) IN (SELECT t.id, t.bucket FROM ticket AS t"+
		" WHERE t.expires_at < $1 ORDER BY t.expires_at LIMIT $2)", db.Millis(before), int64(limit))
	if err != nil {
		return 0, err
	}
	sessions, err := s.alone(ctx, "forget sessions", "DELETE FROM staff_session WHERE (id, bucket) IN (SELECT t.id, t.bucket FROM staff_session AS t"+
		" WHERE t.expires_at < $1 ORDER BY t.expires_at LIMIT $2)", db.Millis(before), int64(limit))
	if err != nil {
		return int(tickets), err
	}
	attempts, err := s.alone(ctx, "forget attempts", "DELETE FROM attempt WHERE (name, bucket) IN (SELECT t.name, t.bucket FROM attempt AS t"+
		" WHERE t.full_at < $1 ORDER BY t.full_at LIMIT $2)", db.Millis(before), int64(limit))
	return int(tickets + sessions + attempts), err
}

// AddPersonEvents adds lines.
func (s *sqlStore) AddPersonEvents(ctx context.Context, events []PersonEvent) error {
	if len(events) == 0 {
		return nil
	}
	step, err := personEventTable.Insert(events)
	if err != nil {
		return err
	}
	return db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, step) })
}

// PersonEvents lists lines of a merchant, of the centre, or about a person, newest first.
func (s *sqlStore) PersonEvents(ctx context.Context, f PersonEventFilter) ([]PersonEvent, error) {
	column, of := "owner", f.Owner
	if f.Person != "" {
		column, of = "person", f.Person
	}
	if of == "" {
		return nil, nil
	}
	if f.Before == "" {
		return personEventTable.Find(ctx, s.d, "WHERE t."+column+" = $1 ORDER BY t.id DESC LIMIT $2", string(of), int64(f.Limit))
	}
	return personEventTable.Find(ctx, s.d, "WHERE t."+column+" = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3", string(of), string(f.Before), int64(f.Limit))
}
