package flow_test

import (
	"fmt"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// Every way to look at something that the clock has ended must show its end,
// and have written it.

func TestNoReadShowsWhatIsOverAsOpen(t *testing.T) {
	shop := func(k *kit) string { return string(k.shops["shop"].ID) }
	for name, look := range map[string]func(k *kit, r payment.Request, p payment.Payment) (string, error){
		"the merchant's request": func(k *kit, r payment.Request, _ payment.Payment) (string, error) {
			got, err := k.platform.Request(k.ctx, k.shops["shop"], string(r.ID))
			return string(got.Status), err
		},
		"the merchant's requests": func(k *kit, _ payment.Request, _ payment.Payment) (string, error) {
			list, _, err := k.platform.Requests(k.ctx, k.shops["shop"], store.RequestFilter{Limit: 10})
			return string(list[0].Status), err
		},
		"the merchant's payment": func(k *kit, _ payment.Request, p payment.Payment) (string, error) {
			got, err := k.platform.Payment(k.ctx, k.shops["shop"], string(p.ID))
			return standing(got), err
		},
		"the merchant's payments": func(k *kit, _ payment.Request, _ payment.Payment) (string, error) {
			list, _, err := k.platform.Payments(k.ctx, k.shops["shop"], store.PaymentFilter{Limit: 10})
			return standing(list[0]), err
		},
		"the PSP's payment": func(k *kit, _ payment.Request, p payment.Payment) (string, error) {
			got, err := k.platform.PaymentState(k.ctx, k.psps["blue"], string(p.ID))
			return standing(got), err
		},
		"the PSP's payments": func(k *kit, _ payment.Request, p payment.Payment) (string, error) {
			list, _, err := k.platform.PaymentStates(k.ctx, k.psps["blue"], []string{string(p.ID)})
			return standing(list[0]), err
		},
		"the PSP's own id": func(k *kit, _ payment.Request, p payment.Payment) (string, error) {
			got, err := k.platform.PaymentByPSPID(k.ctx, k.psps["blue"], p.PSPPaymentID)
			return standing(got), err
		},
		"the page of the request": func(k *kit, r payment.Request, _ payment.Payment) (string, error) {
			got, err := k.platform.Public(k.ctx, r.ID.Token())
			return string(got.Request.Status), err
		},
		"the landing page": func(k *kit, r payment.Request, _ payment.Payment) (string, error) {
			got, err := k.platform.Landing(k.ctx, r.Payload)
			return string(got.Request.Status), err
		},
		"the receipt": func(k *kit, _ payment.Request, p payment.Payment) (string, error) {
			got, err := k.platform.Receipt(k.ctx, p.ID.Token())
			return standing(got.Payment), err
		},
		"the job": func(k *kit, r payment.Request, _ payment.Payment) (string, error) {
			overdue, err := k.store.Overdue(k.ctx, k.clock.Now(), 10)
			k.must(err)
			if len(overdue) != 1 || overdue[0] != r.ID {
				k.t.Errorf("overdue are %v", overdue)
			}
			k.must(k.platform.Expire(k.ctx, r.ID))
			got, err := k.store.Request(k.ctx, r.ID)
			return string(got.Status), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, memory(t), false)
			r := k.asked("lunch of "+shop(k), 15_000)
			k.clock.Advance(15*time.Minute - 30*time.Second)
			p := k.create("blue", r, "b1")
			k.clock.Advance(30 * time.Second)
			got, err := look(k, r, p)
			if k.must(err); got != "expired" && got != "canceled (expired)" {
				t.Errorf("shows %s", got)
			}
			if written, err := k.store.Payment(k.ctx, p.ID); err != nil || standing(written) != "canceled (expired)" {
				t.Errorf("the payment is written as %s, %v", standing(written), err)
			}
		})
	}
}

