package sandbox_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tolom/access"
	"tolom/api"
	"tolom/client"
	"tolom/engine"
	"tolom/flow"
	"tolom/notify"
	"tolom/sandbox"
	"tolom/seal"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// real is the bank before the real platform, in memory, with a merchant who sells.
type real struct {
	t        *testing.T
	clock    *world.Manual
	world    world.World
	journal  *sandbox.Memory
	faults   *sandbox.Faults
	bank     *sandbox.Bank
	merchant *client.Merchant
	pspKey   string
	signing  client.SigningKey
	signed   bool        // the bank signs instead of sending its key
	direct   *client.PSP // the bank's own way, for what a test asks
}

// bothWays runs a test with a bank that comes with its key, and with one that signs.
func bothWays(t *testing.T, test func(r *real)) {
	for name, signed := range map[string]bool{"with a key": false, "signed": true} {
		t.Run(name, func(t *testing.T) {
			r := newReal(t)
			r.signed = signed
			r.restart()
			test(r)
		})
	}
}

func newReal(t *testing.T) *real {
	t.Helper()
	w, clock := world.Simulated(start, 3)
	r := &real{t: t, clock: clock, world: w, journal: sandbox.NewMemory()}
	memory := store.NewMemory(clock)
	gate := access.New(memory, clock)
	registry := flow.NewRegistry(memory, gate, w)
	r.must(registry.FirstPlatformKey(t.Context()))
	site := wire.Site{Base: "http://platform", LinkBase: "http://platform/"}
	sender := notify.NewSender(world.Dialer{}.Transport(), clock)
	platform := flow.New(memory, engine.New(memory, w, engine.Config{Inline: true}), registry, w, flow.Config{Provider: "tolom.test", Site: site})
	door, err := api.New(api.Deps{
		Platform: platform, Recon: flow.NewReconciler(platform, memory),
		Access: gate, Teller: notify.NewTeller(memory, memory, site, clock), Hub: notify.NewHub(memory), Ping: memory.Ping,
		Endpoints: notify.NewEndpoints(memory.Endpoints(), memory, memory, sender, w, notify.Config{}),
		World:     w, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
		Ring: access.NewRing(access.StoredKeys(memory, clock), clock),
	})
	if err != nil {
		t.Fatal(err)
	}
	direct := client.Direct(door)
	merchantKey := r.seed(registry)
	r.merchant = client.New(site.Base, merchantKey, client.WithHTTP(direct), client.WithWorld(w)).Merchant()
	r.faults = sandbox.NewFaults(direct.Transport)
	r.restart()
	return r
}

func (r *real) seed(registry *flow.Registry) (merchantKey string) {
	ctx := context.Background()
	bank, err := registry.AddParticipant(ctx, store.Participant{Name: "Demo bank", BIC: "DEMOKG22"})
	r.must(err)
	shop, err := registry.AddMerchant(ctx, store.Merchant{Participant: bank.ID, Name: "Demo shop", MCC: "5411", Tariff: tariff.Tariff{Rate: 100}})
	r.must(err)
	place, err := registry.AddStore(ctx, store.Place{Merchant: shop.ID, Name: "Main store"})
	r.must(err)
	_, err = registry.AddTill(ctx, store.Till{Merchant: shop.ID, Store: place.ID, Name: "Till 1"})
	r.must(err)
	psp, err := registry.AddPSP(ctx, store.PSP{Participant: bank.ID, Name: "Demo wallet", BIC: "DEMOKG22"})
	r.must(err)
	_, merchantKey, err = registry.IssueKey(ctx, shop.ID, "", "shop")
	r.must(err)
	_, r.pspKey, err = registry.IssueKey(ctx, psp.ID, "", "psp")
	r.must(err)
	r.signing.Key = seal.NewPrivateKey([32]byte{1})
	public, err := r.signing.Key.Public().Text()
	r.must(err)
	registered, err := registry.AddPSPKey(ctx, store.PSPKey{PSP: psp.ID, Algorithm: string(seal.Ed25519), Public: public})
	r.must(err)
	r.signing.ID = string(registered.ID)
	return merchantKey
}

