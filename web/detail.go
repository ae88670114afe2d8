package web

import (
	"time"

	"tolom/web/locale"
	"tolom/web/view"
)

// details lists what is known of something, a line each. What is empty is left out.
type details struct {
	text   locale.Text
	fields []view.Field
}

// add writes a line.
func (d *details) add(label, value string) {
	if value != "" {
		d.fields = append(d.fields, view.Field{Label: label, Value: value})
	}
}

// moment writes a line of a time; the zero time is empty.
func (d *details) moment(label string, at time.Time) {
	if !at.IsZero() {
		d.add(label, d.text.Moment(at))
	}
}
