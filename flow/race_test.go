package flow_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/wire"
)

// Races are run on every store with the engine running as in production, and a
// few times each, since one run may happen not to race.
const runs = 5

// race runs a test on every store, each time with new merchants and PSPs.
func race(t *testing.T, test func(t *testing.T, k *kit, run int)) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			k := newKit(t, p, true)
			for run := range runs {
				k.people()
				test(t, k, run)
				k.balanced()
			}
		})
	}
}

// together does n things at once and gives what came of each.
func together[T any](n int, do func(i int) T) []T {
	out := make([]T, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			out[i] = do(i)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	return out
}

// asked makes a request of the shop.
func (k *kit) asked(name string, amount int64) payment.Request {
	k.t.Helper()
	in := wire.NewPaymentRequest{Amount: amount, Description: name}
	r, _, err := k.platform.CreateRequest(k.ctx, k.shops["shop"], key(name, "create", in), in)
	k.must(err)
	return r
}

// newPayment is the body of a create.
func newPayment(r payment.Request, own, payer string) wire.NewPSPPayment {
	return wire.NewPSPPayment{PSPPaymentID: own, Payload: r.Payload, Amount: int64(r.Amount), Payer: wire.Payer{Key: payer}}
}

func (k *kit) create(psp string, r payment.Request, own string) payment.Payment {
	k.t.Helper()
	in := newPayment(r, own, own)
	p, _, err := k.platform.CreatePayment(k.ctx, k.psps[psp], in, print("payments", in))
	k.must(err)
	return p
}

// success makes a request and has it paid.
func (k *kit) success(name string, amount int64) payment.Payment {
	k.t.Helper()
	p := k.create("blue", k.asked(name, amount), name)
	p, err := k.platform.Execute(k.ctx, k.psps["blue"], string(p.ID))
	k.must(err)
	return p
}

// end is how a payment came out of a race.
type end struct {
	payment payment.Payment
	code    fault.Code
}

func count[T any](list []T, is func(T) bool) (n int) {
	for _, x := range list {
		if is(x) {
			n++
		}
	}
	return n
}

func TestManyAppsExecuteOneRequest(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		before := k.payable("shop")
		r := k.asked(fmt.Sprint("lunch", run), 15_000)
		var open []payment.Payment
		for n := range 8 {
			open = append(open, k.create([]string{"blue", "green"}[n%2], r, fmt.Sprintf("p%d-%d", run, n)))
		}
		// Each is executed twice, as by a PSP that got no answer.
		ends := together(16, func(i int) end {
			n := i / 2 // on two nodes, where there are two
			p, err := k.node(i).Execute(k.ctx, k.psps[[]string{"blue", "green"}[n%2]], string(open[n].ID))
			return end{p, k.code(err)}
		})
		winners := map[id.ID]int{}
		for _, e := range ends {
			switch {
			case e.code == "" && e.payment.Status == payment.Succeeded:
				winners[e.payment.ID]++
			case e.code != fault.PaymentCanceled || e.payment.Reason != payment.ReasonLostRace:
				t.Errorf("%s: refused with %q, the payment is %s", e.payment.ID, e.code, standing(e.payment))
			}
		}
		for winner, n := range winners {
			if len(winners) != 1 || n != 2 {
				t.Errorf("%s won %d times, %d payments won", winner, n, len(winners))
			}
		}
		if got := k.payable("shop") - before; len(winners) != 1 || got != 14_925 {
			t.Errorf("%d payments won, the shop is owed %s", len(winners), got.Plain())
		}
	})
}

