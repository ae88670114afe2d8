package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tolom/access"
	"tolom/api/problem"
	"tolom/fault"
	"tolom/wire"
)

// ScopeKey is where the description of an operation has the scope that a key needs.
const ScopeKey = "x-scope"

// RightKey is where the description of an operation has the right that a person needs.
const RightKey = "x-right"

// CodesKey is where the description of an operation lists its error codes, QueryKey where it has an example of a query.
const (
	CodesKey = "x-error-codes"
	QueryKey = "x-example-query"
	MostKey  = "x-max-bytes" // where it says how large a body may be, when that is otherwise than usual
)

// What every operation may be refused with; and every one with a body; and every POST that needs a key.
var (
	always    = []fault.Code{fault.Unauthorized, fault.InvalidRequest, fault.UnknownField, fault.RateLimited, fault.InternalError, fault.OutOfService}
	withBody  = []fault.Code{fault.BodyTooLarge, fault.InvalidJSON, fault.DuplicateKey, fault.WrongMedia, fault.WrongDigest}
	withKey   = []fault.Code{fault.IdempotencyMissing, fault.IdempotencyInvalid, fault.IdempotencyRunning}
	withID    = []fault.Code{fault.NotFound}
	keyHeader = &huma.Param{
		Name: KeyHeader, In: "header", Required: true, Example: "order-1042-first-try",
		Description: "Your name for this one attempt, 1 to 255 visible ASCII characters. Repeat the call with the same key and you get the same answer.",
		Schema:      &huma.Schema{Type: huma.TypeString, MinLength: pointer(1), MaxLength: pointer(maxKey)},
	}
)

// Proofs are what a PSP may be refused with that does not prove who it is.
var Proofs = []fault.Code{fault.SignatureRequired, fault.SignatureInvalid, fault.SignatureReplayed, fault.CertificateRefused}

// Common says that a code may come from any operation of its kind and says nothing of the one at hand.
func Common(code fault.Code) bool {
	return slices.Contains(always, code) || slices.Contains(Proofs, code) || slices.Contains(withBody, code) || slices.Contains(withKey, code)
}

func pointer[T any](v T) *T { return &v }

// describe makes the framework's operation of a route.
func describe(d *Door, r Route, ad admission) huma.Operation {
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	codes := codesOf(d, r)
	op := huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: r.Path, Summary: r.Summary, Description: r.Text,
		Tags: []string{d.Tag}, DefaultStatus: status, MaxBodyBytes: -1, BodyReadTimeout: -1,
		SkipValidateBody: true, RejectUnknownQueryParameters: true,
		Security:   security(d, r),
		Metadata:   map[string]any{admissionKey: ad},
		Responses:  answers(d, r, codes),
		Extensions: map[string]any{CodesKey: codes},
	}
	if d.Scoped {
		op.Description = strings.TrimSpace(op.Description + " " + needs(r))
		op.Extensions[ScopeKey] = r.Scope
	}
	if d.Staff {
		op.Extensions[RightKey] = rightOf(r)
	}
	if r.Most > 0 {
		op.Extensions[MostKey] = r.Most
	}
	if r.Query != "" {
		op.Extensions[QueryKey] = r.Query
	}
	if r.Waits != nil {
		schema := d.API.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(r.Waits.Body), true, "")
		op.Responses[strconv.Itoa(http.StatusAccepted)] = &huma.Response{
			Description: "A second person must approve it: the proposal, where four eyes are on.", Content: map[string]*huma.MediaType{jsonType: {Schema: schema}},
		}
	}
	if r.Answers != nil {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: r.Answers}
	}
	if d.Keyed && r.Method == http.MethodPost {
		op.Parameters = append(op.Parameters, keyHeader)
	}
	return op
}

// needs says in words what a key must be allowed.
func needs(r Route) string {
	switch {
	case r.Scope == access.Owner:
		return "Needs a key of the whole merchant with all scopes."
	case r.Whole:
		return fmt.Sprintf("Needs a key of the whole merchant with the scope %s.", r.Scope)
	}
	return fmt.Sprintf("Needs a key with the scope %s.", r.Scope)
}

