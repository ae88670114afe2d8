package web_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"tolom/web"
	"tolom/wire"
)

// guesses is how many ids are tried; TOLOM_GUESSES sets more for a long run.
func guesses(t *testing.T) int {
	text := os.Getenv("TOLOM_GUESSES")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestThreatGuessedPages tries ids of public pages as somebody would who knows the very millisecond and merchant of a
// request: its first 64 bits are right, and the 66 random ones are guessed. None is met, and the real one is there.
func TestThreatGuessedPages(t *testing.T) {
	held := 0
	s := open(t, func(c *web.Config) { c.Pause = func(context.Context, time.Duration) { held++ } })
	real := s.asks(wire.NewPaymentRequest{Amount: 100}).ID.Token()
	const letters = "0123456789abcdefghjkmnpqrstvwxyz"
	random, met := rand.New(rand.NewPCG(1, 2)), 0
	ask := func(path string) int {
		w := httptest.NewRecorder()
		s.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, base+path, nil))
		return w.Code
	}
	if got := ask("/p/" + real); got != http.StatusOK {
		t.Fatalf("the real page is %d", got)
	}
	for n := range guesses(t) {
		token := []byte(real)
		for i := len(real) - 13; i < len(real); i++ {
			token[i] = letters[random.IntN(32)]
		}
		if ask([]string{"/p/", "/r/"}[n%2]+string(token)) != http.StatusNotFound {
			met++
		}
	}
	if met != 0 {
		t.Errorf("%d guesses met a page", met)
	}
	if held != guesses(t)-30 {
		t.Errorf("%d of %d guesses were held", held, guesses(t))
	}
}

// TestThreatGuessingIsSlowed: after thirty misses of a network each further one is held and loses its connection, and when
// many wait the rest is sent away. Whoever opens a page that is there is served at once, behind the same address too.
func TestThreatGuessingIsSlowed(t *testing.T) {
	entered, release := make(chan struct{}, 100), make(chan struct{})
	s := open(t, func(c *web.Config) {
		c.Pause = func(context.Context, time.Duration) { entered <- struct{}{}; <-release }
	})
	real, receipt := s.asks(wire.NewPaymentRequest{Amount: 100}), s.pays(s.asks(wire.NewPaymentRequest{Amount: 100}), 100)
	ask := func(address, path string) *http.Response {
		r, w := httptest.NewRequest(http.MethodGet, base+path, nil), httptest.NewRecorder()
		r.RemoteAddr = address + ":5000"
		s.pages.ServeHTTP(w, r)
		return w.Result()
	}
	const guesser, neighbour, nothing = "192.0.2.7", "192.0.2.8", "/p/00000000000000000000000000"
	for n := range 30 {
		if got := ask(guesser, nothing); got.StatusCode != http.StatusNotFound || got.Header.Get("Connection") != "" {
			t.Fatalf("miss %d: %d, %v", n, got.StatusCode, got.Header)
		}
	}
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if got := ask(guesser, nothing); got.StatusCode != http.StatusNotFound || got.Header.Get("Connection") != "close" {
				t.Errorf("a held miss: %d, %v", got.StatusCode, got.Header)
			}
		})
	}
	for range 32 {
		<-entered
	}
	for _, path := range []string{"/r/00000000000000000000000000", nothing + "/qr.svg", nothing + "/stream"} {
		if got := ask(guesser, path); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Connection") != "close" {
			t.Errorf("%s, one too many: %d, %v", path, got.StatusCode, got.Header)
		}
	}
	for _, path := range []string{"/p/" + real.ID.Token(), "/p/" + real.ID.Token() + "/qr.svg", "/r/" + receipt.ID.Token()} {
		if got := ask(guesser, path); got.StatusCode != http.StatusOK || got.Header.Get("Connection") != "" {
			t.Errorf("%s, which is there: %d, %v", path, got.StatusCode, got.Header)
		}
	}
	if got := ask(neighbour, nothing); got.StatusCode != http.StatusNotFound || got.Header.Get("Connection") != "" {
		t.Errorf("a neighbour's first miss: %d, %v", got.StatusCode, got.Header)
	}
	close(release)
	group.Wait()
	s.clock.Advance(2 * time.Second)
	if got := ask(guesser, nothing); got.StatusCode != http.StatusNotFound || got.Header.Get("Connection") != "" {
		t.Errorf("after a rest: %d, %v", got.StatusCode, got.Header)
	}
}
