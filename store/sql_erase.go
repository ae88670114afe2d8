package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store/internal/db"
)

// erasure says of a kind of rows what is personal, and which rows have ended.
type erasure struct {
	kind  id.Kind
	ended string   // of the row t
	sets  []string // what is put in place
	any   string   // says of a row that it has some of it
}

// erasures name the columns that testdata/columns.txt calls payer.
var erasures = map[Personal]erasure{
	PersonalPayments: {id.Payment, "t.ended_at > 0",
		[]string{"payer_key = ''", "payer_name_masked = '" + payment.Erased + "'", "payer_bic = ''", "receipt_id = ''"},
		"(t.payer_key <> '' OR t.payer_name_masked NOT IN ('', '" + payment.Erased + "') OR t.payer_bic <> '' OR t.receipt_id <> '')"},
	PersonalRequests: {id.Request, "t.ended_at > 0",
		[]string{"description = '" + payment.Erased + "'", "extra = ''", "metadata = ''", "success_url = ''", "payload = ''"}, "t.payload <> ''"},
	PersonalRefunds: {id.Refund, "t.ended_at > 0", []string{"reason = '" + payment.Erased + "'"}, "t.reason NOT IN ('', '" + payment.Erased + "')"},
	PersonalDeliveries: {id.Delivery, "t.next_at = 0", []string{"request = ''", "reply = ''", "reply_headers = ''", "error = ''"},
		"(t.request <> '' OR t.reply <> '' OR t.reply_headers <> '' OR t.error <> '')"},
}

// Erase goes on through the rows of a kind.
func (s *sqlStore) Erase(ctx context.Context, what Personal, before time.Time, limit int) (int, error) {
	e, known := erasures[what]
	if !known {
		return 0, fmt.Errorf("store: nothing is personal of %q", what)
	}
	var looked int
	err := db.Do(ctx, s.d, func(tx db.Tx) error {
		until, err := erasedUntil(ctx, tx, what)
		if err != nil {
			return err
		}
		again, err := e.waiting(ctx, tx, what, limit)
		if err != nil {
			return err
		}
		rows, err := e.next(ctx, tx, what, until, boundID(e.kind, before.Add(-skew)), limit)
		if err != nil || len(again)+len(rows) == 0 {
			return err
		}
		looked = len(again) + len(rows)
		return e.erase(ctx, tx, what, slices.Concat(again, rows), rows)
	})
	return looked, err
}

// erasedUntil gives the id up to which all rows were looked at, and keeps others from going on meanwhile.
func erasedUntil(ctx context.Context, tx db.Tx, what Personal) (until string, err error) {
	_, err = tx.Exec(ctx, "INSERT INTO erasure (kind, bucket, until) VALUES ($1, 0, '') ON CONFLICT (kind, bucket) DO NOTHING", string(what))
	if err != nil {
		return "", err
	}
	err = tx.Query(ctx, "SELECT t.until FROM erasure AS t WHERE t.kind = $1 AND t.bucket = 0 FOR UPDATE", func(scan db.Scan) error { return scan(&until) }, string(what))
	return until, err
}

// erasable is a row that may be emptied.
type erasable struct {
	name  string
	ended bool
}

// waiting gives rows that had not ended when they were looked at, and have since.
func (e erasure) waiting(ctx context.Context, tx db.Tx, what Personal, limit int) (out []erasable, err error) {
	err = tx.Query(ctx, "SELECT w.id FROM erasure_wait AS w JOIN "+string(what)+" AS t ON t.id = w.id AND t.bucket = w.bucket"+
		" WHERE w.kind = $1 AND "+e.ended+" ORDER BY w.id LIMIT $2", func(scan db.Scan) error {
		var name string
		err := scan(&name)
		out = append(out, erasable{name, true})
		return err
	}, string(what), int64(limit))
	return out, err
}

// next gives the rows after those that were looked at.
func (e erasure) next(ctx context.Context, tx db.Tx, what Personal, after, before string, limit int) (out []erasable, err error) {
	err = tx.Query(ctx, "SELECT t.id, CASE WHEN "+e.ended+" THEN 1 ELSE 0 END FROM "+string(what)+" AS t WHERE t.id > $1 AND t.id < $2 ORDER BY t.id LIMIT $3",
		func(scan db.Scan) error {
			var name string
			var ended int64
			err := scan(&name, &ended)
			out = append(out, erasable{name, ended == 1})
			return err
		}, after, before, int64(limit))
	return out, err
}

// erase empties those that have ended, notes the others, and moves on.
func (e erasure) erase(ctx context.Context, tx db.Tx, what Personal, all, rows []erasable) error {
	var ended []string
	for _, r := range all {
		if r.ended {
			ended = append(ended, r.name)
			continue
		}
		_, err := tx.Exec(ctx, "INSERT INTO erasure_wait (kind, id, bucket) VALUES ($1, $2, $3) ON CONFLICT (kind, id, bucket) DO NOTHING",
			string(what), r.name, int64(id.ID(r.name).Bucket()))
		if err != nil {
			return err
		}
	}
	text := "UPDATE " + string(what) + " AS t SET " + strings.Join(e.sets, ", ") + " WHERE t.id = ANY($1) AND " + e.ended + " AND " + e.any
	if _, err := tx.Exec(ctx, text, ended); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM erasure_wait WHERE kind = $1 AND id = ANY($2)", string(what), ended); err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, "UPDATE erasure SET until = $1 WHERE kind = $2 AND bucket = 0", rows[len(rows)-1].name, string(what))
	return err
}
