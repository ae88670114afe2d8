package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"tolom/sandbox"
)

var errPower = errors.New("the power is gone")

// outage ends a bank at the n-th thing it does to the world, be it a line of the journal or a call: the thing is
// done or not, nobody hears of it, and nothing works any more until the restart.
type outage struct {
	at, seen int
	done     bool // the thing itself is still done
	dark     bool
}

// strikes counts one thing; lost says that the bank does not hear of it, happens that it is done.
func (o *outage) strikes() (lost, happens bool) {
	if o.dark {
		return true, false
	}
	if o.seen++; o.seen == o.at {
		o.dark = true
		return true, o.done
	}
	return false, true
}

func (o *outage) into(s *stage) {
	s.journal.Strike(func([]byte) (before, after error) {
		lost, happens := o.strikes()
		switch {
		case lost && happens:
			return nil, errPower
		case lost:
			return errPower, nil
		}
		return nil, nil
	})
	s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
		lost, happens := o.strikes()
		if !happens {
			return nil, errPower
		}
		response, err := send.RoundTrip(r)
		if lost {
			return nil, errPower
		}
		return response, err
	}
}

// story is a purchase with a refund, told as a payer and a merchant would act on whatever they see.
func story(s *stage) {
	ctx := context.Background()
	offers := s.bank.Purchases(func(sandbox.Purchase) bool { return true })
	if len(offers) == 0 {
		p, err := s.bank.Scan(ctx, "payer-1", "tea", 0)
		if err != nil {
			return
		}
		offers = append(offers, p)
	}
	last := offers[0]
	_, _ = s.bank.Hold(ctx, last.ID, 0)
	_, _ = s.bank.Confirm(ctx, last.ID)
	if pay := s.platform.byPSP[last.ID]; pay != nil && pay.Status == "success" && len(s.platform.refunds) == 0 {
		s.platform.giveBack(*pay.ID, 5_00)
	}
	_, _ = s.bank.Step(ctx)
}

// TestAKilledBankGoesOn kills the bank at every single thing that it does, done and not done, and starts it again.
func TestAKilledBankGoesOn(t *testing.T) {
	for _, done := range []bool{false, true} {
		for at := 1; ; at++ {
			s := newStage(t)
			s.platform.ask("tea", true, 22_00)
			o := &outage{at: at, done: done}
			o.into(s)
			story(s)
			if !o.dark {
				if at < 10 {
					t.Errorf("the story has only %d things in it", at-1)
				}
				break
			}
			t.Run(fmt.Sprintf("killed at %d, done %v", at, done), func(t *testing.T) {
				s.t = t
				s.revive()
				story(s)
				s.rest()
				s.agree()
				if got := s.balance("payer-1"); got != 9_983_00 {
					t.Errorf("after 22 som paid and 5 given back the balance is %v", got)
				}
			})
		}
	}
}

// revive ends the outage and starts a new bank on what the old one left.
func (s *stage) revive() {
	s.journal.Strike(nil)
	s.network = nil
	s.restart()
}

func TestABankWhoseJournalFailedStops(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	offer := s.scan("payer-1", "tea")
	s.journal.Strike(func([]byte) (before, after error) { return nil, errPower })
	if _, err := s.bank.Pay(t.Context(), offer.ID, 0); !errors.Is(err, errPower) {
		t.Fatalf("paid without a journal: %v", err)
	}
	s.journal.Strike(nil)
	if _, err := s.bank.Pay(t.Context(), offer.ID, 0); !errors.Is(err, errPower) || len(s.platform.payments) != 0 {
		t.Errorf("the bank went on with books it does not know: %v", err)
	}
	s.restart()
	if got := s.balance("payer-1"); got != 9_978_00 {
		t.Errorf("the line was written, so the money is held: %v", got)
	}
	s.rest()
	s.agree()
}