func TestListsGoPageByPage(t *testing.T) {
	k := newKit(t, memory(t), false)
	var want []id.ID
	for n := range 5 {
		k.clock.Advance(time.Second)
		want = append([]id.ID{k.asked(fmt.Sprint("lunch", n), 100).ID}, want...)
	}
	var got []id.ID
	for before, more := id.ID(""), true; more; {
		var page []payment.Request
		var err error
		page, more, err = k.platform.Requests(k.ctx, k.shops["shop"], store.RequestFilter{Merchant: k.shops["bazaar"].ID, Before: before, Limit: 2})
		k.must(err)
		for _, r := range page {
			got, before = append(got, r.ID), r.ID
		}
		if len(page) > 2 {
			t.Fatalf("a page of %d", len(page))
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestRefundsToGiveGoPageByPage(t *testing.T) {
	k := newKit(t, memory(t), false)
	p := k.success("lunch", 15_000)
	for n := range 3 {
		k.clock.Advance(time.Second)
		in := wire.NewRefund{Amount: int64(n + 1)}
		_, _, err := k.platform.CreateRefund(k.ctx, k.shops["shop"], key(fmt.Sprint("r", n), "refund", in), string(p.ID), in)
		k.must(err)
	}
	first, more, err := k.platform.RefundsToGive(k.ctx, k.psps["blue"], "", 2)
	if k.must(err); len(first) != 2 || !more || first[0].Amount != 1 {
		t.Fatalf("first %v, more %v", first, more)
	}
	rest, more, err := k.platform.RefundsToGive(k.ctx, k.psps["blue"], string(first[1].ID), 2)
	if k.must(err); len(rest) != 1 || more || rest[0].Amount != 3 {
		t.Errorf("then %v, more %v", rest, more)
	}
	if _, _, err := k.platform.RefundsToGive(k.ctx, k.psps["blue"], "yesterday", 2); k.code(err) != fault.InvalidRequest {
		t.Errorf("a cursor that is none: %v", err)
	}
	list, more, err := k.platform.Refunds(k.ctx, k.shops["shop"], store.RefundFilter{PSP: k.psps["green"].ID, Limit: 2})
	if k.must(err); len(list) != 2 || !more || list[0].Amount != 3 {
		t.Errorf("the merchant sees %v, more %v", list, more)
	}
	receipt, err := k.platform.Receipt(k.ctx, string(p.ID))
	if k.must(err); len(receipt.Refunds) != 3 || receipt.PSP.Name != "blue" || receipt.Merchant.Name != "Kafe Ala-Too" {
		t.Errorf("the receipt shows %+v", receipt)
	}
}

func TestACheckSaysWhereAndWhatIsPaid(t *testing.T) {
	k := newKit(t, memory(t), false)
	_, till := k.furnish("shop", "hall")
	hidden := false
	in := wire.NewPaymentRequest{Amount: 15_000, TillID: string(till.ID), Description: "Lunch", Extra: []wire.Extra{
		{Key: "table", Value: "7"}, {Key: "shift", Value: "2", Visible: &hidden},
	}}
	r, _, err := k.platform.CreateRequest(k.ctx, k.shops["shop"], key("k", "create", in), in)
	k.must(err)
	got, err := k.platform.Check(k.ctx, k.psps["blue"], wire.Check{Payload: r.Payload, Payer: &wire.CheckPayer{Kind: "company"}})
	k.must(err)
	if got.Merchant != (wire.CheckedMerchant{Name: "Kafe Ala-Too", Store: "hall", MCC: "5812"}) || got.Type != "B2B" || got.TypeCode != 50 {
		t.Errorf("%+v", got)
	}
	if len(got.Extra) != 1 || got.Extra[0].Key != "table" || got.Description != "Lunch" || got.Fee != 0 || got.RequestID != string(r.ID) {
		t.Errorf("%+v", got)
	}
	for name, in := range map[string]wire.Check{
		"nothing":            {},
		"link and payload":   {Link: k.platform.Site().LinkOf(r.Payload), Payload: r.Payload},
		"a payer of no kind": {Payload: r.Payload, Payer: &wire.CheckPayer{Kind: "robot"}},
	} {
		if _, err := k.platform.Check(k.ctx, k.psps["blue"], in); k.code(err) != fault.InvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPageIsFoundByTokenOrIDOnly(t *testing.T) {
	k := newKit(t, memory(t), false)
	r := k.asked("lunch", 15_000)
	for _, name := range []string{string(r.ID), r.ID.Token()} {
		if got, err := k.platform.Public(k.ctx, name); k.code(err) != "" || got.Request.ID != r.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "x", "pay_" + r.ID.Token(), "00000000000000000000000000", string(r.ID) + "0"} {
		if _, err := k.platform.Public(k.ctx, name); k.code(err) != fault.NotFound {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := k.platform.Receipt(k.ctx, name); k.code(err) != fault.NotFound {
			t.Errorf("receipt %q: %v", name, err)
		}
	}
}

func TestAStatementIsOfAtMostNinetyTwoDays(t *testing.T) {
	k := newKit(t, memory(t), false)
	for _, c := range []struct {
		from, to time.Time
		code     fault.Code
	}{
		{opening, opening.Add(92 * 24 * time.Hour), ""},
		{opening, opening.Add(92*24*time.Hour + 1), fault.InvalidRequest},
		{opening, opening, fault.InvalidRequest},
		{opening, opening.Add(-1), fault.InvalidRequest},
	} {
		if _, err := k.platform.Statement(k.ctx, k.shops["shop"], c.from, c.to); k.code(err) != c.code {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
	}
}

func TestHowManyStatesOneQuestionMayAskFor(t *testing.T) {
	k := newKit(t, memory(t), false)
	for n, want := range map[int]fault.Code{0: fault.InvalidRequest, 1: "", 1000: "", 1001: fault.InvalidRequest} {
		_, absent, err := k.platform.PaymentStates(k.ctx, k.psps["blue"], make([]string, n))
		if k.code(err) != want || want == "" && len(absent) != n {
			t.Errorf("%d ids: %v, %d not found", n, err, len(absent))
		}
	}
}
