package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"tolom/store/internal/db"
)

// Gauge tells what writing costs a database, for measurements.
type Gauge interface {
	// Mark notes where the database stands. It has the room of deleted rows given back
	// to their tables, as the database does by itself from time to time.
	Mark(ctx context.Context) (Mark, error)
	// Written tells what was written since a mark. It tidies up as Mark does, so that
	// room which is used again does not count as stored.
	Written(ctx context.Context, since Mark) (Written, error)
	// ServerProcess is the number of one of the database server's processes, on
	// the machine that it runs on; 0 when the database has no server of its own.
	ServerProcess(ctx context.Context) (int, error)
}

// Mark is a moment in a database's life.
type Mark struct {
	Stored int64            // bytes of tables with their indexes
	each   map[string]int64 // of each table and each index
	log    string
}

// Written is what was written between two moments.
type Written struct {
	Stored int64 // bytes that tables and indexes grew by, in whole pages
	// Counted says that the rest is known: it is read from the write-ahead log of
	// PostgreSQL, for which the user must be a superuser.
	Counted bool
	Rows
	Log    int64 // bytes of write-ahead log, of all databases of the server
	Tables []TableWritten
}

// Rows counts what was written to tables.
type Rows struct {
	Inserts, Updates, Deletes int64
	InPlace                   int64 // those of the updates that needed no index entries: HOT
	IndexEntries              int64
}

// TableWritten is Written of one table. Those with nothing are left out.
type TableWritten struct {
	Name string
	Rows
	Stored  int64 // bytes that it grew by, without its indexes
	Indexes []IndexWritten
}

// IndexWritten is what was written to one index of a table.
type IndexWritten struct {
	Name    string
	Entries int64
	Stored  int64
}

var _ Gauge = (*sqlStore)(nil)

const (
	sqliteStored = "SELECT p.page_count * s.page_size FROM pragma_page_count() AS p, pragma_page_size() AS s"
	// Tables with what belongs to them, and indexes by themselves.
	postgresStored = "SELECT c.relname, CASE c.relkind WHEN 'r' THEN pg_table_size(c.oid) ELSE pg_relation_size(c.oid) END FROM pg_class AS c" +
		" WHERE c.relkind IN ('r', 'i') AND c.relnamespace = CAST(current_schema() AS regnamespace)"
	// A record names the table or index by the file that it is about.
	postgresLog = "WITH log AS (SELECT resource_manager || '/' || record_type AS kind, split_part(split_part(block_ref, '/', 3), ' ', 1) AS file," +
		" count(*) AS records FROM pg_get_wal_records_info(CAST($1 AS pg_lsn), CAST($2 AS pg_lsn))" +
		" WHERE resource_manager IN ('Heap', 'Btree') AND split_part(block_ref, '/', 2) =" +
		" (SELECT CAST(oid AS text) FROM pg_database WHERE datname = current_database()) GROUP BY 1, 2)" +
		" SELECT coalesce(t.relname, c.relname), CASE WHEN t.oid IS NULL THEN '' ELSE c.relname END, log.kind, log.records" +
		" FROM log JOIN pg_class AS c ON CAST(c.relfilenode AS text) = log.file" +
		" LEFT JOIN pg_index AS i ON i.indexrelid = c.oid LEFT JOIN pg_class AS t ON t.oid = i.indrelid" +
		" WHERE c.relnamespace = CAST(current_schema() AS regnamespace)"
	postgresLogBytes = "SELECT CAST(coalesce(sum(combined_size), 0) AS bigint) FROM pg_get_wal_stats(CAST($1 AS pg_lsn), CAST($2 AS pg_lsn))"
	postgresTables   = "SELECT t.relname, c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid" +
		" WHERE t.relnamespace = CAST(current_schema() AS regnamespace)"
)

// Mark notes the size of the database and the end of its log.
func (s *sqlStore) Mark(ctx context.Context) (m Mark, err error) {
	if !db.Server(s.d) {
		m.Stored, err = number(ctx, s.d, sqliteStored)
		return m, err
	}
	if err := s.tidy(ctx); err != nil {
		return m, err
	}
	m.each = map[string]int64{}
	err = s.d.Query(ctx, postgresStored, func(scan db.Scan) error {
		var name string
		var bytes int64
		err := scan(&name, &bytes)
		m.each[name] = bytes
		m.Stored += bytes
		return err
	})
	if err == nil {
		m.log, err = s.endOfLog(ctx)
	}
	return m, err
}

func (s *sqlStore) endOfLog(ctx context.Context) (lsn string, err error) {
	err = s.d.Query(ctx, "SELECT CAST(pg_current_wal_flush_lsn() AS text)", func(scan db.Scan) error { return scan(&lsn) })
	return lsn, err
}

