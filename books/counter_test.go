package books

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/fault"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// The owners of limits. Their kinds are read from their ids, so these are whole.
var (
	store  = id.New(id.Merchant, time.UnixMilli(1), 1, id.Random{1})
	wallet = id.New(id.PSP, time.UnixMilli(1), 2, id.Random{2})
	app    = id.New(id.PSP, time.UnixMilli(1), 3, id.Random{3})
	centre = id.New(id.Participant, time.UnixMilli(1), 4, id.Random{4})
)

// noon is a moment of the day 2026-11-24 in Bishkek.
var noon = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// capped gives everybody every limit; wallet belongs to the participant.
func capped() payment.Caps {
	return payment.Caps{
		Limits: map[id.ID]payment.Limits{
			store:  {Owner: store, Daily: 1000},
			wallet: {Owner: wallet, Daily: 2000, NetDebit: 3000},
			centre: {Owner: centre, Daily: 4000, NetDebit: 5000},
		},
		Participants: map[id.ID]id.ID{wallet: centre},
	}
}

func paymentOf(psp id.ID, status payment.Status, amount money.Amount) payment.Payment {
	return payment.Payment{ID: "pay_1", Merchant: store, PSP: psp, Status: status, Amount: amount, CreatedAt: noon}
}

func TestWhatAPaymentMovesInCounters(t *testing.T) {
	absent, refunded := payment.Payment{}, paymentOf(wallet, payment.Succeeded, 100)
	refunded.Refunded = 30
	for _, c := range []struct {
		name            string
		before, after   payment.Payment
		daily, position money.Amount
	}{
		{"a create reserves", absent, paymentOf(wallet, payment.Created, 100), 100, 100},
		{"an execute keeps", paymentOf(wallet, payment.Created, 100), paymentOf(wallet, payment.Succeeded, 100), 0, 0},
		{"an end without payment releases", paymentOf(wallet, payment.Created, 100), paymentOf(wallet, payment.Canceled, 100), -100, -100},
		{"a failure releases", paymentOf(wallet, payment.Created, 100), paymentOf(wallet, payment.Failed, 100), -100, -100},
		{"waiting for another provider keeps", paymentOf(wallet, payment.Created, 100), paymentOf(wallet, payment.InProcess, 100), 0, 0},
		{"a refund lowers the position alone", paymentOf(wallet, payment.Succeeded, 100), refunded, 0, -30},
		{"a refund that is asked for moves nothing", refunded, refunded, 0, 0},
	} {
		got := map[ledger.Account]money.Amount{}
		for _, step := range Counters(capped(), []payment.Payment{c.before}, []payment.Payment{c.after}) {
			got[step.Account] = step.Used
		}
		for _, owner := range []id.ID{store, wallet, centre} {
			if used := got[ledger.OfDay(owner, "2026-11-24")]; used != c.daily {
				t.Errorf("%s: the day of %s moves by %d, want %d", c.name, owner, used, c.daily)
			}
			if used := got[ledger.Of(owner, ledger.Position)]; owner != store && used != c.position {
				t.Errorf("%s: the position of %s moves by %d, want %d", c.name, owner, used, c.position)
			}
		}
	}
}

func TestLimitsAreJudgedInTheirOrder(t *testing.T) {
	var codes []fault.Code
	for _, step := range Counters(capped(), nil, []payment.Payment{paymentOf(wallet, payment.Created, 1)}) {
		codes = append(codes, step.Refusal)
	}
	want := []fault.Code{fault.LimitMerchantDaily, fault.LimitPSPDaily, fault.LimitParticipantDaily, fault.LimitPSPPosition, fault.LimitParticipantPosition}
	if !slices.Equal(codes, want) {
		t.Errorf("got %v, want %v", codes, want)
	}
}

