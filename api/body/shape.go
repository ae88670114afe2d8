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
}

// Empty is the shape of the body of operations that take none: nothing, or {}.
var Empty = &Shape{kind: object}

// ShapeOf reads the shape from a struct with json tags. It panics for types that JSON bodies here never have, which
// is noticed when the server starts.
func ShapeOf(t reflect.Type) *Shape {
	switch t.Kind() {
	case reflect.Pointer:
		return ShapeOf(t.Elem())
	case reflect.String:
		return &Shape{kind: text}
	case reflect.Bool:
		return &Shape{kind: truth}
	case reflect.Int, reflect.Int64:
		return &Shape{kind: integer}
	case reflect.Slice:
		return &Shape{kind: list, item: ShapeOf(t.Elem())}
	case reflect.Map:
		return &Shape{kind: free, item: ShapeOf(t.Elem())}
	case reflect.Struct:
		return structShape(t)
	}
	panic(fmt.Sprintf("body: a request cannot hold a %s", t))
}

func structShape(t reflect.Type) *Shape {
	s := &Shape{kind: object, fields: map[string]*Shape{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			panic(fmt.Sprintf("body: %s.%s has no JSON name", t, f.Name))
		}
		s.fields[name] = ShapeOf(f.Type)
	}
	return s
}
