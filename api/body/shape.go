package body

import (
	"fmt"
	"reflect"
	"strings"
)

// kind is what a JSON value may be. The platform takes no fractions anywhere, so there is no kind for them.
type kind uint8

const (
	text kind = iota + 1
	integer
	truth
	object // of known names
	free   // an object of any names
	list
)

func (k kind) String() string {
	return [...]string{"", "a text", "an integer", "true or false", "an object", "an object", "a list"}[k]
}

// Shape is what a body may look like. It is made once for each operation.
type Shape struct {
	kind   kind
	fields map[string]*Shape // of an object
	item   *Shape            // of a list, and the values of a free object
	above0 bool              // of an integer for which 0 is no value, so that it must not pass for an absent one
}

// Empty is the shape of the body of operations that take none: nothing, or {}.
var Empty = &Shape{kind: object}

// ShapeOf reads the shape from a struct with json tags; a minimum of 1 in a tag refuses a written 0. Types that
// bodies here never have are errors, which are noticed when the server starts.
func ShapeOf(t reflect.Type) (*Shape, error) {
	switch t.Kind() {
	case reflect.Pointer:
		return ShapeOf(t.Elem())
	case reflect.String:
		return &Shape{kind: text}, nil
	case reflect.Bool:
		return &Shape{kind: truth}, nil
	case reflect.Int, reflect.Int64:
		return &Shape{kind: integer}, nil
	case reflect.Slice:
		item, err := ShapeOf(t.Elem())
		return &Shape{kind: list, item: item}, err
	case reflect.Map:
		item, err := ShapeOf(t.Elem())
		return &Shape{kind: free, item: item}, err
	case reflect.Struct:
		return structShape(t)
	}
	return nil, fmt.Errorf("body: a request cannot hold a %s", t)
}

func structShape(t reflect.Type) (*Shape, error) {
	s := &Shape{kind: object, fields: map[string]*Shape{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			return nil, fmt.Errorf("body: %s.%s has no JSON name", t, f.Name)
		}
		field, err := ShapeOf(f.Type)
		if err != nil {
			return nil, err
		}
		field.above0 = f.Tag.Get("minimum") == "1"
		s.fields[name] = field
	}
	return s, nil
}
