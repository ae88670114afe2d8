package store

import "context"

// Copier takes a database out whole and puts it into another, of either dialect, row by
// row as it is kept. Only what makes and reads backups holds it.
type Copier interface {
	// Dump gives all rows of all tables as they are at one moment, whatever is written
	// meanwhile: each table, then its rows in the order of its key.
	Dump(ctx context.Context, to CopySink) error
	// PutBack writes rows, all or none, into a database in which nothing was written since
	// it was set up; else ErrNotEmpty. do calls insert, table by table.
	PutBack(ctx context.Context, do func(insert InsertRows) error) error
}

// CopySink takes what Dump gives; an error ends it.
type CopySink interface {
	Table(CopiedTable) error
	Row(values []any) error // int64, string, []byte, or nil
}

// InsertRows writes rows of a table whose columns are named. A table or a column that
// is not there is refused, a column that is not named has its default.
type InsertRows func(table string, columns []string, rows [][]any) error

// CopiedTable is a table as it is copied.
type CopiedTable struct {
	Name    string
	Columns []CopiedColumn
	key     []string
}

// CopiedColumn is a column; Kind is "whole", "text" or "bytes".
type CopiedColumn struct {
	Name, Kind string
	Nullable   bool
}
