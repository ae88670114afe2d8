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
	var m meaning
	m.root.fill(c.Text)
	var provider, merchant index
	m.template("32", &provider)
	m.template("33", &merchant)
	p := Payload{
		Kind:            m.kind(),
		Provider:        provider.text("00"),
		Service:         provider.text("01"),
		Account:         provider.text("10"),
		Transaction:     provider.text("11"),
		AmountEditable:  m.flag("32.12", provider.text("12")),
		AccountEditable: m.flag("32.13", provider.text("13")),
		Merchant:        merchant.text("00"),
		ServiceName:     merchant.text("01"),
		Comment:         m.root.text("34"),
		Extra:           m.extras(),
		MCC:             m.root.text("52"),
		Currency:        m.root.text("53"),
		Amount:          m.amount(),
		Name:            m.root.text("59"),
	}
	if m.err != nil {
		return Payload{}, m.err
	}
	return p, nil
}

// meaning turns texts into values and keeps the first that has none.
type meaning struct {
	root index
	err  error
}

func (m *meaning) refuse(tag, problem string) {
	if m.err == nil {
		m.err = &FieldError{Tag: tag, Problem: problem}
	}
}

// template takes a template apart, where there is one, and refuses a broken
// one: two accounts in one code would let two readers pay two people.
func (m *meaning) template(tag string, inside *index) {
	value, found := m.root.get(tag)
	if !found {
		return
	}
	inside.fill(value)
	if !inside.whole {
		m.refuse(tag, "the template does not consist of whole elements")
	} else if inside.twice != "" {
		m.refuse(tag+"."+inside.twice, "the field appears twice")
	}
}

func (m *meaning) kind() Kind {
	kind := Kind(m.root.text("01"))
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
	text, found := m.root.get("54")
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
		value, found := m.root.get(tag)
		if !found {
			continue
		}
		var inside index
		m.template(tag, &inside)
		w := walker{text: value}
		for m.err == nil && w.advance() {
			one, ok := parseExtra(w.value)
			if !ok {
				m.refuse(tag+"."+w.tag, extraProblem(w.value))
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
