package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tolom/qrimage"
	"tolom/sandbox"
)

// phone is a browser without scripts that shows the bank's screens.
type phone struct {
	*stage
	t    *testing.T
	base string
	http *http.Client
	url  string // where the last answer came from
	body string
}

func openPhone(t *testing.T) *phone {
	s := newStage(t)
	server := httptest.NewServer(s.bank.Handler())
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &phone{stage: s, t: t, base: server.URL, http: &http.Client{Jar: jar}}
}

func (p *phone) do(r *http.Request, err error) (status int) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.url, p.body = response.Request.URL.Path, string(body)
	return response.StatusCode
}

func (p *phone) get(path string) int {
	p.t.Helper()
	return p.do(http.NewRequest(http.MethodGet, p.base+path, nil))
}

func (p *phone) post(path string, form url.Values) int {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodPost, p.base+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.do(r, err)
}

// upload sends the scanner's form with a picture.
func (p *phone) upload(picture []byte) int {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("payer", "payer-1")
	_ = form.WriteField("link", "")
	part, err := form.CreateFormFile("photo", "photo.png")
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = part.Write(picture)
	form.Close()
	r, err := http.NewRequest(http.MethodPost, p.base+"/phone/scan", &body)
	if err == nil {
		r.Header.Set("Content-Type", form.FormDataContentType())
	}
	return p.do(r, err)
}

// shows fails the test unless the screen has all the texts.
func (p *phone) shows(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			p.t.Errorf("%s does not show %q:\n%s", p.url, text, regexp.MustCompile(`<[^>]*>`).ReplaceAllString(p.body, " "))
		}
	}
}

func TestThePhonePaysWithoutScripts(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("000201tea", true, 22_00)
	if status := p.get("/phone?lang=ru&link=000201tea"); status != 200 {
		t.Fatalf("home answers %d", status)
	}
	p.shows("10\u00a0000,00\u00a0сом", "000201tea</textarea>", "Банку передана ссылка")
	p.post("/phone/scan", url.Values{"payer": {"payer-1"}, "link": {"000201tea"}})
	p.shows("DEMO SHOP", "Store 1", "22,00\u00a0сом", "Tea", "Table", "Без комиссии", "Оплатить 22,00")
	p.post(p.url+"/pay", nil)
	p.shows("Успешно", "http://platform/r/pay_1", "pay_1", "DB")
	p.get("/phone?payer=payer-1")
	p.shows("9\u00a0978,00\u00a0сом", "−22,00\u00a0сом", "Успешно")
}

func TestThePayerGivesTheAmountWhereItIsOpen(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("open", false, 0)
	p.get("/phone?lang=en")
	p.post("/phone/scan", url.Values{"payer": {"payer-2"}, "link": {"open"}})
	offer := p.url
	for typed, why := range map[string]string{"": "does not fit", "0": "does not fit", "1.234": "does not fit", "abc": "does not fit", "500.01": "not enough"} {
		if status := p.post(offer+"/pay", url.Values{"amount": {typed}}); status/100 != 4 {
			t.Errorf("an amount of %q answers %d", typed, status)
		}
		p.shows(why, `value="`+typed+`"`)
	}
	if p.balance("payer-2") != 500_00 {
		t.Error("a refused amount was taken")
	}
	p.post(offer+"/pay", url.Values{"amount": {"499,99"}})
	p.shows("Successful", "499,99")
	if p.balance("payer-2") != 1 {
		t.Errorf("balance %v", p.balance("payer-2"))
	}
}

func TestSuccessIsShownOnlyAfterThePlatformConfirmed(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("tea", true, 22_00)
	p.trouble(sandbox.Fault{Trouble: sandbox.LoseReply, Call: "execute"})
	p.get("/phone?lang=ky")
	p.post("/phone/scan", url.Values{"payer": {"payer-1"}, "link": {"tea"}})
	screen := p.url
	p.post(screen+"/pay", nil)
	p.shows("Иштетилүүдө", `http-equiv="refresh"`)
	if strings.Contains(p.body, "Ийгиликтүү") {
		t.Error("an unknown outcome is shown as a success")
	}
	p.get("/phone")
	p.shows("9\u00a0978,00\u00a0сом", "Кармалган: 22,00")
	p.clock.Advance(time.Second)
	p.step()
	p.get(screen)
	p.shows("Ийгиликтүү")
	if strings.Contains(p.body, `http-equiv="refresh"`) {
		t.Error("a final screen goes on asking")
	}
}

