package store

import (
	"context"
	"slices"

	"tolom/id"
)

// Alone runs do while nobody else reads or writes, and undoes its writes when it fails.
func (m *Memory) Alone(ctx context.Context, _ []id.ID, do func(context.Context, Desk) error) error {
	if m.inside != nil {
		return do(ctx, m)
	}
	return m.write(ctx, func(t *tables) error {
		return m.within(t, func(within *Memory) error { return do(ctx, within) })
	})
}

// within runs do over a Memory that is inside of this one, and undoes its writes when it fails.
func (m *Memory) within(t *tables, do func(*Memory) error) error {
	within := &Memory{clock: m.clock, inside: t}
	err := do(within)
	if err != nil {
		for _, undo := range slices.Backward(within.undo) {
			undo()
		}
	}
	return err
}

// undoing keeps what takes a write back, for the case that what is under way fails.
func (m *Memory) undoing(undo func()) {
	if m.inside != nil {
		m.undo = append(m.undo, undo)
	}
}

// keep writes a record that may have to be undone.
func keep[T any](m *Memory, r *rack[T], record T) error {
	name := r.kind.id(record)
	before, known := r.rows[name]
	if err := r.put(record); err != nil {
		return err
	}
	m.undoing(func() {
		r.delete(name)
		if known {
			_ = r.put(before) // It stood there, so its names are free again.
		}
	})
	return nil
}
