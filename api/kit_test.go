package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tolom/access"
	"tolom/api"
	"tolom/engine"
	"tolom/flow"
	"tolom/notify"
	"tolom/proposal"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// kit is a whole platform in memory, with the door before it, two merchants, a till and two PSPs.
type kit struct {
	reports   *flow.Reports
	person    proposal.Person // the member of staff of staff()
	t         *testing.T
	handler   http.Handler
	memory    *store.Memory
	clock     *world.Manual
	world     world.World
	registry  *flow.Registry
	sequencer *notify.Sequencer
	hub       *notify.Hub
	log       *bytes.Buffer
	closing   chan struct{}
	engine    *engine.Engine
	tick      chan time.Time
	routes    map[string][]string // documented codes by "METHOD /path"

	merchant                                         store.Merchant
	place                                            store.Place
	till                                             store.Till
	psp                                              store.PSP
	merchantKey, tillKey, otherKey, pspKey, otherPSP string
}

const (
	base     = "http://pay.test"
	login    = "operator"
	password = "correct horse battery"
	provider = "tolom.test"
	queue    = 16 // commands that may wait
)

var start = time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)

func newKit(t *testing.T, with ...func(*api.Deps)) *kit {
	t.Helper()
	w, clock := world.Simulated(start, 7)
	k := &kit{t: t, clock: clock, world: w, memory: store.NewMemory(clock), log: &bytes.Buffer{}, closing: make(chan struct{}), tick: make(chan time.Time)}
	k.sequencer, k.hub = notify.NewSequencer(k.memory), notify.NewHub(k.memory)
	k.handler, k.registry, k.engine = k.node(with...)
	k.seed()
	k.routes = k.documented()
	return k
}

// node is a door of its own over the kit's database, as another node has it.
func (k *kit) node(with ...func(*api.Deps)) (http.Handler, *flow.Registry, *engine.Engine) {
	k.t.Helper()
	guard := access.New(k.memory, k.clock)
	registry := flow.NewRegistry(k.memory, guard, k.world)
	site := wire.Site{Base: base, LinkBase: base + "/"}
	money := engine.New(k.memory, k.world, engine.Config{Inline: true, MaxQueue: queue})
	sender := notify.NewSender(world.Dialer{AllowPrivate: true}.Transport(), k.clock)
	deps := api.Deps{
		Platform: flow.New(k.memory, money, registry, k.world, flow.Config{Provider: provider, Site: site}), Access: guard,
		Teller: notify.NewTeller(k.memory, k.memory, site, k.clock), Hub: k.hub,
		Endpoints: notify.NewEndpoints(k.memory.Endpoints(), k.memory, k.memory, sender, k.world, notify.Config{AllowPrivate: true}),
		Ping:      k.memory.Ping, World: k.world, Log: slog.New(slog.NewJSONHandler(k.log, nil)), Metrics: prometheus.NewRegistry(),
		After: func(time.Duration) <-chan time.Time { return k.tick }, Closing: k.closing,
	}
	k.reports = flow.NewReports(k.memory, k.memory, registry, k.world, base)
	deps.Reports = k.reports
	deps.Recon, deps.Statements = flow.NewReconciler(deps.Platform, k.memory), flow.NewStatements(deps.Platform, k.memory)
	deps.Files = k.files(money, registry)
	deps.Days = k.businessDays(money, registry)
	for _, change := range with {
		change(&deps)
	}
	handler, err := api.New(deps)
	if err != nil {
		k.t.Fatal(err)
	}
	return handler, registry, money
}

