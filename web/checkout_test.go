package web_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tolom/qrimage"
	"tolom/web/asset"
	"tolom/wire"
)

func TestTheCheckoutShowsWhatIsPaidInEachLanguage(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 125050, Description: "Капучино", Extra: []wire.Extra{{Key: "order", Label: "Буйрутма", Value: "1047"}}})
	for lang, words := range map[string][]string{
		"ky": {"1 250 ,50 сом", "Төлөм күтүлүүдө", "Жарактуу мөөнөтү: 12:15"},
		"ru": {"1 250 ,50 сом", "Ожидаем оплату", "Действует до 12:15"},
		"en": {"1 250 ,50 som", "Waiting for payment", "Valid until 12:15"},
	} {
		page := s.browser(lang).get("/p/" + r.ID.Token())
		page.says(t, append(words, "Кафе «Ала-Тоо»", "Чүй проспекти", "Капучино", "Буйрутма 1047", "15:00")...)
		if page.StatusCode != http.StatusOK || !strings.Contains(page.text, `<html lang="`+lang+`">`) {
			t.Errorf("%s: status %d or the page does not name its language", lang, page.StatusCode)
		}
		if !strings.Contains(page.text, `<noscript><meta http-equiv="refresh" content="5"></noscript>`) {
			t.Errorf("%s: without scripts the status would never change", lang)
		}
	}
}

func TestTheCheckoutFollowsTheRequest(t *testing.T) {
	s := open(t)
	see := func(path string, words ...string) string {
		page := s.browser("en").get(path)
		page.says(t, words...)
		return page.text
	}
	r := s.asks(wire.NewPaymentRequest{Amount: 5000, SuccessURL: "https://shop.example/thanks?a=1&b=2"})
	path := "/p/" + r.ID.Token()
	s.scans(r)
	see(path, "Code scanned. Confirm the payment in your app")
	paid := s.pays(r, 5000)
	page := see(path, "Paid", "50,00 som", "24 November 2026, 12:00", "Back to the shop", "Receipt")
	for _, want := range []string{`href="/r/` + paid.ID.Token(), `href="https://shop.example/thanks?a=1&amp;b=2"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the paid page lacks %s", want)
		}
	}
	for _, not := range []string{`class="code"`, "http-equiv", "Payer A"} {
		if strings.Contains(page, not) {
			t.Errorf("the paid page still has %s", not)
		}
	}
	late := s.asks(wire.NewPaymentRequest{Amount: 1, ExpiresIn: 60})
	s.clock.Advance(time.Minute)
	see("/p/"+late.ID.Token(), "The time to pay has run out", "No money was taken")
}

func TestAStaticRequestAsksForTheAmountInTheApp(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Kind: "static"})
	page := s.browser("en").get("/p/" + r.ID.Token())
	page.says(t, "Enter the amount in your bank app", "Ready to take payments")
	s.pays(r, 7700)
	after := s.browser("en").get("/p/" + r.ID.Token())
	after.says(t, "Last payment: 12:00")
	if strings.Contains(after.text, "77,00") || !strings.Contains(after.text, `class="code"`) {
		t.Error("a sticker's page must keep its code and not tell strangers what others paid")
	}
}

func TestWhatMerchantsWriteIsNeverMarkup(t *testing.T) {
	s := open(t)
	hostile := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	r := s.asks(wire.NewPaymentRequest{Amount: 100, Description: hostile, Extra: []wire.Extra{{Key: "k", Label: hostile[:20], Value: hostile[:30]}}})
	till := s.browser("en")
	till.post("/pos/demo")
	paid := s.pays(r, 100)
	for _, path := range []string{"/p/" + r.ID.Token(), "/r/" + paid.ID.Token(), "/pos/sales/" + r.ID.Token(), "/pos/payments/" + paid.ID.Token(), "/pos", "/open?link=" + hostile[:9]} {
		page := till.get(strings.ReplaceAll(path, `"`, "%22"))
		if strings.Contains(page.text, "<script>") || strings.Contains(page.text, "<img") {
			t.Errorf("%s lets a merchant's text become markup", path)
		}
	}
}

func TestTheCheckoutIsLight(t *testing.T) {
	const limit = 50 << 10 // Whole, uncompressed, with the longest texts that a request may have.
	s := open(t)
	long := strings.Repeat("ө", 90)
	extra := []wire.Extra{{Key: "a", Value: long[:60]}, {Key: "b", Value: long[:60]}, {Key: "c", Value: long[:60]}, {Key: "d", Value: long[:60]}}
	r := s.asks(wire.NewPaymentRequest{Amount: 9_999_999_999_999, Description: strings.Repeat("Ы", 140), Extra: extra})
	page := s.browser("ky").get("/p/" + r.ID.Token())
	sum := len(page.text)
	for _, path := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(page.text, -1) {
		sum += len(s.browser("ky").get(path[1]).text)
	}
	t.Logf("checkout: %d bytes with its style, script, icon and QR code", sum)
	if strings.Contains(page.text, asset.Path("staff.css")) {
		t.Error("payers load the styles of tills and people")
	}
	if sum > limit || sum < len(page.text)+len(asset.Content("style.css")) {
		t.Errorf("the checkout weighs %d bytes, the limit is %d", sum, limit)
	}
}

func TestPicturesOfACodeLeadToItsLink(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 100})
	link := s.platform.Site().LinkOf(r.Payload)
	for _, query := range []string{"", "?size=800"} {
		got := s.browser("en").get("/p/" + r.ID.Token() + "/qr.png" + query)
		read, err := qrimage.Read(bytes.NewReader([]byte(got.text)))
		if err != nil || read != link || got.Header.Get("Content-Type") != "image/png" {
			t.Errorf("qr.png%s reads %q, %v, want %q", query, read, err, link)
		}
	}
	for path, begin := range map[string]string{"/qr.svg": "<svg", "/qr.pdf": "%PDF"} {
		if got := s.browser("en").get("/p/" + r.ID.Token() + path); !strings.HasPrefix(got.text, begin) {
			t.Errorf("%s begins with %.20q", path, got.text)
		}
	}
	for _, size := range []string{"1", "99999", "x"} {
		if got := s.browser("en").get("/p/" + r.ID.Token() + "/qr.png?size=" + size); got.StatusCode != http.StatusBadRequest {
			t.Errorf("size %s gives status %d", size, got.StatusCode)
		}
	}
}