func TestSixteenRefundsOfOnePayment(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		k.success(fmt.Sprint("float", run), 100_000) // so that only the payment bounds the refunds
		p := k.success(fmt.Sprint("lunch", run), 15_000)
		before := k.payable("shop")
		codes := together(16, func(i int) fault.Code {
			in := wire.NewRefund{Amount: 2_000}
			_, _, err := k.node(i).CreateRefund(k.ctx, k.shops["shop"], key(fmt.Sprintf("back%d-%d", run, i), "refund", in), string(p.ID), in)
			return k.code(err)
		})
		made, refused := count(codes, func(c fault.Code) bool { return c == "" }), count(codes, func(c fault.Code) bool { return c == fault.RefundTooLarge })
		after, err := k.platform.Payment(k.ctx, k.shops["shop"], string(p.ID))
		k.must(err)
		if made != 7 || refused != 9 || after.Refunding != 14_000 || before-k.payable("shop") != 14_000 {
			t.Errorf("%d made and %d refused of 20.00 each of 150.00; %s on its way", made, refused, after.Refunding.Plain())
		}
	})
}

func TestRefundsOfManyPaymentsShareOneBalance(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		var paid []payment.Payment
		for n := range 8 {
			paid = append(paid, k.success(fmt.Sprintf("lunch%d-%d", run, n), 10_000))
		}
		before := k.payable("shop")
		codes := together(8, func(i int) fault.Code {
			in := wire.NewRefund{}
			_, _, err := k.node(i).CreateRefund(k.ctx, k.shops["shop"], key(fmt.Sprintf("all%d-%d", run, i), "refund", in), string(paid[i].ID), in)
			return k.code(err)
		})
		made := count(codes, func(c fault.Code) bool { return c == "" })
		poor := count(codes, func(c fault.Code) bool { return c == fault.InsufficientFunds })
		// Of 800.00 the fees took 4.00, so one refund of 100.00 finds too little.
		if made != 7 || poor != 1 {
			t.Errorf("%s were owed: %d refunds of 100.00 made, %d refused for want of balance", before.Plain(), made, poor)
		}
		if now := k.payable("shop"); now < 0 || now != before-money.Amount(made)*10_000 {
			t.Errorf("%s are owed after %d refunds of 100.00 from %s", now.Plain(), made, before.Plain())
		}
	})
}

func TestOneKeyManyTimesAtOnceMakesOneRequest(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		in := wire.NewPaymentRequest{Amount: 100, OrderID: fmt.Sprint("order", run)}
		type made struct {
			id       id.ID
			replayed bool
		}
		all := together(16, func(i int) made {
			r, replayed, err := k.node(i).CreateRequest(k.ctx, k.shops["shop"], key(fmt.Sprint("k", run), "create", in), in)
			if k.code(err) != "" {
				t.Errorf("refused: %v", err)
			}
			return made{r.ID, replayed}
		})
		first := count(all, func(m made) bool { return !m.replayed })
		if first != 1 || count(all, func(m made) bool { return m.id == all[0].id && m.id != "" }) != 16 {
			t.Errorf("%d of 16 made a request: %v", first, all)
		}
	})
}

func TestOneOrderUnderManyKeysMakesOneRequest(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		in := wire.NewPaymentRequest{Amount: 100, OrderID: fmt.Sprint("order", run)}
		codes := together(16, func(i int) fault.Code {
			_, _, err := k.node(i).CreateRequest(k.ctx, k.shops["shop"], key(fmt.Sprintf("k%d-%d", run, i), "create", in), in)
			return k.code(err)
		})
		slices.Sort(codes)
		if codes[0] != "" || count(codes, func(c fault.Code) bool { return c == fault.OrderTaken }) != 15 {
			t.Errorf("%v", codes)
		}
	})
}

func TestOneCreateManyTimesAtOnceMakesOnePayment(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		r := k.asked(fmt.Sprint("lunch", run), 15_000)
		in := newPayment(r, fmt.Sprint("p", run), "payer")
		type made struct {
			id       id.ID
			status   payment.Status
			repeated bool
		}
		all := together(16, func(i int) made {
			p, repeated, err := k.node(i).CreatePayment(k.ctx, k.psps["blue"], in, print("payments", in))
			if k.code(err) != "" {
				t.Errorf("refused: %v", err)
			}
			return made{p.ID, p.Status, repeated}
		})
		first := count(all, func(m made) bool { return !m.repeated })
		same := count(all, func(m made) bool { return m.id == all[0].id && m.status == payment.Created })
		if first != 1 || same != 16 {
			t.Errorf("%d made a payment, %d have the same: %v", first, same, all)
		}
	})
}

