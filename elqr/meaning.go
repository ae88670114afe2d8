package elqr

import (
	"fmt"
	"strings"
)

// Payload returns the fields of a national code. It fails with a [*FieldError]
// only where a text has no single meaning: an unknown kind or flag, an amount
// that is no number, a nested field given twice, a broken template or extra
// field. A missing or overlong field is no error here; ask [Code.Problems].
func (c Code) Payload() (Payload, error) {
	if c.Dialect != ELQR {
		return Payload{}, &FieldError{Tag: "63", Problem: "this is an EMVCo code, not a national one"}
	}
	m := meaning{code: c}
	provider, merchant := m.template("32"), m.template("33")
	p := Payload{
		Kind:            m.kind(),
		Provider:        inside(provider, "00"),
		Service:         inside(provider, "01"),
		Account:         inside(provider, "10"),
		Transaction:     inside(provider, "11"),
		AmountEditable:  m.flag("32.12", inside(provider, "12")),
		AccountEditable: m.flag("32.13", inside(provider, "13")),
		Merchant:        inside(merchant, "00"),
		ServiceName:     inside(merchant, "01"),
		Comment:         m.text("34"),
		Extra:           m.extras(),
		MCC:             m.text("52"),
		Currency:        m.text("53"),
		Amount:          m.amount(),
		Name:            m.text("59"),
	}
	if m.err != nil {
		return Payload{}, m.err
	}
	return p, nil
}

// meaning turns texts into values and keeps the first that has none.
type meaning struct {
	code Code
	err  error
}

func (m *meaning) refuse(tag, problem string) {
	if m.err == nil {
		m.err = &FieldError{Tag: tag, Problem: problem}
	}
}

func (m *meaning) text(tag string) string {
	value, _ := m.code.Field(tag)
	return value
}

func inside(template, sub string) string {
	value, _ := lookup(template, sub)
	return value
}

// template returns the inside of a template, or nothing if it is broken: two
// accounts in one code would let two readers pay two people.
func (m *meaning) template(tag string) string {
	value, found := m.code.Field(tag)
	if !found {
		return ""
	}
	if !wellNested(value) {
		m.refuse(tag, "the template does not consist of whole elements")
		return ""
	}
	if sub, twice := duplicate(value); twice {
		m.refuse(tag+"."+sub, "the field appears twice")
	}
	return value
}

// duplicate finds the first tag that appears twice.
func duplicate(text string) (tag string, found bool) {
	w := walker{text: text}
	for w.advance() {
		if _, later := lookup(text[w.next:], w.tag); later {
			return w.tag, true
		}
	}
	return "", false
}

func (m *meaning) kind() Kind {
	kind := Kind(m.text("01"))
	if kind != "" && kind != Static && kind != Dynamic {
		m.refuse("01", fmt.Sprintf("kind %q must be 11 or 12", kind))
	}
	return kind
}

// flag reads 32.12 and 32.13. Absent means yes; any unknown text is refused,
// because either guess could change what the payer may do.
func (m *meaning) flag(tag, text string) bool {
	yes, known := parseFlag(text)
	if !known && text != "" {
		m.refuse(tag, fmt.Sprintf("flag %q must be 11 or 12", text))
	}
	return yes || text == ""
}

func parseFlag(text string) (yes, known bool) {
	return text == "11", text == "11" || text == "12"
}

// amount reads 54. Zero means absent: some banks write it on static codes.
func (m *meaning) amount() int64 {
	text, found := m.code.Field("54")
	tyiyn, ok := parseTyiyn(text)
	if found && !ok {
		m.refuse("54", fmt.Sprintf("amount %q must be 1 to 13 digits, in tyiyn", text))
	}
	return tyiyn
}

// extras collects the elements of templates 35 to 39; a template may hold
// several.
func (m *meaning) extras() (extra []Extra) {
	for _, tag := range extraTags {
		w := walker{text: m.template(tag)}
		for w.advance() {
			one, ok := parseExtra(w.value)
			if !ok {
				m.refuse(tag+"."+w.tag, extraProblem(w.value))
				return nil
			}
			extra = append(extra, one)
		}
	}
	return extra
}

func parseExtra(text string) (Extra, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 5 {
		return Extra{}, false
	}
	visible, known := parseFlag(parts[4])
	return Extra{Key: parts[0], Label: parts[1], Value: parts[2], Title: parts[3], Visible: visible}, known
}

func extraProblem(text string) string {
	return fmt.Sprintf("extra field %q must be key:label:value:title:visible with visible 11 or 12", text)
}
