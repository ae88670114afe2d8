package archive_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/pgtest"
	"tolom/invariant"
	"tolom/jobs"
	"tolom/seal"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// child names what this program does when a test starts it again, to be killed.
const child = "TOLOM_ARCHIVE_CHILD"

func TestMain(m *testing.M) {
	if do := os.Getenv(child); do != "" {
		die(do)
	}
	pgtest.Main(m)
}

var (
	system  = world.System()
	sealKey = seal.NewPrivateKey([32]byte{4})
)

// place is a database to copy.
type place struct {
	name string
	dsn  func(t *testing.T) string
}

var places = []place{
	{"SQLite", func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/tolom.db" }},
	{"PostgreSQL", func(t *testing.T) string { return pgtest.New(t) }},
}

// database is an open one.
type database struct {
	store.Store
	store.Copier
	dsn string
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dsn string) database {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return database{s, s.(store.Copier), dsn}
}

// town is a platform with a shop and a PSP.
type town struct {
	t    *testing.T
	s    store.Store
	p    *flow.Platform
	shop access.Merchant
	psp  access.PSP
	seal jobs.Pass
}

func newTown(t *testing.T, s store.Store, w world.World) *town {
	t.Helper()
	r := flow.NewRegistry(s, access.New(s, w.Clock), w)
	site := wire.Site{Base: "https://tolom.example", LinkBase: "https://tolom.example/"}
	e := engine.New(s, w, engine.Config{Inline: true})
	c := &town{t: t, s: s, p: flow.New(s, e, r, w, flow.Config{Provider: "tolom.example", Site: site})}
	m, err := r.AddMerchant(t.Context(), store.Merchant{Name: "Кафе «Ала-Тоо»", MCC: "5812", Tariff: tariff.Tariff{Rate: 50, InterchangeRate: 20, RefundsFee: true}})
	must(t, err)
	psp, err := r.AddPSP(t.Context(), store.PSP{Name: "Bank"})
	must(t, err)
	c.shop, c.psp = access.Merchant{ID: m.ID}, access.PSP{ID: psp.ID}
	c.seal = jobs.Seal(s, func(context.Context) (seal.PrivateKey, error) { return sealKey, nil }, "tolom.example/facts", "node", w.Clock)
	return c
}

// pay makes a request and pays it. It may be called from several goroutines, and fails as calls do.
func (c *town) pay(ctx context.Context) (id.ID, error) {
	name := string(world.NewID(system, id.Event, 0))
	in := wire.NewPaymentRequest{Amount: 70_000, OrderID: name, Description: "Чай для Payer A", Metadata: map[string]string{"table": "7"},
		Extra: []wire.Extra{{Key: "guest", Value: "Payer A"}}}
	r, _, err := c.p.CreateRequest(ctx, c.shop, flow.Idempotency{Key: name, Fingerprint: name}, in)
	if err != nil {
		return "", err
	}
	pay, _, err := c.p.CreatePayment(ctx, c.psp, wire.NewPSPPayment{PSPPaymentID: name, Payload: r.Payload, Amount: 70_000,
		Payer: wire.Payer{Key: "key " + name, NameMasked: "P*** A", Kind: "person", BIC: "DEMOKG22"}}, name)
	if err != nil {
		return "", err
	}
	pay, err = c.p.Execute(ctx, c.psp, string(pay.ID))
	return pay.ID, err
}

// refund gives part of a payment back.
func (c *town) refund(pay id.ID, amount int64) {
	c.t.Helper()
	name := string(world.NewID(system, id.Event, 0))
	r, _, err := c.p.CreateRefund(c.t.Context(), c.shop, flow.Idempotency{Key: name, Fingerprint: name}, string(pay), wire.NewRefund{Amount: amount, Reason: "Payer A sent it back"})
	must(c.t, err)
	_, err = c.p.AckRefund(c.t.Context(), c.psp, string(r.ID), wire.RefundAck{Outcome: "credited"})
	must(c.t, err)
}

// live pays and refunds, numbers what happened and seals it.
func (c *town) live(payments int) {
	c.t.Helper()
	for n := range payments {
		pay, err := c.pay(c.t.Context())
		must(c.t, err)
		if n%3 == 0 {
			c.refund(pay, 10_000)
		}
	}
	c.sealed()
}

func (c *town) sealed() {
	c.t.Helper()
	for {
		n, err := c.s.Sequence(c.t.Context(), 1000)
		must(c.t, err)
		if n == 0 {
			break
		}
	}
	_, err := c.seal.Step(c.t.Context())
	must(c.t, err)
}

// sound holds a database against all rules, and its log against its checkpoints.
func sound(t *testing.T, s store.Store) invariant.Report {
	t.Helper()
	report, err := invariant.Check(t.Context(), s)
	must(t, err)
	must(t, report.Err())
	log, err := invariant.CheckTrail(t.Context(), s, invariant.TrailOptions{Keys: []seal.PublicKey{sealKey.Public()}})
	must(t, err)
	if !log.Sound() {
		t.Fatalf("the log: %v", log.Problems)
	}
	return report
}

// die is what the program does as a child, slowly.
func die(do string) {
	ctx := context.Background()
	s, err := store.Open(ctx, os.Getenv("CHILD_DB"), store.Options{})
	if err == nil {
		err = slowly(ctx, do, s.(store.Copier), os.Getenv("CHILD_FILE"))
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(3)
}

// crawl waits long enough that the parent sees how far the child is.
func crawl() { time.Sleep(20 * time.Millisecond) }
