package flow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

// town is a kit whose merchants have banks: shop and bazaar have one each, stall has
// none. PSP blue is of one bank, red of the other, green of no participant.
type town struct {
	*kit
	days    *flow.BusinessDays
	names   int
	refunds map[string][]payment.Refund // on their way, by PSP
	paid    []payment.Payment
}

// newTown sets a town up over a store, of which calls of business days may be broken on purpose.
func newTown(t *testing.T, p place, running bool) *town {
	t.Helper()
	w := &town{kit: newKit(t, p, running), refunds: map[string][]payment.Refund{}}
	w.days = w.daysOf(p.store, 2)
	for n, name := range []string{"shop", "bazaar"} {
		bank, err := w.registry.AddParticipant(w.ctx, store.Participant{Name: name + "'s bank", BIC: fmt.Sprintf("BANKKG2%d", n)})
		w.must(err)
		w.banks[name] = bank.ID
		m, err := w.registry.AddMerchant(w.ctx, store.Merchant{Name: name, MCC: "5812", Tariff: half, Participant: bank.ID, BankAccount: fmt.Sprint("10999", n), RefundOverdraft: 1000})
		w.must(err)
		w.shops[name] = access.Merchant{ID: m.ID}
	}
	m, err := w.registry.AddMerchant(w.ctx, store.Merchant{Name: "stall", MCC: "5812", Tariff: half})
	w.must(err)
	w.shops["stall"] = access.Merchant{ID: m.ID}
	for _, name := range []string{"blue", "red", "green"} {
		bank := map[string]id.ID{"blue": w.banks["shop"], "red": w.banks["bazaar"]}[name]
		psp, err := w.registry.AddPSP(w.ctx, store.PSP{Name: name, Participant: bank, BIC: "PSPKKG22"})
		w.must(err)
		w.psps[name] = access.PSP{ID: psp.ID}
	}
	return w
}

func (w *town) daysOf(kept flow.Ledgers, page int) *flow.BusinessDays {
	w.t.Helper()
	days, err := flow.NewDays(kept, w.engines[0], w.registry, w.world, flow.DaysConfig{Page: page, Facts: page})
	w.must(err)
	return days
}

func (w *town) name(what string) string {
	w.names++
	return fmt.Sprint(what, "-", w.names)
}

// pays has a payer of the PSP pay the shop.
func (w *town) pays(psp, shop string, amount int64) payment.Payment {
	w.t.Helper()
	in := wire.NewPaymentRequest{Amount: amount, Description: "goods"}
	r, _, err := w.platform.CreateRequest(w.ctx, w.shops[shop], key(w.name("key"), "create", in), in)
	w.must(err)
	p := w.create(psp, r, w.name("own"))
	p, err = w.platform.Execute(w.ctx, w.psps[psp], string(p.ID))
	w.must(err)
	w.paid = append(w.paid, p)
	return p
}

// wants has the shop ask for a refund; false when it is refused.
func (w *town) wants(p payment.Payment, amount int64) bool {
	w.t.Helper()
	in := wire.NewRefund{Amount: amount}
	r, _, err := w.platform.CreateRefund(w.ctx, access.Merchant{ID: p.Merchant}, key(w.name("key"), "refund", in), string(p.ID), in)
	if err != nil {
		w.code(err)
		return false
	}
	w.refunds[string(p.PSP)] = append(w.refunds[string(p.PSP)], r)
	return true
}

// gives has the PSP give back, or refuse to, the oldest refund on its way.
func (w *town) gives(psp string, back bool) bool {
	w.t.Helper()
	who := w.psps[psp]
	list := w.refunds[string(who.ID)]
	if len(list) == 0 {
		return false
	}
	w.refunds[string(who.ID)] = list[1:]
	in := wire.RefundAck{Outcome: "credited", PSPRefundID: w.name("back")}
	if !back {
		in = wire.RefundAck{Outcome: "rejected", Code: "account_closed"}
	}
	_, err := w.platform.AckRefund(w.ctx, who, string(list[0].ID), in)
	w.must(err)
	return true
}

