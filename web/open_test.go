package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tolom/elqr"
	"tolom/id"
	"tolom/payment"
	"tolom/wire"
	"tolom/world"
)

func TestALinkIsJudgedBeforeAnythingIsOffered(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 5000, Description: "Самса"})
	used := s.asks(wire.NewPaymentRequest{Amount: 100})
	s.pays(used, 100)
	w, _ := world.Simulated(noon, 2)
	forged := strings.Replace(r.Payload, r.ID.Token(), world.NewID(w, id.Request, 0).Token(), 1)
	for name, c := range map[string]struct {
		link, want string
		payable    bool
	}{
		"a link of ours":        {s.platform.Site().LinkOf(r.Payload), "Genuine code", true},
		"the bare payload":      {r.Payload, "Genuine code", true},
		"another scheme's link": {elqr.Link("elqr-demo://payqr.kg", r.Payload), "Genuine code", true},
		"another amount":        {signed(strings.Replace(r.Payload, "54045000", "54045001", 1)), "Do not pay: the code was altered", false},
		"a made-up request":     {signed(forged), "Do not pay: no such code was issued", false},
		"another provider":      {"https://pay.payqr.kg/#" + golden, "This code belongs to another provider", false},
		"no code at all":        {"https://example.com/", "This is not a payment code", false},
		"a paid request":        {used.Payload, "This has been paid already", false},
	} {
		page := s.browser("en").get("/open?link=" + url.QueryEscape(c.link))
		page.says(t, c.want)
		if offered := strings.Contains(page.text, "elqr-demo://payqr.kg#"); offered != c.payable || page.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d, apps offered: %v", name, page.StatusCode, offered)
		}
	}
}

// golden is the regulation's kind of payload, of another provider.
const golden = "00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO%20SHOP63048dae"

// signed gives a payload its right checksum again: anybody can do that.
func signed(payload string) string {
	text := payload[:len(payload)-8]
	sum := sha256.Sum256([]byte(text))
	return text + "6304" + hex.EncodeToString(sum[:])[60:]
}

func TestAppsGetTheLinkInTheirOwnForm(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 5000})
	link := s.platform.Site().LinkOf(r.Payload)
	page := s.browser("ru").get("/open?link=" + url.QueryEscape(link))
	for _, want := range []string{base + "/phone?link=" + url.QueryEscape(link), elqr.Link("elqr-demo://payqr.kg", r.Payload), "/p/" + r.ID.Token()} {
		if !strings.Contains(page.text, `href="`+strings.ReplaceAll(want, "&", "&amp;")+`"`) {
			t.Errorf("the page lacks the link %s", want)
		}
	}
}

func TestTheFrontPageTakesALinkWithoutScripts(t *testing.T) {
	s := open(t)
	page := s.browser("ky").get("/")
	page.says(t, "Бардык банктар үчүн бир QR", "Касса", "Төлөөчүнүн телефону")
	for _, want := range []string{`<form class="ask" method="get" action="/open">`, `name="link"`, `<script src="/assets/open.`} {
		if !strings.Contains(page.text, want) {
			t.Errorf("the front page lacks %s", want)
		}
	}
	if at := s.browser("ky").get("/open?link=+").at(t); at != "/" {
		t.Errorf("an empty field leads to %s", at)
	}
}

func TestAReceiptSaysOneOfThreeWords(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 125050, Description: "Самса"})
	paid := s.pays(r, 125050)
	for lang, word := range map[string]string{"ky": "Ийгиликтүү", "ru": "Успешно", "en": "Successful"} {
		page := s.browser(lang).get("/r/" + paid.ID.Token())
		page.says(t, word, "Кафе «Ала-Тоо»", "Самса", string(paid.ID), "Demo Bank", "Payer A***", "000417", "12:00:00", "0,00")
		if strings.Contains(page.text, "http-equiv") {
			t.Errorf("%s: a final receipt needs no reload", lang)
		}
	}
	late := s.asks(wire.NewPaymentRequest{Amount: 100})
	waiting := s.creates(late, 100)
	s.browser("ru").get("/r/"+waiting.ID.Token()).says(t, "В обработке")
	s.clock.Advance(payment.ExecuteWithin)
	s.browser("ru").get("/r/"+waiting.ID.Token()).says(t, "Ошибка", "Время платежа истекло, деньги не списаны.")
}
