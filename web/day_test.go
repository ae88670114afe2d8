package web_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/store"
	"tolom/web"
	"tolom/web/locale"
	"tolom/wire"
)

// settling is a centre with four eyes whose shop has a bank account and was paid 1000 som, of which 5 are fees.
type settling struct {
	*centre
	days  *flow.BusinessDays
	files *flow.Files
	date  string // of the day that is going on
}

func openSettling(t *testing.T) *settling {
	s := &settling{}
	s.centre = openCentre(t, func(c *web.Config) {
		s.days = c.Days
		c.Days.Register(c.Proposals)
		s.files = c.Files
		c.Files.Register(c.Proposals)
	})
	ctx := context.Background()
	must(flow.NewProposals(s.platform, false).Ask(ctx, flow.Ask{By: s.operator, Action: flow.ActSetBankAccount, Target: s.merchant.ID,
		Body: flow.BankAccountBody{BankAccount: "1280010000000001"}, Reason: "as agreed"}))(t)
	s.pays(s.asks(wire.NewPaymentRequest{Amount: 100_000}), 100_000)
	s.clock.Advance(time.Minute)
	must(s.memory.Sequence(ctx, 100))(t)
	date, ends, err := s.days.Going(ctx)
	if err != nil || date == "" || !ends.After(s.clock.Now()) {
		t.Fatalf("the day that is going on is %q, ends %v: %v", date, ends, err)
	}
	s.date = date
	return s
}

// written is the day as an English page writes it.
func (s *settling) written() string { return plain(locale.In("en").Date(s.date)) }

// approves has the approver decide on the proposal at an address.
func (s *settling) approves(at string) {
	s.t.Helper()
	name := must(id.FromToken(id.Proposal, at[strings.LastIndex(at, "/")+1:]))(s.t)
	p, _, err := s.Proposal(context.Background(), name)
	if err != nil || p.Status != proposal.Proposed {
		s.t.Fatalf("%s is %s: %v", at, p.Status, err)
	}
	s.enter("approver", "en").post(at+"/approve", "digest", p.Digest()).at(s.t)
}

// TestADayIsEndedAndAnsweredOnPages by an operator and an approver, and explained to the centre and to the merchant.
func TestADayIsEndedAndAnsweredOnPages(t *testing.T) {
	s := openSettling(t)
	operator, at := s.enter("operator", "en"), "/console/days/"+s.date
	operator.get("/console/days").says(t, "The day of "+s.written()+" is going on", "End the day now", "No day has ended yet")
	asked := operator.post(at+"/close", "reason", "the bank closes early").at(t)
	if page := operator.get(at); page.StatusCode != http.StatusNotFound {
		t.Fatalf("the day is there before a second person agreed: status %d", page.StatusCode)
	}
	s.approves(asked)
	operator.get("/console/days").says(t, s.written(), "closed", "payments: 1", "1 000,00", "sum of positions: 0,00")
	operator.get(at).says(t, "Positions", "The processing centre", "Demo Bank", "Paid by payers", "−1 000,00", "Payouts to merchants", "995,00", "Кафе «Ала-Тоо»", "on its way")

	must(s.days.MarkSubmitted(context.Background(), s.date, "TOLOM-1", strings.Repeat("0", 64)))(t)
	operator.get(at).says(t, "submitted", "Only when the answer to the message TOLOM-1 came in no file")
	wrong := operator.post(at+"/answer", "message", "TOLOM-0", "outcome", "accepted")
	if wrong.StatusCode != http.StatusConflict && wrong.StatusCode != http.StatusUnprocessableEntity && wrong.StatusCode != http.StatusBadRequest {
		t.Errorf("an answer to another file: status %d", wrong.StatusCode)
	}
	s.approves(operator.post(at+"/answer", "message", "TOLOM-1", "outcome", "accepted").at(t))
	settled := operator.get(at)
	settled.says(t, "settled", "paid")
	if strings.Contains(settled.text, "/answer") {
		t.Error("a settled day still takes an answer")
	}
	link := regexp.MustCompile(`/payouts/\w+`).FindString(settled.text)
	operator.get("/console"+link).says(t, "How it comes about", "+1 000,00", "−5,00", "= Amount", "995,00", "1280010000000001")

	s.hire(access.RoleAccountant)
	own := s.as(string(access.RoleAccountant))
	own.get(s.home()+"/payouts").says(t, "Payout for "+s.written(), "995,00", "paid")
	own.get(s.home()+link).says(t, "How it comes about", "Payments", "+1 000,00", "Fees", "−5,00", "995,00")
}