func TestAFailedPaymentSaysWhyInThreeLanguages(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("tea", true, 22_00)
	offer := p.scan("payer-1", "tea")
	p.platform.suspended = true
	if _, err := p.bank.Pay(t.Context(), offer.ID, 0); err != nil {
		t.Fatal(err)
	}
	for lang, texts := range map[string][]string{
		"ky": {"Ката", "Сатуучу убактылуу төлөм кабыл албайт.", "Акча алынган жок."},
		"ru": {"Ошибка", "Продавец временно не принимает платежи.", "Деньги не списаны."},
		"en": {"Error", "The merchant does not accept payments now.", "No money was taken."},
	} {
		p.get("/phone/purchase/" + offer.ID + "?lang=" + lang)
		p.shows(texts...)
		p.shows(`lang="` + lang + `"`)
	}
}

func TestAHeldPaymentWaitsForTheConfirmation(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("tea", true, 22_00)
	p.get("/phone?lang=en")
	for act, want := range map[string]string{"confirm": "Successful", "decline": "You canceled the payment."} {
		p.platform.requests["tea"].status = ""
		offer := p.scan("payer-1", "tea")
		if _, err := p.bank.Hold(t.Context(), offer.ID, 0); err != nil {
			t.Fatal(err)
		}
		p.get("/phone/purchase/" + offer.ID)
		p.shows("Confirm 22,00", "The money is on hold.")
		p.post("/phone/purchase/"+offer.ID+"/"+act, nil)
		p.shows(want)
	}
}

func TestAPhotoIsScanned(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("000201tea", true, 22_00)
	picture, err := qrimage.PNG("000201tea", qrimage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p.get("/phone?lang=en")
	if status := p.upload(picture); status != 200 || !strings.Contains(p.url, "/purchase/") {
		t.Errorf("a photo answers %d at %s", status, p.url)
	}
	for name, c := range map[string]struct {
		picture []byte
		status  int
		why     string
	}{
		"nothing":     {nil, 422, "Paste a link or choose a photo"},
		"no picture":  {[]byte("hello"), 422, "not a picture that can be read"},
		"a large one": {make([]byte, qrimage.MaxPictureBytes+1), 413, "too large"},
		"a huge one":  {make([]byte, 2*qrimage.MaxPictureBytes), 413, "too large"},
	} {
		if status := p.upload(c.picture); status != c.status {
			t.Errorf("%s answers %d, want %d", name, status, c.status)
		}
		p.shows(c.why)
	}
	r, err := http.NewRequest(http.MethodPost, p.base+"/phone/decode", bytes.NewReader(picture))
	if status := p.do(r, err); status != 200 || p.body != `{"text":"000201tea"}`+"\n" {
		t.Errorf("a frame of the camera gives %d %s", status, p.body)
	}
}

func TestThePlatformsRefusalIsToldAtTheScanner(t *testing.T) {
	p := openPhone(t)
	p.get("/phone?lang=en")
	if status := p.post("/phone/scan", url.Values{"payer": {"payer-3"}, "link": {"<b>nonsense"}}); status != 422 {
		t.Errorf("answers %d", status)
	}
	p.shows("The QR code is damaged or wrong.", "&lt;b&gt;nonsense", "1\u00a0000\u00a0000,00")
	p.trouble(sandbox.Fault{Trouble: sandbox.LoseCall, Call: "check"})
	if status := p.post("/phone/scan", url.Values{"payer": {"payer-3"}, "link": {"x"}}); status != 502 {
		t.Errorf("answers %d", status)
	}
	p.shows("The platform cannot be reached.")
}

func TestAnAddressWithoutAScreenLeadsHome(t *testing.T) {
	p := openPhone(t)
	for _, path := range []string{"/phone/nothing", "/phone/scan", "/phone/purchase/"} {
		if status := p.get(path + "?lang=ky"); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
		p.shows("Мындай барак жок.", "QR менен төлөө")
	}
}

func TestScreensGuardThemselves(t *testing.T) {
	p := openPhone(t)
	response, err := p.http.Get(p.base + "/phone")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} {
		if got := response.Header.Get("Content-Security-Policy"); !strings.Contains(got, want) || strings.Contains(got, "unsafe") {
			t.Errorf("the policy is %q", got)
		}
	}
	r, err := http.NewRequest(http.MethodPost, p.base+"/phone/scan", strings.NewReader("payer=payer-1&link=tea"))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	if status := p.do(r, err); status != http.StatusForbidden {
		t.Errorf("another site's form answers %d", status)
	}
	p.get("/phone")
	if inline := regexp.MustCompile(`<script>|<style|style=|onclick|https?://`).FindString(p.body); inline != "" {
		t.Errorf("the screen has %q in it", inline)
	}
	for _, asset := range regexp.MustCompile(`/phone/assets/[^"]+`).FindAllString(p.body, -1) {
		if status := p.get(asset); status != 200 || p.body == "" {
			t.Errorf("%s answers %d", asset, status)
		}
	}
	for path, want := range map[string]int{"/phone/assets/none.css": 404, "/phone/purchase/db-0": 404, "/phone/": 200} {
		if status := p.get(path); status != want {
			t.Errorf("%s answers %d, want %d", path, status, want)
		}
	}
}

