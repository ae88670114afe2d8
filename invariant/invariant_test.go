package invariant_test

import (
	"errors"
	"strings"
	"testing"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/invariant"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// town is a platform with a shop and a PSP.
type town struct {
	t    *testing.T
	p    *flow.Platform
	shop access.Merchant
	psp  access.PSP
}

func newTown(t *testing.T, s store.Store) *town {
	r := flow.NewRegistry(s, access.New(s, system.Clock), system)
	site := wire.Site{Base: "https://tolom.example", LinkBase: "https://tolom.example/"}
	w := &town{t: t, p: flow.New(s, engine.New(s, system, engine.Config{Inline: true}), r, system, flow.Config{Provider: "tolom.example", Site: site})}
	m, err := r.AddMerchant(t.Context(), store.Merchant{Name: "Shop", MCC: "5812", Tariff: tariff.Tariff{Rate: 50, InterchangeRate: 20, RefundsFee: true}})
	must(t, err)
	psp, err := r.AddPSP(t.Context(), store.PSP{Name: "Bank"})
	must(t, err)
	w.shop, w.psp = access.Merchant{ID: m.ID}, access.PSP{ID: psp.ID}
	return w
}

func (w *town) ask(kind, order string) string {
	w.t.Helper()
	r, _, err := w.p.CreateRequest(w.t.Context(), w.shop, w.key(), wire.NewPaymentRequest{Kind: kind, Amount: 70_000, OrderID: order, Description: "tea"})
	must(w.t, err)
	return r.Payload
}

func (w *town) key() flow.Idempotency {
	name := string(world.NewID(system, id.Event, 0))
	return flow.Idempotency{Key: name, Fingerprint: name}
}

// create makes a payment that waits for its execute.
func (w *town) create(payload string) string {
	w.t.Helper()
	name := string(w.key().Key)
	_, err := w.p.Check(w.t.Context(), w.psp, wire.Check{Payload: payload})
	must(w.t, err)
	pay, _, err := w.p.CreatePayment(w.t.Context(), w.psp, wire.NewPSPPayment{
		PSPPaymentID: name, Payload: payload, Amount: 70_000, Currency: "KGS", Payer: wire.Payer{Key: name, NameMasked: "P*** A", Kind: "person"},
	}, name)
	must(w.t, err)
	return string(pay.ID)
}

func (w *town) pay(payload string) string {
	w.t.Helper()
	pay := w.create(payload)
	_, err := w.p.Execute(w.t.Context(), w.psp, pay)
	must(w.t, err)
	return pay
}

func (w *town) refund(pay string, amount int64, outcome string) {
	w.t.Helper()
	r, _, err := w.p.CreateRefund(w.t.Context(), w.shop, w.key(), pay, wire.NewRefund{Amount: amount, Reason: "cold", RefundRef: w.key().Key})
	must(w.t, err)
	if outcome != "" {
		_, err = w.p.AckRefund(w.t.Context(), w.psp, string(r.ID), wire.RefundAck{Outcome: outcome, Code: "closed"})
		must(w.t, err)
	}
}

// live goes through whatever can happen to a payment.
func (w *town) live() {
	static := w.ask("static", "")
	w.pay(static)
	w.create(static) // waits
	first := w.pay(w.ask("dynamic", w.key().Key))
	w.refund(first, 10_000, "credited")
	w.refund(first, 9_999, "rejected")
	w.refund(first, 5_001, "")
	raced := w.ask("dynamic", w.key().Key)
	w.create(raced) // loses
	w.pay(raced)
	canceled := w.create(w.ask("dynamic", ""))
	_, err := w.p.CancelPayment(w.t.Context(), w.psp, canceled)
	must(w.t, err)
	w.ask("dynamic", w.key().Key)
}

func TestWhateverAPlatformDoesIsSound(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			w := newTown(t, s)
			w.live()
			sequence(t, s)
			w.live() // told later
			report, _ := check(t, s)
			must(t, report.Err())
			if report.Payments != 12 || report.Refunds != 6 || report.Succeeded[w.psp.ID] != 6 || report.Requests != 10 {
				t.Errorf("the audit saw %+v", report)
			}
			if report.Positions == 0 || report.Waiting != report.Positions || report.Facts != 2*report.Positions {
				t.Errorf("half of the facts are numbered, the audit saw %+v", report)
			}
		})
	}
}

func TestAnAuditSaysWhatIsWrongInOneLineEach(t *testing.T) {
	s := everywhere[0].open(t)
	broken := sold()
	broken.Deltas[0].Amount--
	broken.keep(t, s)
	report, _ := check(t, s)
	err := report.Err()
	if err == nil || !strings.Contains(err.Error(), "tyiyn, its entries make ") || report.Sound() {
		t.Errorf("the report says: %v", err)
	}
}

func TestAnAuditThatCannotReadSaysSo(t *testing.T) {
	m := store.NewMemory(system.Clock)
	away := errors.New("away")
	m.Fault = func(store.Point) error { return away }
	if _, err := invariant.Check(t.Context(), m); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}
