package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/api/operator"
	"tolom/clearing"
	"tolom/courier"
	"tolom/engine"
	"tolom/flow"
	"tolom/internal/iso20022"
	"tolom/money"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

// files are the use cases of files over the kit's database.
func (k *kit) files(money *engine.Engine, registry *flow.Registry) *flow.Files {
	k.t.Helper()
	return flow.NewFiles(k.businessDays(money, registry), k.memory, k.memory, k.world, flow.FilesConfig{Centre: clearing.Bank{BIC: "TOLMKG22"}, CentralBank: clearing.Bank{BIC: "DCBKKG22"},
		NewKey: func() (string, error) { return courier.NewKey(k.world.Entropy) }})
}

// closed ends the day of what was paid and makes its files.
func (k *kit) closed(date string) {
	k.t.Helper()
	must := func(err error) {
		k.t.Helper()
		if err != nil {
			k.t.Fatal(err)
		}
	}
	k.tell()
	days, ctx := k.businessDays(k.engine, k.registry), context.Background()
	k.clock.Set(time.Date(2026, 11, 25, 3, 5, 0, 0, time.UTC))
	d, err := days.End(ctx, date)
	must(err)
	if d.Status != settlement.Closed {
		k.t.Fatalf("the day is %s", d.Status)
	}
	k.makeFiles()
}