func (k *kit) seed() {
	ctx, must := context.Background(), func(err error) {
		k.t.Helper()
		if err != nil {
			k.t.Fatal(err)
		}
	}
	bank, err := k.registry.AddParticipant(ctx, store.Participant{Name: "Demo bank", BIC: "DEMOKG22"})
	must(err)
	k.merchant, err = k.registry.AddMerchant(ctx, store.Merchant{Participant: bank.ID, Name: "Demo shop", MCC: "5411", BankAccount: "1091820181160101",
		Tariff: tariff.Tariff{Rate: 100, InterchangeRate: 40, RefundsFee: true}})
	must(err)
	other, err := k.registry.AddMerchant(ctx, store.Merchant{Participant: bank.ID, Name: "Other shop", MCC: "5411"})
	must(err)
	k.place, err = k.registry.AddStore(ctx, store.Place{Merchant: k.merchant.ID, Name: "Main store"})
	must(err)
	k.till, err = k.registry.AddTill(ctx, store.Till{Merchant: k.merchant.ID, Store: k.place.ID, Name: "Till 1"})
	must(err)
	k.psp, err = k.registry.AddPSP(ctx, store.PSP{Participant: bank.ID, Name: "Demo wallet", BIC: "DEMOKG22"})
	must(err)
	foreign, err := k.registry.AddParticipant(ctx, store.Participant{Name: "Other bank", BIC: "OTHRKG22"})
	must(err)
	second, err := k.registry.AddPSP(ctx, store.PSP{Participant: foreign.ID, Name: "Other wallet", BIC: "OTHRKG22"})
	must(err)
	_, k.merchantKey, err = k.registry.IssueKey(ctx, k.merchant.ID, "", "all")
	must(err)
	_, k.tillKey, err = k.registry.IssueKey(ctx, k.merchant.ID, k.till.ID, "till")
	must(err)
	_, k.otherKey, err = k.registry.IssueKey(ctx, other.ID, "", "other")
	must(err)
	_, k.pspKey, err = k.registry.IssueKey(ctx, k.psp.ID, "", "psp")
	must(err)
	_, k.otherPSP, err = k.registry.IssueKey(ctx, second.ID, "", "psp")
	must(err)
}

// hire registers the operator. It costs what a password should cost, so only tests that need one do it.
func (k *kit) hire() *kit {
	k.t.Helper()
	if _, err := k.registry.AddOperator(context.Background(), login, password); err != nil {
		k.t.Fatal(err)
	}
	return k
}

// ask is one request to the door.
type ask struct {
	method, path string
	body         string // as it is sent
	headers      map[string]string
}

// with adds a header.
func (a ask) with(name, value string) ask {
	all := map[string]string{name: value}
	for n, v := range a.headers {
		if _, given := all[n]; !given {
			all[n] = v
		}
	}
	a.headers = all
	return a
}

func get(path string) ask { return ask{method: http.MethodGet, path: path} }

func post(path, body string) ask {
	a := ask{method: http.MethodPost, path: path, body: body}
	if body != "" {
		return a.with("Content-Type", "application/json")
	}
	return a
}

// as names the caller.
func (a ask) as(key string) ask { return a.with("Authorization", "Bearer "+key) }

// keyed gives the idempotency key.
func (a ask) keyed(key string) ask { return a.with("Idempotency-Key", key) }

// reply is the answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (a ask) request() *http.Request {
	r := httptest.NewRequest(a.method, a.path, strings.NewReader(a.body))
	if a.body == "" {
		r = httptest.NewRequest(a.method, a.path, nil)
	}
	for name, value := range a.headers {
		r.Header.Set(name, value)
	}
	return r
}

// do sends a request, and holds every refusal to what the documents say of it.
func (k *kit) do(a ask) reply {
	k.t.Helper()
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, a.request())
	out := reply{w.Code, w.Header(), w.Body.Bytes()}
	if out.status >= 400 {
		k.refusal(a, out)
	}
	return out
}

func (k *kit) refusal(a ask, r reply) {
	k.t.Helper()
	p := decode[wire.Problem](k.t, r.body)
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		k.t.Errorf("%s %s: a refusal of type %q", a.method, a.path, got)
	}
	if p.Type != base+"/docs#error-"+p.Code || p.Status != r.status || p.RequestID != r.header.Get("X-Request-Id") || p.Title == "" {
		k.t.Errorf("%s %s: the problem does not fit its answer: %s", a.method, a.path, r.body)
	}
	codes, known := k.routes[a.method+" "+pattern(a.path)]
	if known && !slices.Contains(codes, p.Code) {
		k.t.Errorf("%s %s is refused with %s, which its documents do not name", a.method, a.path, p.Code)
	}
}

