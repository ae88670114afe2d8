package gate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tolom/access"
	"tolom/api/body"
	"tolom/api/problem"
	"tolom/fault"
	"tolom/wire"
)

// Door is one of the three APIs: who may come in, and what all its operations share.
type Door struct {
	API       huma.API
	Tag       string // heading in the documents
	Security  string // name of the security scheme
	Verifier  Verifier
	Challenge string // of WWW-Authenticate
	Keyed     bool   // every POST needs an Idempotency-Key
	Staff     bool   // its callers are people, with rights
	Scoped    bool   // every route names the scope that its caller needs; one that does not is not mounted
	// OrSecurity is the name of another scheme that is taken too; "" for none.
	OrSecurity string
	// Rate bounds how often a key may call; the zero value does not.
	Rate Rate
	// Codes are what callers at this door may be refused with beside what all doors have.
	Codes  []fault.Code
	once   sync.Once
	meter  *meter
	broken []error
}

// Err says what is wrong with the descriptions of the operations that were added, nil when nothing is.
func (d *Door) Err() error { return errors.Join(d.broken...) }

func (d *Door) check(r Route, err error) {
	if err != nil {
		d.broken = append(d.broken, fmt.Errorf("%s %s: %w", r.Method, r.Path, err))
	}
}

// pass holds a caller to the rate of the door.
func (d *Door) pass(head http.Header, p Principal, now time.Time) *fault.Error {
	d.once.Do(func() { d.meter = newMeter(d.Rate) })
	return d.meter.pass(head, cmp.Or(p.Key, p.ID), now)
}

// Route is an operation as its door describes it.
type Route struct {
	Method, Path string
	ID           string // operationId, also the anchor in the documents
	Summary      string
	Text         string // what to know beyond the summary
	Status       int    // of success; 0: 200
	Codes        []fault.Code
	// Scope is what a key must be allowed, behind a door that is Scoped. Whole says that it also must reach the whole
	// merchant, because what the route shows belongs to no store or till.
	Scope access.Scope
	Whole bool
	// Right is what a person must be allowed, behind the door of staff. Without one, what only shows needs
	// access.SeePlatform, and what changes something access.HandleRegistry.
	Right access.Right
	// Room says whether there is room for what it would do; without, it is refused
	// before its body is read. nil: always.
	Room  func() bool
	Body  string // example of a request body, JSON
	Query string // example of a query, without ?
	Most  int    // bytes of a body; 0: body.MaxBytes
	// Files are the media types of a body that is a file, given to the handler as RawBody; nil: the body is JSON.
	Files []string
	Shows Shown // what the example of the answer shows otherwise than a new object
	// Waits describes the answer 202 of an operation that may have to wait for a second person; nil: it never does.
	Waits *Waiting
	// Answers describes what is answered when it is not the JSON of the output's Body, by media type.
	Answers map[string]*huma.MediaType
}

// Waiting is what a description says of the answer 202: a zero value of its body, and what its example shows.
type Waiting struct {
	Body  any
	Shows Shown
}

// Accepted is what a handler gives in place of its answer when the call was taken and what it asks for is not done yet:
// 202 with a body of its own.
type Accepted struct{ Body any }

// Error is how a handler returns it.
func (a *Accepted) Error() string { return "gate: accepted, not done yet" }

// GetStatus is how the framework asks for it.
func (a *Accepted) GetStatus() int { return http.StatusAccepted }

// MarshalJSON writes the body alone.
func (a *Accepted) MarshalJSON() ([]byte, error) { return json.Marshal(a.Body) }

// NewAPI makes the framework's API over a mux, with the gate before each operation.
func (g *Gate) NewAPI(mux *http.ServeMux, doc *huma.OpenAPI) huma.API {
	huma.DefaultArrayNullable = false
	doc.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[wire.Time](), reflect.TypeFor[moment]())
	doc.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[problem.Answer](), reflect.TypeFor[wire.Problem]())
	return huma.NewAPI(huma.Config{
		OpenAPI:       doc,
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	}, &adapter{mux, g})
}

// moment describes wire.Time: a text, or null for never.
type moment struct{}

// Schema is how the framework asks for it.
func (moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// Add registers an operation at a door and describes it; Err tells what is wrong with it. The framework's own check of bodies is off: it reads
// numbers as floats, and the gate has done better.
func Add[I, O any](d *Door, route Route, handle func(context.Context, *I) (*O, error)) {
	add(d, route, handle, nil)
}

func add[I, O any](d *Door, route Route, handle func(context.Context, *I) (*O, error), short *shortcut) {
	if d.Scoped && !route.Scope.Known() {
		d.check(route, fmt.Errorf("it names no scope of keys (%q)", route.Scope))
		return
	}
	ad := admission{door: d, shape: body.Empty, room: route.Room, short: short, scope: route.Scope, whole: route.Whole, right: rightOf(route)}
	if f, ok := reflect.TypeFor[I]().FieldByName("Body"); ok {
		shape, err := body.ShapeOf(f.Type)
		d.check(route, err)
		ad.shape, ad.needBody = shape, true
	}
	ad.most, ad.files = route.Most, route.Files
	op := describe(d, route, ad)
	huma.Register(d.API, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		var later *Accepted
		if errors.As(err, &later) {
			return nil, later
		}
		if err != nil {
			return nil, refused(ctx, err)
		}
		return out, nil
	})
	if route.Files != nil {
		describeFiles(Operation(d.API.OpenAPI().Paths[route.Path], route.Method), route)
	}
	d.check(route, illustrate(d.API.OpenAPI(), route, op.DefaultStatus))
}

// rightOf is what a person must be allowed for a route.
func rightOf(r Route) access.Right {
	switch {
	case r.Right != "":
		return r.Right
	case r.Method == http.MethodGet:
		return access.SeePlatform
	}
	return access.HandleRegistry
}

// refused is an error of a handler as the framework writes it, with its headers.
func refused(ctx context.Context, err error) error {
	a, h := problem.From(ctx, err), http.Header{}
	problem.Headers(ctx, h, a)
	h.Del("Cache-Control") // The gate has set it already, and the framework adds to what is there.
	return huma.ErrorWithHeaders(a, h)
}