// makeFiles makes the files of the days that are closed.
func (k *kit) makeFiles() {
	k.t.Helper()
	ctx, files := context.Background(), k.files(k.engine, k.registry)
	_, err := files.Plan(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	due, err := files.Due(ctx, 100)
	for _, f := range due {
		if err == nil && f.Status == store.FilePlanned && f.Kind != flow.FileAnswer {
			_, err = files.Make(ctx, f)
		}
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

func TestStaffCarryFilesByHand(t *testing.T) {
	k := newKit(t).hire()
	k.paid(150_000)
	k.closed("2026-11-25")
	central := string(store.CentralBank)
	to := ask{method: http.MethodPut, path: "/operator/v1/destinations/" + central, body: `{"kind":"none"}`}.with("Content-Type", "application/json").asOperator()
	if d := decode[operator.Destination](t, k.want(http.StatusOK, to).body); d.Kind != "none" || d.OwnerID != central {
		t.Errorf("the destination is %+v", d)
	}
	list := decode[wire.List[wire.File]](t, k.want(http.StatusOK, get("/operator/v1/files?kind=transfers&day=2026-11-25").asOperator()).body)
	if len(list.Data) != 1 || list.Data[0].Status != "ready" || list.Data[0].OwnerID != central {
		t.Fatalf("the list is %+v", list)
	}
	file := list.Data[0]
	content := k.want(http.StatusOK, get("/operator/v1/files/"+file.ID+"/content").asOperator())
	if err := iso20022.Check(content.body); err != nil || content.header.Get("Content-Type") != "application/xml" || int64(len(content.body)) != file.Size {
		t.Errorf("the file is %s of %d bytes: %v", content.header.Get("Content-Type"), len(content.body), err)
	}
	if handed := order[wire.File](k, 200, "files/"+file.ID+"/redeliver", ""); handed.Status != "delivered" || handed.Place != "by hand" {
		t.Errorf("handed over by hand it is %+v", handed)
	}
	var yes bytes.Buffer
	if err := (clearing.Answer{Message: "CB-1", Created: k.clock.Now(), Original: file.Message, Format: "pacs.009.001.09", Verdict: clearing.Settled}).Write(&yes); err != nil {
		t.Fatal(err)
	}
	upload := post("/operator/v1/answers", yes.String()).with("Content-Type", "application/xml").asOperator()
	for range 2 {
		if a := decode[wire.File](t, k.want(http.StatusOK, upload).body); a.Status != "taken" || a.Reason != "the day is settled" || a.Message != file.Message {
			t.Errorf("the answer is %+v", a)
		}
	}
	torn := post("/operator/v1/answers", "<Document").with("Content-Type", "application/xml").asOperator()
	if a := decode[wire.File](t, k.want(http.StatusOK, torn).body); a.Status != "refused" || a.Reason == "" {
		t.Errorf("a torn answer is %+v", a)
	}
	k.refused(http.StatusConflict, "day_settled", "", post("/operator/v1/files/"+file.ID+"/redeliver", "").asOperator())
	k.refused(http.StatusNotFound, "not_found", "", get("/operator/v1/files/file_00000000000000000000000000").asOperator())
}

// TestARefusedDayIsSubmittedAgain by an operation of its own, not by delivering the refused file once more.
func TestARefusedDayIsSubmittedAgain(t *testing.T) {
	k := newKit(t).hire()
	k.paid(150_000)
	k.closed("2026-11-25")
	const day = "/operator/v1/days/2026-11-25"
	k.want(http.StatusOK, ask{method: http.MethodPut, path: "/operator/v1/destinations/" + string(store.CentralBank), body: `{"kind":"none"}`}.with("Content-Type", "application/json").asOperator())
	k.refused(http.StatusConflict, "day_submitted", "", post(day+"/submit", "").asOperator())
	first := decode[wire.List[wire.File]](t, k.want(http.StatusOK, get("/operator/v1/files?kind=transfers&day=2026-11-25").asOperator()).body).Data[0]
	order[wire.File](k, 200, "files/"+first.ID+"/redeliver", "")
	if d := body[operator.Day](k, post(day+"/answer", `{"message": "`+first.Message+`", "outcome": "rejected", "reason": "no funds"}`).asOperator()); d.Status != "returned" {
		t.Fatalf("the day is %+v", d)
	}
	k.refused(http.StatusUnprocessableEntity, "day_message", "", post("/operator/v1/files/"+first.ID+"/redeliver", "").asOperator())
	next := body[wire.File](k, post(day+"/submit", "").asOperator())
	if again := body[wire.File](k, post(day+"/submit", "").asOperator()); again.ID != next.ID || next.ID == first.ID || next.Message == first.Message || next.Day != first.Day {
		t.Errorf("after %+v it is %+v, then %+v", first, next, again)
	}
	k.makeFiles()
	order[wire.File](k, 200, "files/"+next.ID+"/redeliver", "")
	if d := body[operator.Day](k, get(day).asOperator()); d.Status != "submitted" || d.Message != next.Message || d.Attempt != 2 {
		t.Errorf("the day is %+v", d)
	}
	k.refused(http.StatusConflict, "day_submitted", "", post(day+"/submit", "").asOperator())
	k.refused(http.StatusNotFound, "not_found", "", post("/operator/v1/days/2031-01-01/submit", "").asOperator())
}

func TestAPSPFetchesTheFileOfItsParticipantAlone(t *testing.T) {
	k := newKit(t)
	_, p := k.paid(150_000)
	lone, err := k.registry.AddPSP(context.Background(), store.PSP{Name: "Lone wallet", BIC: "LONEKG22"})
	if err != nil {
		t.Fatal(err)
	}
	_, loneKey, err := k.registry.IssueKey(context.Background(), lone.ID, "", "psp")
	if err != nil {
		t.Fatal(err)
	}
	k.closed("2026-11-25")
	list := decode[wire.List[wire.File]](t, k.want(http.StatusOK, get("/psp/v1/files").as(k.pspKey)).body)
	if len(list.Data) != 1 || list.Data[0].Kind != "records" {
		t.Fatalf("the list is %+v", list)
	}
	path := "/psp/v1/files/" + list.Data[0].ID + "/content"
	var got []settlement.Record
	for r, err := range clearing.ReadRecords(bytes.NewReader(k.want(http.StatusOK, get(path).as(k.pspKey)).body)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if len(got) != 1 || string(got[0].Transaction) != *p.ID || got[0].Amount != 150_000 || got[0].BIC != "DEMOKG22" {
		t.Errorf("the records are %+v", got)
	}
	k.refused(http.StatusNotFound, "not_found", "", get(path).as(loneKey))
}

func TestAMerchantsStatementOfADayIsAnISOStatement(t *testing.T) {
	k := newKit(t)
	k.paid(150_000)
	_, p := k.paid(50_000)
	k.want(http.StatusCreated, post("/v1/payments/"+*p.ID+"/refunds", `{"amount":20000}`).as(k.merchantKey).keyed(fresh()))
	st := decode[wire.Statement](t, k.want(http.StatusOK, get("/v1/statements?from=2026-11-24").as(k.merchantKey)).body)
	answer := k.want(http.StatusOK, get("/v1/statements?from=2026-11-24&format=camt053").as(k.merchantKey))
	if err := iso20022.Check(answer.body); err != nil {
		t.Fatal(err)
	}
	s, err := clearing.ReadStatement(bytes.NewReader(answer.body))
	if err != nil || s.Opening != money.Amount(st.Opening) || s.Closing != money.Amount(st.Closing) || len(s.Entries) != len(st.Lines) || s.Owner != "Demo shop" {
		t.Errorf("the statement is %+v, as JSON %+v: %v", s, st, err)
	}
	large := slices.IndexFunc(s.Entries, func(e clearing.Entry) bool { return e.Amount == 148_500 })
	if large < 0 || s.Entries[large].Code != "PAYMENT" || s.Entries[large].Charge != 1_500 || s.Entries[large].Parts[0].Amount != 150_000 {
		t.Errorf("the entries are %+v", s.Entries)
	}
	k.refused(http.StatusBadRequest, "invalid_request", "to", get("/v1/statements?from=2026-11-23&to=2026-11-24&format=camt053").as(k.merchantKey))
}

func TestDestinationsThatCannotWorkAreRefused(t *testing.T) {
	k := newKit(t).hire()
	bank := order[operator.Participant](k, 201, "participants", `{"name":"New bank","bic":"NEWBKG22"}`)
	put := func(body string) ask {
		return ask{method: http.MethodPut, path: "/operator/v1/destinations/" + bank.ID, body: body}.with("Content-Type", "application/json").asOperator()
	}
	const server = `{"kind":"sftp","address":"files.bank.example:22","login":"tolom","host_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEKeQksWDHc+5cG/5ukGEOcMwpIGqnZtdxJP8EuCo4Ff","folder":"in","inbox":"out"}`
	first := decode[operator.Destination](t, k.want(http.StatusOK, put(server)).body)
	again := decode[operator.Destination](t, k.want(http.StatusOK, put(strings.Replace(server, "bank.example", "other.example", 1))).body)
	if !strings.HasPrefix(first.PublicKey, "ssh-ed25519 ") || again.PublicKey != first.PublicKey {
		t.Errorf("our keys are %q, then %q", first.PublicKey, again.PublicKey)
	}
	for param, body := range map[string]string{
		"kind":    `{"kind":"mail"}`,
		"folder":  `{"kind":"folder","folder":"../../etc"}`,
		"inbox":   `{"kind":"folder","folder":"a","inbox":"/etc"}`,
		"address": `{"kind":"folder","folder":"a","address":"x\u000ay"}`,
		"":        `{"kind":"sftp","address":"files.bank.example:22","login":"tolom","host_key":"none","folder":"in"}`,
	} {
		k.refused(http.StatusBadRequest, "invalid_request", param, put(body))
	}
	whole, err := json.Marshal(decode[operator.List[operator.Destination]](t, k.want(http.StatusOK, get("/operator/v1/destinations").asOperator()).body))
	if err != nil || strings.Contains(string(whole), "PRIVATE") {
		t.Errorf("the list is %s: %v", whole, err)
	}
}
