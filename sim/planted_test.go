package sim

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tolom/id"
)

// planted lives a small calm world that somebody has tampered with, and gives the
// rules that were broken in it.
func planted(t *testing.T, tamper func(w *World)) (rules []string) {
	t.Helper()
	w, err := newWorld(7, Calm(), 40, false, castFor(t))
	if err != nil {
		t.Fatal(err)
	}
	if tamper != nil {
		tamper(w)
	}
	w.live()
	for _, v := range w.violations {
		rules = append(rules, v.Rule)
	}
	return rules
}

func TestASoundWorldBreaksNoRule(t *testing.T) {
	if rules := planted(t, nil); len(rules) > 0 {
		t.Errorf("broken: %v", rules)
	}
}

func TestAnAnswerWithoutACommitIsSeen(t *testing.T) {
	rules := planted(t, func(w *World) {
		for _, n := range w.nodes {
			honest := n.handler
			n.handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				id, execute := strings.CutSuffix(r.URL.Path, "/execute")
				if !execute {
					honest.ServeHTTP(out, r)
					return
				}
				_, _ = out.Write([]byte(`{"id":"` + strings.TrimPrefix(id, "/psp/v1/payments/") + `","status":"success","status_code":50}`))
			})
		}
	})
	if len(rules) == 0 || rules[0] != "acknowledged is durable" {
		t.Errorf("broken: %v", rules)
	}
}

func TestAReceiverThatGetsNothingIsSeen(t *testing.T) {
	rules := planted(t, func(w *World) {
		w.hooks.deliver = func(_ message, x *exchange) { x.fail(errRefused) }
	})
	if len(rules) == 0 || rules[0] != "every notification arrives" {
		t.Errorf("broken: %v", rules)
	}
}

func TestABankThatDebitsWithoutASuccessIsSeen(t *testing.T) {
	rules := planted(t, func(w *World) {
		w.psps.deliver = func(m message, x *exchange) {
			name, execute := strings.CutSuffix(m.target, "/execute")
			if !execute {
				w.someNode().serve(m, x)
				return
			}
			p, err := w.store.Payment(t.Context(), id.ID(strings.TrimPrefix(name, "/psp/v1/payments/")))
			if err != nil {
				x.fail(errReset)
				return
			}
			x.end(answer{status: 200, header: http.Header{}, body: []byte(`{"id":"` + string(p.ID) + `","psp_payment_id":"` + p.PSPPaymentID +
				`","status":"success","status_code":50,"amount":` + strconv.FormatInt(int64(p.Amount), 10) + `}`)}, nil)
		}
	})
	if len(rules) == 0 || rules[0] != "success here is a debit there" {
		t.Errorf("broken: %v", rules)
	}
}
