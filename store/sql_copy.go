package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tolom/store/internal/db"
)

// ErrNotEmpty says that a database to be filled has been written to.
var ErrNotEmpty = errors.New("store: the database is not empty")

// copyPage is how many rows are read at a time.
const copyPage = 500

// Dump gives everything that there is.
func (s *sqlStore) Dump(ctx context.Context, to CopySink) error {
	ctx = db.Unhurried(ctx)
	return s.d.Snapshot(ctx, func(q db.Querier) error {
		tables, err := s.tablesOf(ctx, q)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := to.Table(t); err != nil {
				return err
			}
			if err := dumpTable(ctx, q, t, to); err != nil {
				return fmt.Errorf("store: table %s: %w", t.Name, err)
			}
		}
		return nil
	})
}

// The questions about the tables of a database, which each dialect answers its own way.
const (
	serverTables  = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
	serverColumns = "SELECT c.column_name, CAST(c.data_type AS text), CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END, coalesce(k.place, 0)" +
		" FROM information_schema.columns AS c LEFT JOIN (SELECT a.attname, array_position(CAST(i.indkey AS int2[]), a.attnum) + 1 AS place" +
		" FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(CAST(i.indkey AS int2[]))" +
		" WHERE i.indrelid = CAST($1 AS regclass) AND i.indisprimary) AS k ON k.attname = c.column_name" +
		" WHERE c.table_schema = current_schema() AND c.table_name = $2 ORDER BY c.ordinal_position"
	fileTables  = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	fileColumns = `SELECT name, lower(type), CASE WHEN "notnull" = 0 AND pk = 0 THEN 1 ELSE 0 END, pk FROM pragma_table_info($1) WHERE $2 <> '' ORDER BY cid`
)

// kinds are the types of columns that the schema uses.
var kinds = map[string]string{
	"text": "text", "bigint": "whole", "integer": "whole", "smallint": "whole", "bytea": "bytes", "blob": "bytes",
}