// tidy vacuums the tables that are not large: a large one is not changed by tidying up
// after a few payments, and takes long. It is asked as a question because it can be no
// part of a transaction.
func (s *sqlStore) tidy(ctx context.Context) error {
	var names []string
	err := s.d.Query(ctx, "SELECT quote_ident(c.relname) FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace ="+
		" CAST(current_schema() AS regnamespace) AND pg_relation_size(c.oid) < 268435456 ORDER BY 1", func(scan db.Scan) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil || len(names) == 0 {
		return err
	}
	return s.d.Query(db.Unhurried(ctx), "VACUUM "+strings.Join(names, ", "), func(db.Scan) error { return nil })
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
	if !db.Server(s.d) {
		now, err := s.Mark(ctx)
		return Written{Stored: now.Stored - since.Stored}, err
	}
	end, err := s.endOfLog(ctx) // before it is tidied up, which is no payment's
	if err != nil {
		return Written{}, err
	}
	now, err := s.Mark(ctx)
	out := Written{Stored: now.Stored - since.Stored}
	if err != nil {
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
	tables := tallies{}
	if err := tx.Query(ctx, postgresLog, tables.count, since.log, end); err != nil {
		return out, err
	}
	if out.Log, err = number(ctx, tx, postgresLogBytes, since.log, end); err != nil {
		return out, err
	}
	if err := tx.Query(ctx, postgresTables, tables.index); err != nil {
		return out, err
	}
	tables.grown(since.each, now.each)
	out.Counted = true
	out.Tables = tables.sorted()
	for _, t := range out.Tables {
		out.add(t.Rows)
	}
	return out, nil
}

func (r *Rows) add(o Rows) {
	r.Inserts, r.Updates, r.Deletes = r.Inserts+o.Inserts, r.Updates+o.Updates, r.Deletes+o.Deletes
	r.InPlace, r.IndexEntries = r.InPlace+o.InPlace, r.IndexEntries+o.IndexEntries
}

// tallies are tables in the making: each with its indexes by name.
type tallies map[string]*tallied

type tallied struct {
	Rows
	stored  int64
	indexes map[string]*IndexWritten
}

func (t tallies) table(name string) *tallied {
	if t[name] == nil {
		t[name] = &tallied{indexes: map[string]*IndexWritten{}}
	}
	return t[name]
}

func (t *tallied) named(index string) *IndexWritten {
	if t.indexes[index] == nil {
		t.indexes[index] = &IndexWritten{Name: index}
	}
	return t.indexes[index]
}

// count adds one kind of record of the log, of a table or of one of its indexes.
func (t tallies) count(scan db.Scan) error {
	var table, index, kind string
	var records int64
	if err := scan(&table, &index, &kind, &records); err != nil {
		return err
	}
	to := t.table(table)
	switch kind = strings.TrimSuffix(kind, "+INIT"); kind {
	case "Heap/INSERT":
		to.Inserts += records
	case "Heap/DELETE":
		to.Deletes += records
	case "Heap/HOT_UPDATE":
		to.InPlace += records
		to.Updates += records
	case "Heap/UPDATE":
		to.Updates += records
	case "Btree/INSERT_LEAF", "Btree/INSERT_POST", "Btree/SPLIT_L", "Btree/SPLIT_R":
		to.IndexEntries += records
		to.named(index).Entries += records
	}
	return nil
}

// index notes which table an index is of.
func (t tallies) index(scan db.Scan) error {
	var table, index string
	err := scan(&table, &index)
	t.table(table).named(index)
	return err
}

// grown notes by how much each table and each index has grown.
func (t tallies) grown(before, now map[string]int64) {
	for name, table := range t {
		table.stored = now[name] - before[name]
		for index, x := range table.indexes {
			x.Stored = now[index] - before[index]
		}
	}
}

// sorted gives the tables in which something was written, most rows first.
func (t tallies) sorted() (out []TableWritten) {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		w := TableWritten{Name: name, Rows: t[name].Rows, Stored: t[name].stored}
		for _, index := range slices.Sorted(maps.Keys(t[name].indexes)) {
			if x := *t[name].indexes[index]; x.Entries > 0 || x.Stored != 0 {
				w.Indexes = append(w.Indexes, x)
			}
		}
		if w.Rows != (Rows{}) || w.Stored != 0 || len(w.Indexes) > 0 {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b TableWritten) int {
		return cmp.Compare(b.Inserts+b.Updates+b.Deletes, a.Inserts+a.Updates+a.Deletes)
	})
	return out
}
