package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tolom/id"
	"tolom/web"
	"tolom/web/asset"
	"tolom/wire"
)

func TestPagesRunNothingInlineAndNothingForeign(t *testing.T) {
	s := open(t)
	till := s.cashier("ky")
	r := s.asks(wire.NewPaymentRequest{Amount: 100})
	for _, path := range []string{"/", "/p/" + r.ID.Token(), "/open?link=x", "/pos", "/pos/sales/" + r.ID.Token(), "/pos/statement", "/nothing"} {
		page := till.get(path)
		csp := page.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
		if bad := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:|<script(?:>| type="module">)`).FindString(page.text); bad != "" {
			t.Errorf("%s holds %q, which the policy forbids", path, bad)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	key := till.get("/pos").formKey(t)
	for name, headers := range map[string][2]string{"a modern browser": {"Sec-Fetch-Site", "cross-site"}, "an older one": {"Origin", "https://evil.example"}} {
		r := httptest.NewRequest("POST", "/pos/sales", strings.NewReader("amount=10&key="+key))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(headers[0], headers[1])
		if page := till.send(r); page.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %d", name, page.StatusCode)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were made for another site", n)
	}
}

func TestErrorPagesSayWhatToDoInTheLanguage(t *testing.T) {
	s := open(t)
	for lang, want := range map[string]string{"ky": "Мындай барак жок", "ru": "Такой страницы нет", "en": "There is no such page"} {
		for _, path := range []string{"/nothing", "/p/x", "/p/" + strings.Repeat("0", 26), "/r/x", "/assets/style.css", "/assets/x.0.js"} {
			page := s.browser(lang).get(path)
			page.says(t, "404", want)
			if page.StatusCode != http.StatusNotFound {
				t.Errorf("%s: status %d", path, page.StatusCode)
			}
		}
	}
	big := s.browser("en").post("/pos/enter", "key", strings.Repeat("x", 20<<10))
	if big.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 20 KiB: status %d", big.StatusCode)
	}
}

func TestAnAddressNamesTheMethodsThatItTakes(t *testing.T) {
	b := open(t).browser("en")
	for path, c := range map[string]struct {
		method, allow string
		status        int
	}{
		"/":          {"PUT", "GET", http.StatusMethodNotAllowed},
		"/pos/sales": {"GET", "POST", http.StatusMethodNotAllowed},
		"/p/x":       {"OPTIONS", "GET", http.StatusMethodNotAllowed},
		"/nothing":   {"PUT", "", http.StatusNotFound},
	} {
		page := b.send(httptest.NewRequest(c.method, path, nil))
		page.says(t, "There is no such page")
		if page.StatusCode != c.status || page.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s answers %d, Allow %q", c.method, path, page.StatusCode, page.Header.Get("Allow"))
		}
	}
}

func TestAMistakeOfOursIsNamedAndNotTold(t *testing.T) {
	s := open(t, func(c *web.Config) {
		c.Subscribe = func(id.ID) (<-chan struct{}, func()) { panic("secret of the house") }
	})
	r := s.asks(wire.NewPaymentRequest{Amount: 100})
	page := s.browser("en").get("/p/" + r.ID.Token() + "/stream")
	name := page.Header.Get("X-Request-Id")
	page.says(t, "Something went wrong on our side", name)
	if page.StatusCode != http.StatusInternalServerError || len(name) != 16 || strings.Contains(page.text, "secret") {
		t.Errorf("status %d, name %q, or the cause is shown", page.StatusCode, name)
	}
	if !strings.Contains(s.log.String(), name) || !strings.Contains(s.log.String(), "secret of the house") {
		t.Error("the log lacks the cause or the name")
	}
}

func TestTheLanguageIsRemembered(t *testing.T) {
	s := open(t)
	b := s.browser("en")
	b.get("/?lang=ky").says(t, "Бардык банктар үчүн бир QR")
	b.get("/").says(t, "Бардык банктар үчүн бир QR")
	c := b.cookies["tolom_lang"]
	if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure {
		t.Errorf("the cookie is %+v", c)
	}
	b.get("/?lang=xx").says(t, "Бардык банктар үчүн бир QR")
	page := b.get("/open?link=a%26b")
	if !strings.Contains(page.text, `href="/open?lang=ru&amp;link=a%26b"`) {
		t.Error("the switch loses what the page was asked for")
	}
}

func TestFilesAreNamedByTheirContent(t *testing.T) {
	b := open(t).browser("en")
	for _, name := range []string{"style.css", "staff.css", "live.js", "open.js", "pos.js", "icon.svg"} {
		got := b.get(asset.Path(name))
		if got.StatusCode != http.StatusOK || got.text != string(asset.Content(name)) || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s at %s: status %d, %s", name, asset.Path(name), got.StatusCode, got.Header.Get("Cache-Control"))
		}
	}
	if at := b.get("/favicon.ico").Header.Get("Location"); at != asset.Path("icon.svg") {
		t.Errorf("the icon is at %q", at)
	}
}
