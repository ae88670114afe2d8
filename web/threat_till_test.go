package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/flow"
	"tolom/id"
	"tolom/store"
)

// code makes a code for the shop's till.
func (s *shop) code() string {
	s.t.Helper()
	_, code, err := s.platform.Registry().AddPairing(context.Background(), s.merchant.ID, s.merchant.Till)
	return must(code, err)(s.t)
}

// sessions are those of the merchant, the oldest first.
func (s *shop) sessions() []store.TillSession {
	s.t.Helper()
	return must(s.platform.Registry().Desk().TillSessions().List(context.Background(), s.merchant.ID, "", 100))(s.t)
}

func TestATillIsPairedByItsCodeHoweverItIsTyped(t *testing.T) {
	s := open(t)
	for _, typed := range []func(string) string{
		strings.ToLower,
		func(c string) string { return " " + c[:4] + "-" + c[4:] + " " },
		strings.NewReplacer("A", "А", "B", "в", "C", "с", "E", "Е", "H", "Н", "K", "к", "M", "М", "P", "Р", "T", "т", "X", "Х", "Y", "у").Replace,
	} {
		b := s.browser("en")
		b.post("/pos/enter", "code", typed(s.code())).at(t)
		b.get("/pos").says(t, "Касса 1")
		if c := b.cookies["tolom_till"]; c == nil || c.MaxAge != int(flow.PairedLife.Seconds()) || !c.HttpOnly {
			t.Errorf("the cookie is %+v", c)
		}
	}
	keys := map[id.ID]bool{}
	for _, x := range s.sessions() {
		keys[x.Key] = true
	}
	if len(keys) != 3 {
		t.Errorf("three pairings have %d keys", len(keys))
	}
}

// TestThreatPairingCodeGuessed tries codes until it is held up, from one address and then from many.
func TestThreatPairingCodeGuessed(t *testing.T) {
	s := open(t)
	right := s.code()
	b := s.browser("en")
	held := 0
	for range 100 {
		page := b.post("/pos/enter", "code", "AAAA2222")
		if page.StatusCode == http.StatusTooManyRequests {
			held++
		} else if page.StatusCode != http.StatusUnauthorized {
			t.Fatalf("a wrong code: status %d", page.StatusCode)
		}
	}
	if held != 95 || len(s.sessions()) != 0 {
		t.Errorf("of 100 guesses %d were held up, and there are %d sessions", held, len(s.sessions()))
	}
	if page := b.post("/pos/enter", "code", right); page.StatusCode != http.StatusTooManyRequests {
		t.Errorf("whoever guesses is let in with the right one: %d", page.StatusCode)
	}
	s.clock.Advance(5 * time.Minute)
	b.post("/pos/enter", "code", right).at(t)
}

func TestThreatPairingCodeUsedTwiceOrLate(t *testing.T) {
	s := open(t)
	code, late := s.code(), s.code()
	s.browser("en").post("/pos/enter", "code", code).at(t)
	again := s.browser("en").post("/pos/enter", "code", code)
	again.says(t, "was used already")
	s.clock.Advance(10 * time.Minute)
	after := s.browser("ru").post("/pos/enter", "code", late)
	after.says(t, "старше десяти минут")
	if again.StatusCode != http.StatusUnauthorized || after.StatusCode != http.StatusUnauthorized || len(s.sessions()) != 1 {
		t.Errorf("status %d and %d, %d sessions", again.StatusCode, after.StatusCode, len(s.sessions()))
	}
}

// TestThreatSessionCookieAfterItsEnd goes on with a copy of a cookie after each way in which a session ends, and tries
// what else could be put into the cookie.
func TestThreatSessionCookieAfterItsEnd(t *testing.T) {
	ctx := context.Background()
	for name, end := range map[string]func(*shop, *browser, store.TillSession){
		"the cashier left": func(_ *shop, b *browser, _ store.TillSession) { b.post("/pos/leave").at(t) },
		"the session was ended": func(s *shop, _ *browser, x store.TillSession) {
			must(s.platform.Registry().EndSession(ctx, x.Merchant, x.ID))(t)
		},
		"the key was revoked": func(s *shop, _ *browser, x store.TillSession) { must(s.platform.Registry().RevokeKey(ctx, x.Key))(t) },
		"its time was over":   func(s *shop, _ *browser, _ store.TillSession) { s.clock.Advance(flow.PairedLife) },
	} {
		s := open(t)
		b, thief, other := s.browser("en"), s.browser("en"), s.cashier("en")
		s.clock.Advance(time.Second) // so that the ids of the sessions stand in order
		b.post("/pos/enter", "code", s.code()).at(t)
		cookie := *b.cookies["tolom_till"]
		thief.cookies["tolom_till"] = &cookie
		thief.get("/pos").says(t, "Касса 1")
		sessions := s.sessions()
		end(s, b, sessions[len(sessions)-1])
		if at := thief.get("/pos/payments").at(t); at != "/pos" {
			t.Errorf("%s: the copy leads to %s", name, at)
		}
		if name != "its time was over" {
			other.get("/pos").says(t, "Касса 1") // The other till goes on.
		}
		if strings.Contains(cookie.Value, "sk_") {
			t.Error("the cookie holds a key")
		}
		for _, value := range []string{s.key, sessions[0].Hash, "tst_" + sessions[0].Hash, "tst_", cookie.Value + "a", string(sessions[0].ID)} {
			thief.cookies["tolom_till"].Value = value
			if at := thief.get("/pos/payments").at(t); at != "/pos" {
				t.Errorf("the cookie %q opens the till", value)
			}
		}
	}
}

// TestThreatNarrowKeyAtThePointOfSale signs in with a key that may only look.
func TestThreatNarrowKeyAtThePointOfSale(t *testing.T) {
	s := open(t)
	_, secret, err := s.platform.Registry().Issue(context.Background(), store.Key{Owner: s.merchant.ID, Till: s.merchant.Till, Scopes: "read"})
	must(secret, err)(t)
	b := s.browser("en")
	b.post("/pos/enter", "key", secret).at(t)
	form := b.get("/pos").formKey(t)
	for _, page := range []answer{b.post("/pos/sales", "key", form, "amount", "10"), b.post("/pos/sticker", "key", form), b.get("/pos/statement"),
		b.post("/pos/payments/x/refunds", "key", form, "amount", "1"), b.post("/pos/sales/x/cancel")} {
		if page.StatusCode != http.StatusForbidden {
			t.Errorf("status %d: %s", page.StatusCode, plain(page.text))
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}