// TestADayThatWasRefusedIsSubmittedAgainOnPages once a second person agrees.
func TestADayThatWasRefusedIsSubmittedAgainOnPages(t *testing.T) {
	s := openSettling(t)
	ctx := context.Background()
	must(s.days.End(ctx, s.date))(t)
	operator, at := s.enter("operator", "en"), "/console/days/"+s.date
	first := "N" + strings.ReplaceAll(s.date, "-", "") + "-01"
	must(s.days.MarkSubmitted(ctx, s.date, first, strings.Repeat("0", 64)))(t)
	if page := operator.get(at); strings.Contains(page.text, "/submit") {
		t.Error("a day that waits for its answer is submitted again")
	}
	must(s.days.Answer(ctx, s.date, flow.DayAnswer{Message: first, Reason: "no funds"}))(t)
	operator.get(at).says(t, "returned", "no funds", "The central bank has refused this day", "instead of "+first)
	asked := operator.post(at+"/submit", "reason", "they have paid in").at(t)
	if list := must(s.files.List(ctx, store.FileFilter{Day: s.date, Limit: 10}))(t); len(list) != 0 {
		t.Fatalf("there are files before a second person agreed: %+v", list)
	}
	operator.get(asked).says(t, "Submit a day again", "no funds", first, strings.Replace(first, "-01", "-02", 1))
	s.approves(asked)
	list := must(s.files.List(ctx, store.FileFilter{Day: s.date, Kind: flow.FileTransfers, Limit: 10}))(t)
	if len(list) != 1 || list[0].Message != strings.Replace(first, "-01", "-02", 1) {
		t.Errorf("the files are %+v", list)
	}
}

// TestAPayoutIsShownToItsMerchantAlone.
func TestAPayoutIsShownToItsMerchantAlone(t *testing.T) {
	s := openSettling(t)
	ctx := context.Background()
	must(s.days.End(ctx, s.date))(t)
	list := must(s.days.Payouts(ctx, s.date, "", 10))(t)
	if len(list) != 1 || list[0].Explained() != list[0].Amount || list[0].Amount != money.Amount(99_500) {
		t.Fatalf("payouts are %+v", list)
	}
	stranger := s.shop.other()
	must(s.platform.Registry().AddMember(ctx, stranger.ID, access.RoleOwner, "stranger", "", secret))(t)
	b, home := s.as("stranger"), "/dashboard/"+stranger.ID.Token()
	b.get(home+"/payouts").says(t, "No payouts yet")
	for _, path := range []string{home + "/payouts/" + list[0].ID.Token(), s.home() + "/payouts/" + list[0].ID.Token()} {
		if page := b.get(path); page.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, page.StatusCode)
		}
	}
}

// TestDaysOnPagesRefuseWhatIsNone: dates that are none, days to come, and people who only look have no forms.
func TestDaysOnPagesRefuseWhatIsNone(t *testing.T) {
	s := openSettling(t)
	operator, auditor := s.enter("operator", "en"), s.enter("auditor", "en")
	for _, path := range []string{"/console/days/2026-13-01", "/console/days/2031-01-01", "/console/days/x%00y", "/console/payouts/x"} {
		if page := operator.get(path); page.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, page.StatusCode)
		}
	}
	if page := operator.get("/console/days?before=yesterday"); page.StatusCode != http.StatusBadRequest {
		t.Errorf("a bound that is no date: status %d", page.StatusCode)
	}
	page := operator.post("/console/days/2031-01-01/close", "reason", "words that stay")
	if !strings.Contains(page.text, `value="words that stay"`) {
		t.Errorf("a refused form forgets the reason: status %d", page.StatusCode)
	}
	if seen := auditor.get("/console/days"); strings.Contains(seen.text, "/close") {
		t.Error("the auditor has a button")
	}
	if page := auditor.post("/console/days/"+s.date+"/close", "reason", "x"); page.StatusCode != http.StatusForbidden {
		t.Errorf("the auditor ends a day: status %d", page.StatusCode)
	}
}

// TestMoneyWithoutAnAccountIsSeenByBothSides: the centre is told how much waits and whose it is, the merchant why.
func TestMoneyWithoutAnAccountIsSeenByBothSides(t *testing.T) {
	s := openSettling(t)
	ctx, operator := context.Background(), s.enter("operator", "en")
	s.hire(access.RoleAccountant)
	own := s.as(string(access.RoleAccountant))
	for _, page := range []answer{operator.get("/console"), own.get(s.home() + "/payouts")} {
		if strings.Contains(page.text, `class="notice warn"`) {
			t.Errorf("an account is missed where there is one: %s", page.text)
		}
	}
	operator.get("/console/unpayable").says(t, "Money without an account", "Every merchant that is owed money has an account")
	m := must(s.memory.Merchants().Get(ctx, s.merchant.ID))(t)
	m.BankAccount = ""
	if err := s.memory.Merchants().Put(ctx, m); err != nil {
		t.Fatal(err)
	}
	operator.get("/console").says(t, "Merchants without an account: 1. Their money waits: 995,00")
	operator.get("/console/unpayable").says(t, "Кафе «Ала-Тоо»", "no account at its bank", "995,00", "waits")
	own.get(s.home()+"/payouts").says(t, "995,00 som wait: no bank account is entered for you")
}
