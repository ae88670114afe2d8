package openapifuzz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an OpenAPI document whose schemas are ready to judge answers.
type Document struct {
	Operations []*Operation
	root       map[string]any
	compiler   *jsonschema.Compiler
}

// Operation is one call that the document describes.
type Operation struct {
	ID, Method, Path string
	Parameters       []Parameter
	Body             schema // nil: it takes none
	Codes            []string
	Schemes          []string       // of security, any of which will do
	needs            bool           // some field of the body is required
	files            []string       // media types of a body that is a file; nil: it is JSON
	file             string         // an example of one
	most             int            // bytes of a body
	query            url.Values     // an example
	example          map[string]any // of a JSON body
	answers          map[int]answer
}

// Parameter is a parameter of a call, in "path", "query" or "header".
type Parameter struct {
	Name, In string
	Required bool
	Schema   schema
}

// schema is a JSON schema as it is written.
type schema = map[string]any

// answer is what the document says of one status.
type answer struct {
	media   map[string]*jsonschema.Schema
	headers map[string]*jsonschema.Schema
}

// home is the name under which the compiler of schemas knows the document.
const home = "mem:///openapi.json"

// methods are the keys of a path that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Read makes a document ready. An error says what of it cannot be used.
func Read(text []byte) (*Document, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("openapifuzz: the document is no JSON: %w", err)
	}
	d := &Document{root: root.(map[string]any), compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(home, root); err != nil {
		return nil, fmt.Errorf("openapifuzz: %w", err)
	}
	for _, path := range sortedKeys(object(d.root["paths"])) {
		for _, method := range methods {
			if op := object(object(object(d.root["paths"])[path])[method]); op != nil {
				if err := d.add(path, method, op); err != nil {
					return nil, fmt.Errorf("openapifuzz: %s %s: %w", method, path, err)
				}
			}
		}
	}
	return d, nil
}

func (d *Document) add(path, method string, of map[string]any) error {
	op := &Operation{ID: text(of["operationId"]), Method: strings.ToUpper(method), Path: path, answers: map[int]answer{}}
	for _, p := range list(of["parameters"]) {
		p := d.resolve(object(p))
		required, _ := p["required"].(bool)
		op.Parameters = append(op.Parameters, Parameter{text(p["name"]), text(p["in"]), required, d.resolve(object(p["schema"]))})
	}
	if content := object(object(of["requestBody"])["content"]); content != nil {
		op.illustrate(content)
		op.needs = len(list(d.resolve(op.Body)["required"])) > 0
	}
	op.query, _ = url.ParseQuery(text(of["x-example-query"])) // what cannot be read is no example
	op.most = 64 << 10
	if most, given := of["x-max-bytes"].(json.Number); given {
		n, err := most.Int64()
		if err != nil {
			return err
		}
		op.most = int(n)
	}
	for _, code := range list(of["x-error-codes"]) {
		op.Codes = append(op.Codes, text(code))
	}
	for _, way := range list(of["security"]) {
		op.Schemes = append(op.Schemes, sortedKeys(object(way))...)
	}
	at := "/paths/" + pointer(path) + "/" + method + "/responses/"
	for status, response := range object(of["responses"]) {
		code, err := strconv.Atoi(status)
		if err != nil {
			return fmt.Errorf("the status %q is no number", status)
		}
		if op.answers[code], err = d.answer(at+status, object(response)); err != nil {
			return err
		}
	}
	d.Operations = append(d.Operations, op)
	return nil
}

// illustrate takes what a body is from its description: JSON of a schema, or a file.
func (op *Operation) illustrate(content map[string]any) {
	for _, media := range sortedKeys(content) {
		of := object(content[media])
		if text(object(of["schema"])["format"]) != "binary" {
			continue
		}
		op.files = append(op.files, media)
		if example := text(of["example"]); example != "" {
			op.file, op.files[0], op.files[len(op.files)-1] = example, media, op.files[0]
		}
	}
	if op.files == nil {
		of := object(content[jsonType])
		op.Body, op.example = object(of["schema"]), object(of["example"])
	}
}

func (d *Document) answer(at string, response map[string]any) (answer, error) {
	a := answer{media: map[string]*jsonschema.Schema{}, headers: map[string]*jsonschema.Schema{}}
	for media, content := range object(response["content"]) {
		compiled, err := d.compile(at+"/content/"+pointer(media), object(content))
		if err != nil {
			return a, err
		}
		a.media[media] = compiled
	}
	for name, header := range object(response["headers"]) {
		compiled, err := d.compile(at+"/headers/"+pointer(name), object(header))
		if err != nil {
			return a, err
		}
		a.headers[http.CanonicalHeaderKey(name)] = compiled
	}
	return a, nil
}

// compile makes the schema of a media type or a header ready; nil when it has none.
func (d *Document) compile(at string, of map[string]any) (*jsonschema.Schema, error) {
	if object(of["schema"]) == nil {
		return nil, nil
	}
	return d.compiler.Compile(home + "#" + at + "/schema")
}

// resolve follows a reference.
func (d *Document) resolve(s schema) schema {
	for {
		ref, found := s["$ref"].(string)
		if !found {
			return s
		}
		at := d.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = object(at[part])
		}
		s = at
	}
}

// at gives the methods that the document knows at a path, those of a pattern that fits it too included.
func (d *Document) at(path string) (known []string) {
	for _, op := range d.Operations {
		if alike(op.Path, path) {
			known = append(known, op.Method)
		}
	}
	return known
}

// exactly gives the methods of a path alone.
func (d *Document) exactly(path string) (known []string) {
	for _, op := range d.Operations {
		if op.Path == path {
			known = append(known, op.Method)
		}
	}
	return known
}

// alike says that two paths may name the same address.
func alike(a, b string) bool {
	one, two := strings.Split(a, "/"), strings.Split(b, "/")
	return slices.EqualFunc(one, two, func(a, b string) bool { return a == b || strings.HasPrefix(a, "{") || strings.HasPrefix(b, "{") })
}

// takes finds a parameter.
func (op *Operation) takes(in, name string) bool {
	return slices.ContainsFunc(op.Parameters, func(p Parameter) bool { return p.In == in && strings.EqualFold(p.Name, name) })
}

// writes says that the operation reads a body.
func (op *Operation) writes() bool {
	return op.Method == http.MethodPost || op.Method == http.MethodPut
}

// pointer escapes a part of a JSON pointer in a URL.
func pointer(part string) string {
	part = strings.NewReplacer("~", "~0", "/", "~1").Replace(part)
	return strings.NewReplacer("{", "%7B", "}", "%7D").Replace(part)
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }

func list(v any) []any { l, _ := v.([]any); return l }

func text(v any) string { s, _ := v.(string); return s }

// number reads a number of a schema.
func number(v any) (n int64, found bool) {
	f, isNumber := v.(json.Number)
	if !isNumber {
		return 0, false
	}
	if n, err := f.Int64(); err == nil {
		return n, true
	}
	x, err := f.Float64()
	return int64(x), err == nil
}
