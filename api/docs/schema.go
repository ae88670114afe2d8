package docs

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// object is a type that calls take or answer with.
type object struct {
	Name   string
	Fields []field
}

// field is a field of an object or a parameter of a call.
type field struct {
	Name, In, Type string
	Link           string // the object that it holds
	Required       bool
	Doc, Limits    string
}

const schemas = "#/components/schemas/"

// listPrefix begins the names of pages of lists, which are all alike and explained once.
const listPrefix = "List"

func nameOf(s *huma.Schema) string { return strings.TrimPrefix(s.Ref, schemas) }

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// objects lists all types of the document.
func (b *Book) objects() (out []object) {
	for _, name := range sorted(b.doc.Components.Schemas.Map()) {
		if !strings.HasPrefix(name, listPrefix) {
			out = append(out, object{name, b.fields(&huma.Schema{Ref: schemas + name})})
		}
	}
	return out
}

// fields lists the fields of an object in the order in which its JSON has them, which only its Go type knows.
func (b *Book) fields(s *huma.Schema) (out []field) {
	if s.Ref == "" {
		return nil
	}
	registry := b.doc.Components.Schemas
	t, of := registry.TypeFromRef(s.Ref), registry.SchemaFromRef(s.Ref)
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if property := of.Properties[name]; property != nil {
			out = append(out, b.field(name, property, slices.Contains(of.Required, name)))
		}
	}
	return out
}

func (b *Book) field(name string, s *huma.Schema, required bool) field {
	f := field{Name: name, Required: required, Doc: s.Description, Limits: limits(s)}
	f.Type, f.Link = typeOf(s)
	return f
}

// typeOf names the type of a value in a word, and the object behind it.
func typeOf(s *huma.Schema) (name, link string) {
	switch {
	case s.Ref != "":
		return nameOf(s), nameOf(s)
	case s.Type == huma.TypeArray:
		name, link = typeOf(s.Items)
		return "list of " + name, link
	case s.Type == huma.TypeObject:
		return "texts by name", ""
	case s.Type == "":
		return "any", ""
	case s.Format == "date-time" && s.Nullable:
		return "time or null", ""
	case s.Nullable:
		return words[s.Type] + " or null", ""
	}
	return words[s.Type], ""
}

var words = map[string]string{huma.TypeString: "text", huma.TypeInteger: "integer", huma.TypeNumber: "number", huma.TypeBoolean: "true or false"}

// limits writes the bounds of a value in a few words.
func limits(s *huma.Schema) string {
	var out []string
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		out = append(out, strings.Join(values, " · "))
	}
	if s.Minimum != nil || s.Maximum != nil {
		out = append(out, bounds(s.Minimum, s.Maximum))
	}
	if s.MaxLength != nil {
		out = append(out, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if n := cmp.Or(s.MaxItems, s.MaxProperties); n != nil {
		out = append(out, fmt.Sprintf("at most %d", *n))
	}
	if s.Pattern != "" {
		out = append(out, s.Pattern)
	}
	if s.Default != nil {
		out = append(out, fmt.Sprintf("default %v", s.Default))
	}
	return strings.Join(out, ", ")
}

func bounds(low, high *float64) string {
	text := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case high == nil:
		return "at least " + text(*low)
	case low == nil:
		return "at most " + text(*high)
	}
	return text(*low) + " to " + text(*high)
}

// anchor makes a heading a name for links.
func anchor(heading string) string { return strings.ReplaceAll(strings.ToLower(heading), " ", "-") }
