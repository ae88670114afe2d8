package store

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"tolom/store/internal/db"
)

// watched is a database that notes which statements it is given, each with the
// arguments of the first time.
type watched struct {
	db.Database
	*notes
}

// notes may be shared by several databases.
type notes struct {
	mu    sync.Mutex
	asked map[string][]any
	kept  map[string]bool // asked in transactions that keep plans
}

func newNotes() *notes { return &notes{asked: map[string][]any{}, kept: map[string]bool{}} }

func watch(d db.Database) *watched { return &watched{d, newNotes()} }

func (n *notes) note(text string, args []any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.asked[text]; !known {
		n.asked[text] = slices.Clone(args)
	}
}

// noteMany notes a statement for many rows as the database is given it: whole to
// PostgreSQL, row by row to SQLite.
func (w *watched) noteMany(m db.Many, rows []db.Vector) {
	if db.Server(w.Database) {
		w.note(m.All, []any{db.Cells(rows)})
		return
	}
	args := make([]any, len(rows))
	for i, v := range rows {
		switch {
		case len(v.Texts)+len(v.Ints) == 0:
			return
		case v.Kind == db.Text:
			args[i] = v.Texts[0]
		default:
			args[i] = v.Ints[0]
		}
	}
	w.note(m.One, args)
}

func (w *watched) Query(ctx context.Context, text string, each func(db.Scan) error, args ...any) error {
	w.note(text, args)
	return w.Database.Query(ctx, text, each, args...)
}

func (w *watched) QueryMany(ctx context.Context, m db.Many, rows []db.Vector, each func(db.Scan) error) error {
	w.noteMany(m, rows)
	return w.Database.QueryMany(ctx, m, rows, each)
}

func (w *watched) Snapshot(ctx context.Context, do func(db.Querier) error) error {
	return w.Database.Snapshot(ctx, func(q db.Querier) error { return do(&watchedSnapshot{q, w}) })
}

type watchedSnapshot struct {
	db.Querier
	w *watched
}

func (s *watchedSnapshot) Query(ctx context.Context, text string, each func(db.Scan) error, args ...any) error {
	s.w.note(text, args)
	return s.Querier.Query(ctx, text, each, args...)
}

func (s *watchedSnapshot) QueryMany(ctx context.Context, m db.Many, rows []db.Vector, each func(db.Scan) error) error {
	s.w.noteMany(m, rows)
	return s.Querier.QueryMany(ctx, m, rows, each)
}

func (w *watched) Begin(ctx context.Context) (db.Tx, error) {
	tx, err := w.Database.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &watchedTx{Tx: tx, w: w}, nil
}

type watchedTx struct {
	db.Tx
	w     *watched
	keeps bool
}

// keep notes that a statement is run by a plan that was made for any arguments.
func (x *watchedTx) keep(text string) {
	x.w.mu.Lock()
	defer x.w.mu.Unlock()
	if x.keeps && text != "" {
		x.w.kept[text] = true
	}
}

func (x *watchedTx) Query(ctx context.Context, text string, each func(db.Scan) error, args ...any) error {
	x.w.note(text, args)
	return x.Tx.Query(ctx, text, each, args...)
}

func (x *watchedTx) QueryMany(ctx context.Context, m db.Many, rows []db.Vector, each func(db.Scan) error) error {
	x.w.noteMany(m, rows)
	return x.Tx.QueryMany(ctx, m, rows, each)
}

func (x *watchedTx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	x.w.note(text, args)
	return x.Tx.Exec(ctx, text, args...)
}

func (x *watchedTx) Ask(ctx context.Context, questions ...db.Question) error {
	for _, q := range questions {
		x.keeps = x.keeps || q.KeepPlans
		x.keep(cmp.Or(q.Text, q.Many.All))
		switch {
		case q.Text != "":
			x.w.note(q.Text, q.Args)
		case q.Many.All != "":
			x.w.noteMany(q.Many, q.Rows)
		}
	}
	return x.Tx.Ask(ctx, questions...)
}

func (x *watchedTx) Finish(ctx context.Context, steps ...db.Step) error {
	for _, step := range steps {
		x.keep(step.Many.All)
		x.w.noteMany(step.Many, step.Rows)
	}
	return x.Tx.Finish(ctx, steps...)
}

func (x *watchedTx) Run(ctx context.Context, steps ...db.Step) error {
	for _, step := range steps {
		x.w.noteMany(step.Many, step.Rows)
	}
	return x.Tx.Run(ctx, steps...)
}
