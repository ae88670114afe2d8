package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tolom/api/gate"
	"tolom/api/problem"
	"tolom/fault"
)

// operation is one call as the page shows it.
type operation struct {
	ID, Method, Path, Summary, Text string
	Parameters                      []field
	Body                            []field
	BodyType                        string
	Curl                            string
	Status                          int
	Answer                          string // example, or what kind of file it is
	AnswerType                      string // the object that is answered, or that a list holds
	AnswerList                      bool
	Codes, Common                   []code
}

// code is an error code with its HTTP status.
type code struct {
	Code   fault.Code
	Status int
}

func (b *Book) operation(op *huma.Operation) operation {
	out := operation{
		ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Text: op.Description,
		Parameters: b.parameters(op), Curl: b.curl(op), Status: op.DefaultStatus,
	}
	for _, c := range op.Extensions[gate.CodesKey].([]fault.Code) {
		if gate.Common(c) {
			out.Common = append(out.Common, code{c, problem.Status(c)})
			continue
		}
		out.Codes = append(out.Codes, code{c, problem.Status(c)})
	}
	if op.RequestBody != nil {
		if body := op.RequestBody.Content["application/json"]; body != nil && body.Schema.Ref != "" { // A file has no fields.
			out.BodyType, out.Body = nameOf(body.Schema), b.fields(body.Schema)
		}
	}
	out.Answer, out.AnswerType = b.answer(op)
	out.AnswerType, out.AnswerList = strings.CutPrefix(out.AnswerType, listPrefix)
	return out
}

// answer gives an example of what is answered, or names the kinds of files.
func (b *Book) answer(op *huma.Operation) (example, kind string) {
	response := op.Responses[strconv.Itoa(op.DefaultStatus)]
	var kinds []string
	for _, media := range sorted(response.Content) {
		content := response.Content[media]
		if content.Schema != nil && content.Schema.Ref != "" {
			kind = nameOf(content.Schema)
		}
		if text, ok := content.Example.(json.RawMessage); ok && example == "" {
			example = indented(text)
			continue
		}
		kinds = append(kinds, media)
	}
	if example == "" {
		example = strings.Join(kinds, ", ")
	}
	return example, kind
}

func indented(text []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return string(text)
	}
	return out.String()
}

func (b *Book) parameters(op *huma.Operation) (out []field) {
	for _, p := range op.Parameters {
		f := b.field(p.Name, p.Schema, p.Required)
		f.In = p.In
		if p.Description != "" {
			f.Doc = p.Description
		}
		out = append(out, f)
	}
	return out
}

// subjects gives an id for the {id} of a path by what stands before it.
var subjects = map[string]string{
	"payment-requests": "pr_01kar9g0t0c4r5s6t7v8w9xyza", "payments": "pay_01kar9gfc0c4r5s6t7v8w9xyzb", "refunds": "re_01kar9k2b0c4r5s6t7v8w9xyzc",
	"events": "evt_01kar9gh30c4r5s6t7v8w9xyzd", "webhook-endpoints": "wh_01kar9f0a0c4r5s6t7v8w9xyze", "deliveries": "wd_01kar9gj10c4r5s6t7v8w9xyzf",
	"merchants": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "psps": "psp_01kar9eba0c4r5s6t7v8w9xyzk", "keys": "key_01kar9eda0c4r5s6t7v8w9xyzn",
}

// target fills the {id} of a path and adds the example of a query.
func target(op *huma.Operation) string {
	parts := strings.Split(op.Path, "/")
	for i, part := range parts {
		if part == "{id}" {
			parts[i] = subjects[parts[i-1]]
		}
	}
	path := strings.Join(parts, "/")
	if query, ok := op.Extensions[gate.QueryKey].(string); ok {
		path += "?" + query
	}
	return path
}

// curl writes the call as a command line. Keys come from the environment, so that none is left in a shell's history.
func (b *Book) curl(op *huma.Operation) string {
	lines := []string{fmt.Sprintf("curl '%s%s'", b.doc.Servers[0].URL, target(op))}
	if file, media := fileOf(op); file != "" {
		lines[0] = "curl -o " + file + strings.TrimPrefix(lines[0], "curl")
	} else if media == "text/event-stream" {
		lines[0] = "curl -N" + strings.TrimPrefix(lines[0], "curl")
	}
	for scheme := range op.Security[0] {
		lines = append(lines, credentials[scheme])
	}
	for _, p := range op.Parameters {
		if p.Name == gate.KeyHeader {
			lines = append(lines, "-H 'Idempotency-Key: "+op.OperationID+"-1'")
		}
	}
	switch {
	case op.RequestBody != nil:
		if op.Method != http.MethodPost {
			lines = append(lines, "-X "+op.Method)
		}
		lines = append(lines, sends(op.RequestBody.Content)...)
	case op.Method != http.MethodGet:
		lines = append(lines, "-X "+op.Method)
	}
	return strings.Join(lines, " \\\n  ")
}

// sends gives the body: the example where it is JSON, else a file of the first media type that has one.
func sends(content map[string]*huma.MediaType) []string {
	if body, isJSON := content["application/json"]; isJSON {
		if example, ok := body.Example.(json.RawMessage); ok {
			return []string{"-H 'Content-Type: application/json'", "-d '" + strings.ReplaceAll(indented(example), "\n", "\n  ") + "'"}
		}
	}
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if content[media].Example != nil {
			return []string{"-H 'Content-Type: " + media + "'", "--data-binary @FILE"}
		}
	}
	return nil
}

var credentials = map[string]string{
	"merchantKey":   `-H "Authorization: Bearer $MERCHANT_KEY"`,
	"pspKey":        `-H "Authorization: Bearer $PSP_KEY"`,
	"operatorLogin": `-u "$OPERATOR_LOGIN:$OPERATOR_PASSWORD"`,
}

// fileOf names the file that a picture or table is saved as.
func fileOf(op *huma.Operation) (file, media string) {
	names := map[string]string{"image/png": "qr.png", "image/svg+xml": "qr.svg", "application/pdf": "sticker.pdf", "text/csv": "statement.csv"}
	for media = range op.Responses[strconv.Itoa(op.DefaultStatus)].Content {
		if names[media] != "" {
			return names[media], media
		}
	}
	return "", media
}
