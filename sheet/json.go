package sheet

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"tolom/money"
)

// writeJSON writes one object: what the sheet is, its rows as objects by the keys of the columns, and what they sum to.
// Sums are whole tyiyn, moments RFC 3339 in UTC, as everywhere in the APIs. A row is a line, so that a long file can be
// read line by line.
func writeJSON(w io.Writer, s Sheet) error {
	o := &object{w: bufio.NewWriter(w)}
	o.text(`{"title":`)
	o.value(s.Title)
	o.text(",\"head\":{")
	o.pairs(s.Head)
	o.text("},\n\"rows\":[")
	first := true
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if !first {
			o.text(",")
		}
		first = false
		o.text("\n{")
		o.row(s.Columns, row)
		o.text("}")
		if o.err != nil {
			return o.err
		}
	}
	o.text("],\n\"foot\":{")
	o.pairs(s.foot())
	o.text("}}\n")
	if o.err != nil {
		return o.err
	}
	return o.w.Flush()
}

// object writes pieces of JSON and keeps the first error.
type object struct {
	w   *bufio.Writer
	err error
}

func (o *object) text(text string) {
	if o.err == nil {
		_, o.err = o.w.WriteString(text)
	}
}

func (o *object) pairs(pairs []Pair) {
	for i, p := range pairs {
		if i > 0 {
			o.text(",")
		}
		o.member(p.Key, p.Value)
	}
}

// row writes the cells that hold something.
func (o *object) row(columns []Column, row Row) {
	first := true
	for i, cell := range row.Cells {
		if empty(cell) {
			continue
		}
		if !first {
			o.text(",")
		}
		first = false
		o.member(columns[i].Key, cell)
	}
}

func empty(cell any) bool {
	switch v := cell.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case time.Time:
		return v.IsZero()
	}
	return false
}

func (o *object) member(key string, cell any) {
	o.value(key)
	o.text(":")
	o.value(cell)
}

func (o *object) value(cell any) {
	switch v := cell.(type) {
	case nil:
		o.text("null")
	case Term:
		o.value(v.Code)
	case money.Amount:
		o.text(strconv.FormatInt(int64(v), 10))
	case int64:
		o.text(strconv.FormatInt(v, 10))
	case time.Time:
		o.text(`"` + v.UTC().Format("2006-01-02T15:04:05.000Z") + `"`)
	default:
		text, err := json.Marshal(v)
		if err != nil && o.err == nil {
			o.err = err
		}
		o.text(string(text))
	}
}
