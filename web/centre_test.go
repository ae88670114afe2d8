package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tolom/flow"
	"tolom/store"
)

// TestLimitsAreChangedOnPages under four eyes, with what is used of them shown; somebody is suspended and let go on.
func TestLimitsAreChangedOnPages(t *testing.T) {
	s := openSettling(t)
	operator := s.enter("operator", "en")
	list := operator.get("/console/participants")
	list.says(t, "Participants", "Demo Bank", "100001", "no limits")
	bank := regexp.MustCompile(`/console/participants/\w{26}`).FindString(list.text)
	operator.get(bank).says(t, "Demo Bank", "Daily limit no limit", "Net debit cap no limit", "Payment services", "Кафе «Ала-Тоо»")
	if to := operator.get("/console/participants?number=" + string(s.bank.ID)).at(t); to != "/console/psps/"+s.bank.ID.Token() {
		t.Errorf("the service's number leads to %s", to)
	}
	if page := operator.get("/console/participants?number=prop_0"); page.StatusCode != http.StatusNotFound || !strings.Contains(page.text, `href="#number"`) {
		t.Errorf("a number of nobody: status %d", page.StatusCode)
	}

	shop := "/console/merchants/" + s.merchant.ID.Token()
	wrong := operator.post(shop+"/limits", "daily", "", "min_amount", "500", "max_amount", "100", "reason", "words that stay")
	wrong.says(t, "The least amount must not be above the greatest")
	if wrong.StatusCode != http.StatusBadRequest || !strings.Contains(wrong.text, `value="words that stay"`) || !strings.Contains(wrong.text, `value="500"`) {
		t.Errorf("a refused form: status %d", wrong.StatusCode)
	}
	s.approves(operator.post(shop+"/limits", "daily", "2 000", "min_amount", "", "max_amount", "1000", "reason", "as agreed").at(t))
	operator.get(shop).says(t, "Daily limit 2 000,00 som", "used: 1 000,00 som (50 %)", "Greatest amount 1 000,00 som", "Least amount no limit")

	s.approves(operator.post(shop+"/suspended", "to", "suspended").at(t))
	operator.get(shop).says(t, "suspended", "Resume")
	s.approves(operator.post(shop+"/suspended", "to", "active").at(t))
	operator.get(shop).says(t, "active", "Suspend")
	if page := operator.post(shop+"/suspended", "to", "gone"); page.StatusCode != http.StatusBadRequest {
		t.Errorf("to become what nobody can be: status %d", page.StatusCode)
	}
	if strings.Contains(s.enter("auditor", "en").get(shop).text, shop+"/") {
		t.Error("the auditor has a form")
	}
}

// TestTheCalendarIsChangedOnPages from tomorrow on, and shown month by month.
func TestTheCalendarIsChangedOnPages(t *testing.T) {
	s := openSettling(t)
	operator := s.enter("operator", "ru")
	page := operator.get("/console/days/calendar")
	page.says(t, "Календарь банковских дней", "Ноябрь 2026", "Январь 2027", "Пн Вт Ср", "Исключений нет")
	s.approves(operator.post("/console/days/calendar", "date", "2026-12-31", "name", "Канун нового года", "banking", "no").at(t))
	operator.get("/console/days/calendar").says(t, "31 декабря 2026 Канун нового года не рассчитываются")
	if changed := regexp.MustCompile(`class="closed changed"[^>]*title="Канун нового года"`).FindString(operator.get("/console/days/calendar").text); changed == "" {
		t.Error("the month does not show the exception")
	}
	for _, c := range [][2]string{{"2026-11-24", "x"}, {"yesterday", "x"}, {"2026-12-30", ""}, {"2026-12-30", strings.Repeat("ж", 51)}} {
		wrong := operator.post("/console/days/calendar", "date", c[0], "name", c[1])
		if wrong.StatusCode != http.StatusBadRequest || !strings.Contains(wrong.text, `id="wrong"`) {
			t.Errorf("%q %q: status %d", c[0], c[1], wrong.StatusCode)
		}
	}
	operator.get("/console/days/calendar?month=2027-03").says(t, "Март 2027", "Май 2027")
	if page := operator.get("/console/days/calendar?month=march"); page.StatusCode != http.StatusBadRequest {
		t.Errorf("a month that is none: status %d", page.StatusCode)
	}
	s.approves(operator.post("/console/days/calendar/2026-12-31/drop").at(t))
	operator.get("/console/days/calendar").says(t, "Исключений нет")
	if strings.Contains(s.enter("auditor", "en").get("/console/days/calendar").text, `method="post" action="/console`) {
		t.Error("the auditor has a form")
	}
}

