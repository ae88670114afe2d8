package payment_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/books"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// model is a request, its payments and refunds told as plainly as possible: no
// draft, no facts, only what a person with pencil and paper would keep.
type model struct {
	dynamic  bool
	request  string
	ends     time.Time
	payments map[id.ID]*modelPayment
	refunds  map[id.ID]*modelRefund
}

type modelPayment struct {
	status      string
	psp, payer  id.ID
	amount, fee money.Amount
	ends        time.Time
}

type modelRefund struct {
	of     id.ID
	status string
	amount money.Amount
}

// tick lets the clock end what it ends.
func (m *model) tick(now time.Time) {
	over := m.request != "active" && m.request != "paused"
	if !over && !now.Before(m.ends) {
		m.request, over = "expired", true
	}
	for _, p := range m.payments {
		if p.status == "created" && (over || !now.Before(p.ends)) {
			p.status = "canceled (expired)"
		}
	}
}

func (m *model) each(status string, do func(*modelPayment)) (n int) {
	for _, p := range m.payments {
		if p.status == status {
			do(p)
			n++
		}
	}
	return n
}

func (m *model) create(name, psp, payer id.ID, amount, fee money.Amount, now time.Time) {
	if m.request != "active" || amount != price {
		return
	}
	own := 0
	live := m.each("created", func(p *modelPayment) {
		if p.psp == psp && p.payer == payer && payer != "" {
			own++
		}
	})
	if m.dynamic && live-own >= 20 {
		return
	}
	m.each("created", func(p *modelPayment) {
		if p.psp == psp && p.payer == payer && payer != "" {
			p.status = "canceled (superseded)"
		}
	})
	ends := now.Add(time.Minute)
	if m.ends.Before(ends) {
		ends = m.ends
	}
	m.payments[name] = &modelPayment{"created", psp, payer, amount, fee, ends}
}

func (m *model) execute(name, psp id.ID, suspended bool) {
	p := m.payments[name]
	switch {
	case p == nil || p.psp != psp || p.status != "created":
	case suspended:
		p.status = "error (merchant_suspended)"
	default:
		p.status = "success"
		if m.dynamic {
			m.request = "paid"
			m.each("created", func(p *modelPayment) { p.status = "canceled (lost_race)" })
		}
	}
}

func (m *model) cancel(name, psp id.ID) {
	if p := m.payments[name]; p != nil && p.psp == psp && p.status == "created" {
		p.status = "canceled (psp)"
	}
}

func (m *model) cancelRequest() {
	if m.request == "active" || m.request == "paused" {
		m.request = "canceled"
		m.each("created", func(p *modelPayment) { p.status = "canceled (merchant)" })
	}
}

func (m *model) turn(from, to string) {
	if !m.dynamic && m.request == from {
		m.request = to
	}
}

// left is what can still be refunded of a payment.
func (m *model) left(pay id.ID) money.Amount {
	p := m.payments[pay]
	if p == nil || p.status != "success" {
		return 0
	}
	left := p.amount
	for _, r := range m.refunds {
		if r.of == pay && r.status != "rejected" {
			left -= r.amount
		}
	}
	return left
}

func (m *model) refund(name, pay id.ID, amount money.Amount) {
	left := m.left(pay)
	if amount == 0 {
		amount = left
	}
	if amount > 0 && amount <= left {
		m.refunds[name] = &modelRefund{pay, "requested", amount}
	}
}

func (m *model) ack(name, psp id.ID, credited bool) {
	r := m.refunds[name]
	if r == nil || r.status != "requested" || m.payments[r.of].psp != psp {
		return
	}
	if r.status = "rejected"; credited {
		r.status = "success"
	}
}

// payable is what the merchant is owed: what was paid, less fees, less refunds
// that were not rejected, and the fee of what was given back.
func (m *model) payable() (sum money.Amount) {
	given := map[id.ID]money.Amount{}
	for _, r := range m.refunds {
		if r.status != "rejected" {
			sum -= r.amount
		}
		if r.status == "success" {
			given[r.of] += r.amount
		}
	}
	for name, p := range m.payments {
		if p.status == "success" {
			sum += p.amount - p.fee + p.fee*given[name]/p.amount
		}
	}
	return sum
}

// run is a model beside the real thing.
type run struct {
	model
	state    payment.State
	now      time.Time
	balances map[ledger.Account]money.Amount
	paid     money.Amount // the running total of a static request
	success  map[id.ID]int
	made     int
}

