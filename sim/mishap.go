package sim

import (
	"strings"
	"time"
)

// mishap is one thing that is to go wrong at a certain place, for scenarios.
type mishap struct {
	place string // "call", "reply", "before commit", "after commit"
	call  string // of what call; "" for any
	what  string // "lost", "late", "twice", "died", "unknown", "adrift"
	by    time.Duration
	done  bool // of a commit adrift: it is done in the end
}

// meets takes the first mishap that is waiting for this place.
func (w *World) meets(place, call string) (m mishap, met bool) {
	for i, m := range w.mishaps {
		if m.place == place && (m.call == "" || m.call == call) {
			w.mishaps = append(w.mishaps[:i:i], w.mishaps[i+1:]...)
			return m, true
		}
	}
	return mishap{}, false
}

// callOf names what a message asks for, in one word.
func callOf(m message) string {
	path, _, _ := strings.Cut(m.target, "?")
	last := path[strings.LastIndex(path, "/")+1:]
	switch {
	case path == "/psp/v1/payments" && m.method == "POST":
		return "create"
	case path == "/v1/payment-requests" && m.method == "POST":
		return "request"
	case last == "refunds" && m.method == "POST":
		return "refund"
	case path == "/hook":
		return "webhook"
	}
	return last
}
