package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"tolom/sandbox"
)

func TestFaultsHitTheCallsTheyAreMeantFor(t *testing.T) {
	for name, c := range map[string]struct {
		fault sandbox.Fault
		first sandbox.Stage // after the payer's press
		calls int           // executes that reached the platform in the end
	}{
		"lost reply":    {sandbox.Fault{Trouble: sandbox.LoseReply, Call: "execute"}, sandbox.Executing, 2},
		"lost call":     {sandbox.Fault{Trouble: sandbox.LoseCall, Call: "execute", Times: 2}, sandbox.Executing, 1},
		"twice":         {sandbox.Fault{Trouble: sandbox.Twice, Call: "execute"}, sandbox.Succeeded, 2},
		"slow":          {sandbox.Fault{Trouble: sandbox.Delay, Call: "execute", Wait: time.Millisecond}, sandbox.Succeeded, 1},
		"create lost":   {sandbox.Fault{Trouble: sandbox.LoseReply, Call: "create"}, sandbox.Held, 1},
		"of other call": {sandbox.Fault{Trouble: sandbox.LoseCall, Call: "cancel"}, sandbox.Succeeded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.platform.ask("tea", true, 22_00)
			offer := s.scan("payer-1", "tea")
			s.trouble(c.fault)
			p, err := s.bank.Pay(t.Context(), offer.ID, 0)
			if err != nil || p.Stage != c.first {
				t.Errorf("first %s, want %s; %v", p.Stage, c.first, err)
			}
			s.rest()
			s.agree()
			if p := s.purchase(offer.ID); p.Stage != sandbox.Succeeded {
				t.Errorf("in the end %+v", p)
			}
			if got := s.platform.calls["POST /psp/v1/payments/pay_1/execute"]; got != c.calls {
				t.Errorf("%d executes, want %d", got, c.calls)
			}
		})
	}
}

func TestFaultsEnd(t *testing.T) {
	s := newStage(t)
	s.trouble(sandbox.Fault{Trouble: sandbox.LoseCall, Times: 2})
	s.trouble(sandbox.Fault{Trouble: sandbox.Decline})
	if len(s.faults.List()) != 2 {
		t.Errorf("listed: %+v", s.faults.List())
	}
	for i := range 3 {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://platform/psp/v1/refunds", nil)
		if _, err := s.faults.RoundTrip(request); (err != nil) != (i < 2) {
			t.Errorf("call %d: %v", i+1, err)
		}
	}
	s.faults.Clear()
	if len(s.faults.List()) != 0 {
		t.Error("cleared faults are still listed")
	}
}
