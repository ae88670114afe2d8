// Package api is the door for programs: the merchant, PSP and operator APIs over HTTP, their OpenAPI document, the
// documents to read, and what a machine asks about health and figures. Everything it serves comes from this process;
// no page of it names a foreign host.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"tolom/access"
	"tolom/api/docs"
	"tolom/api/gate"
	"tolom/api/merchant"
	"tolom/api/operator"
	"tolom/api/problem"
	"tolom/api/psp"
	"tolom/fault"
	"tolom/flow"
	"tolom/notify"
	"tolom/store"
	"tolom/world"
)

// Deps is what the door stands on. All but After, Draining and Closing are needed.
type Deps struct {
	Platform   *flow.Platform
	Recon      *flow.Reconciler // comparisons of books with PSPs
	Statements *flow.Statements // bank statements of merchants
	Files      *flow.Files      // files of closed days, and answers to them
	Reports    *flow.Reports    // what was ordered to be written down
	Access     *access.Gate
	Teller     *notify.Teller
	Hub        *notify.Hub
	Endpoints  *notify.Endpoints
	Ping       func(context.Context) error // whether the database answers, for /readyz
	World      world.World
	Log        *slog.Logger
	Metrics    *prometheus.Registry // served at /metrics; others may register their figures too
	// Days is what business days come to, for all three sides.
	Days *flow.BusinessDays
	// Ring signs the answers to PSPs and has the keys that are published; nil: answers are not signed.
	Ring *access.Ring
	// Trail has the hashes and checkpoints of the log of facts; nil publishes none.
	Trail store.Trail
	// Deeds has those of the log of what people did; nil publishes none.
	Deeds store.Trail
	// PSP is how PSPs must prove who they are; an empty Base is the platform's own.
	PSP psp.Policy
	// Proposals is four eyes; nil does at once whatever an operator asks for, and writes it down.
	Proposals *flow.Proposals
	// Rates bound how often a key may call; the zero value does not.
	Rates Rates
	// Proxies are the balancers before the platform, whose word on where a call came from is taken.
	Proxies access.Proxies
	// FileKeys says that the platform's keys come from a file, so the operator API does not make any.
	FileKeys bool
	// After is a timer, time.After when nil. It bounds waits for idempotency keys and paces streams.
	After func(time.Duration) <-chan time.Time
	// Draining is closed before Closing, when further calls should go to another node: /readyz says no. nil never is.
	Draining <-chan struct{}
	// Closing is closed when the server begins to shut down, so that streams end; nil never is.
	Closing <-chan struct{}
}

// Rates are how often one key may call, at each of the three doors.
type Rates struct{ Merchant, PSP, Operator gate.Rate }

// Paths are the patterns under which a mux should hand requests to the door.
var Paths = []string{"/v1/", "/psp/", "/operator/v1/", "/docs", "/docs/", "/openapi.json", "/openapi.yaml", "/livez", "/readyz", "/metrics", KeysPath, CheckpointPath, DeedsCheckpointPath, LogPath}

// KeysPath is where the platform's public keys are published, as a JWK Set.
const KeysPath = "/.well-known/jwks.json"

// New makes the handler of the door. An error says that the description of an operation contradicts itself.
func New(d Deps) (http.Handler, error) {
	if d.After == nil {
		d.After = time.After
	}
	mux := http.NewServeMux()
	g := &gate.Gate{
		Base: d.Platform.Site().Base, Log: d.Log, Entropy: d.World.Entropy, Clock: d.World.Clock, Figures: gate.NewFigures(d.Metrics), After: d.After,
	}
	if d.PSP.Base == "" {
		d.PSP.Base = g.Base
	}
	g.PSPBase = d.PSP.Base
	if d.Ring != nil {
		g.Seal = d.Ring
	}
	doc := document(g.Base)
	book := docs.Open(doc)
	api := g.NewAPI(mux, doc)
	err := errors.Join(mountMerchant(api, d), mountPSP(api, d), mountOperator(api, d), bound(doc))
	mountDocuments(mux, doc, book)
	mountHealth(mux, d)
	mountPublished(mux, d.Ring)
	mountCheckpoint(mux, CheckpointPath, d.Trail)
	mountCheckpoint(mux, DeedsCheckpointPath, d.Deeds)
	mountLog(mux, d)
	return g.Wrap(mux), err
}

