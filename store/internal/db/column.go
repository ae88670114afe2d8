package db

import (
	"encoding/json"
	"fmt"
	"time"
)

// Column says where a struct keeps the value of a column. It is written once
// per field and serves reading and writing on both databases.
type Column[T any] struct {
	Name    string
	Kind    Kind
	mutable bool
	text    func(*T) (string, error)
	setText func(*T, string) error
	whole   func(*T) int64
	setInt  func(*T, int64)
}

// Mutable marks a column that an update sets. Others keep what was inserted.
func (c Column[T]) Mutable() Column[T] {
	c.mutable = true
	return c
}

// String is a column of a text field.
func String[T any](name string, field func(*T) *string) Column[T] {
	return Column[T]{
		Name: name, Kind: Text,
		text:    func(row *T) (string, error) { return *field(row), nil },
		setText: func(row *T, v string) error { *field(row) = v; return nil },
	}
}

// Int64 is a column of a 64-bit field.
func Int64[T any](name string, field func(*T) *int64) Column[T] {
	return Column[T]{
		Name: name, Kind: Whole,
		whole:  func(row *T) int64 { return *field(row) },
		setInt: func(row *T, v int64) { *field(row) = v },
	}
}

// Int is a column of an int field.
func Int[T any](name string, field func(*T) *int) Column[T] {
	return Column[T]{
		Name: name, Kind: Whole,
		whole:  func(row *T) int64 { return int64(*field(row)) },
		setInt: func(row *T, v int64) { *field(row) = int(v) },
	}
}

// Bool is a column of a truth, stored as 0 or 1.
func Bool[T any](name string, field func(*T) *bool) Column[T] {
	return Column[T]{
		Name: name, Kind: Whole,
		whole: func(row *T) int64 {
			if *field(row) {
				return 1
			}
			return 0
		},
		setInt: func(row *T, v int64) { *field(row) = v != 0 },
	}
}

// Time is a column of a moment, stored as milliseconds since 1970, the zero time as 0.
func Time[T any](name string, field func(*T) *time.Time) Column[T] {
	return Column[T]{
		Name: name, Kind: Whole,
		whole:  func(row *T) int64 { return Millis(*field(row)) },
		setInt: func(row *T, v int64) { *field(row) = Moment(v) },
	}
}

// Derived is a column that follows from others, such as the bucket of an id: it
// is written and not read.
func Derived[T any](name string, value func(*T) int64) Column[T] {
	return Column[T]{Name: name, Kind: Whole, whole: value, setInt: func(*T, int64) {}}
}

// JSON is a column of a list, map or struct, stored as JSON text; empty text for
// an empty list or map.
func JSON[T, V any](name string, field func(*T) *V, empty func(V) bool) Column[T] {
	return Column[T]{
		Name: name, Kind: Text,
		text: func(row *T) (string, error) {
			if empty(*field(row)) {
				return "", nil
			}
			text, err := json.Marshal(*field(row))
			return string(text), err
		},
		setText: func(row *T, v string) error {
			if v == "" {
				return nil
			}
			if err := json.Unmarshal([]byte(v), field(row)); err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
			return nil
		},
	}
}

// Millis is a moment as it is stored.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Moment is the moment that a stored number means.
func Moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