func (r *real) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *real) restart() {
	r.t.Helper()
	options := []client.Option{client.WithHTTP(&http.Client{Transport: r.faults}), client.WithWorld(r.world)}
	if r.signed {
		options = append(options, client.WithSigningKey(r.signing))
	}
	psp := client.New("http://platform", r.pspKey, options...).PSP()
	r.direct = psp
	bank, err := sandbox.New(sandbox.Config{PSP: psp, Journal: r.journal, Clock: r.clock, Entropy: r.world.Entropy,
		Payers: sandbox.DemoPayers(), Faults: r.faults, ReconcileEvery: 10 * time.Minute})
	r.must(err)
	r.bank = bank
}

func (r *real) sell(in wire.NewPaymentRequest) wire.PaymentRequest {
	r.t.Helper()
	made, err := r.merchant.CreateRequest(context.Background(), in)
	r.must(err)
	return made
}

func (r *real) psp() *client.PSP { return r.direct }

func (r *real) rest() {
	r.t.Helper()
	for range 5_000 {
		did, err := r.bank.Step(context.Background())
		r.must(err)
		waiting, err := r.merchant.Refunds(context.Background(), client.Filter{Status: "requested"})
		r.must(err)
		if did == 0 && r.bank.Totals().Open == 0 && len(waiting.Data) == 0 {
			return
		}
		if next := r.bank.NextAt(); did == 0 && next.After(r.clock.Now()) {
			r.clock.Set(next)
		}
	}
	r.t.Fatalf("the bank did not come to rest: %+v", r.bank.Totals())
}

// agree compares the bank's books with what the merchant reads: payments, refunds, and the balance less the fees.
func (r *real) agree() {
	r.t.Helper()
	ctx := context.Background()
	r.must(r.bank.Audit())
	totals := r.bank.Totals()
	var paid, fees, back int64
	for p, err := range client.All(ctx, client.Filter{Limit: 100}, r.merchant.Payments) {
		r.must(err)
		if p.Status == "success" {
			paid, fees = paid+p.Amount, fees+p.Fee
		}
	}
	for re, err := range client.All(ctx, client.Filter{Limit: 100}, r.merchant.Refunds) {
		r.must(err)
		if re.Status == "success" {
			back += re.Amount
		}
	}
	balance, err := r.merchant.Balance(ctx)
	r.must(err)
	if int64(totals.Captured) != paid || int64(totals.Refunded) != back || totals.Held != 0 || totals.Contradictions != 0 || balance.Payable != paid-fees-back {
		r.t.Fatalf("the bank says %+v; the merchant sees %d paid, %d fees, %d back, balance %d", totals, paid, fees, back, balance.Payable)
	}
}

func TestAPurchaseOnTheRealPlatform(t *testing.T) { bothWays(t, purchase) }

func purchase(r *real) {
	t, ctx := r.t, r.t.Context()
	request := r.sell(wire.NewPaymentRequest{Amount: 150_00, Description: "Tea & bread", Extra: []wire.Extra{{Key: "table", Label: "Table", Value: "7"}}})
	offer, err := r.bank.Scan(ctx, "payer-1", request.Link, 0)
	r.must(err)
	if o := offer.Offer; o.Amount != 150_00 || o.AmountEditable || o.Description != "Tea & bread" || len(o.Extra) != 1 || o.Merchant.Name == "" {
		t.Errorf("the offer is %+v", o)
	}
	paid, err := r.bank.Pay(ctx, offer.ID, 0)
	r.must(err)
	if paid.Stage != sandbox.Succeeded || paid.Receipt == "" || paid.Payment == "" {
		t.Fatalf("paid: %+v", paid)
	}
	seen, err := r.merchant.Request(ctx, request.ID)
	r.must(err)
	if seen.Status != "paid" || seen.PaidAmount != 150_00 {
		t.Errorf("the merchant sees %+v", seen)
	}
	_, err = r.merchant.CreateRefund(ctx, paid.Payment, wire.NewRefund{Amount: 50_00, Reason: "cold"})
	r.must(err)
	r.rest()
	r.agree()
	if got, _ := r.bank.Balance("payer-1"); got != 9_900_00 {
		t.Errorf("the payer has %v", got)
	}
}

