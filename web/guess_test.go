package web_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"

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
	s := open(t)
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
}
