package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/web"
	"tolom/wire"
)

// cashier is a browser signed in to the till.
func (s *shop) cashier(lang string) *browser {
	s.t.Helper()
	b := s.browser(lang)
	if at := b.post("/pos/enter", "key", " "+s.key+"\n").at(s.t); at != "/pos" {
		s.t.Fatalf("signing in leads to %s", at)
	}
	return b
}

func (s *shop) requests() []payment.Request {
	rows, _, err := s.platform.Requests(context.Background(), s.merchant, store.RequestFilter{Limit: 50})
	return must(rows, err)(s.t)
}

func TestASaleFromKeypadToStatementWithoutScripts(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	entry := till.get("/pos")
	entry.says(t, "Кафе «Ала-Тоо»", "Касса 1", "No payments yet")
	sale := till.post("/pos/sales", "key", entry.formKey(t), "amount", "1 250,50", "description", "Самса").at(t)
	till.get(sale).says(t, "1 250 ,50 som", "Самса", "Waiting for payment", "Cancel")
	r := s.requests()[0]
	s.scans(r)
	till.get(sale).says(t, "The payer has opened the code")
	paid := s.pays(r, 125050)
	till.get(sale).says(t, "PAID", "1 250,50 som", "Payer A***", "New sale")
	till.get("/pos").says(t, "1 250,50 som", "Successful", "Refund")
	till.get("/pos/payments/"+paid.ID.Token()).says(t, "Fee 6,25 som", "Credited 1 244,25 som", "Самса")
	day := till.get("/pos/statement?day=2026-11-24")
	day.says(t, "24 November 2026", "Opening balance 0,00 som", "Payments (1) +1 250,50 som", "Fees −6,25 som", "Closing balance 1 244,25 som")
	csv := till.get("/pos/statement?day=2026-11-24&format=csv")
	if want := "2026-11-24 12:00:00,Payment," + string(paid.ID) + ",1250.50,-6.25,1244.25\n"; !strings.Contains(csv.text, want) {
		t.Errorf("the CSV lacks %q:\n%s", want, csv.text)
	}
}

func TestPressingTwiceMakesOneSale(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	key := till.get("/pos").formKey(t)
	first := till.post("/pos/sales", "key", key, "amount", "10").at(t)
	if again := till.post("/pos/sales", "key", key, "amount", "10,00").at(t); again != first {
		t.Errorf("the second press leads to %s, the first to %s", again, first)
	}
	other := till.post("/pos/sales", "key", key, "amount", "20")
	other.says(t, "This sale was made already")
	if other.StatusCode != http.StatusUnprocessableEntity || other.formKey(t) == key || !strings.Contains(other.text, `value="20"`) {
		t.Errorf("another amount under the old name: status %d, and the form must come back with a new one", other.StatusCode)
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests were made", n)
	}
	if bad := till.post("/pos/sales", "key", "made up", "amount", "10"); bad.StatusCode != http.StatusBadRequest || len(s.requests()) != 1 {
		t.Errorf("a form without its name: status %d", bad.StatusCode)
	}
}

