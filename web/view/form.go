package view

import "github.com/a-h/templ"

// Wrong is what was wrong with a form: in words, and the name of the field that it is of, "" when it is of none alone.
type Wrong struct{ Text, Field string }

// Input is one field of a form. Its id is its name.
type Input struct {
	Name, Label, Value string
	Hint               string // what to write, below the field
	Unit               string // behind it, such as "som"
	Type               string // of the field; text when empty
	Optional           bool   // it may stay empty; of sums and rates the form says once that they may
	More               templ.Attributes
}

func (i Input) kind() string {
	if i.Type == "" {
		return "text"
	}
	return i.Type
}

// about names what describes a field: its hint, its unit, and what was wrong with it.
func (i Input) about(w Wrong) (ids string) {
	if i.Hint != "" {
		ids = i.Name + "-hint"
	}
	if i.Unit != "" {
		ids += " " + i.Name + "-unit"
	}
	if w.Field == i.Name {
		ids += " wrong"
	}
	return ids
}
