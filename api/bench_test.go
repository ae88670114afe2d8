package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"tolom/access"
	"tolom/api"
	"tolom/bench"
	"tolom/engine"
	"tolom/flow"
	"tolom/notify"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// counter is a door with one shop and one PSP before a platform in memory, for benchmarks: the database costs almost
// nothing, so what is measured is the door, the use cases and the engine.
type counter struct {
	b          *testing.B
	handler    http.Handler
	shop, bank string // what they send as Authorization
	made       int
}

func newCounter(b *testing.B) *counter {
	b.Helper()
	w := world.System()
	memory := store.NewMemory(w.Clock)
	guard := access.New(memory, w.Clock)
	registry := flow.NewRegistry(memory, guard, w)
	site := wire.Site{Base: base, LinkBase: base + "/"}
	platform := flow.New(memory, engine.New(memory, w, engine.Config{Inline: true}), registry, w, flow.Config{Provider: provider, Site: site})
	c := &counter{b: b}
	var err error
	c.handler, err = api.New(api.Deps{
		Platform: platform, Access: guard, World: w, Metrics: prometheus.NewRegistry(), Hub: notify.NewHub(memory), Ping: memory.Ping,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Teller: notify.NewTeller(memory, memory, site, w.Clock),
		Endpoints: notify.NewEndpoints(memory.Endpoints(), memory, memory, notify.NewSender(world.Dialer{}.Transport(), w.Clock), w, notify.Config{}),
	})
	c.must(err)
	m, err := registry.AddMerchant(context.Background(), store.Merchant{Name: "Demo shop", MCC: "5411", Tariff: tariff.Tariff{Rate: 50, InterchangeRate: 20}})
	c.must(err)
	psp, err := registry.AddPSP(context.Background(), store.PSP{Name: "Demo wallet", BIC: "DEMOKG22"})
	c.must(err)
	_, key, err := registry.IssueKey(context.Background(), m.ID, "", "shop")
	c.must(err)
	c.shop = "Bearer " + key
	_, key, err = registry.IssueKey(context.Background(), psp.ID, "", "bank")
	c.must(err)
	c.bank = "Bearer " + key
	return c
}

func (c *counter) must(err error) {
	c.b.Helper()
	if err != nil {
		c.b.Fatal(err)
	}
}

// sink takes an answer, as a connection would, and can be used again.
type sink struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(p []byte) (int, error) { return s.body.Write(p) }

// call is a request made before the clock runs.
type call struct {
	r    *http.Request
	want int
}

func (c *counter) call(want int, path, authorization, body, key string) call {
	r, err := http.NewRequest(http.MethodPost, base+path, bytes.NewReader([]byte(body)))
	c.must(err)
	r.RequestURI = path
	r.Header.Set("Authorization", authorization)
	r.Header.Set("User-Agent", "bench")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return call{r, want}
}

func (c *counter) send(to *sink, out call) []byte {
	to.status = http.StatusOK
	clear(to.header)
	to.body.Reset()
	c.handler.ServeHTTP(to, out.r)
	if to.status != out.want {
		c.b.Fatalf("%s: %d %s", out.r.URL.Path, to.status, to.body.Bytes())
	}
	return to.body.Bytes()
}

// sale is a payment under way: what the shop and the bank know of it.
type sale struct{ request, name, payload, amount, payment string }

func (c *counter) request() call {
	c.made++
	name := "sale-" + strconv.Itoa(c.made)
	return c.call(http.StatusCreated, "/v1/payment-requests", c.shop, `{"amount":`+strconv.Itoa(100+c.made)+`,"description":"Coffee and cake","order_id":"`+name+`"}`, name)
}

func (c *counter) check(s sale) call {
	return c.call(http.StatusOK, "/psp/v1/check", c.bank, `{"payload":`+s.payload+`}`, "")
}

func (c *counter) create(s sale) call {
	return c.call(http.StatusCreated, "/psp/v1/payments", c.bank, fmt.Sprintf(
		`{"psp_payment_id":"%s","payload":%s,"amount":%s,"currency":"KGS","payer":{"key":"%[1]s","name_masked":"P*** 1","kind":"person"}}`, s.name, s.payload, s.amount), "")
}

func (c *counter) execute(s sale) call {
	return c.call(http.StatusOK, "/psp/v1/payments/"+s.payment+"/execute", c.bank, "", "")
}

// sold makes a sale and brings it up to a step: 1 asked for, 2 checked, 3 created.
func (c *counter) sold(to *sink, step int) (s sale) {
	asked := decoded[wire.PaymentRequest](c, c.send(to, c.request()))
	s = sale{request: asked.ID, name: "pay-" + strconv.Itoa(c.made), payload: jsonOf(asked.Payload), amount: strconv.FormatInt(asked.Amount, 10)}
	if step > 1 {
		c.send(to, c.check(s))
	}
	if step > 2 {
		s.payment = *decoded[wire.PSPPayment](c, c.send(to, c.create(s))).ID
	}
	return s
}

// BenchmarkCall measures each of the four calls of a payment alone. cpu-ns is what it took of the processors, which on a
// machine that others use too says more than the time that passed.
func BenchmarkCall(b *testing.B) {
	for _, step := range []struct {
		name string
		next func(c *counter, to *sink) call
	}{
		{"request", func(c *counter, to *sink) call { return c.request() }},
		{"check", func(c *counter, to *sink) call { return c.check(c.sold(to, 1)) }},
		{"create", func(c *counter, to *sink) call { return c.create(c.sold(to, 2)) }},
		{"execute", func(c *counter, to *sink) call { return c.execute(c.sold(to, 3)) }},
	} {
		b.Run(step.name, func(b *testing.B) {
			c, to := newCounter(b), &sink{header: http.Header{}}
			calls := make([]call, b.N)
			for i := range calls {
				calls[i] = step.next(c, to)
			}
			b.ReportAllocs()
			b.ResetTimer()
			began := bench.ProgramTime()
			for _, next := range calls {
				c.send(to, next)
			}
			b.ReportMetric(float64((bench.ProgramTime()-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

func decoded[T any](c *counter, text []byte) (out T) {
	c.b.Helper()
	c.must(json.Unmarshal(text, &out))
	return out
}
