package elqr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxExtra is how many extra fields fit: tags 35 to 39.
const maxExtra = 5

// maxAmount is the largest amount of 13 digits, in tyiyn.
const maxAmount = 9_999_999_999_999

// writer appends fields that obey the national table. The first field that
// does not is kept in err, and everything after it is ignored.
type writer struct {
	dst []byte
	row int // of the field written last
	err error
}

// payload writes the fields in the order of the table.
func (w *writer) payload(p *Payload) {
	w.field("00", "01")
	w.field("01", string(p.Kind))
	w.template("32", func() {
		w.field("32.00", p.Provider)
		w.service(p)
		w.field("32.10", p.Account)
		w.field("32.11", p.Transaction)
		w.field("32.12", flagText(p.AmountEditable))
		w.field("32.13", flagText(p.AccountEditable))
	})
	w.template("33", func() {
		w.field("33.00", p.Merchant)
		w.field("33.01", p.ServiceName)
	})
	w.field("34", p.Comment)
	w.extras(p.Extra)
	w.field("52", p.MCC)
	w.field("53", p.Currency)
	w.amount(p)
	w.field("59", p.Name)
}

// service writes 32.01. Without it the payment must be addressed by 33.00.
func (w *writer) service(p *Payload) {
	if p.Service == "" && p.Merchant == "" {
		w.refuse("32.01", "a service code, or else a merchant in 33.00, is needed")
	}
	w.field("32.01", p.Service)
}

// amount writes 54. A code whose amount is neither given nor editable could
// never be paid.
func (w *writer) amount(p *Payload) {
	switch {
	case p.Amount < 0 || p.Amount > maxAmount:
		w.refuse("54", fmt.Sprintf("amount %d must be from 1 to %d tyiyn, or 0 for none", p.Amount, int64(maxAmount)))
	case p.Amount == 0 && !p.AmountEditable:
		w.refuse("54", "an amount is needed where the payer may not edit it")
	case p.Amount > 0:
		var scratch [20]byte
		w.field("54", string(strconv.AppendInt(scratch[:0], p.Amount, 10)))
	}
}

func (w *writer) extras(extra []Extra) {
	if len(extra) > maxExtra {
		w.refuse(extraTag, fmt.Sprintf("%d extra fields are too many, there is room for %d", len(extra), maxExtra))
		return
	}
	for i := range extra {
		w.extra(extraTags[i], &extra[i])
	}
}

var extraTags = [maxExtra]string{"35", "36", "37", "38", "39"}

// extra writes one extra field as the only element of its template. Colons
// separate its parts and have no escape, hence none may stand inside.
func (w *writer) extra(tag string, e *Extra) {
	for _, part := range [...]string{e.Key, e.Label, e.Value, e.Title} {
		if strings.Contains(part, ":") || !printable.fits(part) {
			w.refuse(tag, fmt.Sprintf("%q must be %s without colons", part, printable.name))
		}
	}
	if e.Key == "" || e.Value == "" {
		w.refuse(tag, "an extra field needs a key and a value")
	}
	w.template(tag, func() {
		w.text("00")
		w.measured(func() {
			w.text(e.Key, ":", e.Label, ":", e.Value, ":", e.Title, ":", flagText(e.Visible))
		}, tag)
	})
}

// flagText is how the regulation writes yes and no.
func flagText(yes bool) string {
	if yes {
		return "11"
	}
	return "12"
}

// field checks a value against its row of the table and appends it. An absent
// value is left out, where the table allows that.
func (w *writer) field(tag, value string) {
	if w.err != nil {
		return
	}
	w.row = rowFrom(w.row, tag)
	r := &national[w.row]
	if value == "" {
		if r.presence == mandatory {
			w.refuse(tag, r.name+" is missing")
		}
		return
	}
	length := utf8.RuneCountInString(value)
	if _, problem := r.judge(value, length, r.write, r.writeAs); problem != "" {
		w.refuse(tag, problem)
		return
	}
	w.text(tag[len(tag)-2:])
	w.dst = appendLength(w.dst, length)
	w.text(value)
}

// template writes a tag around nested fields, or nothing if there are none.
func (w *writer) template(tag string, nested func()) {
	start := len(w.dst)
	w.text(tag)
	w.measured(nested, tag)
	if len(w.dst) == start+4 {
		w.dst = w.dst[:start]
	}
}

// measured leaves room for a length, writes the content, and then fills the
// length in: it is not known before, and counting twice would cost more.
func (w *writer) measured(content func(), tag string) {
	start := len(w.dst)
	w.text("00")
	content()
	length := utf8.RuneCount(w.dst[start+2:])
	if length > 99 {
		w.refuse(tag, fmt.Sprintf("the template as a whole has %d characters, 99 fit; shorten its fields", length))
		return
	}
	appendLength(w.dst[:start], length)
}

func (w *writer) text(parts ...string) {
	for _, part := range parts {
		w.dst = append(w.dst, part...)
	}
}

func (w *writer) refuse(tag, problem string) {
	if w.err == nil {
		w.err = &FieldError{Tag: tag, Problem: problem}
	}
}

func appendLength(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}
