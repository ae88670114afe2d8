package flow_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/pgtest"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// provider is our routing key in these tests.
const provider = "tolom.example"

// opening is when a simulated world begins.
var opening = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// place is a store to test over, with its world.
type place struct {
	name  string
	nodes int // processes over the one store; those of PostgreSQL race each other
	lanes int // of each
	store store.Store
	world world.World
	clock *world.Manual // nil on PostgreSQL, whose clock is the server's: nobody can move it
}

func memory(*testing.T) place {
	w, clock := world.Simulated(opening, 1)
	return place{"memory", 1, 1, store.NewMemory(clock), w, clock}
}

func sqlite(t *testing.T) place {
	w, clock := world.Simulated(opening, 1)
	return place{"SQLite", 1, 1, open(t, "sqlite:"+t.TempDir()+"/tolom.db", clock), w, clock}
}

func postgres(t *testing.T) place {
	return place{"PostgreSQL", 2, 4, open(t, pgtest.New(t), nil), world.System(), nil}
}

// everywhere is every kind of store there is.
var everywhere = []func(*testing.T) place{memory, sqlite, postgres}

// open opens a database that ends with the test.
func open(t *testing.T, dsn string, clock world.Clock) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// kit is a platform with two merchants and two PSPs.
type kit struct {
	place
	t         *testing.T
	ctx       context.Context
	platforms []*flow.Platform
	engines   []*engine.Engine
	platform  *flow.Platform // one of them, whose registry is the kit's
	registry  *flow.Registry
	fees      money.Amount // the platform's, before these people came
	shops     map[string]access.Merchant
	psps      map[string]access.PSP
	banks     map[string]id.ID // participants
}

// half is a tariff of half a percent, two fifths of it for the PSP, returned with refunds.
var half = tariff.Tariff{Rate: 50, InterchangeRate: 20, RefundsFee: true}

// newKit sets a platform up. Running, it has as many nodes as the place says and
// a goroutine for every lane, as in production; otherwise it is one node, and
// each call runs its own steps.
func newKit(t *testing.T, p place, running bool) *kit {
	t.Helper()
	k := &kit{place: p, t: t, ctx: context.Background(), shops: map[string]access.Merchant{}, psps: map[string]access.PSP{}, banks: map[string]id.ID{}}
	for n := range p.nodes {
		e := engine.New(p.store, p.world, engine.Config{Lanes: p.lanes, Full: 1, Inline: !running, Offset: n * p.lanes})
		k.engines = append(k.engines, e)
		k.registry = flow.NewRegistry(p.store, access.New(p.store, p.world.Clock), p.world)
		site := wire.Site{Base: "https://tolom.example", LinkBase: "https://pay.payqr.kg/"}
		k.platforms = append(k.platforms, flow.New(p.store, e, k.registry, p.world, flow.Config{Provider: provider, Site: site}))
		if running {
			k.run(e)
		}
	}
	k.platform = k.platforms[p.nodes-1]
	k.people()
	return k
}

// node gives the platform that serves the i-th of many callers.
func (k *kit) node(i int) *flow.Platform { return k.platforms[i%len(k.platforms)] }

// run drives the engine until the test ends.
func (k *kit) run(e *engine.Engine) {
	ctx, stop := context.WithCancel(k.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Run(ctx)
	}()
	k.t.Cleanup(func() {
		stop()
		<-ended
	})
}

// people brings two new merchants and three new PSPs, two of them of one participant.
func (k *kit) people() {
	k.fees = k.balance(ledger.Platform(ledger.Fees))
	for _, x := range [][2]string{{"shop", "Kafe Ala-Too"}, {"bazaar", "Osh Bazaar"}} { // in one order, so that a seed gives each the same id
		name, full := x[0], x[1]
		m, err := k.registry.AddMerchant(k.ctx, store.Merchant{Name: full, MCC: "5812", Tariff: half})
		k.must(err)
		k.shops[name] = access.Merchant{ID: m.ID}
	}
	bank, err := k.registry.AddParticipant(k.ctx, store.Participant{Name: "Blue Bank"})
	k.must(err)
	k.banks["bluebank"] = bank.ID
	for _, name := range []string{"blue", "azure", "green"} {
		participant := map[string]id.ID{"blue": bank.ID, "azure": bank.ID}[name]
		p, err := k.registry.AddPSP(k.ctx, store.PSP{Name: name, Participant: participant})
		k.must(err)
		k.psps[name] = access.PSP{ID: p.ID}
	}
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// print is what a door makes of a call: the digest of its target and body.
func print(target string, body any) string {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256([]byte(target + "\n" + string(text)))
	return hex.EncodeToString(sum[:])
}

// key is an idempotency key with the digest of the call it comes with.
func key(name, target string, body any) flow.Idempotency {
	return flow.Idempotency{Key: name, Fingerprint: print(target, body)}
}

// payable is what the platform owes a merchant.
func (k *kit) payable(shop string) money.Amount {
	k.t.Helper()
	b, _, err := k.platform.Balance(k.ctx, k.shops[shop])
	k.must(err)
	return b
}

// balanced fails the test unless the books sum to zero and the merchants'
// statements end with what the ledger owes them.
func (k *kit) balanced() {
	k.t.Helper()
	sum := k.balance(ledger.Platform(ledger.Fees)) - k.fees
	for _, p := range k.psps {
		for _, purpose := range []ledger.Purpose{ledger.Clearing, ledger.Interchange, ledger.Refunds} {
			sum += k.balance(ledger.Of(p.ID, purpose))
		}
	}
	for name, m := range k.shops {
		sum += k.payable(name)
		now := k.world.Clock.Now()
		s, err := k.platform.Statement(k.ctx, m, now.Add(-24*time.Hour), now.Add(24*time.Hour))
		k.must(err)
		if s.Closing != int64(k.payable(name)) {
			k.t.Fatalf("%s: the statement closes with %d, the ledger says %d", name, s.Closing, k.payable(name))
		}
		if s.Opening != 0 && now.Sub(m.ID.Time()) < 24*time.Hour {
			k.t.Fatalf("%s: the statement opens with %d before anything was paid", name, s.Opening)
		}
	}
	if sum != 0 {
		k.t.Fatalf("the books sum to %s", sum.Plain())
	}
}

func (k *kit) balance(a ledger.Account) money.Amount {
	k.t.Helper()
	b, err := k.store.Balance(k.ctx, a)
	k.must(err)
	return b
}

// code gives the code of a refusal, "" for none. Anything else than a refusal ends the test.
func (k *kit) code(err error) fault.Code {
	k.t.Helper()
	f := fault.From(err)
	switch {
	case f == nil:
		return ""
	case f.Kind() >= fault.Unavailable:
		k.t.Errorf("not a refusal: %v", err)
	}
	return f.Code
}

// standing says how a payment stands, "canceled (lost_race)".
func standing(p payment.Payment) string {
	if p.Reason == "" {
		return p.Status.String()
	}
	return p.Status.String() + " (" + string(p.Reason) + ")"
}

// registryWith is another node's registry, whose gate a test holds.
func (k *kit) registryWith(g *access.Gate) *flow.Registry {
	return flow.NewRegistry(k.store, g, k.world)
}
