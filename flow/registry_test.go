package flow_test

import (
	"errors"
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
)

// believed is as long as a merchant's or PSP's record is used without looking again.
const believed = 2 * time.Second

func TestWhoCannotBeEnrolled(t *testing.T) {
	k := newKit(t, memory(t), false)
	for _, c := range []struct {
		name  string
		m     store.Merchant
		code  fault.Code
		param string
	}{
		{"nobody", store.Merchant{MCC: "5812"}, fault.InvalidRequest, "name"},
		{"a letter in the category", store.Merchant{Name: "Shop", MCC: "58a2"}, fault.InvalidRequest, "mcc"},
		{"a short category", store.Merchant{Name: "Shop", MCC: "581"}, fault.InvalidRequest, "mcc"},
		{"a tariff below zero", store.Merchant{Name: "Shop", MCC: "5812", Tariff: tariff.Tariff{Rate: -1}}, fault.InvalidRequest, "tariff"},
		{"an overdraft below zero", store.Merchant{Name: "Shop", MCC: "5812", RefundOverdraft: -1}, fault.AmountInvalid, "refund_overdraft"},
		{"a name that no payload can hold", store.Merchant{Name: "Shop", MCC: "5812", NameLatin: "Кафе"}, fault.InvalidRequest, "name"},
	} {
		if _, err := k.registry.AddMerchant(k.ctx, c.m); k.code(err) != c.code || param(err) != c.param {
			t.Errorf("%s: %v, want %s (%s)", c.name, err, c.code, c.param)
		}
	}
	m, err := k.registry.AddMerchant(k.ctx, store.Merchant{Name: "Кафе «Ала-Тоо»", MCC: "5812"})
	if k.must(err); m.NameLatin == "" || m.NameLatin == m.Name {
		t.Errorf("the Latin name is %q", m.NameLatin)
	}
	for bic, wrong := range map[string]bool{
		"": false, "DEMOKG22": false, "DEMOKG22XXX": false, "101001": false, "D3MOKG22": false,
		"demokg22": true, "DEMOKG2": true, "DEMOKG22X": true, "DEMO1G22": true, "DEMOKG22 ": true, "10100": true, "1010010": true, "ДЕМОKG22": true,
	} {
		_, bank := k.registry.AddParticipant(k.ctx, store.Participant{Name: "Bank", BIC: bic})
		_, psp := k.registry.AddPSP(k.ctx, store.PSP{Name: "App", BIC: bic})
		for _, err := range []error{bank, psp} {
			if refused := k.code(err) == fault.InvalidRequest && param(err) == "bic"; refused != wrong || !wrong && err != nil {
				t.Errorf("the code %q: %v", bic, err)
			}
		}
		_, _, err := k.platform.CreatePayment(k.ctx, k.psps["blue"], wire.NewPSPPayment{PSPPaymentID: "p", Payload: "none", Amount: 1, Payer: wire.Payer{BIC: bic}}, "print")
		if refused := k.code(err) == fault.InvalidRequest && param(err) == "payer.bic"; refused != wrong {
			t.Errorf("the code %q of a payer's bank: %v", bic, err)
		}
	}
	foreign, _ := k.furnish("bazaar", "row 7")
	if _, err := k.registry.AddTill(k.ctx, store.Till{Merchant: k.shops["shop"].ID, Store: foreign.ID, Name: "till"}); k.code(err) != fault.NotFound || param(err) != "store_id" {
		t.Errorf("a till in another's store: %v", err)
	}
}

