package store

import (
	"context"
	"strings"

	"tolom/store/internal/db"
)

// Gauge tells what writing costs a database, for measurements.
type Gauge interface {
	// Mark notes where the database stands.
	Mark(ctx context.Context) (Mark, error)
	// Written tells what was written since a mark.
	Written(ctx context.Context, since Mark) (Written, error)
	// ServerProcess is the number of one of the database server's processes, on
	// the machine that it runs on; 0 when the database has no server of its own.
	ServerProcess(ctx context.Context) (int, error)
}

// Mark is a moment in a database's life.
type Mark struct {
	Stored int64 // bytes of tables with their indexes
	log    string
}

// Written is what was written between two moments.
type Written struct {
	Stored int64 // bytes that tables and indexes grew by, in whole pages
	// Counted says that the rest is known: it is read from the write-ahead log of
	// PostgreSQL, for which the user must be a superuser.
	Counted                        bool
	Inserts, Updates, IndexEntries int64
	Log                            int64 // bytes of write-ahead log
}

var _ Gauge = (*sqlStore)(nil)

const (
	sqliteStored   = "SELECT p.page_count * s.page_size FROM pragma_page_count() AS p, pragma_page_size() AS s"
	postgresStored = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c" +
		" WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace)"
)

// Mark notes the size of the database and the end of its log.
func (s *sqlStore) Mark(ctx context.Context) (m Mark, err error) {
	if !db.Server(s.d) {
		m.Stored, err = number(ctx, s.d, sqliteStored)
		return m, err
	}
	if m.Stored, err = number(ctx, s.d, postgresStored); err != nil {
		return m, err
	}
	err = s.d.Query(ctx, "SELECT CAST(pg_current_wal_insert_lsn() AS text)", func(scan db.Scan) error { return scan(&m.log) })
	return m, err
}

// ServerProcess names the process that answers.
func (s *sqlStore) ServerProcess(ctx context.Context) (int, error) {
	if !db.Server(s.d) {
		return 0, nil
	}
	n, err := number(ctx, s.d, "SELECT CAST(pg_backend_pid() AS bigint)")
	return int(n), err
}

// Written reads the log since the mark. The extension that reads it is made in a
// transaction that is rolled back, so nothing stays behind.
func (s *sqlStore) Written(ctx context.Context, since Mark) (Written, error) {
	now, err := s.Mark(ctx)
	out := Written{Stored: now.Stored - since.Stored}
	if err != nil || !db.Server(s.d) {
		return out, err
	}
	ctx = db.Unhurried(ctx)
	tx, err := s.d.Begin(ctx)
	if err != nil {
		return out, err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_walinspect"); err != nil {
		return out, nil // not allowed, or not installed: the rest stays unknown
	}
	err = tx.Query(ctx, `SELECT "resource_manager/record_type", count, combined_size`+
		" FROM pg_get_wal_stats(CAST($1 AS pg_lsn), pg_current_wal_flush_lsn(), true)", out.count, since.log)
	out.Counted = err == nil
	return out, err
}

// count adds one kind of record of the log.
func (w *Written) count(scan db.Scan) error {
	var kind string
	var records, bytes int64
	if err := scan(&kind, &records, &bytes); err != nil {
		return err
	}
	w.Log += bytes
	switch kind = strings.TrimSuffix(kind, "+INIT"); kind {
	case "Heap/INSERT":
		w.Inserts += records
	case "Heap/UPDATE", "Heap/HOT_UPDATE":
		w.Updates += records
	case "Btree/INSERT_LEAF", "Btree/INSERT_POST", "Btree/SPLIT_L", "Btree/SPLIT_R":
		w.IndexEntries += records
	}
	return nil
}
