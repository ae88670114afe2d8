package flow_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// modelRun is a plain model beside the real thing: use cases, engine and a store.
type modelRun struct {
	*shopModel
	k        *kit
	t        *rapid.T
	shop     access.Merchant
	psps     map[string]access.PSP
	fees     money.Amount
	ids      map[any]id.ID // of what the model has
	payloads map[*askedFor]string
	refused  []refusedRefund
	made     int
	run      int
}

var pspNames = rapid.SampledFrom([]string{"blue", "green"})

func (r *modelRun) name(kind string) string {
	r.made++
	return fmt.Sprintf("%s-%d-%d", kind, r.run, r.made)
}

// agree compares the code of the real thing with the model's.
func (r *modelRun) agree(what string, err error, want fault.Code) bool {
	got := fault.Code("")
	if f := fault.From(err); f != nil {
		got = f.Code
	}
	if got != want {
		r.t.Fatalf("%s: refused with %q (%v), the model says %q", what, got, err, want)
	}
	return want == ""
}

// now is the time at which the store will decide; on PostgreSQL nobody can say it, but nothing ends there in a test.
func (r *modelRun) now() time.Time { return r.k.world.Clock.Now() }

func (r *modelRun) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){
		"": r.check, "ask": r.ask, "create": r.drawCreate, "create again": r.createAgain, "execute": r.drawExecute, "execute it": r.drawExecute,
		"cancel": r.drawCancel, "cancel by name": r.cancelByName, "merchant cancels": r.merchantCancels, "refund": r.drawRefund, "refund again": r.refundAgain, "ack": r.drawAck, "limit": r.limit,
	}
	if r.k.clock != nil {
		all["clock"] = func(t *rapid.T) {
			r.k.clock.Advance(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 31 * time.Second, 59 * time.Second, time.Minute}).Draw(t, "step"))
		}
	}
	return all
}

func (r *modelRun) ask(t *rapid.T) {
	r.t = t
	x := &askedFor{dynamic: rapid.Bool().Draw(t, "dynamic"), amount: money.Amount(1000 * rapid.Int64Range(1, 9).Draw(t, "thousands")), status: "active"}
	in := wire.NewPaymentRequest{Amount: int64(x.amount), Kind: "static"}
	if x.dynamic {
		in.Kind, in.ExpiresIn = "dynamic", 120
	}
	name := r.name("ask")
	made, _, err := r.k.platform.CreateRequest(r.k.ctx, r.shop, key(name, "ask", in), in)
	r.agree("ask", err, "")
	if rapid.IntRange(0, 2).Draw(t, "again") == 0 {
		again, replayed, err := r.k.platform.CreateRequest(r.k.ctx, r.shop, key(name, "ask", in), in)
		if r.agree("ask again", err, "") && (again.ID != made.ID || !replayed) {
			t.Fatalf("the same key made %s and then %s", made.ID, again.ID)
		}
		in.Amount++
		_, _, err = r.k.platform.CreateRequest(r.k.ctx, r.shop, key(name, "ask", in), in)
		r.agree("the same key for something else", err, fault.IdempotencyReused)
	}
	x.ends = made.ExpiresAt
	r.requests, r.ids[x], r.payloads[x] = append(r.requests, x), made.ID, made.Payload
}

// one draws one of a list, later ones more often.
func one[T any](t *rapid.T, what string, all []T) (T, bool) {
	if len(all) == 0 {
		var none T
		return none, false
	}
	if n := len(all); n > 3 && rapid.IntRange(0, 2).Draw(t, "old "+what) > 0 {
		all = all[n-3:]
	}
	return rapid.SampledFrom(all).Draw(t, what), true
}

func (r *modelRun) drawCreate(t *rapid.T) {
	r.t = t
	x, found := one(t, "request", r.requests)
	if !found {
		return
	}
	psp, payer := pspNames.Draw(t, "psp"), rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "payer")
	wrong := rapid.IntRange(0, 9).Draw(t, "wrong amount") == 0
	name, day := r.name("pay"), payment.DayOf(r.now())
	in := wire.NewPSPPayment{PSPPaymentID: name, Payload: r.payloads[x], Amount: int64(x.amount), Payer: wire.Payer{Key: payer}}
	if wrong {
		in.Amount++
	}
	p, code := r.create(x, psp, name, payer, wrong, day, r.now())
	made, repeated, err := r.k.platform.CreatePayment(r.k.ctx, r.psps[psp], in, print("payments", in))
	if r.agree("create", err, code) {
		if repeated {
			t.Fatal("a new name is answered as repeated")
		}
		if r.ids[p] = made.ID; r.k.clock == nil { // Its time is the server's.
			p.ends = made.ExpiresAt
		}
		if !made.ExpiresAt.Equal(p.ends) {
			t.Fatalf("it ends at %v, the model says %v", made.ExpiresAt, p.ends)
		}
	}
}