func TestAKeyOpensItsDoorUntilItIsRevoked(t *testing.T) {
	k := newKit(t, memory(t), false)
	gate := access.New(k.store, k.world.Clock)
	registry := k.registryWith(gate)
	_, till := k.furnish("shop", "hall")
	issued, secret, err := registry.IssueKey(k.ctx, k.shops["shop"].ID, till.ID, "hall")
	k.must(err)
	who, err := gate.Merchant(k.ctx, secret)
	if k.must(err); who.ID != k.shops["shop"].ID || who.Till != till.ID || who.Key != issued.ID {
		t.Errorf("recognised as %+v", who)
	}
	_, err = registry.RevokeKey(k.ctx, issued.ID)
	k.must(err)
	if _, err := gate.Merchant(k.ctx, secret); k.code(err) != fault.Unauthorized {
		t.Errorf("a revoked key: %v", err)
	}
	for name, issue := range map[string]func() error{
		"for a till of another": func() error {
			_, _, err := registry.IssueKey(k.ctx, k.shops["bazaar"].ID, till.ID, "x")
			return err
		},
		"for a till itself": func() error { _, _, err := registry.IssueKey(k.ctx, till.ID, "", "x"); return err },
		"for an absent PSP": func() error {
			_, _, err := registry.IssueKey(k.ctx, "psp_00000000000000000000000000", "", "x")
			return err
		},
		"a key that is none": func() error { _, err := registry.RevokeKey(k.ctx, "key_00000000000000000000000000"); return err },
	} {
		if err := issue(); k.code(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASuspensionReachesEveryNodeWithinTwoSeconds(t *testing.T) {
	k := newKit(t, memory(t), false)
	r := k.asked("lunch", 15_000)
	check := func() fault.Code {
		_, err := k.platform.Check(k.ctx, k.psps["blue"], wire.Check{Payload: r.Payload})
		return k.code(err)
	}
	if got := check(); got != "" {
		t.Fatalf("refused with %s", got)
	}
	other := k.registryWith(access.New(k.store, k.world.Clock)) // another node
	_, err := other.SuspendMerchant(k.ctx, k.shops["shop"].ID, true)
	k.must(err)
	k.clock.Advance(believed)
	if got := check(); got != fault.MerchantSuspended {
		t.Errorf("after %s: %q", believed, got)
	}
}

// TestRecordsAreReadAgainOnlyAfterAChange counts questions: a record that is old costs none of its own while nothing
// has changed in the desk, and the desk is asked for that at most once a second.
func TestRecordsAreReadAgainOnlyAfterAChange(t *testing.T) {
	k := newKit(t, memory(t), false)
	other := k.registryWith(access.New(k.store, k.world.Clock)) // another node
	asked, broken := 0, error(nil)
	k.store.(*store.Memory).Fault = func(p store.Point) error {
		if p == store.ReadPoint {
			asked++
			return broken
		}
		return nil
	}
	read := func(when string, want int) (m store.Merchant) {
		t.Helper()
		asked = 0
		for range 5 {
			for _, shop := range k.shops {
				var err error
				m, err = k.registry.Merchant(k.ctx, shop.ID)
				k.must(err)
			}
		}
		if asked != want {
			t.Errorf("%s: %d questions, want %d", when, asked, want)
		}
		return m
	}
	shops := len(k.shops)
	k.clock.Advance(time.Hour)
	read("at first", 1+shops)
	k.clock.Advance(believed - time.Millisecond)
	read("while they are believed", 0)
	k.clock.Advance(time.Millisecond)
	read("when they are old", 1)
	k.clock.Advance(believed/2 - time.Millisecond)
	read("while the revision is young", 0)
	k.clock.Advance(time.Hour)
	read("much later", 1)
	_, err := other.SuspendMerchant(k.ctx, k.shops["shop"].ID, true)
	k.must(err)
	k.clock.Advance(believed)
	read("after a change", 1+shops)
	k.clock.Advance(believed)
	broken = errors.New("no connection")
	if _, err := k.registry.Merchant(k.ctx, k.shops["shop"].ID); !fault.Has(err, fault.OutOfService) {
		t.Errorf("old, and the database does not answer: %v", err)
	}
}

func TestATariffPricesLaterPaymentsOnly(t *testing.T) {
	k := newKit(t, memory(t), false)
	early := k.create("blue", k.asked("lunch", 15_000), "b1")
	_, err := k.registry.SetTariff(k.ctx, k.shops["shop"].ID, tariff.Tariff{Rate: 100})
	k.must(err)
	late := k.create("blue", k.asked("dinner", 15_000), "b2")
	if early.Fee != 75 || late.Fee != 150 {
		t.Errorf("the fees are %d and %d", early.Fee, late.Fee)
	}
	if _, err := k.registry.SetTariff(k.ctx, k.shops["shop"].ID, tariff.Tariff{Rate: -1}); k.code(err) != fault.InvalidRequest {
		t.Errorf("a wrong tariff: %v", err)
	}
}

func TestALoginIsOnePersons(t *testing.T) {
	k := newKit(t, memory(t), false)
	_, err := k.registry.AddOperator(k.ctx, "duty", "correct horse battery")
	k.must(err)
	for _, c := range []struct{ name, login, password, param string }{
		{"taken", "duty", "another good password", "login"},
		{"no login", "", "another good password", "login"},
		{"a short password", "night", "elevenchars", "password"},
	} {
		if _, err := k.registry.AddOperator(k.ctx, c.login, c.password); k.code(err) != fault.InvalidRequest || param(err) != c.param {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
