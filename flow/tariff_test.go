package flow_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/tariff"
	"tolom/wire"
)

// sound holds everything that is kept against the rules, the prices among them.
func (k *kit) sound() {
	k.t.Helper()
	report, err := invariant.Check(k.ctx, k.store)
	k.must(err)
	if err := report.Err(); err != nil {
		k.t.Error(err)
	}
}

// put puts a version and lets every node hear of it.
func (k *kit) put(v tariff.Version) tariff.Version {
	k.t.Helper()
	v, err := k.registry.AddTariff(k.ctx, v)
	k.must(err)
	k.heard()
	return v
}

func (k *kit) heard() {
	for _, p := range k.platforms {
		p.Forget()
	}
}

func (k *kit) checked(psp string, r payment.Request, amount int64) wire.Checked {
	k.t.Helper()
	c, err := k.platform.Check(k.ctx, k.psps[psp], wire.Check{Payload: r.Payload, Amount: amount})
	k.must(err)
	return c
}

func (k *kit) try(psp string, r payment.Request, own string, fee *int64) (payment.Payment, error) {
	in := wire.NewPSPPayment{PSPPaymentID: own, Payload: r.Payload, Amount: int64(r.Amount), Payer: wire.Payer{Key: own}, Fee: fee}
	p, _, err := k.platform.CreatePayment(k.ctx, k.psps[psp], in, print("/psp/v1/payments", in))
	return p, err
}

func (k *kit) executed(psp string, p payment.Payment) payment.Payment {
	k.t.Helper()
	p, err := k.platform.Execute(k.ctx, k.psps[psp], string(p.ID))
	k.must(err)
	return p
}

// payer is a tariff of one percent, at least 1.00, that the payer bears, and a charge of 0.50 for a refund.
var payer = tariff.Tariff{Rate: 100, Min: 100, InterchangeRate: 40, RefundsFee: true, PayerBears: true, RefundCharge: 50}

func TestAPayerMayBearTheFee(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			k := newKit(t, p, p.nodes > 1)
			shop := k.shops["shop"].ID
			k.put(tariff.Version{Owner: shop, Tariff: payer})
			r := k.asked("lunch "+p.name, 30_001)
			if c := k.checked("blue", r, 0); c.Fee != 300 || c.FeeTerms == nil || *c.FeeTerms != (wire.FeeTerms{Rate: 100, Min: 100}) {
				t.Fatalf("the check says %d, %+v", c.Fee, c.FeeTerms)
			}
			wrong, agreed := int64(299), int64(300)
			if _, err := k.try("blue", r, "b0"+p.name, &wrong); k.code(err) != fault.FeeChanged {
				t.Fatalf("another fee than the payer was told: %v", err)
			}
			paid, err := k.try("blue", r, "b1"+p.name, &agreed)
			k.must(err)
			paid = k.executed("blue", paid)
			if paid.Surcharge != 300 || paid.Fee != 0 || paid.Interchange != 120 || paid.Tariff == "" {
				t.Fatalf("paid %+v", paid)
			}
			if owed, clears := k.payable("shop"), k.balance(ledger.Of(k.psps["blue"].ID, ledger.Clearing)); owed != 30_001 || clears != -30_301 {
				t.Fatalf("the merchant is owed %d, the PSP owes %d", owed, -clears)
			}
			k.refundPart(paid, 10_000, 99)
			k.refundPart(paid, 0, 300-99)
			if owed, clears := k.payable("shop"), k.balance(ledger.Of(k.psps["blue"].ID, ledger.Clearing)); owed != -100 || clears != 0 {
				t.Errorf("after all was refunded the merchant is owed %d, the PSP owes %d", owed, -clears)
			}
			k.balanced()
			k.sound()
		})
	}
}

// refundPart gives part of a payment back, and wants the PSP to be told what of the surcharge goes with it.
func (k *kit) refundPart(p payment.Payment, amount int64, fee money.Amount) {
	k.t.Helper()
	k.overdraw()
	in := wire.NewRefund{Amount: amount}
	r, _, err := k.platform.CreateRefund(k.ctx, k.shops["shop"], key(fmt.Sprint("refund ", amount, p.ID), "/refunds", in), string(p.ID), in)
	k.must(err)
	if r.SurchargeReturned != fee || r.Charge != 50 {
		k.t.Errorf("a refund of %d gives %d of the surcharge back, want %d; it costs %d", r.Amount, r.SurchargeReturned, fee, r.Charge)
	}
	_, err = k.platform.AckRefund(k.ctx, k.psps["blue"], string(r.ID), wire.RefundAck{Outcome: "credited"})
	k.must(err)
}

// overdraw lets the shop's refunds go below zero.
func (k *kit) overdraw() {
	m, err := k.registry.Merchant(k.ctx, k.shops["shop"].ID)
	k.must(err)
	m.RefundOverdraft = 1000
	k.must(k.store.Merchants().Put(k.ctx, m))
	k.heard()
}

