package web_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/tariff"
	"tolom/web/locale"
)

// TestATariffIsPutAndWithdrawnOnPages by an operator and an approver; the merchant reads what it is asked.
func TestATariffIsPutAndWithdrawnOnPages(t *testing.T) {
	s := openSettling(t)
	operator, at := s.enter("operator", "en"), "/console/tariffs/"+s.merchant.ID.Token()
	operator.get("/console/tariffs").says(t, "Tariffs", "The centre's tariff", "none of its own")
	if to := operator.get("/console/tariffs?of=" + string(s.merchant.ID)).at(t); to != at {
		t.Fatalf("the merchant's number leads to %s", to)
	}
	operator.get(at+"?amount=100").says(t, "Кафе «Ала-Тоо»", "0,50 %", "The payer pays 100,00 som", "Fee 0,50 som", "The merchant gets 99,50 som", "From the beginning", "holds")

	from := s.clock.Now().In(locale.Bishkek).AddDate(0, 0, 7)
	asked := operator.post(at, "rate", "0,90", "interchange_rate", "0,3", "fixed", "1", "min", "", "max", "1 000", "refund_charge", "", "bearer", "payer", "refunds_fee", "yes",
		"valid_from", from.Format("2006-01-02T15:04"), "reason", "as agreed").at(t)
	operator.get(asked).says(t, "Set a tariff", "0,50 %", "0,90 %", "0,30 %", "1,00 som", "1 000,00 som", "as agreed")
	s.approves(asked)
	coming := operator.get(at)
	coming.says(t, "From "+plain(locale.In("en").Moment(from)), "to come", "the payer, on top of the amount", "Withdraw this version")
	s.hire(access.RoleAccountant)
	own := s.as(string(access.RoleAccountant))
	page := own.get(s.home() + "/tariff?amount=100")
	page.says(t, "What it costs to take payments", "0,50 %", "The merchant gets 99,50 som", "to come", "0,90 %")
	for _, inside := range []string{"0,30 %", "operator", "withdraw", `method="post" action="` + s.home()} {
		if strings.Contains(page.text, inside) {
			t.Errorf("the merchant's page holds %q, which is the centre's", inside)
		}
	}

	withdraw := regexp.MustCompile(`/console/tariffs/\w+/\w+/withdraw`).FindString(coming.text)
	s.approves(operator.post(withdraw).at(t))
	operator.get(at).says(t, "withdrawn")
	if foreign := strings.Replace(withdraw, s.merchant.ID.Token(), "centre", 1); operator.post(foreign).StatusCode != http.StatusNotFound {
		t.Error("a version is withdrawn as another owner's")
	}
	if strings.Contains(s.enter("auditor", "en").get(at).text, `method="post" action="`+at) {
		t.Error("the auditor has a form")
	}
}

// TestATariffFormThatIsRefusedLosesNothing, and names the field in the language of the page.
func TestATariffFormThatIsRefusedLosesNothing(t *testing.T) {
	s := openSettling(t)
	operator := s.enter("operator", "ky")
	for _, c := range []struct{ field, value, says, leads string }{
		{"rate", "100,01", "Сандар бири-бирине туура келбейт", "#rate"},
		{"fixed", "two", "Санды мындай жазыңыз", "#fixed"},
		{"max", "-1", "Санды мындай жазыңыз", "#max"},
		{"interchange_rate", "0,6", "Сандар бири-бирине туура келбейт", "#rate"},
		{"valid_from", "2020-01-01T00:00", "Азыртан беш жылга чейинки", "#valid_from"},
		{"valid_from", "tomorrow", "Азыртан беш жылга чейинки", "#valid_from"},
	} {
		fields := []string{"rate", "0,5", "interchange_rate", "0,2", "fixed", "7,77", "min", "", "max", "", "refund_charge", "", "bearer", "payer", "valid_from", "", "reason", "words that stay"}
		for i := range fields {
			if i%2 == 0 && fields[i] == c.field {
				fields[i+1] = c.value
			}
		}
		page := operator.post("/console/tariffs/5814", fields...)
		if page.StatusCode != http.StatusBadRequest {
			t.Errorf("%s %q: status %d", c.field, c.value, page.StatusCode)
		}
		page.says(t, c.says)
		for _, kept := range []string{`value="words that stay"`, `value="payer" checked`, `value="` + c.value + `"`, `href="` + c.leads + `"`, `aria-invalid="true"`} {
			if !strings.Contains(page.text, kept) {
				t.Errorf("%s %q: the page lacks %s", c.field, c.value, kept)
			}
		}
	}
	for _, path := range []string{"/console/tariffs/541", "/console/tariffs/x", "/console/tariffs/mcc"} {
		if page := operator.get(path); page.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, page.StatusCode)
		}
	}
	if all := must(s.platform.Registry().Tariffs(context.Background(), tariff.Category("5814")))(t); len(all) != 0 {
		t.Errorf("a refused form left %+v", all)
	}
}

// TestACategoryEndsItsTariff: what else the form holds is not meant then.
func TestACategoryEndsItsTariff(t *testing.T) {
	s := openSettling(t)
	operator, at := s.enter("operator", "en"), "/console/tariffs/5814"
	bank := "share_" + s.bank.ID.Token()
	s.approves(operator.post(at, "rate", "2", "interchange_rate", "1", bank, "0,7").at(t))
	operator.get(at).says(t, "2,00 %", "Demo Bank 0,70 %")
	operator.get("/console/tariffs").says(t, "Tariff of category 5814", "2,00 % · the merchant", "holds")
	s.clock.Advance(time.Second)
	s.approves(operator.post(at, "rate", "2", "ends", "yes", bank, "0,7").at(t))
	operator.get(at).says(t, "No tariff of its own yes", "ended")
	if wrong := operator.post(at, "rate", "2", "share_x", "1"); wrong.StatusCode != http.StatusBadRequest {
		t.Errorf("a rate of nobody: status %d", wrong.StatusCode)
	}
}
