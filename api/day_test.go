package api_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"tolom/api/operator"
	"tolom/engine"
	"tolom/flow"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

// businessDays are the days of the kit's database, as a node ends and closes them.
func (k *kit) businessDays(money *engine.Engine, registry *flow.Registry) *flow.BusinessDays {
	k.t.Helper()
	days, err := flow.NewDays(k.memory, money, registry, k.world, flow.DaysConfig{})
	if err != nil {
		k.t.Fatal(err)
	}
	return days
}

func body[T any](k *kit, a ask) T {
	k.t.Helper()
	return decode[T](k.t, k.want(http.StatusOK, a).body)
}

// TestADayOverHTTP is ended by an operator, answered, and told to its merchant and its PSP.
func TestADayOverHTTP(t *testing.T) {
	k := newKit(t).hire()
	k.merchant.BankAccount = "1091820181160101"
	if err := k.memory.Merchants().Put(t.Context(), k.merchant); err != nil {
		t.Fatal(err)
	}
	const day = "/operator/v1/days/2026-11-25" // it is past 09:05 of the 24th
	k.refused(http.StatusNotFound, "not_found", "", post(day+"/close", "").asOperator())
	k.paid(150_000)
	k.tell()
	k.refused(http.StatusBadRequest, "invalid_request", "id", post("/operator/v1/days/2026-11-24/close", "").asOperator())
	k.clock.Advance(time.Second)
	if d := body[operator.Day](k, post(day+"/close", "").asOperator()); d.Status != "closed" || d.From != 0 || d.To == 0 {
		t.Fatalf("the day is %+v", d)
	}
	body[operator.Day](k, post(day+"/close", "").asOperator()) // again changes nothing

	payouts := body[operator.List[wire.Payout]](k, get(day+"/payouts").asOperator())
	positions := body[operator.List[wire.Position]](k, get(day+"/positions").asOperator())
	var net int64
	for _, p := range positions.Data {
		net += p.Net
	}
	if len(payouts.Data) != 1 || len(positions.Data) < 2 || net != 0 {
		t.Fatalf("payouts %+v, positions %+v", payouts.Data, positions.Data)
	}
	own := body[wire.List[wire.Payout]](k, get("/v1/payouts").as(k.merchantKey))
	one := body[wire.Payout](k, get("/v1/payouts/"+own.Data[0].ID).as(k.merchantKey))
	if one != payouts.Data[0] || one.Amount != one.Payments-one.Fees || one.Status != "made" || k.balance() != 0 {
		t.Errorf("the merchant is told of %+v, and its balance is %d", one, k.balance())
	}
	k.refused(http.StatusUnprocessableEntity, "day_message", "message", post(day+"/answer", `{"message": "file", "outcome": "accepted"}`).asOperator())

	settlements := body[wire.List[wire.PSPSettlement]](k, get("/psp/v1/settlements").as(k.pspKey))
	if s := settlements.Data[0]; s.Paid != 150_000 || s.Net != s.Interchange-s.Paid || s.Participant.Paid < s.Paid {
		t.Errorf("the PSP is told of %+v", s)
	}
}

// TestTheCalendarIsChangedForDatesToCome only.
func TestTheCalendarIsChangedForDatesToCome(t *testing.T) {
	k := newKit(t).hire()
	put := func(date, text string) ask {
		return ask{method: http.MethodPut, path: "/operator/v1/holidays/" + date, body: text, headers: map[string]string{"Content-Type": "application/json"}}.asOperator()
	}
	h := body[operator.Holiday](k, put("2027-01-01", `{"name": "New Year"}`))
	if list := body[operator.List[operator.Holiday]](k, get("/operator/v1/holidays").asOperator()); len(list.Data) != 1 || list.Data[0] != h {
		t.Errorf("the calendar has %+v", list.Data)
	}
	k.refused(http.StatusBadRequest, "invalid_request", "date", put("2026-11-24", `{"name": "Today"}`))
	k.refused(http.StatusBadRequest, "invalid_request", "date", put("tomorrow", `{"name": "Some day"}`))
	k.refused(http.StatusBadRequest, "invalid_request", "name", put("2026-12-31", `{"name": ""}`))
	drop := ask{method: http.MethodDelete, path: "/operator/v1/holidays/2027-01-01"}.asOperator()
	k.want(http.StatusNoContent, drop)
	k.want(http.StatusNoContent, drop)
}

// settle has the days that lie with the central bank be accepted, and their banks asked for the payouts.
func (k *kit) settle(days *flow.BusinessDays) {
	k.t.Helper()
	ctx, files := k.t.Context(), k.files(k.engine, k.registry)
	list, err := days.List(ctx, "", 5)
	for _, d := range list {
		if err == nil && d.Status == settlement.Submitted {
			_, err = days.Answer(ctx, d.Date, flow.DayAnswer{Message: d.Message, Accepted: true})
		}
	}
	k.makeFiles()
	ready, failed := files.List(ctx, store.FileFilter{Kind: flow.FileCredits, Status: store.FileReady, Limit: 100})
	for _, f := range ready {
		if err == nil {
			_, err = files.Delivered(ctx, f, "by hand")
		}
	}
	if err = errors.Join(err, failed); err != nil {
		k.t.Error(err)
	}
}

// endDay has the day that is going on end and be handed to the central bank, so that there is something to ask about; the
// ones before are settled.
func (k *kit) endDay(days *flow.BusinessDays) {
	k.t.Helper()
	k.settle(days)
	k.tell()
	date, _, err := days.Going(k.t.Context()) // Whatever holidays there are by now.
	if err == nil {
		_, err = days.End(k.t.Context(), date)
	}
	if err == nil {
		_, err = days.MarkSubmitted(k.t.Context(), date, "file", "digest")
		k.makeFiles()
	}
	if err != nil {
		k.t.Error(err)
	}
}

// TestMoneyWithoutAnAccountIsListed for the centre, with what it all comes to.
func TestMoneyWithoutAnAccountIsListed(t *testing.T) {
	k := newKit(t).hire()
	k.paid(150_000)
	list := body[operator.UnpayableList](k, get("/operator/v1/unpayable").asOperator())
	m, err := k.memory.Merchants().Get(t.Context(), k.merchant.ID)
	if err != nil {
		t.Fatal(err)
	}
	m.BankAccount = ""
	before := list.Count
	if err := k.memory.Merchants().Put(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	list = body[operator.UnpayableList](k, get("/operator/v1/unpayable?limit=1").asOperator())
	want := operator.Unpayable{MerchantID: string(m.ID), Name: m.Name, ParticipantID: string(m.Participant), Owed: k.balance(), Currency: "KGS"}
	if before != 0 || list.Count != 1 || len(list.Data) != 1 || list.Data[0] != want || list.Owed != want.Owed || want.Owed <= 0 || list.HasMore {
		t.Errorf("before there were %d, then %+v, want %+v", before, list, want)
	}
}
