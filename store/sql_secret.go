package store

import (
	"context"
	"fmt"

	"tolom/id"
	"tolom/store/internal/db"
)

// keptSecret is what a row keeps in a place.
type keptSecret struct{ row, text string }

// RewriteSecrets locks some rows, and writes those whose secret is another then.
func (s *sqlStore) RewriteSecrets(ctx context.Context, p SecretPlace, after id.ID, limit int, do func(row id.ID, kept string) (string, error)) (last id.ID, wrote int, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		last, wrote = "", 0
		rows, err := lockSecrets(ctx, tx, p, after, limit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			last = id.ID(r.row)
			text, err := do(last, r.text)
			if err != nil {
				return err
			}
			if text == r.text {
				continue
			}
			if _, err := tx.Exec(ctx, "UPDATE "+p.Table+" SET "+p.Column+" = $1 WHERE id = $2 AND bucket = $3", text, r.row, int64(last.Bucket())); err != nil {
				return err
			}
			wrote++
		}
		if len(rows) < limit {
			last = ""
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return "", 0, fmt.Errorf("store: rewrite %s of %s: %w", p.Column, p.Table, err)
	}
	return last, wrote, nil
}

func lockSecrets(ctx context.Context, tx db.Tx, p SecretPlace, after id.ID, limit int) (rows []keptSecret, err error) {
	text := "SELECT t.id, t." + p.Column + " FROM " + p.Table + " AS t WHERE t.id > $1 ORDER BY t.id LIMIT $2 FOR UPDATE"
	err = tx.Query(ctx, text, func(scan db.Scan) error {
		var r keptSecret
		err := scan(&r.row, &r.text)
		rows = append(rows, r)
		return err
	}, string(after), int64(limit))
	return rows, err
}