// security lists the schemes of a door, of which one is enough, with the scope that the operation needs.
func security(d *Door, r Route) []map[string][]string {
	scopes := []string{}
	if d.Scoped {
		scopes = append(scopes, string(r.Scope))
	}
	schemes := []map[string][]string{{d.Security: scopes}}
	if d.OrSecurity != "" {
		schemes = append(schemes, map[string][]string{d.OrSecurity: {}})
	}
	return schemes
}

// codesOf lists the codes that an operation may be refused with, sorted.
func codesOf(d *Door, r Route) []fault.Code {
	codes := slices.Concat(always, d.Codes, r.Codes)
	if d.Scoped || d.Staff {
		codes = append(codes, fault.Forbidden)
	}
	if strings.Contains(r.Path, "{") {
		codes = append(codes, withID...)
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPut {
		codes = append(codes, withBody...)
		if d.Keyed && r.Method == http.MethodPost {
			codes = append(codes, withKey...)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// answers describes the refusals by status.
func answers(d *Door, r Route, codes []fault.Code) map[string]*huma.Response {
	schema := d.API.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[wire.Problem](), true, "Problem")
	lines := map[int][]string{}
	for _, code := range codes {
		entry, known := fault.Lookup(code)
		if !known {
			d.check(r, fmt.Errorf("the code %s is not in the catalogue", code))
		}
		status := problem.Status(code)
		lines[status] = append(lines[status], fmt.Sprintf("`%s`: %s", code, entry.En))
	}
	all := map[string]*huma.Response{}
	for status, text := range lines {
		all[strconv.Itoa(status)] = &huma.Response{
			Description: strings.Join(text, ". ") + ".",
			Content:     map[string]*huma.MediaType{problem.ContentType: {Schema: schema}},
		}
	}
	if refused := all[strconv.Itoa(http.StatusTooManyRequests)]; refused != nil {
		refused.Headers = rateHeaders()
	}
	return all
}

// rateHeaders describes what an answer says about the rate of its key.
func rateHeaders() map[string]*huma.Header {
	text := &huma.Schema{Type: huma.TypeString}
	return map[string]*huma.Header{
		"RateLimit-Policy": {Description: "how many calls (q) a key may make in how many seconds (w)", Schema: text, Example: `"key";q=2000;w=2`},
		"RateLimit":        {Description: "how many of them remain (r), and after how many seconds all are there again (t)", Schema: text, Example: `"key";r=0;t=2`},
		"Retry-After":      {Description: "seconds after which the next call is let through", Schema: text, Example: "1"},
	}
}

// illustrate puts examples into the description: the route's body, and an answer made of sample values.
func illustrate(doc *huma.OpenAPI, r Route, status int) (err error) {
	op := Operation(doc.Paths[r.Path], r.Method)
	if op.RequestBody != nil && r.Body != "" && r.Files == nil {
		op.RequestBody.Content[jsonType].Example = json.RawMessage(r.Body)
	}
	answer := op.Responses[strconv.Itoa(status)]
	if h := answer.Headers[ReplayedHeader]; h != nil {
		h.Description = "true when this answer was given before to the same key"
	}
	if r.Waits != nil {
		later := op.Responses[strconv.Itoa(http.StatusAccepted)].Content[jsonType]
		if later.Example, err = Sample(reflect.TypeOf(r.Waits.Body), r.Waits.Shows); err != nil {
			return err
		}
	}
	if content := answer.Content[jsonType]; content != nil && content.Schema.Ref != "" {
		content.Example, err = Sample(doc.Components.Schemas.TypeFromRef(content.Schema.Ref), r.Shows)
	}
	return err
}

const jsonType = "application/json"

// Operation picks the operation of a method from a path.
func Operation(item *huma.PathItem, method string) *huma.Operation {
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodDelete:
		return item.Delete
	}
	return nil
}