// upload sends a file of a form.
func (b *browser) upload(path, content string) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part := must(form.CreateFormFile("file", "answer.xml"))(b.t)
	part.Write([]byte(content))
	form.Close()
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// TestAPayoutThatABankSendsBackIsEnteredOnAPage.
func TestAPayoutThatABankSendsBackIsEnteredOnAPage(t *testing.T) {
	s := openSettling(t)
	ctx := context.Background()
	must(s.days.End(ctx, s.date))(t)
	payout := must(s.days.Payouts(ctx, s.date, "", 10))(t)[0]
	operator, at := s.enter("operator", "en"), "/console/payouts/"+payout.ID.Token()
	if strings.Contains(operator.get(at).text, at+"/answer") {
		t.Error("an answer is waited for before the day was handed over")
	}
	must(s.days.MarkSubmitted(ctx, s.date, "TOLOM-1", strings.Repeat("0", 64)))(t)
	must(s.days.Answer(ctx, s.date, flow.DayAnswer{Message: "TOLOM-1", Accepted: true}))(t)
	must(s.files.Plan(ctx))(t)
	if page := operator.get(at); strings.Contains(page.text, at+"/answer") {
		t.Error("an answer is waited for before the bank has the file")
	}
	operator.get(at).says(t, "The file with this payout does not lie with the bank yet")
	credits := must(s.files.List(ctx, store.FileFilter{Kind: flow.FileCredits, Limit: 1}))(t)[0]
	credits = must(s.files.Make(ctx, credits))(t)
	must(s.files.Delivered(ctx, credits, "by hand"))(t)
	operator.get(at).says(t, "The bank's answer", "Only when the bank's answer came in no file")
	if wrong := operator.post(at+"/answer", "outcome", "lost", "reason", "words that stay"); wrong.StatusCode != http.StatusBadRequest || !strings.Contains(wrong.text, `value="words that stay"`) {
		t.Errorf("an answer that is none: status %d", wrong.StatusCode)
	}
	s.approves(operator.post(at+"/answer", "outcome", "returned", "reason", "the account is closed").at(t))
	back := operator.get(at)
	back.says(t, "returned", "the account is closed")
	if strings.Contains(back.text, at+"/answer") {
		t.Error("what came back still takes an answer")
	}
}

// TestFilesAreFoundFetchedAndDeliveredAgainOnPages, and an answer is brought by one person and taken by two.
func TestFilesAreFoundFetchedAndDeliveredAgainOnPages(t *testing.T) {
	s := openSettling(t)
	ctx := context.Background()
	must(s.days.End(ctx, s.date))(t)
	must(s.files.Plan(ctx))(t)
	operator := s.enter("operator", "en")
	for _, f := range must(s.files.Due(ctx, 10))(t) {
		must(s.files.Make(ctx, f))(t)
	}
	list := operator.get("/console/files?day=" + s.date)
	list.says(t, "Files", "Transfers · The central bank", "Clearing records · Demo Bank", "ready")
	operator.get("/console/files?kind=transfers&status=stuck").says(t, "There are no such files")
	operator.get("/console/days/"+s.date).says(t, "Transfers")

	f := must(s.files.List(ctx, store.FileFilter{Kind: "transfers", Limit: 1}))(t)[0]
	at := "/console/files/" + f.ID.Token()
	operator.get(at).says(t, "Transfers · The central bank", f.Name, f.SHA256, f.Message, "ready", "Deliver again")
	content := operator.get(at + "/content")
	if !strings.HasPrefix(content.text, "<?xml") || content.Header.Get("Content-Disposition") != `attachment; filename="`+f.Name+`"` {
		t.Errorf("the content is %.40q, %v", content.text, content.Header)
	}
	if to := operator.post(at + "/redeliver").at(t); to != at {
		t.Errorf("led to %s", to)
	}
	auditor := s.enter("auditor", "en")
	auditor.get("/console/events").says(t, "A file was sent again: "+f.Name, "operator")
	if seen := auditor.get(at); strings.Contains(seen.text, "/redeliver") || seen.StatusCode != http.StatusOK {
		t.Errorf("the auditor sees a button, status %d", seen.StatusCode)
	}

	refused := operator.upload("/console/files", "no XML \x00")
	refused.says(t, "The file cannot be read")
	if refused.StatusCode != http.StatusBadRequest {
		t.Errorf("a file that is no answer: status %d", refused.StatusCode)
	}
	operator.get(operator.upload("/console/files", "<Document/>").at(t)).says(t, "Answer · brought by hand", "refused")
	for _, path := range []string{"/console/files/x", "/console/files/" + strings.Repeat("0", 26)} {
		if page := operator.get(path); page.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, page.StatusCode)
		}
	}
	if page := operator.get("/console/files?day=yesterday"); page.StatusCode != http.StatusBadRequest {
		t.Errorf("a day that is none: status %d", page.StatusCode)
	}
}

// TestARefusedPageSaysWhy: for the role, or for where a form comes from.
func TestARefusedPageSaysWhy(t *testing.T) {
	s := openCentre(t)
	auditor := s.enter("auditor", "en")
	refused := auditor.post("/console/days/calendar", "date", "2026-12-31", "name", "x")
	refused.says(t, "This is not allowed", "Your role does not open this")
	r := httptest.NewRequest("POST", "/console/days/calendar", strings.NewReader("name=x"))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	foreign := auditor.send(r)
	foreign.says(t, "This is not allowed", "The form seems to come from another site")
	if refused.StatusCode != http.StatusForbidden || foreign.StatusCode != http.StatusForbidden {
		t.Errorf("status %d and %d", refused.StatusCode, foreign.StatusCode)
	}
}