// tablesOf lists the tables but those of the migrations, which every database has of its own.
func (s *sqlStore) tablesOf(ctx context.Context, q db.Querier) (out []CopiedTable, err error) {
	list, columns := fileTables, fileColumns
	if db.Server(s.d) {
		list, columns = serverTables, serverColumns
	}
	var names []string
	err = q.Query(ctx, list, func(scan db.Scan) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "tolom_") {
			continue
		}
		t, err := describe(ctx, q, columns, name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func describe(ctx context.Context, q db.Querier, columns, name string) (CopiedTable, error) {
	t := CopiedTable{Name: name}
	keys := map[int64]string{}
	err := q.Query(ctx, columns, func(scan db.Scan) error {
		var column, kind string
		var nullable, key int64
		if err := scan(&column, &kind, &nullable, &key); err != nil {
			return err
		}
		known, ok := kinds[kind]
		if !ok {
			return fmt.Errorf("store: column %s.%s is of type %s, which cannot be copied", name, column, kind)
		}
		t.Columns = append(t.Columns, CopiedColumn{column, known, nullable == 1})
		keys[key] = column
		return nil
	}, name, name)
	for n := int64(1); keys[n] != ""; n++ {
		t.key = append(t.key, keys[n])
	}
	if err == nil && len(t.key) == 0 {
		err = fmt.Errorf("store: table %s has no primary key to be copied by", name)
	}
	return t, err
}

// dumpTable reads a table page by page by its primary key, so that neither side holds
// more than a page.
func dumpTable(ctx context.Context, q db.Querier, t CopiedTable, to CopySink) error {
	var after []any
	for {
		rows := 0
		text := t.page(len(after) > 0)
		err := q.Query(ctx, text, func(scan db.Scan) error {
			values, err := t.scan(scan)
			if err != nil {
				return err
			}
			rows++
			after = t.keyOf(values)
			return to.Row(values)
		}, slices.Clone(after)...)
		if err != nil || rows < copyPage {
			return err
		}
	}
}

func (t CopiedTable) page(further bool) string {
	var list, keys, marks []string
	for _, c := range t.Columns {
		switch {
		case c.Nullable && c.Kind == "whole":
			list = append(list, "coalesce(t."+c.Name+", 0)", "CASE WHEN t."+c.Name+" IS NULL THEN 1 ELSE 0 END")
		case c.Nullable:
			list = append(list, "coalesce(t."+c.Name+", '')", "CASE WHEN t."+c.Name+" IS NULL THEN 1 ELSE 0 END")
		default:
			list = append(list, "t."+c.Name)
		}
	}
	for i, k := range t.key {
		keys, marks = append(keys, "t."+k), append(marks, fmt.Sprintf("$%d", i+1))
	}
	text := "SELECT " + strings.Join(list, ", ") + " FROM " + t.Name + " AS t"
	if further {
		text += " WHERE (" + strings.Join(keys, ", ") + ") > (" + strings.Join(marks, ", ") + ")"
	}
	return text + " ORDER BY " + strings.Join(keys, ", ") + fmt.Sprintf(" LIMIT %d", copyPage)
}

// scan reads a row of page.
func (t CopiedTable) scan(scan db.Scan) ([]any, error) {
	texts, wholes, blobs, nulls := make([]string, len(t.Columns)), make([]int64, len(t.Columns)), make([][]byte, len(t.Columns)), make([]int64, len(t.Columns))
	var dest []any
	for i, c := range t.Columns {
		switch c.Kind {
		case "whole":
			dest = append(dest, &wholes[i])
		case "bytes":
			dest = append(dest, &blobs[i])
		default:
			dest = append(dest, &texts[i])
		}
		if c.Nullable {
			dest = append(dest, &nulls[i])
		}
	}
	if err := scan(dest...); err != nil {
		return nil, err
	}
	values := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		switch {
		case nulls[i] == 1:
		case c.Kind == "whole":
			values[i] = wholes[i]
		case c.Kind == "bytes":
			values[i] = blobs[i]
		default:
			values[i] = texts[i]
		}
	}
	return values, nil
}

func (t CopiedTable) keyOf(values []any) (key []any) {
	for _, name := range t.key {
		key = append(key, values[slices.IndexFunc(t.Columns, func(c CopiedColumn) bool { return c.Name == name })])
	}
	return key
}

// PutBack writes rows into an empty database in one transaction.
func (s *sqlStore) PutBack(ctx context.Context, do func(insert InsertRows) error) error {
	ctx = db.Unhurried(ctx)
	fresh, err := untouched(ctx)
	if err != nil {
		return err
	}
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		tables, err := s.tablesOf(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			rows, err := number(ctx, tx, "SELECT count(*) FROM (SELECT 1 FROM "+t.Name+" LIMIT 100) AS x")
			if err != nil {
				return err
			}
			if rows != fresh[t.Name] {
				return fmt.Errorf("%w: its table %s has rows", ErrNotEmpty, t.Name)
			}
			if rows == 0 {
				continue
			}
			if _, err := tx.Exec(ctx, "DELETE FROM "+t.Name); err != nil { // What migrations put there comes with the rows.
				return err
			}
		}
		return do(func(table string, columns []string, rows [][]any) error {
			return insertCopied(ctx, tx, tables, table, columns, rows)
		})
	})
}

// untouched counts the rows that migrations put into each table.
func untouched(ctx context.Context) (map[string]int64, error) {
	s, err := OpenSQLite(ctx, ":memory:", Options{})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	own, rows := s.(*sqlStore), map[string]int64{}
	tables, err := own.tablesOf(ctx, own.d)
	for _, t := range tables {
		if rows[t.Name], err = number(ctx, own.d, "SELECT count(*) FROM "+t.Name); err != nil {
			break
		}
	}
	return rows, err
}

// mostArgs is how many values go into one statement.
const mostArgs = 4000

// insertCopied writes rows, as many to a statement as fit.
func insertCopied(ctx context.Context, tx db.Tx, tables []CopiedTable, table string, columns []string, rows [][]any) error {
	i := slices.IndexFunc(tables, func(t CopiedTable) bool { return t.Name == table })
	if i < 0 {
		return fmt.Errorf("store: there is no table %s", table)
	}
	for _, name := range columns {
		if !slices.ContainsFunc(tables[i].Columns, func(c CopiedColumn) bool { return c.Name == name }) {
			return fmt.Errorf("store: table %s has no column %s", table, name)
		}
	}
	for part := range slices.Chunk(rows, max(1, mostArgs/len(columns))) {
		text, args := insertion(table, columns, part)
		if _, err := tx.Exec(ctx, text, args...); err != nil {
			return fmt.Errorf("store: table %s: %w", table, err)
		}
	}
	return nil
}

func insertion(table string, columns []string, rows [][]any) (text string, args []any) {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ")
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, value := range row {
			b.WriteByte("(,"[min(j, 1)])
			if value == nil {
				b.WriteString("NULL")
				continue
			}
			args = append(args, value)
			fmt.Fprintf(&b, "$%d", len(args))
		}
		b.WriteByte(')')
	}
	return b.String(), args
}