func TestAWrongAmountLosesNothingTyped(t *testing.T) {
	s := open(t)
	till := s.cashier("ru")
	for _, amount := range []string{"", "0", "0,00", "-5", "1,234", "abc", "1e9", "99999999999999999999", "90071992547409,91"} {
		page := till.post("/pos/sales", "key", till.get("/pos").formKey(t), "amount", amount, "description", "Чай & <b>")
		if page.StatusCode != http.StatusBadRequest || !strings.Contains(page.text, `value="Чай &amp; &lt;b&gt;"`) || !strings.Contains(page.text, `role="alert"`) {
			t.Errorf("%q: status %d, or the description is gone, or there is no message", amount, page.StatusCode)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were made of wrong amounts", n)
	}
}

func TestACanceledSaleCannotBePaidAndAPaidOneStays(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	r := s.asks(wire.NewPaymentRequest{Amount: 100})
	path := "/pos/sales/" + r.ID.Token()
	waiting := s.creates(r, 100)
	if at := till.post(path + "/cancel").at(t); at != path {
		t.Errorf("cancel leads to %s", at)
	}
	till.get(path).says(t, "Sale canceled")
	if _, err := s.platform.Execute(context.Background(), s.bank, string(waiting.ID)); err == nil {
		t.Error("the canceled sale was paid")
	}
	paid := s.asks(wire.NewPaymentRequest{Amount: 100})
	s.pays(paid, 100)
	till.get(till.post("/pos/sales/"+paid.ID.Token()+"/cancel").at(t)).says(t, "PAID")
}

func TestARefundFormSentTwiceRefundsOnce(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	paid := s.pays(s.asks(wire.NewPaymentRequest{Amount: 10000}), 10000)
	s.pays(s.asks(wire.NewPaymentRequest{Amount: 50000}), 50000)
	path := "/pos/payments/" + paid.ID.Token()
	form := till.get(path)
	form.says(t, "Amount, at most 100,00 som")
	for range 2 {
		if at := till.post(path+"/refunds", "key", form.formKey(t), "amount", "30", "reason", "Остыл").at(t); at != path {
			t.Errorf("the refund leads to %s", at)
		}
	}
	till.get(path).says(t, "30,00 som", "Sent to the bank", "Остыл", "Amount, at most 70,00 som")
	too := till.post(path+"/refunds", "key", till.get(path).formKey(t), "amount", "70,01", "reason", "Остыл")
	too.says(t, "The refund exceeds what is left of the payment")
	if !strings.Contains(too.text, `value="70,01"`) || !strings.Contains(too.text, `value="Остыл"`) {
		t.Error("the refused form lost what was typed")
	}
	till.get(till.post(path+"/refunds", "key", till.get(path).formKey(t), "amount", "70").at(t)).says(t, "70,00 som")
	if last := till.get(path); strings.Contains(last.text, "<form method=\"post\" action=\""+path) {
		t.Error("a payment that is given back whole still has a form")
	}
}

func TestTheStickerIsMadeOnce(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	key := till.get("/pos/sticker").formKey(t)
	till.post("/pos/sticker", "key", key).at(t)
	till.post("/pos/sticker", "key", key).at(t)
	rows := s.requests()
	if len(rows) != 1 || rows[0].Kind != payment.Static || rows[0].Till != s.merchant.Till {
		t.Fatalf("stickers: %+v", rows)
	}
	page := till.get("/pos/sticker")
	page.says(t, "Scan to pay", "PDF to print")
	if !strings.Contains(page.text, "/p/"+rows[0].ID.Token()+"/qr.pdf") || strings.Contains(page.text, `name="key"`) {
		t.Error("the sticker lacks its PDF, or another can be made")
	}
}

func TestOnlyTheMerchantsOwnThingsAreShown(t *testing.T) {
	s := open(t)
	other := open(t)
	till := s.cashier("en")
	foreign := other.pays(other.asks(wire.NewPaymentRequest{Amount: 100}), 100)
	s.merchant = access.Merchant{ID: s.second(), Till: ""}
	theirs := s.asks(wire.NewPaymentRequest{Amount: 100})
	paid := s.pays(theirs, 100)
	for _, path := range []string{"/pos/sales/" + theirs.ID.Token(), "/pos/sales/" + theirs.ID.Token() + "/stream", "/pos/payments/" + paid.ID.Token(), "/pos/payments/" + foreign.ID.Token(), "/pos/payments/x"} {
		if got := till.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s gives status %d", path, got.StatusCode)
		}
	}
	if got := till.post("/pos/sales/" + theirs.ID.Token() + "/cancel"); got.StatusCode != http.StatusNotFound {
		t.Errorf("another's sale was canceled: status %d", got.StatusCode)
	}
}

// second enrols another merchant.
func (s *shop) second() id.ID {
	m := must(s.platform.Registry().AddMerchant(context.Background(), store.Merchant{Name: "Second", NameLatin: "SECOND", MCC: "5411"}))(s.t)
	return m.ID
}

func TestTheDoorOfTheTill(t *testing.T) {
	s := open(t)
	b := s.browser("en")
	for _, path := range []string{"/pos/payments", "/pos/statement", "/pos/sticker", "/pos/sales/x"} {
		if at := b.get(path).at(t); at != "/pos" {
			t.Errorf("%s leads a stranger to %s", path, at)
		}
	}
	wrong := b.post("/pos/enter", "key", "sk_wrong")
	wrong.says(t, "There is no such key")
	if wrong.StatusCode != http.StatusUnauthorized || len(b.cookies) != 0 {
		t.Errorf("a wrong key: status %d, cookies %v", wrong.StatusCode, b.cookies)
	}
	b.get("/pos").says(t, "Open the demo till")
	b.post("/pos/demo").at(t)
	c := b.cookies["tolom_till"]
	if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/pos" || c.Secure || c.MaxAge != 16*60*60 {
		t.Fatalf("the cookie is %+v", c)
	}
	b.post("/pos/leave").at(t)
	b.get("/pos").says(t, "Sign in")
}

func TestOutsideTheDemoNobodyEntersWithoutAKey(t *testing.T) {
	s := open(t, func(c *web.Config) { c.DemoKey = "" })
	b := s.browser("en")
	if strings.Contains(b.get("/pos").text, "/pos/demo") || b.post("/pos/demo").StatusCode != http.StatusNotFound {
		t.Error("the demo's button works outside the demo")
	}
}

func TestARevokedKeyClosesTheTill(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	must(s.platform.Registry().RevokeKey(context.Background(), s.merchant.Key))(t)
	s.clock.Advance(time.Minute)
	till.get("/pos").says(t, "Sign in")
}

func TestAWrongDayIsRefused(t *testing.T) {
	till := open(t).cashier("en")
	for _, day := range []string{"2026-13-01", "yesterday", "24.11.2026"} {
		if got := till.get("/pos/statement?day=" + day); got.StatusCode != http.StatusBadRequest {
			t.Errorf("day %s gives status %d", day, got.StatusCode)
		}
	}
}
