package store

import (
	"context"

	"tolom/store/internal/db"
)

// Every connection counts in its own row, so that two that change reference data
// at once do not wait for each other; SQLite has one writer.
const (
	countOnServer = "INSERT INTO desk_revision (bucket, changes) VALUES (pg_backend_pid() % 64, 1)" +
		" ON CONFLICT (bucket) DO UPDATE SET changes = desk_revision.changes + 1"
	countInFile = "INSERT INTO desk_revision (bucket, changes) VALUES (0, 1)" +
		" ON CONFLICT (bucket) DO UPDATE SET changes = desk_revision.changes + 1"
)

// changed counts a change of reference data in the transaction that makes it.
func (s *sqlStore) changed(ctx context.Context, tx db.Tx) error {
	count := countInFile
	if db.Server(s.d) {
		count = countOnServer
	}
	_, err := tx.Exec(ctx, count)
	return err
}

// Revision counts the committed changes of reference data.
func (s *sqlStore) Revision(ctx context.Context) (int64, error) {
	return number(ctx, s.d, "SELECT CAST(coalesce(sum(changes), 0) AS bigint) FROM desk_revision WHERE bucket >= 0")
}