// call speaks to the JSON API.
func (p *phone) call(method, path, body string, out any) int {
	p.t.Helper()
	status := p.do(http.NewRequest(method, p.base+"/phone/api/"+path, strings.NewReader(body)))
	if out != nil {
		if err := json.Unmarshal([]byte(p.body), out); err != nil {
			p.t.Fatalf("%s: %v in %s", path, err, p.body)
		}
	}
	return status
}

func TestProgramsCanPlayThePayer(t *testing.T) {
	p := openPhone(t)
	p.platform.ask("open", false, 0)
	var bought sandbox.Purchase
	p.call("POST", "scan", `{"payer":"payer-1","text":"open"}`, &bought)
	if status := p.call("POST", "purchases/"+bought.ID+"/hold", `{"amount":100}`, &bought); status != 200 || bought.Stage != sandbox.Created {
		t.Fatalf("held: %d %+v", status, bought)
	}
	p.call("POST", "purchases/"+bought.ID+"/confirm", "", &bought)
	p.call("GET", "purchases/"+bought.ID, "", &bought)
	if bought.Stage != sandbox.Succeeded || bought.Amount != 100 {
		t.Errorf("confirmed: %+v", bought)
	}
	var totals sandbox.Totals
	p.call("GET", "totals", "", &totals)
	if totals.Captured != 100 || totals.Payments != 1 {
		t.Errorf("totals: %+v", totals)
	}
	var accounts []sandbox.Account
	p.call("GET", "payers", "", &accounts)
	var history []sandbox.Purchase
	p.call("GET", "history?payer=payer-1", "", &history)
	if len(accounts) != 4 || accounts[0].Available != 9_999_00 || len(history) != 1 {
		t.Errorf("%+v, %+v", accounts, history)
	}
	var faults []sandbox.Fault
	p.call("POST", "faults", `{"trouble":"lose_reply","call":"execute","times":2}`, &faults)
	if len(faults) != 1 || faults[0].Times != 2 {
		t.Errorf("faults: %+v", faults)
	}
	p.call("DELETE", "faults", "", nil)
	for path, want := range map[string]int{"scan": 404, "faults": 422, "purchases/db-0/pay": 404} {
		if status := p.call("POST", path, `{"payer":"payer-9","trouble":"flood"}`, nil); status != want {
			t.Errorf("%s answers %d, want %d: %s", path, status, want, p.body)
		}
	}
	if status := p.call("POST", "scan", `{"payr":"payer-1"}`, nil); status != 400 {
		t.Errorf("a field that is not known answers %d", status)
	}
}

func TestFaultsAreSetOnThePhone(t *testing.T) {
	p := openPhone(t)
	p.get("/phone?lang=en")
	p.post("/phone/faults", url.Values{"trouble": {"lose_reply"}, "call": {"execute"}, "times": {"3"}})
	p.shows("Lose the answer", "<code>execute</code>", "× 3")
	p.post("/phone/faults", url.Values{"trouble": {"lose_reply", "clear"}, "times": {"1"}})
	if len(p.faults.List()) != 0 {
		t.Errorf("still %+v", p.faults.List())
	}
}