// pattern puts {id} back into a path.
func pattern(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.Contains(part, "_") && !strings.HasPrefix(part, "qr.") {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// documented reads the error codes of each operation from the OpenAPI document.
func (k *kit) documented() map[string][]string {
	out := map[string][]string{}
	for path, item := range k.openAPI().Paths {
		for method, op := range item {
			out[strings.ToUpper(method)+" "+path] = op.Codes
		}
	}
	return out
}

// description is the part of the OpenAPI document that tests look at.
type description struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string                     `json:"operationId"`
		Summary     string                     `json:"summary"`
		Codes       []string                   `json:"x-error-codes"`
		Security    []map[string][]string      `json:"security"`
		Responses   map[string]json.RawMessage `json:"responses"`
		RequestBody struct {
			Content map[string]struct {
				Example json.RawMessage `json:"example"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"paths"`
}

func (k *kit) openAPI() description {
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	return decode[description](k.t, w.Body.Bytes())
}

// want sends a request and wants a status.
func (k *kit) want(status int, a ask) reply {
	k.t.Helper()
	r := k.do(a)
	if r.status != status {
		k.t.Fatalf("%s %s %s: got %d %s, want %d", a.method, a.path, a.body, r.status, r.body, status)
	}
	return r
}

// refused sends a request and wants a refusal.
func (k *kit) refused(status int, code, param string, a ask) wire.Problem {
	k.t.Helper()
	r := k.do(a)
	p := wire.Problem{}
	if r.status >= 400 {
		p = decode[wire.Problem](k.t, r.body)
	}
	if r.status != status || p.Code != code || p.Param != param {
		body := a.body
		if len(body) > 200 {
			body = body[:200] + "…"
		}
		k.t.Errorf("%s %s %s\n got %d %s on %q (%s)\nwant %d %s on %q", a.method, a.path, body, r.status, p.Code, p.Param, p.Detail, status, code, param)
	}
	return p
}

func decode[T any](t *testing.T, text []byte) (out T) {
	t.Helper()
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return out
}

var keys int

// fresh gives an idempotency key that was not used yet.
func fresh() string {
	keys++
	return "key-" + strconv.Itoa(keys)
}

// sell makes a payment request.
func (k *kit) sell(body string) wire.PaymentRequest {
	k.t.Helper()
	return decode[wire.PaymentRequest](k.t, k.want(http.StatusCreated, post("/v1/payment-requests", body).as(k.merchantKey).keyed(fresh())).body)
}

// open begins a payment of a request.
func (k *kit) open(r wire.PaymentRequest, pspID string, amount int64) wire.PSPPayment {
	k.t.Helper()
	body := jsonOf(wire.NewPSPPayment{PSPPaymentID: pspID, Payload: r.Payload, Amount: amount, Currency: "KGS",
		Payer: wire.Payer{Key: pspID, NameMasked: "Payer A.", Kind: "person"}})
	return decode[wire.PSPPayment](k.t, k.want(http.StatusCreated, post("/psp/v1/payments", body).as(k.pspKey)).body)
}

func (k *kit) execute(id string) wire.PSPPayment {
	k.t.Helper()
	return decode[wire.PSPPayment](k.t, k.want(http.StatusOK, post("/psp/v1/payments/"+id+"/execute", "").as(k.pspKey)).body)
}

// paid makes a request and pays it.
func (k *kit) paid(amount int64) (wire.PaymentRequest, wire.PSPPayment) {
	k.t.Helper()
	r := k.sell(`{"amount":` + strconv.FormatInt(amount, 10) + `}`)
	return r, k.execute(*k.open(r, "paid-"+r.ID[3:], amount).ID)
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// tell numbers what happened and hints the streams.
func (k *kit) tell() {
	k.t.Helper()
	ctx := context.Background()
	if _, err := k.sequencer.Step(ctx); err != nil {
		k.t.Fatal(err)
	}
	if _, err := k.hub.Step(ctx); err != nil {
		k.t.Fatal(err)
	}
}

// balance reads the merchant's balance.
func (k *kit) balance() int64 {
	k.t.Helper()
	return decode[wire.Balance](k.t, k.want(http.StatusOK, get("/v1/balance").as(k.merchantKey)).body).Payable
}