// createAgain repeats a create, as it was or with another payer.
func (r *modelRun) createAgain(t *rapid.T) {
	r.t = t
	p, found := one(t, "payment", r.payments)
	if !found {
		return
	}
	r.tick(p.of, r.now())
	in := wire.NewPSPPayment{PSPPaymentID: p.name, Payload: r.payloads[p.of], Amount: int64(p.of.amount), Payer: wire.Payer{Key: p.payer}}
	want := fault.Code("")
	if rapid.Bool().Draw(t, "other body") {
		in.Payer.Key, want = "somebody else", fault.PSPPaymentReused
	}
	again, repeated, err := r.k.platform.CreatePayment(r.k.ctx, r.psps[p.psp], in, print("payments", in))
	if r.agree("create again", err, want) && (!repeated || again.ID != r.ids[p] || standing(again) != p.status) {
		t.Fatalf("again it is %s %s (repeated: %v), want %s %s", again.ID, standing(again), repeated, r.ids[p], p.status)
	}
}

func (r *modelRun) drawExecute(t *rapid.T) {
	r.t = t
	p, found := one(t, "payment", r.payments)
	if !found {
		return
	}
	code := r.execute(p, r.now())
	got, err := r.k.platform.Execute(r.k.ctx, r.psps[p.psp], string(r.ids[p]))
	r.agree("execute", err, code)
	if standing(got) != p.status {
		t.Fatalf("execute answers %s, the model says %s", standing(got), p.status)
	}
}

func (r *modelRun) drawCancel(t *rapid.T) {
	r.t = t
	p, found := one(t, "payment", r.payments)
	if !found || rapid.IntRange(0, 2).Draw(t, "does") > 0 {
		return
	}
	code := r.cancel(p, r.now())
	_, err := r.k.platform.CancelPayment(r.k.ctx, r.psps[p.psp], string(r.ids[p]))
	r.agree("cancel", err, code)
}

// cancelByName cancels a payment by the PSP's name of it, or a name that nobody has used, whose create then comes.
func (r *modelRun) cancelByName(t *rapid.T) {
	r.t = t
	x, found := one(t, "request", r.requests)
	if !found || rapid.IntRange(0, 3).Draw(t, "does") > 0 {
		return
	}
	psp, name := pspNames.Draw(t, "psp"), r.name("grave")
	for range 2 {
		_, err := r.k.platform.CancelByPSPID(r.k.ctx, r.psps[psp], name)
		r.agree("cancel by name", err, "")
	}
	in := wire.NewPSPPayment{PSPPaymentID: name, Payload: r.payloads[x], Amount: int64(x.amount)}
	_, _, err := r.k.platform.CreatePayment(r.k.ctx, r.psps[psp], in, print("payments", in))
	r.agree("a create after its cancel", err, fault.PSPPaymentCanceled)
}

func (r *modelRun) merchantCancels(t *rapid.T) {
	r.t = t
	x, found := one(t, "request", r.requests)
	if !found || rapid.IntRange(0, 3).Draw(t, "does") > 0 {
		return
	}
	code := r.cancelRequest(x, r.now())
	_, _, err := r.k.platform.CancelRequest(r.k.ctx, r.shop, key(r.name("cancel"), "cancel", x.amount), string(r.ids[x]))
	r.agree("merchant cancels", err, code)
}

