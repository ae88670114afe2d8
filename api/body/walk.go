package body

import (
	"fmt"
	"strconv"
	"strings"

	"tolom/fault"
)

// walker goes through a body that is known to be valid JSON, side by side with its shape.
type walker struct {
	tokens
	path []string
}

// members checks the object that comes next.
func (w *walker) members(s *Shape) *fault.Error {
	w.peek()
	w.at++
	seen := make(map[string]bool, 8)
	for w.more() {
		if refusal := w.member(s, w.quoted(), seen); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (w *walker) member(s *Shape, name string, seen map[string]bool) *fault.Error {
	w.path = append(w.path, dotted(w.path, name))
	defer func() { w.path = w.path[:len(w.path)-1] }()
	if strings.ContainsRune(name, 0) {
		return w.refuse(fault.InvalidJSON, "a name holds the character U+0000")
	}
	if seen[name] {
		return w.refuse(fault.DuplicateKey, "the name is given twice; readers would not agree which one counts")
	}
	seen[name] = true
	of := s.item
	if s.kind == object {
		of = s.fields[name]
	}
	if of == nil {
		return w.refuse(fault.UnknownField, "this object has no field of that name; names are case-sensitive")
	}
	return w.value(of)
}

// value checks the value that comes next.
func (w *walker) value(s *Shape) *fault.Error {
	switch w.peek() {
	case '{':
		return w.object(s)
	case '[':
		return w.list(s)
	case '"':
		return w.text(w.quoted(), s)
	case 'n':
		w.plain()
		return w.null()
	case 't', 'f':
		w.plain()
		return w.expect(s, truth)
	}
	return w.number(w.plain(), s)
}

// null stands for an absent field. In a list it would stand for nothing.
func (w *walker) null() *fault.Error {
	if strings.HasSuffix(w.path[len(w.path)-1], "]") {
		return w.refuse(fault.InvalidRequest, "a list holds no null")
	}
	return nil
}

func (w *walker) text(v string, s *Shape) *fault.Error {
	if strings.ContainsRune(v, 0) {
		return w.refuse(fault.InvalidJSON, "a text holds the character U+0000")
	}
	return w.expect(s, text)
}

// number takes what is written as a plain integer that fits: never 1.0, 1e3 or −0, which other readers may see
// otherwise.
func (w *walker) number(v string, s *Shape) *fault.Error {
	if refusal := w.expect(s, integer); refusal != nil {
		return refusal
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n > MaxInteger || n < -MaxInteger || v == "-0" {
		return w.wrong(fmt.Sprintf("it must be written as an integer, at most %d: no fraction, no exponent, no -0", int64(MaxInteger)))
	}
	switch {
	case n < 0 && w.isAmount():
		return w.wrong("an amount is never negative")
	case n == 0 && s.above0:
		return w.wrong("it is at least 1; leave it out for what an absent one means")
	}
	return nil
}

func (w *walker) object(s *Shape) *fault.Error {
	if s.kind != free {
		if refusal := w.expect(s, object); refusal != nil {
			return refusal
		}
	}
	return w.members(s)
}

func (w *walker) list(s *Shape) *fault.Error {
	if refusal := w.expect(s, list); refusal != nil {
		return refusal
	}
	at := len(w.path) - 1
	name := w.path[at]
	defer func() { w.path[at] = name }()
	w.at++
	for i := 0; w.more(); i++ {
		w.path[at] = name + "[" + strconv.Itoa(i) + "]"
		if refusal := w.value(s.item); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (w *walker) expect(s *Shape, got kind) *fault.Error {
	if s.kind == got {
		return nil
	}
	return w.wrong(fmt.Sprintf("it must be %s and is %s", s.kind, got))
}

// wrong refuses a value with the code that its field has for that.
func (w *walker) wrong(why string) *fault.Error {
	switch {
	case w.isAmount():
		return w.refuse(fault.AmountInvalid, why)
	case len(w.path) == 1 && w.path[0] == "currency":
		return w.refuse(fault.CurrencyUnknown, why)
	}
	return w.refuse(fault.InvalidRequest, why)
}

func (w *walker) isAmount() bool { return len(w.path) == 1 && w.path[0] == "amount" }

func (w *walker) refuse(code fault.Code, why string) *fault.Error {
	return fault.New(code).On(strings.Join(w.path, "")).Because(why)
}

// dotted writes a name as a part of a path.
func dotted(path []string, name string) string {
	if len(path) == 0 {
		return name
	}
	return "." + name
}