func mountMerchant(api huma.API, d Deps) error {
	shop := &merchant.Shop{
		Statements: d.Statements, Platform: d.Platform, Teller: d.Teller, Hub: d.Hub, Endpoints: d.Endpoints, Clock: d.World.Clock, Tick: d.After, Closing: d.Closing,
	}
	door := &gate.Door{
		API: api, Tag: tagMerchant, Security: merchantKey, Verifier: merchant.Verifier(d.Access, d.Proxies), Challenge: `Bearer realm="tolom merchant"`, Keyed: true, Scoped: true,
		Rate: d.Rates.Merchant,
	}
	shop.Days, shop.Access = d.Days, d.Access
	shop.Reports = d.Reports
	shop.Mount(door)
	d.merchantReports().Mount(door)
	return door.Err()
}

func mountPSP(api huma.API, d Deps) error {
	counter := &psp.Counter{Platform: d.Platform, Recon: d.Recon, Files: d.Files}
	door := &gate.Door{
		API: api, Tag: tagPSP, Security: pspSignature, Verifier: psp.Verifier(d.Access, d.PSP), Challenge: `Bearer realm="tolom psp"`, Codes: gate.Proofs,
		Rate: d.Rates.PSP,
	}
	if !d.PSP.SignedOnly {
		door.OrSecurity = pspKey
	}
	counter.Days = d.Days
	counter.Mount(door)
	d.pspReports().Mount(door)
	return door.Err()
}

func mountOperator(api huma.API, d Deps) error {
	if d.Proposals == nil {
		d.Proposals = flow.NewProposals(d.Platform, false)
		if d.Recon != nil {
			d.Recon.Register(d.Proposals)
		}
		if d.Days != nil {
			d.Days.Register(d.Proposals)
		}
		if d.Files != nil {
			d.Files.Register(d.Proposals)
		}
	}
	desk := &operator.Desk{Registry: d.Platform.Registry(), Platform: d.Platform, Proposals: d.Proposals, Recon: d.Recon, FileKeys: d.FileKeys, Files: d.Files}
	door := &gate.Door{
		API: api, Tag: tagOperator, Security: operatorLogin, Verifier: operator.Verifier(d.Access, d.Proxies), Challenge: `Basic realm="tolom operator", charset="UTF-8"`,
		Rate: d.Rates.Operator, Staff: true,
	}
	if d.Access.DemandsSecondFactor() {
		door.Security, door.Challenge = operatorToken, `Bearer realm="tolom operator"`
	} else {
		door.OrSecurity = operatorToken
	}
	desk.Days = d.Days
	desk.Mount(door)
	d.centreReports().Mount(door)
	entrance := &gate.Door{API: api, Tag: tagOperator, Security: operatorLogin, Verifier: operator.Entrance(desk.Registry, d.Proxies), Challenge: `Basic realm="tolom operator", charset="UTF-8"`}
	(&operator.Sessions{Registry: desk.Registry, Access: d.Access}).Mount(entrance, door)
	return errors.Join(door.Err(), entrance.Err())
}

// mountDocuments serves the OpenAPI document as JSON and YAML, and the page made of it. Each is written when it is first
// asked for: all of them take longer than the rest of a node's start.
func mountDocuments(mux *http.ServeMux, doc *huma.OpenAPI, book *docs.Book) {
	serve(mux, "/openapi.json", "application/json", doc.MarshalJSON)
	serve(mux, "/openapi.yaml", "application/yaml", doc.YAML)
	serve(mux, "/docs", "text/html; charset=utf-8", book.Page)
	serve(mux, "/docs/style.css", "text/css; charset=utf-8", func() ([]byte, error) { return docs.Style, nil })
}

// pagePolicy lets the documents load their own style and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func serve(mux *http.ServeMux, path, contentType string, write func() ([]byte, error)) {
	written := sync.OnceValues(write)
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		content, err := written()
		if err != nil {
			problem.Write(w, r, fault.Wrap(fault.InternalError, err))
			return
		}
		etag := etagOf(content)
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("ETag", etag)
		h.Set("Cache-Control", "public, max-age=300")
		if strings.HasPrefix(contentType, "text/html") {
			h.Set("Content-Security-Policy", pagePolicy)
		}
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(content) // A reader that has gone needs no answer.
	})
}