func TestARefundThatIsRejectedCostsNothing(t *testing.T) {
	k := newKit(t, memory(t), false)
	k.put(tariff.Version{Owner: k.shops["shop"].ID, Tariff: tariff.Tariff{Rate: 100, RefundCharge: 70}})
	p := k.executed("blue", k.create("blue", k.asked("lunch", 10_000), "b1"))
	in := wire.NewRefund{Amount: 9_900}
	if _, _, err := k.platform.CreateRefund(k.ctx, k.shops["shop"], key("a", "/r", in), string(p.ID), in); k.code(err) != fault.InsufficientFunds {
		t.Fatalf("the balance holds the refund and not its charge: %v", err)
	}
	in.Amount = 9_830
	r, _, err := k.platform.CreateRefund(k.ctx, k.shops["shop"], key("b", "/r", in), string(p.ID), in)
	k.must(err)
	if owed := k.payable("shop"); owed != 0 || r.Charge != 70 {
		t.Errorf("asked for: owed %d, charged %d", owed, r.Charge)
	}
	_, err = k.platform.AckRefund(k.ctx, k.psps["blue"], string(r.ID), wire.RefundAck{Outcome: "rejected"})
	k.must(err)
	if owed := k.payable("shop"); owed != 9_900 {
		t.Errorf("rejected: owed %d", owed)
	}
	k.balanced()
	k.sound()
}

func TestWhoseVersionPricesAPayment(t *testing.T) {
	k := newKit(t, memory(t), false)
	shop := k.shops["shop"].ID
	fee := func() money.Amount {
		return k.create("blue", k.asked(fmt.Sprint("r", k.world.Clock.Now()), 10_000), fmt.Sprint("b", k.clock.Now().UnixNano())).Fee
	}
	steps := []struct {
		name string
		put  tariff.Version
		want money.Amount
	}{
		{"its record, from the beginning", tariff.Version{Owner: tariff.Centre, Tariff: tariff.Tariff{Rate: 300}}, 50},
		{"its own", tariff.Version{Owner: shop, Tariff: tariff.Tariff{Rate: 70}}, 70},
		{"its own ends: the centre's", tariff.Version{Owner: shop, Ends: true}, 300},
		{"its category's before the centre's", tariff.Version{Owner: tariff.Category("5812"), Tariff: tariff.Tariff{Rate: 200}}, 200},
		{"another category's is nothing to it", tariff.Version{Owner: tariff.Category("5411"), Tariff: tariff.Tariff{Rate: 10}}, 200},
		{"its own again", tariff.Version{Owner: shop, Tariff: tariff.Tariff{Rate: 60}}, 60},
	}
	for _, s := range steps {
		k.put(s.put)
		k.clock.Advance(time.Second)
		if got := fee(); got != s.want {
			t.Errorf("%s: a fee of %d, want %d", s.name, got, s.want)
		}
	}
	all, err := k.registry.Tariffs(k.ctx, shop)
	k.must(err)
	if len(all) != 4 || all[0].Tariff != half || all[3].Tariff.Rate != 60 {
		t.Errorf("its history is %+v", all)
	}
	k.sound()
}

func TestAScheduledVersionBeginsAtItsMomentOnEveryNode(t *testing.T) {
	k := newKit(t, sqlite(t), false)
	begins := k.clock.Now().Add(time.Hour)
	k.put(tariff.Version{Owner: k.shops["shop"].ID, Tariff: tariff.Tariff{Rate: 200}, ValidFrom: begins})
	price := func(name string, at time.Time) money.Amount {
		k.clock.Advance(at.Sub(k.clock.Now()))
		return k.create("blue", k.asked(name, 10_000), name).Fee
	}
	before, at := price("before", begins.Add(-time.Millisecond)), price("at", begins)
	if before != 50 || at != 200 {
		t.Errorf("a millisecond before it begins the fee is %d, then %d", before, at)
	}
	k.sound()
}