func TestPayloadsAndLinksAreBothUnderstood(t *testing.T) {
	r := newReal(t)
	request := r.sell(wire.NewPaymentRequest{Kind: "static"})
	for _, text := range []string{request.Payload, request.Link, "elqr-demo://payqr.kg#" + request.Payload} {
		offer, err := r.bank.Scan(t.Context(), "payer-1", text, 0)
		r.must(err)
		paid, err := r.bank.Pay(t.Context(), offer.ID, 1_00)
		r.must(err)
		if paid.Stage != sandbox.Succeeded || !offer.Offer.AmountEditable {
			t.Errorf("%s: %+v", text, paid)
		}
	}
	r.agree()
}

func TestACanceledRequestGivesTheMoneyBack(t *testing.T) {
	r := newReal(t)
	request := r.sell(wire.NewPaymentRequest{Amount: 10_00})
	offer, err := r.bank.Scan(t.Context(), "payer-2", request.Link, 0)
	r.must(err)
	_, err = r.bank.Hold(t.Context(), offer.ID, 0)
	r.must(err)
	_, err = r.merchant.CancelRequest(t.Context(), request.ID)
	r.must(err)
	p, err := r.bank.Confirm(t.Context(), offer.ID)
	r.must(err)
	if got, _ := r.bank.Balance("payer-2"); p.Stage != sandbox.Canceled || p.Reason != "merchant" || got != 500_00 {
		t.Errorf("%+v, balance %v", p, got)
	}
	r.agree()
}

// TestFaultsAndKillsOnTheRealPlatform pays and refunds through every trouble the network can make, with the bank
// killed now and then, and compares both sides at rest.
func TestFaultsAndKillsOnTheRealPlatform(t *testing.T) { bothWays(t, faultsAndKills) }

func faultsAndKills(r *real) {
	t, ctx := r.t, r.t.Context()
	dice := rand.New(rand.NewPCG(1, 2))
	static := r.sell(wire.NewPaymentRequest{Kind: "static"})
	troubles := []sandbox.Trouble{sandbox.LoseReply, sandbox.LoseCall, sandbox.Twice}
	calls := []string{"create", "execute", "cancel", "state", "ack", "refunds", ""}
	for range 150 {
		r.must(r.faults.Add(sandbox.Fault{Trouble: troubles[dice.IntN(len(troubles))], Call: calls[dice.IntN(len(calls))], Times: 1 + dice.IntN(3)}))
		text := static.Link
		if dice.IntN(2) == 0 {
			text = r.sell(wire.NewPaymentRequest{Amount: 5_00, ExpiresIn: 40}).Link
		}
		offer, err := r.bank.Scan(ctx, "payer-3", text, 0)
		if err != nil {
			continue
		}
		p, err := r.bank.Pay(ctx, offer.ID, 5_00)
		r.must(err)
		if p.Stage == sandbox.Succeeded && dice.IntN(3) == 0 {
			_, err := r.merchant.CreateRefund(ctx, p.Payment, wire.NewRefund{Amount: 1_00})
			r.must(err)
		}
		_, err = r.bank.Step(ctx)
		r.must(err)
		r.clock.Advance(time.Duration(dice.IntN(5_000)) * time.Millisecond)
		if dice.IntN(4) == 0 {
			r.restart()
		}
	}
	r.faults.Clear()
	r.rest()
	r.agree()
	if got := r.bank.Totals(); got.Payments < 50 || got.Refunds < 10 {
		t.Errorf("too little happened to prove anything: %+v", got)
	}
}
