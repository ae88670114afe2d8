package web_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tolom/access"
	"tolom/clearing"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/tariff"
	"tolom/web"
	"tolom/wire"
	"tolom/world"
)

// shop is a merchant with a till on a platform in memory, and a payer's bank.
type shop struct {
	t        *testing.T
	platform *flow.Platform
	clock    *world.Manual
	pages    http.Handler
	merchant access.Merchant
	key      string // the till's
	bank     access.PSP
	log      *strings.Builder
	world    world.World
	memory   *store.Memory

	mu       sync.Mutex
	hints    map[id.ID][]chan struct{}
	payments int
}

// noon is 12:00 in Bishkek.
var noon = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

const base = "http://127.0.0.1:8080"

type option func(*web.Config)

func open(t *testing.T, options ...option) *shop {
	t.Helper()
	w, clock := world.Simulated(noon, 1)
	memory := store.NewMemory(w.Clock)
	gate := access.New(memory, w.Clock)
	registry := flow.NewRegistry(memory, gate, w)
	s := &shop{t: t, clock: clock, hints: map[id.ID][]chan struct{}{}, log: &strings.Builder{}, world: w, memory: memory}
	running := engine.New(memory, w, engine.Config{Inline: true})
	s.platform = flow.New(memory, running, registry, w,
		flow.Config{Provider: "elcart.kg", Site: wire.Site{Base: base, LinkBase: base + "/"}})
	s.enrol(registry)
	c := web.Config{Ring: ring(w), Trail: memory, Platform: s.platform, Gate: gate, Subscribe: s.subscribe, World: w, Log: slog.New(slog.NewTextHandler(s.log, nil)), DemoKey: s.key,
		Phone: "/phone", Apps: []web.App{{Name: "Demo Bank", Page: base + "/phone?link="}, {Name: "Demo Wallet", Scheme: "elqr-demo"}}}
	c.Recon, c.Statements = flow.NewReconciler(s.platform, memory), flow.NewStatements(s.platform, memory)
	c.Days = must(flow.NewDays(memory, running, registry, w, flow.DaysConfig{}))(t)
	c.Files = flow.NewFiles(c.Days, memory, memory, w, flow.FilesConfig{Centre: clearing.Bank{BIC: "TOLMKG22", Name: "Centre"}, CentralBank: clearing.Bank{BIC: "NBKGKG22", Name: "Central bank"}})
	c.Reports = flow.NewReports(memory, memory, registry, w, base)
	for _, o := range options {
		o(&c)
	}
	s.pages = web.New(c)
	return s
}

func (s *shop) enrol(r *flow.Registry) {
	ctx := context.Background()
	participant := must(r.AddParticipant(ctx, store.Participant{Name: "Demo Bank", BIC: "100001"}))(s.t)
	m := must(r.AddMerchant(ctx, store.Merchant{Participant: participant.ID, Name: "Кафе «Ала-Тоо»", NameLatin: "KAFE ALA-TOO", MCC: "5814",
		Tariff: tariff.Tariff{Rate: 50, RefundsFee: true}}))(s.t)
	place := must(r.AddStore(ctx, store.Place{Merchant: m.ID, Name: "Чүй проспекти"}))(s.t)
	till := must(r.AddTill(ctx, store.Till{Merchant: m.ID, Store: place.ID, Name: "Касса 1"}))(s.t)
	k, secret, err := r.IssueKey(ctx, m.ID, till.ID, "till")
	if err != nil {
		s.t.Fatal(err)
	}
	s.merchant, s.key = access.Merchant{ID: m.ID, Till: till.ID, Key: k.ID}, secret
	psp := must(r.AddPSP(ctx, store.PSP{Participant: participant.ID, Name: "Demo Bank", BIC: "100001"}))(s.t)
	s.bank = access.PSP{ID: psp.ID}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (s *shop) subscribe(request id.ID) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hints[request] = append(s.hints[request], c)
	return c, func() {}
}

// hint tells the streams of a request that something happened.
func (s *shop) hint(request id.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.hints[request] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// asks makes a payment request through the platform, as the API would.
func (s *shop) asks(in wire.NewPaymentRequest) payment.Request {
	s.t.Helper()
	r, _, err := s.platform.CreateRequest(context.Background(), s.merchant, flow.Idempotency{}, in)
	return must(r, err)(s.t)
}

// scans is a payer's app looking at the request.
func (s *shop) scans(r payment.Request) {
	s.t.Helper()
	must(s.platform.Check(context.Background(), s.bank, wire.Check{Payload: r.Payload}))(s.t)
	s.hint(r.ID)
}

// creates is a payer's bank that has not yet executed the payment.
func (s *shop) creates(r payment.Request, amount money.Amount) payment.Payment {
	s.t.Helper()
	s.payments++
	name := fmt.Sprint("p-", s.payments)
	p, _, err := s.platform.CreatePayment(context.Background(), s.bank, wire.NewPSPPayment{PSPPaymentID: name, Payload: r.Payload, Amount: int64(amount),
		Payer: wire.Payer{Key: name, NameMasked: "Payer A***"}, ReceiptID: "000417"}, name)
	return must(p, err)(s.t)
}

// pays is a payer paying the request from start to end.
func (s *shop) pays(r payment.Request, amount money.Amount) payment.Payment {
	s.t.Helper()
	p := s.creates(r, amount)
	paid := must(s.platform.Execute(context.Background(), s.bank, string(p.ID)))(s.t)
	s.hint(r.ID)
	return paid
}

// signingKey signs receipts.
var signingKey = seal.NewPrivateKey([32]byte{11})

func ring(w world.World) *access.Ring {
	return access.NewRing(func(context.Context) (access.PlatformKeys, error) {
		return access.PlatformKeys{Signing: signingKey, Published: []seal.PublicKey{signingKey.Public()}}, nil
	}, w.Clock)
}

// browser is one person's browser: it keeps cookies and speaks a language.
type browser struct {
	*shop
	lang    string
	cookies map[string]*http.Cookie
}

func (s *shop) browser(lang string) *browser {
	return &browser{s, lang, map[string]*http.Cookie{}}
}

// answer is what came back, its body as text.
type answer struct {
	*http.Response
	text string
}

func (b *browser) get(path string) answer { return b.send(httptest.NewRequest("GET", path, nil)) }

func (b *browser) post(path string, fields ...string) answer {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

func (b *browser) send(r *http.Request) answer {
	r.Header.Set("Accept-Language", b.lang)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.pages.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{w.Result(), string(body)}
}

// at gives the path that a form led to.
func (a answer) at(t *testing.T) string {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d, want 303; the page says: %s", a.StatusCode, plain(a.text))
	}
	return a.Header.Get("Location")
}

var hidden = regexp.MustCompile(`name="key" value="([^"]+)"`)

// formKey reads the hidden name of the form on a page.
func (a answer) formKey(t *testing.T) string {
	t.Helper()
	found := hidden.FindStringSubmatch(a.text)
	if found == nil {
		t.Fatal("the page has no form with a name")
	}
	return found[1]
}

var (
	tags   = regexp.MustCompile(`(?s)<(script|style|svg)\b.*?</(script|style|svg)>|<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\x{00a0}]+`)
)

// plain gives the words of a page as a person reads them.
func plain(page string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " "))
}

// says fails unless the page, read by a person, holds all of the texts.
func (a answer) says(t *testing.T, texts ...string) {
	t.Helper()
	words := plain(a.text)
	for _, text := range texts {
		if !strings.Contains(words, text) {
			t.Errorf("the page does not say %q; it says: %s", text, words)
		}
	}
}
