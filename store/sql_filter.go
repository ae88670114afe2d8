package store

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

// filter collects conditions with their arguments. Texts that come from the
// same filters are equal, so their statements are prepared once.
type filter struct {
	text []string
	args []any
}

// where adds a condition whose argument is written as $.
func (f *filter) where(text string, arg any) *filter {
	f.args = append(f.args, arg)
	f.text = append(f.text, strings.ReplaceAll(text, "$", "$"+strconv.Itoa(len(f.args))))
	return f
}

// when adds a condition on a text that may be empty, which filters nothing.
func (f *filter) when(text, arg string) *filter {
	if arg != "" {
		f.where(text, arg)
	}
	return f
}

// created adds the bounds of creation, [from, to), zero for none. As ids begin
// with the time, the bounds on ids keep the database from reading all rows.
func (f *filter) created(k id.Kind, from, to time.Time) *filter {
	if !from.IsZero() {
		f.where("t.created_at >= $", db.Millis(from)).when("t.id >= $", floorID(k, from))
	}
	if !to.IsZero() {
		f.where("t.created_at < $", db.Millis(to)).when("t.id < $", ceilingID(k, to))
	}
	return f
}

// tail ends the statement.
func (f *filter) tail(order string, limit int) (string, []any) {
	f.args = append(f.args, int64(max(limit, 0)))
	return "WHERE " + strings.Join(f.text, " AND ") + " ORDER BY " + order + " LIMIT $" + strconv.Itoa(len(f.args)), f.args
}

// floorID is below all ids of things made at or after a moment by any node;
// empty when ids cannot say.
func floorID(k id.Kind, at time.Time) string { return boundID(k, at.Add(-skew)) }

// ceilingID is above all ids of things made before a moment.
func ceilingID(k id.Kind, at time.Time) string { return boundID(k, at.Add(skew)) }

// lastMoment is the greatest time that an id can carry.
const lastMoment = 1<<48 - 1

func boundID(k id.Kind, at time.Time) string {
	if ms := at.UnixMilli(); ms < 0 || ms > lastMoment {
		return ""
	}
	return string(id.New(k, at, 0, id.Random{}))
}

// owned refuses a list of nobody's rows, which would be everybody's.
func (f *filter) owned() error {
	if len(f.text) == 0 || !strings.HasPrefix(f.text[0], "t.merchant = ") && !strings.HasPrefix(f.text[0], "t.psp = ") {
		return errOwner
	}
	return nil
}

var errOwner = errors.New("store: a list needs the merchant or the PSP that it is of")

// all ends a statement without a limit.
func (f *filter) all(order string) (string, []any) {
	return "WHERE " + strings.Join(f.text, " AND ") + " ORDER BY " + order, f.args
}