// steps takes steps until there is nothing to do.
func (w *town) steps(days *flow.BusinessDays) {
	w.t.Helper()
	for range 10_000 {
		n, err := w.store.Sequence(w.ctx, 100)
		if err != nil && !errors.Is(err, store.ErrRetry) {
			w.t.Fatal(err)
		}
		did, err := days.Step(w.ctx)
		w.must(err)
		if n+did == 0 {
			return
		}
	}
	w.t.Fatal("the steps do not come to an end")
}

// ends has the day that is going on end, by the clock where it can be moved and by the operator elsewhere.
func (w *town) ends() settlement.Day {
	w.t.Helper()
	w.steps(w.days)
	date := w.next()
	if w.clock == nil {
		d, err := w.days.End(w.ctx, date)
		w.must(err)
		return d
	}
	cut, err := settlement.Timetable{}.CutOf(date)
	w.must(err)
	if wait := cut.Sub(w.clock.Now()); wait > 0 {
		w.clock.Advance(wait)
	}
	w.steps(w.days)
	d, err := w.days.Get(w.ctx, date)
	w.must(err)
	if d.Status != settlement.Closed {
		w.t.Fatalf("after all steps %s is %s, at %q", date, d.Status, d.Stage)
	}
	return d
}

// next is the date of the day that is going on.
func (w *town) next() string {
	w.t.Helper()
	last, err := w.days.List(w.ctx, "", 1)
	w.must(err)
	if len(last) > 0 {
		date, _, err := settlement.Timetable{}.After(last[0].Date)
		w.must(err)
		return date
	}
	first, err := w.store.Tail(w.ctx, 0, 1)
	w.must(err)
	if len(first) == 0 {
		w.t.Fatal("nothing has happened yet")
	}
	date, _, err := settlement.Timetable{}.First(first[0].Fact.At)
	w.must(err)
	return date
}

// settles has the central bank accept a day.
func (w *town) settles(date string) settlement.Day {
	w.t.Helper()
	d, err := w.days.MarkSubmitted(w.ctx, date, "file of "+date, "digest")
	w.must(err)
	d, err = w.days.Answer(w.ctx, date, flow.DayAnswer{Message: d.Message, Accepted: true})
	w.must(err)
	return d
}

// asksBanks has the files of settled days lie with the banks, which are asked for the payouts thereby.
func (w *town) asksBanks() {
	w.t.Helper()
	files := flow.NewFiles(w.days, w.store, w.store, w.world, clearingConfig)
	_, err := files.Plan(w.ctx)
	w.must(err)
	planned, err := files.List(w.ctx, store.FileFilter{Kind: flow.FileCredits, Status: store.FilePlanned, Limit: 1000})
	w.must(err)
	for _, f := range planned {
		f, err = files.Make(w.ctx, f)
		w.must(err)
		_, err = files.Delivered(w.ctx, f, "by hand")
		w.must(err)
	}
}

// sound fails the test unless every rule holds.
func (w *town) sound() {
	w.t.Helper()
	for {
		n, err := w.store.Sequence(w.ctx, 1000)
		w.must(err)
		if n == 0 {
			break
		}
	}
	report, err := invariant.Check(w.ctx, w.store)
	w.must(err)
	w.must(report.Err())
}

// payouts gives all payouts of a shop.
func (w *town) payouts(shop string) []settlement.Payout {
	w.t.Helper()
	out, err := w.days.MerchantPayouts(w.ctx, w.shops[shop].ID, "", 1000)
	w.must(err)
	return out
}

// netOf gives the net of a participant on a day.
func (w *town) netOf(date string, participant id.ID) money.Amount {
	w.t.Helper()
	positions, err := w.days.Positions(w.ctx, date)
	w.must(err)
	for _, p := range positions {
		if p.Participant == participant {
			return p.Net
		}
	}
	w.t.Fatalf("%s has no position on %s", participant, date)
	return 0
}

func (w *town) bank(name string) money.Amount {
	w.t.Helper()
	return w.balance(ledger.Of(w.banks[name], ledger.Bank))
}

// soon is a context of a test's own calls.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