func (r *modelRun) drawRefund(t *rapid.T) {
	r.t = t
	p, found := one(t, "payment", r.payments)
	if !found {
		return
	}
	ref := rapid.SampledFrom([]string{"", "", "first", "second"}).Draw(t, "ref")
	amount := money.Amount(rapid.SampledFrom([]int64{0, 1, 333, 999, 1000, 4001, 9000, 9001}).Draw(t, "amount"))
	in := wire.NewRefund{Amount: int64(amount), RefundRef: ref}
	want, code := r.refund(p, ref, amount, r.now())
	once := key(r.name("refund"), "refund", in)
	got, _, err := r.k.platform.CreateRefund(r.k.ctx, r.shop, once, string(r.ids[p]), in)
	if code == fault.NotRefundable || code == fault.RefundTooLarge {
		r.refused = append(r.refused, refusedRefund{once, p, in, code})
	}
	if r.agree("refund", err, code) {
		if known, before := r.ids[want]; before && known != got.ID || got.Amount != want.amount {
			t.Fatalf("refunded %s %d, the model says %s %d", got.ID, got.Amount, known, want.amount)
		}
		r.ids[want] = got.ID
		in.Reason = "something else"
		_, _, err = r.k.platform.CreateRefund(r.k.ctx, r.shop, key(once.Key, "refund", in), string(r.ids[p]), in)
		r.agree("the same key for another refund", err, fault.IdempotencyReused)
	}
}

// refusedRefund is a refund that its key remembers as refused for ever.
type refusedRefund struct {
	key  flow.Idempotency
	of   *paidFor
	in   wire.NewRefund
	code fault.Code
}

// refundAgain repeats a refund that was refused: with its key it stays refused, whatever has become of the payment.
func (r *modelRun) refundAgain(t *rapid.T) {
	r.t = t
	x, found := one(t, "refusal", r.refused)
	if !found {
		return
	}
	r.tick(x.of.of, r.now())
	_, _, err := r.k.platform.CreateRefund(r.k.ctx, r.shop, x.key, string(r.ids[x.of]), x.in)
	r.agree("refund again", err, x.code)
}

// drawAck acknowledges a refund, now and then again and otherwise.
func (r *modelRun) drawAck(t *rapid.T) {
	r.t = t
	b, found := one(t, "refund", r.refunds)
	if !found {
		return
	}
	credited := rapid.IntRange(0, 3).Draw(t, "rejected") > 0
	word := map[bool]string{true: "credited", false: "rejected"}[credited]
	code := r.ack(b, credited)
	_, err := r.k.platform.AckRefund(r.k.ctx, r.psps[b.of.psp], string(r.ids[b]), wire.RefundAck{Outcome: word})
	r.agree("ack", err, code)
}

// limit sets a limit of the merchant's day or of a PSP's position, also below what is used, or takes it away.
func (r *modelRun) limit(t *rapid.T) {
	r.t = t
	if rapid.IntRange(0, 2).Draw(t, "does") > 0 {
		return
	}
	cap := money.Amount(rapid.SampledFrom([]int64{0, 1, 5_000, 12_999, 30_000}).Draw(t, "cap"))
	l := payment.Limits{Owner: r.shop.ID, Daily: cap}
	if psp := rapid.SampledFrom([]string{"", "blue", "green"}).Draw(t, "of"); psp == "" {
		r.daily = cap
	} else {
		l = payment.Limits{Owner: r.psps[psp].ID, NetDebit: cap}
		r.netDebit[psp] = cap
	}
	_, err := r.k.platform.SetLimits(r.k.ctx, l)
	r.agree("set limits", err, "")
}

// check compares everything with the model: states, balances, counters.
func (r *modelRun) check(t *rapid.T) {
	r.t = t
	for _, x := range r.requests {
		r.tick(x, r.now())
		got, err := r.k.platform.Request(r.k.ctx, r.shop, string(r.ids[x]))
		r.agree("read a request", err, "")
		paid, count := r.paid(x)
		if string(got.Status) != x.status || got.PaidAmount != paid || got.PaymentsCount != count {
			t.Fatalf("%s is %s, paid %d by %d payments, the model says %s, %d by %d", got.ID, got.Status, got.PaidAmount, got.PaymentsCount, x.status, paid, count)
		}
	}
	r.checkPayments(t)
	for _, b := range r.refunds {
		got, err := r.k.platform.Refund(r.k.ctx, r.shop, string(r.ids[b]))
		r.agree("read a refund", err, "")
		if string(got.Status) != b.status || got.Amount != b.amount {
			t.Fatalf("%s is %s of %d, the model says %s of %d", got.ID, got.Status, got.Amount, b.status, b.amount)
		}
	}
	r.checkBooks(t)
	r.checkLimits(t)
}