func newRun(kind payment.Kind) *run {
	return &run{
		model: model{kind == payment.Dynamic, "active", noon.Add(life), map[id.ID]*modelPayment{}, map[id.ID]*modelRefund{}},
		state: payment.State{Request: request(kind)}, now: noon, balances: map[ledger.Account]money.Amount{}, success: map[id.ID]int{},
	}
}

// decide lets the real thing decide and writes its facts into the books.
func (r *run) decide(t *rapid.T, c payment.Command) {
	d := payment.Decide(r.state, c, r.now)
	for i, p := range r.state.Payments {
		if after := apply(r.state, d).Payments[i]; p.Status.Final() && after.Status != p.Status {
			t.Fatalf("%s was %s and became %s", p.ID, status(p), status(after))
		}
	}
	r.state = apply(r.state, d)
	r.paid += d.Paid
	for _, f := range d.Facts {
		if f.Type == payment.PaymentSucceeded {
			r.success[f.Payment]++
		}
		deltas, err := ledger.Deltas(books.Transfer(f))
		if err != nil {
			t.Fatal(err)
		}
		for _, delta := range deltas {
			r.balances[delta.Account] += delta.Amount
		}
	}
}

// pick draws a payment, mostly one that is there, and its PSP, mostly the right one.
func (r *run) pick(t *rapid.T) (pay, psp id.ID) {
	if len(r.state.Payments) == 0 || rapid.IntRange(0, 19).Draw(t, "absent") == 0 {
		return "pay_absent", blue
	}
	p := rapid.SampledFrom(r.state.Payments).Draw(t, "payment")
	return p.ID, mostly(t, p.PSP)
}

// pickRefund does the same for refunds.
func (r *run) pickRefund(t *rapid.T) (refund, psp id.ID) {
	if len(r.state.Refunds) == 0 {
		return "re_absent", blue
	}
	b := rapid.SampledFrom(r.state.Refunds).Draw(t, "refund")
	return b.ID, mostly(t, b.PSP)
}

func mostly(t *rapid.T, psp id.ID) id.ID {
	if rapid.IntRange(0, 9).Draw(t, "another PSP") == 0 {
		return "psp_red"
	}
	return psp
}

// actions are all that may happen; after each of them check is run.
func (r *run) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){"": r.check}
	for _, some := range []map[string]func(*rapid.T){r.paying(), r.refunding(), r.asking()} {
		maps.Copy(all, some)
	}
	return all
}

// paying is what PSPs and the clock do.
func (r *run) paying() map[string]func(*rapid.T) {
	psps := rapid.SampledFrom([]id.ID{blue, green})
	return map[string]func(*rapid.T){
		"clock": func(t *rapid.T) {
			step := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Second, 29 * time.Second, time.Minute, life - 30*time.Second})
			r.now = r.now.Add(step.Draw(t, "step"))
		},
		"create": func(t *rapid.T) {
			r.made++
			name, psp := id.ID(fmt.Sprintf("pay_%d", r.made)), psps.Draw(t, "psp")
			payer := rapid.SampledFrom([]string{"", "", "", "a", "b"}).Draw(t, "payer")
			p := draftOf(name, psp, payer, rapid.SampledFrom([]money.Amount{price, price, price, price + 1}).Draw(t, "amount"))
			r.decide(t, payment.Create{Payment: p})
			r.tick(r.now)
			r.create(name, psp, id.ID(payer), p.Amount, p.Fee, r.now)
		},
		"execute": func(t *rapid.T) {
			name, psp := r.pick(t)
			suspended := rapid.IntRange(0, 9).Draw(t, "suspended") == 0
			r.decide(t, payment.Execute{Payment: name, PSP: psp, Suspended: suspended})
			r.tick(r.now)
			r.execute(name, psp, suspended)
		},
		"cancel": func(t *rapid.T) {
			if rapid.IntRange(0, 4).Draw(t, "does") > 0 {
				return // or few payments would succeed
			}
			name, psp := r.pick(t)
			r.decide(t, payment.Cancel{Payment: name, PSP: psp})
			r.tick(r.now)
			r.cancel(name, psp)
		},
	}
}