func TestWhatHasBegunIsNeverChanged(t *testing.T) {
	k := newKit(t, memory(t), false)
	shop, now := k.shops["shop"].ID, k.clock.Now()
	soon := k.put(tariff.Version{Owner: shop, Tariff: half, ValidFrom: now.Add(30 * time.Second)})
	later := k.put(tariff.Version{Owner: shop, Tariff: half, ValidFrom: now.Add(time.Hour)})
	for name, c := range map[string]struct {
		err   error
		param string
	}{
		"in the past":            {second(k.registry.AddTariff(k.ctx, tariff.Version{Owner: shop, Tariff: half, ValidFrom: now.Add(-time.Second)})), "valid_from"},
		"in a hundred years":     {second(k.registry.AddTariff(k.ctx, tariff.Version{Owner: shop, Tariff: half, ValidFrom: now.AddDate(100, 0, 0)})), "valid_from"},
		"at another's moment":    {second(k.registry.AddTariff(k.ctx, tariff.Version{Owner: shop, Tariff: payer, ValidFrom: later.ValidFrom})), "valid_from"},
		"of a category of words": {second(k.registry.AddTariff(k.ctx, tariff.Version{Owner: tariff.Category("cafe"), Tariff: half})), "mcc"},
		"with wrong numbers":     {second(k.registry.AddTariff(k.ctx, tariff.Version{Owner: shop, Tariff: tariff.Tariff{Rate: 10_001}})), "tariff"},
		"taken back too late":    {second(k.registry.WithdrawTariff(k.ctx, soon.ID)), "id"},
	} {
		if k.code(c.err) != fault.InvalidRequest || param(c.err) != c.param {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	nobody := id.New(id.Merchant, now, 1, id.Random{})
	if _, err := k.registry.AddTariff(k.ctx, tariff.Version{Owner: nobody, Tariff: half}); k.code(err) != fault.NotFound || param(err) != "merchant_id" {
		t.Errorf("of nobody: %v", err)
	}
	if _, err := k.registry.AddTariff(k.ctx, tariff.Version{Owner: shop, Tariff: half, Shares: []tariff.Share{{PSP: "psp_x", Rate: 1}}}); k.code(err) != fault.NotFound || param(err) != "psps" {
		t.Errorf("for a PSP that is not there: %v", err)
	}
	gone, err := k.registry.WithdrawTariff(k.ctx, later.ID)
	k.must(err)
	if gone.WithdrawnAt.IsZero() {
		t.Error("it was not withdrawn")
	}
	k.put(tariff.Version{Owner: shop, Tariff: payer, ValidFrom: later.ValidFrom}) // its moment is free again
}

func second[T any](_ T, err error) error { return err }

// Versions are put, by two nodes at once, while payments run on both. Each payment has
// one price, of one version, and the audit finds that the version held.
func TestAVersionIsPutWhilePaymentsRun(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			k := newKit(t, p, true)
			shop := k.shops["shop"].ID
			var payments [40]payment.Payment
			var wait sync.WaitGroup
			for n := range 4 {
				wait.Go(func() {
					for i := n; i < len(payments); i += 4 {
						payments[i] = k.paidSomewhere(i, n)
					}
				})
			}
			for n := range 2 {
				wait.Go(func() {
					for i := range 10 {
						v := tariff.Version{Owner: shop, Tariff: tariff.Tariff{Rate: int64(100 + 10*i + n), PayerBears: i%2 == 0, InterchangeRate: 50}}
						if _, err := k.node(n).Registry().AddTariff(k.ctx, v); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wait.Wait()
			seen := map[id.ID]tariff.Price{}
			for _, p := range payments {
				price := tariff.Price{Fee: p.Fee, Surcharge: p.Surcharge, Interchange: p.Interchange}
				if old, met := seen[p.Tariff]; met && old != price {
					t.Errorf("version %s made %+v and %+v of the same amount", p.Tariff, old, price)
				}
				seen[p.Tariff] = price
			}
			all, err := k.registry.Tariffs(k.ctx, shop)
			k.must(err)
			if len(all) != 21 {
				t.Errorf("%d versions of 20 that were put and the first", len(all))
			}
			k.sound()
		})
	}
}

// paidSomewhere checks and pays on any node. A PSP that tells its payer's fee pays that or nothing.
func (k *kit) paidSomewhere(i, n int) payment.Payment {
	r := k.asked(fmt.Sprint("race ", i, k.world.Clock.Now()), 10_000)
	for try := 0; ; try++ {
		c, err := k.node(i).Check(k.ctx, k.psps["blue"], wire.Check{Payload: r.Payload})
		if err != nil {
			k.t.Error(err)
			return payment.Payment{}
		}
		in := wire.NewPSPPayment{PSPPaymentID: fmt.Sprint("race-", r.ID, "-", try), Payload: r.Payload, Amount: int64(r.Amount), Fee: &c.Fee}
		in.PSPPaymentID = in.PSPPaymentID[:min(50, len(in.PSPPaymentID))]
		p, _, err := k.node(n).CreatePayment(k.ctx, k.psps["blue"], in, print("/psp/v1/payments", in))
		switch {
		case fault.Has(err, fault.FeeChanged):
			continue
		case err != nil:
			k.t.Error(err)
			return p
		case int64(p.Surcharge) != c.Fee:
			k.t.Errorf("the check said %d, the payment costs the payer %d", c.Fee, p.Surcharge)
		}
		return p
	}
}

func TestALimitOfAPositionCountsWhatIsPaidOnTop(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			k := newKit(t, p, p.nodes > 1)
			k.put(tariff.Version{Owner: k.shops["shop"].ID, Tariff: payer})
			before := k.executed("blue", k.create("blue", k.asked("before", 10_000), "p0"+p.name))
			waits := k.create("blue", k.asked("waits", 10_000), "p1"+p.name)
			_, err := k.platform.SetLimits(k.ctx, payment.Limits{Owner: k.psps["blue"].ID, NetDebit: 30_299})
			k.must(err)
			k.heard()
			if _, err := k.try("blue", k.asked("one too many", 10_000), "p2"+p.name, nil); k.code(err) != fault.LimitPSPPosition {
				t.Errorf("10,100 more than %d + %d of 30,299: %v", before.Amount+before.Surcharge, waits.Amount+waits.Surcharge, err)
			}
			if _, err := k.try("blue", k.asked("fits", 9_999), "p3"+p.name, nil); err != nil {
				t.Errorf("10,099 more: %v", err)
			}
			k.sound()
		})
	}
}