func TestCountersThatAreNotKept(t *testing.T) {
	created := []payment.Payment{paymentOf(app, payment.Created, 1)}
	if got := Counters(payment.Caps{}, nil, created); got != nil {
		t.Errorf("without limits %v moves", got)
	}
	if got := Counters(capped(), nil, created); len(got) != 1 || got[0].Account.Code != string(store)+":daily-2026-11-24" {
		t.Errorf("through an app without limits %v moves", got)
	}
	caps := capped()
	caps.Limits[store] = payment.Limits{Owner: store, Daily: 5, CountedFrom: noon.Add(time.Millisecond)}
	if got := Counters(caps, nil, created); len(got) != 0 {
		t.Errorf("of a payment before the counting began %v moves", got)
	}
}

func TestAnEndReleasesTheDayOfTheCreation(t *testing.T) {
	night := time.Date(2026, 11, 24, 17, 59, 59, 0, time.UTC)
	old, fresh := paymentOf(app, payment.Created, 40), paymentOf(app, payment.Created, 50)
	old.CreatedAt, fresh.ID, fresh.CreatedAt = night, "pay_2", night.Add(time.Second)
	ended := old
	ended.Status = payment.Canceled
	var got []string
	for _, step := range Counters(capped(), []payment.Payment{old}, []payment.Payment{ended, fresh}) {
		got = append(got, fmt.Sprint(step.Account.Code[len(store):], " ", int64(step.Used)))
	}
	if want := []string{":daily-2026-11-24 -40", ":daily-2026-11-25 50"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestCountersAreTheSumOfThePayments plays any changes of many payments and
// compares what the counters were moved to with a plain sum over the payments.
func TestCountersAreTheSumOfThePayments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used := map[ledger.Account]money.Amount{}
		all := map[id.ID]payment.Payment{}
		for range rapid.IntRange(1, 30).Draw(t, "changes") {
			var before, changed []payment.Payment
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]id.ID{"pay_1", "pay_2", "pay_3", "pay_4"}), 1, 3, rapid.ID).Draw(t, "payments") {
				if p, known := all[name]; known {
					before = append(before, p)
				}
				all[name] = changedOf(t, all[name], name)
				changed = append(changed, all[name])
			}
			for _, step := range Counters(capped(), before, changed) {
				used[step.Account] += step.Used
			}
		}
		want := map[ledger.Account]money.Amount{}
		for _, p := range all {
			weigh(want, p)
		}
		for account, sum := range want {
			if used[account] != sum {
				t.Fatalf("%s counts %d, the payments make %d", account.Code, used[account], sum)
			}
		}
	})
}

// changedOf makes a payment or changes one as the rules may.
func changedOf(t *rapid.T, p payment.Payment, name id.ID) payment.Payment {
	switch {
	case p.ID == "":
		p = paymentOf(rapid.SampledFrom([]id.ID{wallet, app}).Draw(t, "psp"), payment.Created, money.Amount(rapid.IntRange(1, 100).Draw(t, "amount")))
		p.ID, p.CreatedAt = name, noon.Add(time.Duration(rapid.IntRange(-30, 30).Draw(t, "hours"))*time.Hour)
	case p.Status == payment.Created:
		p.Status = rapid.SampledFrom([]payment.Status{payment.Succeeded, payment.Canceled, payment.Failed, payment.InProcess}).Draw(t, "status")
	case p.Status == payment.Succeeded:
		p.Refunded += money.Amount(rapid.IntRange(0, int(p.Amount-p.Refunded)).Draw(t, "refunded"))
	}
	return p
}

// weigh adds a payment to the plain sums.
func weigh(sums map[ledger.Account]money.Amount, p payment.Payment) {
	if p.Status == payment.Canceled || p.Status == payment.Failed {
		return
	}
	owners := []id.ID{store}
	if p.PSP == wallet {
		owners = append(owners, wallet, centre)
	}
	for _, owner := range owners {
		sums[ledger.OfDay(owner, payment.DayOf(p.CreatedAt))] += p.Amount
		if owner != store {
			sums[ledger.Of(owner, ledger.Position)] += p.Amount - p.Refunded
		}
	}
}
