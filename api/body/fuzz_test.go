package body_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"tolom/api/body"
	"tolom/wire"
)

// bodies are the bodies of every operation that takes one, as the OpenAPI document has them, with their examples.
// Those of package wire are its types; the operator's are put together from their schemas, since a fuzz target whose
// package needs the databases takes minutes to build.
func bodies(t testing.TB) (types []reflect.Type, examples []string) {
	t.Helper()
	text, err := os.ReadFile("../testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Schema  schema
					Example json.RawMessage
				}
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range []string{"post", "put"} {
			if content, found := doc.Paths[path][method].RequestBody.Content["application/json"]; found {
				types = append(types, content.Schema.typed(doc.Components.Schemas))
				examples = append(examples, string(content.Example))
			}
		}
	}
	return types, examples
}

// schema is what of a JSON schema makes a type.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

var wired = map[string]reflect.Type{
	"NewPaymentRequest": reflect.TypeFor[wire.NewPaymentRequest](), "NewRefund": reflect.TypeFor[wire.NewRefund](), "NewWebhookEndpoint": reflect.TypeFor[wire.NewWebhookEndpoint](),
	"Decode": reflect.TypeFor[wire.Decode](), "Check": reflect.TypeFor[wire.Check](), "NewPSPPayment": reflect.TypeFor[wire.NewPSPPayment](),
	"CancelByPSPID": reflect.TypeFor[wire.CancelByPSPID](), "StatusQuery": reflect.TypeFor[wire.StatusQuery](), "RefundAck": reflect.TypeFor[wire.RefundAck](),
}

// typed gives the type of a schema.
func (s schema) typed(all map[string]schema) reflect.Type {
	if name := path.Base(s.Ref); s.Ref != "" {
		if known := wired[name]; known != nil {
			return known
		}
		return all[name].typed(all)
	}
	switch s.Type {
	case "string":
		return reflect.TypeFor[string]()
	case "integer":
		return reflect.TypeFor[int64]()
	case "boolean":
		return reflect.TypeFor[bool]()
	case "array":
		return reflect.SliceOf(s.Items.typed(all))
	}
	var fields []reflect.StructField
	for i, name := range slices.Sorted(maps.Keys(s.Properties)) {
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: s.Properties[name].typed(all), Tag: reflect.StructTag(`json:"` + name + `"`)})
	}
	return reflect.StructOf(fields)
}

// FuzzBodies holds the gate, for the bodies of all operations, to a second reader that is written as plainly as can
// be: the one takes exactly what the other takes. What is taken, encoding/json decodes without an error.
func FuzzBodies(f *testing.F) {
	types, examples := bodies(f)
	shapes := make([]*body.Shape, len(types))
	for i, of := range types {
		s, err := body.ShapeOf(of)
		if err != nil {
			f.Fatal(err)
		}
		shapes[i] = s
		f.Add(byte(i), []byte(examples[i]))
	}
	if len(types) < 19 {
		f.Fatalf("the document has only %d bodies", len(types))
	}
	for i, odd := range []string{`{"amount":1,"amount":2}`, `{"metadata":{"a":"\ud800"}}`, `{"amount":-0}`, `{"amount":1e3}`, `{"payer":{"kind":null}}{}`, `{"ids":[null]}`,
		`{"ids":[]} `, `{"\u0000":1}`, `{"rate":9007199254740992}`, `{"a":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}`, `null`, `[]`, "\ufeff{}", `{"name":"\\ud800\ufffd"}`, `{"amount":0}`} {
		f.Add(byte(i), []byte(odd))
	}
	f.Fuzz(func(t *testing.T, which byte, raw []byte) {
		n := int(which) % len(types)
		of := types[n]
		refusal, why := body.Check(raw, shapes[n]), plainly(raw, of)
		if (refusal == nil) != (why == nil) {
			t.Fatalf("%v %q: the gate says %v, the second reader %v", of, raw, refusal, why)
		}
		if refusal != nil {
			return
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(reflect.New(of).Interface()); err != nil {
			t.Fatalf("%v %q was taken and cannot be decoded: %v", of, raw, err)
		}
	})
}

// plainly says what is wrong with a body of a type, token by token.
func plainly(raw []byte, of reflect.Type) error {
	if !utf8.Valid(raw) || half(raw) {
		return errors.New("no text")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("no object")
	}
	if err := members(d, of, 1, ""); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more behind it")
	}
	return nil
}

// half looks for a half of a surrogate pair by what the decoder makes of it: a replacement that nobody wrote.
func half(raw []byte) bool {
	written := strings.ReplaceAll(string(raw), `\\`, "")
	var text strings.Builder
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		t, err := d.Token()
		if err != nil {
			break
		}
		if s, is := t.(string); is {
			text.WriteString(s)
		}
	}
	asked := strings.Count(written, "\ufffd") + len(regexp.MustCompile(`(?i)\\ufffd`).FindAllString(written, -1))
	return strings.Count(text.String(), "\ufffd") > asked
}

func members(d *json.Decoder, of reflect.Type, depth int, at string) error {
	if depth > 16 {
		return errors.New("too deep")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name := t.(string)
		if seen[name] || strings.ContainsRune(name, 0) {
			return errors.New("a name twice, or with U+0000")
		}
		seen[name] = true
		inner, tag, found := member(of, name)
		if !found {
			return errors.New("an unknown name: " + name)
		}
		if err := value(d, inner, depth, at+"."+name, tag); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// member finds the type of a member by its exact name.
func member(of reflect.Type, name string) (inner reflect.Type, tag reflect.StructTag, found bool) {
	if of.Kind() == reflect.Map {
		return of.Elem(), "", true
	}
	for i := range of.NumField() {
		if own, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); own == name {
			return of.Field(i).Type, of.Field(i).Tag, true
		}
	}
	return nil, "", false
}

var integer = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

func value(d *json.Decoder, of reflect.Type, depth int, at string, tag reflect.StructTag) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	kind := of.Kind()
	switch v := t.(type) {
	case nil:
		return nil
	case string:
		if kind == reflect.String && !strings.ContainsRune(v, 0) {
			return nil
		}
	case bool:
		if kind == reflect.Bool {
			return nil
		}
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		fits := err == nil && n <= 1<<53-1 && n >= -(1<<53-1) && integer.MatchString(string(v))
		if kind == reflect.Int64 && fits && (at != ".amount" || n >= 0) && (n != 0 || tag.Get("minimum") != "1") {
			return nil
		}
	case json.Delim:
		if v == '{' && (kind == reflect.Struct || kind == reflect.Map) {
			return members(d, of, depth+1, at)
		}
		if v == '[' && kind == reflect.Slice {
			return items(d, of.Elem(), depth+1, at)
		}
	}
	return errors.New(at + " is of another type")
}

func items(d *json.Decoder, of reflect.Type, depth int, at string) error {
	if depth > 16 {
		return errors.New("too deep")
	}
	for d.More() {
		// A null is told from other values before it is read.
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil || string(raw) == "null" {
			return errors.New("null in a list, or no value")
		}
		inner := json.NewDecoder(bytes.NewReader(raw))
		inner.UseNumber()
		if err := value(inner, of, depth, at+"[]", ""); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}
