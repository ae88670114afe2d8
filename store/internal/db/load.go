package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Load adds rows to a table in the fastest way that the database has.
func Load(ctx context.Context, tx Tx, table string, rows []Vector) error {
	if len(rows) == 0 || rows[0].len() == 0 {
		return nil
	}
	x, server := tx.(*pgTx)
	if !server {
		return tx.Run(ctx, Step{Many: Insertion(table, "", rows...), Rows: rows, Want: int64(rows[0].len())})
	}
	if x.ended {
		return errEnded
	}
	names := make([]string, len(rows))
	for i, v := range rows {
		names[i] = v.Name
	}
	if err := x.send(ctx, func(*pgx.Batch) {}); err != nil { // it may be the first statement, and must not stand alone
		return err
	}
	values := make([]any, len(rows))
	n, err := x.conn.CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromSlice(rows[0].len(), func(row int) ([]any, error) {
		for i, v := range rows {
			values[i] = v.at(row)
		}
		return values, nil
	}))
	if err == nil && n != int64(rows[0].len()) {
		err = fmt.Errorf("db: %d of %d rows were copied into %s", n, rows[0].len(), table)
	}
	return x.d.explain(err)
}

// Rows are the rows as vectors, for Load.
func (t *Table[T]) Rows(rows []T) ([]Vector, error) { return vectors(t.columns, rows) }
