package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements prepares each text once and keeps it. The texts of this program
// are few, so nothing is ever dropped.
type statements struct {
	prepare func(context.Context, string) (*sql.Stmt, error)
	mu      sync.RWMutex
	ready   map[string]*sql.Stmt
}

func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.RLock()
	found := s.ready[text]
	s.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.ready[text]; found != nil {
		return found, nil
	}
	made, err := s.prepare(ctx, translate(text))
	if err != nil {
		return nil, err
	}
	if s.ready == nil {
		s.ready = map[string]*sql.Stmt{}
	}
	s.ready[text] = made
	return made, nil
}

func (s *statements) exec(ctx context.Context, text string, args []any) (int64, error) {
	statement, err := s.get(ctx, text)
	if err != nil {
		return 0, err
	}
	if args, err = plain(args); err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *statements) query(ctx context.Context, text string, each func(Scan) error, args []any) error {
	statement, err := s.get(ctx, text)
	if err != nil {
		return err
	}
	if args, err = plain(args); err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// lengths are how many rows one call takes, the largest first.
var lengths = []int{64, 16, 4, 1}

// inChunks cuts the rows into calls of a few lengths, and gives each the text for
// its length and its values, one row after another.
func inChunks(m Many, rows []Vector, call func(text string, args []any) error) error {
	total := rows[0].len()
	for from := 0; from < total; {
		n := 1
		for _, length := range lengths {
			if m.rows != nil && total-from >= length {
				n = length
				break
			}
		}
		args := make([]any, 0, n*len(rows))
		for row := from; row < from+n; row++ {
			for i := range rows {
				args = append(args, rows[i].at(row))
			}
		}
		if err := call(m.text(n), args); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// execMany runs a statement over all rows.
func (s *statements) execMany(ctx context.Context, m Many, rows []Vector) (total int64, err error) {
	err = inChunks(m, rows, func(text string, args []any) error {
		touched, err := s.exec(ctx, text, args)
		total += touched
		return err
	})
	return total, err
}

func (s *statements) queryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return inChunks(m, rows, func(text string, args []any) error { return s.query(ctx, text, each, args) })
}

// Close ends all prepared statements.
func (s *statements) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all error
	for _, statement := range s.ready {
		all = errors.Join(all, statement.Close())
	}
	s.ready = nil
	return all
}