// checkPayments compares the payments, and asks for one in another's name.
func (r *modelRun) checkPayments(t *rapid.T) {
	for i, p := range r.payments {
		if i == 0 {
			other := map[string]string{"blue": "green", "green": "blue"}[p.psp]
			_, err := r.k.platform.PaymentState(r.k.ctx, r.psps[other], string(r.ids[p]))
			r.agree("another PSP reads a payment", err, fault.NotFound)
			_, err = r.k.platform.Request(r.k.ctx, r.k.shops["bazaar"], string(r.ids[p.of]))
			r.agree("another merchant reads a request", err, fault.NotFound)
		}
		got, err := r.k.platform.PaymentState(r.k.ctx, r.psps[p.psp], string(r.ids[p]))
		r.agree("read a payment", err, "")
		if standing(got) != p.status || got.Refunded != r.back(p, "success") || got.Refunding != r.back(p, "requested") || got.Refunded+got.Refunding > got.Amount {
			t.Fatalf("%s is %s with %d given back and %d on its way, the model says %s, %d, %d", got.ID, standing(got), got.Refunded, got.Refunding, p.status, r.back(p, "success"), r.back(p, "requested"))
		}
	}
}

func (r *modelRun) balance(t *rapid.T, a ledger.Account) money.Amount {
	b, err := r.k.store.Balance(r.k.ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (r *modelRun) checkBooks(t *rapid.T) {
	want := r.books()
	got := map[string]money.Amount{"payable": r.balance(t, ledger.Of(r.shop.ID, ledger.Payable)), "fees": r.balance(t, ledger.Platform(ledger.Fees)) - r.fees}
	for name, psp := range r.psps {
		for purpose, word := range map[ledger.Purpose]string{ledger.Clearing: "clearing ", ledger.Interchange: "interchange ", ledger.Refunds: "refunds "} {
			got[word+name] = r.balance(t, ledger.Of(psp.ID, purpose))
		}
	}
	var sum money.Amount
	for name, b := range got {
		if sum += b; b != want[name] {
			t.Fatalf("%s stands at %d, the model says %d", name, b, want[name])
		}
	}
	if sum != 0 || got["payable"] < 0 {
		t.Fatalf("the books sum to %d, the merchant is owed %d", sum, got["payable"])
	}
}

func (r *modelRun) checkLimits(t *rapid.T) {
	u, err := r.k.platform.Usage(r.k.ctx, r.shop.ID)
	if err != nil || r.daily > 0 && u.DailyUsed != r.usedToday(u.Day) {
		t.Fatalf("%d are used of the day, the model says %d; %v", u.DailyUsed, r.usedToday(u.Day), err)
	}
	for name, psp := range r.psps {
		u, err := r.k.platform.Usage(r.k.ctx, psp.ID)
		if err != nil || r.netDebit[name] > 0 && u.NetDebitUsed != r.position(name) {
			t.Fatalf("%d are used of the position of %s, the model says %d; %v", u.NetDebitUsed, name, r.position(name), err)
		}
	}
}

// TestAnyHistoryOnAnyStoreGoesAsThePlainModelSays lets a shop and two PSPs do anything, and holds every answer, state,
// balance and counter to the model. The memory store sees many histories, the databases a few.
func TestAnyHistoryOnAnyStoreGoesAsThePlainModelSays(t *testing.T) {
	for i, open := range everywhere {
		p := open(t)
		p.nodes = 1
		t.Run(p.name, func(t *testing.T) {
			k := newKit(t, p, false)
			checks(t, []string{"200", "10", "6"}[i])
			rapid.Check(t, func(rt *rapid.T) { rt.Repeat(newModelRun(k, rt).actions()) })
			audited, err := invariant.Check(k.ctx, k.store.(store.Auditor))
			if err != nil {
				t.Fatal(err)
			}
			if err := audited.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// checks sets how many histories rapid makes up, unless the command line says it.
func checks(t *testing.T, n string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	before := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Lookup("rapid.checks").Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Lookup("rapid.checks").Value.Set(before) })
}

// newModelRun brings new people, so that histories on one store do not meet.
func newModelRun(k *kit, rt *rapid.T) *modelRun {
	k.people()
	modelRuns++
	return &modelRun{shopModel: newShopModel(), k: k, t: rt, shop: k.shops["shop"], psps: map[string]access.PSP{"blue": k.psps["blue"], "green": k.psps["green"]},
		fees: k.fees, ids: map[any]id.ID{}, payloads: map[*askedFor]string{}, run: modelRuns}
}

// modelRuns tells the names of one history from those of another.
var modelRuns int