func TestOnePayerPaysFromManyWindows(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		r := k.asked(fmt.Sprint("lunch", run), 15_000)
		ids := together(16, func(i int) id.ID {
			in := newPayment(r, fmt.Sprintf("p%d-%d", run, i), "payer")
			p, _, err := k.node(i).CreatePayment(k.ctx, k.psps["blue"], in, print("payments", in))
			k.code(err)
			return p.ID
		})
		open := 0
		for _, pay := range ids {
			p, err := k.platform.PaymentState(k.ctx, k.psps["blue"], string(pay))
			if k.code(err); p.Status == payment.Created {
				open++
			} else if p.Reason != payment.ReasonSuperseded {
				t.Errorf("%s is %s", pay, standing(p))
			}
		}
		if open != 1 {
			t.Errorf("%d payments of one payer are open", open)
		}
	})
}

func TestAnExecuteRacesTheMerchantsCancel(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		before := k.payable("shop")
		r := k.asked(fmt.Sprint("lunch", run), 15_000)
		p := k.create("blue", r, fmt.Sprint("p", run))
		codes := together(2, func(i int) fault.Code {
			if i == 0 {
				_, err := k.node(i).Execute(k.ctx, k.psps["blue"], string(p.ID))
				return k.code(err)
			}
			_, _, err := k.node(i).CancelRequest(k.ctx, k.shops["shop"], key(fmt.Sprint("c", run), "cancel", nil), string(r.ID))
			return k.code(err)
		})
		p, err := k.platform.PaymentState(k.ctx, k.psps["blue"], string(p.ID))
		k.must(err)
		r, err = k.platform.Request(k.ctx, k.shops["shop"], string(r.ID))
		k.must(err)
		owed := k.payable("shop") - before
		paid := p.Status == payment.Succeeded && r.Status == payment.RequestPaid && owed == 14_925 && codes[0] == "" && codes[1] == fault.AlreadyPaid
		taken := standing(p) == "canceled (merchant)" && r.Status == payment.RequestCanceled && owed == 0 && codes[0] == fault.PaymentCanceled && codes[1] == ""
		if paid == taken {
			t.Errorf("%v: the payment is %s, the request %s, %s are owed", codes, standing(p), r.Status, owed.Plain())
		}
	})
}

func TestACreateRacesItsTombstone(t *testing.T) {
	race(t, func(t *testing.T, k *kit, run int) {
		r := k.asked(fmt.Sprint("lunch", run), 15_000)
		own := fmt.Sprint("p", run)
		ends := together(2, func(i int) end {
			if i == 0 {
				in := newPayment(r, own, "payer")
				p, _, err := k.node(i).CreatePayment(k.ctx, k.psps["blue"], in, print("payments", in))
				return end{p, k.code(err)}
			}
			p, err := k.node(i).CancelByPSPID(k.ctx, k.psps["blue"], own)
			return end{p, k.code(err)}
		})
		created, canceled := ends[0], ends[1]
		now, err := k.platform.PaymentByPSPID(k.ctx, k.psps["blue"], own)
		k.must(err)
		tombstone := created.code == fault.PSPPaymentCanceled && canceled.payment.ID == "" && now.ID == ""
		taken := created.code == "" && canceled.payment.ID == created.payment.ID && now.ID == created.payment.ID
		if tombstone == taken || canceled.code != "" || standing(now) != "canceled (psp)" {
			t.Errorf("create: %q %s, cancel: %q %s, now %s", created.code, standing(created.payment), canceled.code, standing(canceled.payment), standing(now))
		}
	})
}
