package db

import (
	"context"
	"fmt"
	"strings"
)

// Table maps structs to rows of one table.
type Table[T any] struct {
	Name    string
	columns []Column[T]
	changed []Column[T] // id, bucket, version, then the mutable ones
	insert  Many
	update  Many
	put     Many
	list    string
}

// NewTable describes a table. The first two columns must be id and bucket, its
// primary key; tables that are updated have a column version.
func NewTable[T any](name string, columns ...Column[T]) *Table[T] {
	t := &Table[T]{Name: name, columns: columns}
	t.changed = []Column[T]{columns[0], columns[1]}
	var names, sets []string
	for i, c := range columns {
		names = append(names, "t."+c.Name)
		if c.Name == "version" {
			t.changed = append(t.changed, c)
		}
		if i >= 2 {
			sets = append(sets, c.Name+" = excluded."+c.Name)
		}
	}
	keys := len(t.changed)
	for _, c := range columns {
		if c.mutable {
			t.changed = append(t.changed, c)
		}
	}
	t.list = strings.Join(names, ", ")
	t.insert = Insertion(name, "", shape(columns)...)
	t.put = Insertion(name, "ON CONFLICT (id, bucket) DO UPDATE SET "+strings.Join(sets, ", "), shape(columns)...)
	t.update = Change(name, "version = t.version + 1", keys, shape(t.changed)...)
	return t
}

// Columns lists the columns for a SELECT from the table under the alias t.
func (t *Table[T]) Columns() string { return t.list }

// Insert is the step that adds new rows.
func (t *Table[T]) Insert(rows []T) (Step, error) {
	v, err := vectors(t.columns, rows)
	return Step{Many: t.insert, Rows: v, Want: int64(len(rows))}, err
}

// Put is the step that adds rows or replaces those with the same key.
func (t *Table[T]) Put(rows []T) (Step, error) {
	v, err := vectors(t.columns, rows)
	return Step{Many: t.put, Rows: v, Want: int64(len(rows))}, err
}

// Update is the step that sets the mutable columns of rows whose version is the
// stored one, and raises the version; otherwise is its error when some are not.
func (t *Table[T]) Update(rows []T, otherwise error) (Step, error) {
	v, err := vectors(t.changed, rows)
	return Step{Many: t.update, Rows: v, Want: int64(len(rows)), Otherwise: otherwise}, err
}

// Find gives the rows of "SELECT columns FROM table AS t" + tail.
func (t *Table[T]) Find(ctx context.Context, q Querier, tail string, args ...any) (out []T, err error) {
	ask := t.Question(&out, tail, args...)
	err = q.Query(ctx, ask.Text, ask.Each, ask.Args...)
	return out, err
}

// Question is Find as a question of Ask; the rows are appended to out.
func (t *Table[T]) Question(out *[]T, tail string, args ...any) Question {
	return Question{Text: "SELECT " + t.list + " FROM " + t.Name + " AS t " + tail, Args: args, Each: t.Each(out)}
}

// Each appends the rows of an answer to out.
func (t *Table[T]) Each(out *[]T) func(Scan) error {
	r := t.Reader()
	return func(scan Scan) error {
		row, err := r.Row(scan)
		*out = append(*out, row)
		return err
	}
}

// Reader reads rows of a query that begins with the table's columns.
type Reader[T any] struct {
	table *Table[T]
	texts []string
	ints  []int64
	dest  []any
}

// Reader makes a reader; further destinations are for columns that follow the table's own.
func (t *Table[T]) Reader(further ...any) *Reader[T] {
	r := &Reader[T]{table: t, texts: make([]string, len(t.columns)), ints: make([]int64, len(t.columns))}
	for i, c := range t.columns {
		if c.Kind == Text {
			r.dest = append(r.dest, &r.texts[i])
		} else {
			r.dest = append(r.dest, &r.ints[i])
		}
	}
	r.dest = append(r.dest, further...)
	return r
}

// Row reads the current row.
func (r *Reader[T]) Row(scan Scan) (row T, err error) {
	if err := scan(r.dest...); err != nil {
		return row, err
	}
	for i, c := range r.table.columns {
		if c.Kind == Whole {
			c.setInt(&row, r.ints[i])
		} else if err := c.setText(&row, r.texts[i]); err != nil {
			return row, fmt.Errorf("table %s: %w", r.table.Name, err)
		}
	}
	return row, nil
}

// shape is the columns as vectors without values.
func shape[T any](columns []Column[T]) []Vector {
	out := make([]Vector, len(columns))
	for i, c := range columns {
		out[i] = Vector{Name: c.Name, Kind: c.Kind}
	}
	return out
}

// vectors turns rows into columns.
func vectors[T any](columns []Column[T], rows []T) ([]Vector, error) {
	out := shape(columns)
	for i, c := range columns {
		v := &out[i]
		if c.Kind == Whole {
			v.Ints = make([]int64, len(rows))
			for n := range rows {
				v.Ints[n] = c.whole(&rows[n])
			}
			continue
		}
		v.Texts = make([]string, len(rows))
		for n := range rows {
			text, err := c.text(&rows[n])
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", c.Name, err)
			}
			v.Texts[n] = text
		}
	}
	return out, nil
}