// refunding is what both do to money on its way back.
func (r *run) refunding() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"refund": func(t *rapid.T) {
			pay, _ := r.pick(t)
			amount := rapid.SampledFrom([]money.Amount{0, 1, 3_001, 4_999, 5_000, 5_000, 15_001}).Draw(t, "amount")
			r.made++
			name := id.ID(fmt.Sprintf("re_%d", r.made))
			back := refundOf(name, amount)
			back.Payment = pay
			r.decide(t, payment.RequestRefund{Refund: back})
			r.tick(r.now)
			r.refund(name, pay, amount)
		},
		"ack": func(t *rapid.T) {
			name, psp := r.pickRefund(t)
			credited := rapid.Bool().Draw(t, "credited")
			r.decide(t, payment.AckRefund{Refund: name, PSP: psp, Credited: credited})
			r.tick(r.now)
			r.ack(name, psp, credited)
		},
	}
}

// asking is what happens to the request itself.
func (r *run) asking() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"pause": func(t *rapid.T) {
			r.decide(t, payment.Pause{})
			r.tick(r.now)
			r.turn("active", "paused")
		},
		"resume": func(t *rapid.T) {
			r.decide(t, payment.Resume{})
			r.tick(r.now)
			r.turn("paused", "active")
		},
		"check or job": func(t *rapid.T) {
			r.decide(t, rapid.SampledFrom([]payment.Command{payment.Scan{}, payment.Expire{}}).Draw(t, "command"))
			r.tick(r.now)
		},
		"merchant cancels": func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "does") > 0 {
				return // or every run would end at once
			}
			r.decide(t, payment.CancelRequest{})
			r.tick(r.now)
			r.cancelRequest()
		},
	}
}

// check compares the real thing with the model and the books.
func (r *run) check(t *rapid.T) {
	if got := string(r.state.Request.Status); got != r.request {
		t.Fatalf("the request is %s, the model says %s", got, r.request)
	}
	if len(r.state.Payments) != len(r.payments) || len(r.state.Refunds) != len(r.refunds) {
		t.Fatalf("%d payments and %d refunds, the model has %d and %d", len(r.state.Payments), len(r.state.Refunds), len(r.payments), len(r.refunds))
	}
	for _, p := range r.state.Payments {
		if want := r.payments[p.ID]; status(p) != want.status || !p.ExpiresAt.Equal(want.ends) {
			t.Fatalf("%s is %s, the model says %s", p.ID, status(p), want.status)
		}
		if p.Refunded+p.Refunding+r.left(p.ID) != p.Amount && p.Status == payment.Succeeded {
			t.Fatalf("%s: %d given back, %d on its way, the model has %d left of %d", p.ID, p.Refunded, p.Refunding, r.left(p.ID), p.Amount)
		}
	}
	for _, b := range r.state.Refunds {
		if want := r.refunds[b.ID]; string(b.Status) != want.status || b.Amount != want.amount {
			t.Fatalf("%s is %s of %d, the model says %s of %d", b.ID, b.Status, b.Amount, want.status, want.amount)
		}
	}
	r.checkBooks(t)
}

func (r *run) checkBooks(t *rapid.T) {
	var sum, clearing, taken money.Amount
	for account, balance := range r.balances {
		if sum += balance; account.Purpose() == ledger.Clearing {
			clearing -= balance
		}
	}
	successes := 0
	for pay, n := range r.success {
		if n != 1 {
			t.Fatalf("%s succeeded %d times", pay, n)
		}
		successes++
		taken += r.payments[pay].amount
	}
	for _, b := range r.refunds {
		if b.status == "success" {
			clearing += b.amount
		}
	}
	switch got := r.balances[ledger.Of(shop, ledger.Payable)]; {
	case sum != 0:
		t.Fatalf("the books sum to %d", sum)
	case got != r.payable():
		t.Fatalf("the merchant is owed %d, the model says %d", got, r.payable())
	case clearing != taken:
		t.Fatalf("the PSPs owe %d before refunds, payments took %d", clearing, taken)
	case r.dynamic && successes > 1:
		t.Fatalf("a dynamic request was paid %d times", successes)
	case r.dynamic && (r.paid != 0 || r.state.Request.PaidAmount != taken), !r.dynamic && r.paid != taken:
		t.Fatalf("the request counts %d and %d, payments took %d", r.state.Request.PaidAmount, r.paid, taken)
	}
}

func TestAnyHistoryGoesAsThePlainModelSays(t *testing.T) {
	for _, kind := range []payment.Kind{payment.Dynamic, payment.Static} {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { t.Repeat(newRun(kind).actions()) })
		})
	}
}
