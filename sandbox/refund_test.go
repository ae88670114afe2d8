package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"tolom/sandbox"
)

func (s *stage) paid(payer, text string, amount int64) sandbox.Purchase {
	s.t.Helper()
	s.platform.ask(text, false, amount)
	p, err := s.bank.Pay(context.Background(), s.scan(payer, text).ID, 0)
	if err != nil || p.Stage != sandbox.Succeeded {
		s.t.Fatalf("%+v, %v", p, err)
	}
	return p
}

func TestRefundsReachThePayerOnce(t *testing.T) {
	s := newStage(t)
	p := s.paid("payer-1", "tea", 100_00)
	acks := 0
	s.network = func(r *http.Request, send http.RoundTripper) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/ack") {
			if acks++; acks <= 4 {
				// Half of them are done and not answered, half never arrive.
				if acks%2 == 0 {
					_, _ = send.RoundTrip(r)
				}
				return nil, errNetwork
			}
		}
		return send.RoundTrip(r)
	}
	for range 5 {
		s.platform.giveBack(p.Payment, 10_00)
	}
	s.rest()
	if got := s.balance("payer-1"); got != 9_950_00 || s.purchase(p.ID).Refunded != 50_00 {
		t.Errorf("balance %v, %v refunded", got, s.purchase(p.ID).Refunded)
	}
	s.rest()
	s.agree()
}

func TestRefundsThatCannotBeGivenAreRejected(t *testing.T) {
	s := newStage(t)
	p := s.paid("payer-1", "tea", 100_00)
	s.platform.giveBack(p.Payment, 60_00)
	s.platform.giveBack(p.Payment, 60_00) // a platform that counts wrong
	s.platform.giveBack(p.Payment, 10_00)
	s.platform.refunds[2].PSPPaymentID = "another bank's"
	s.rest()
	codes := []string{"", "exceeds_payment", "unknown_payment"}
	for i, re := range s.platform.refunds {
		if re.Code != codes[i] || (re.Status == "success") != (codes[i] == "") {
			t.Errorf("refund %d is %s with %q, want code %q", i+1, re.Status, re.Code, codes[i])
		}
	}
	if got := s.balance("payer-1"); got != 9_960_00 {
		t.Errorf("balance %v", got)
	}
	s.agree()
}

func TestARefundWaitsUntilTheBankKnowsOfTheSuccess(t *testing.T) {
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	s.trouble(sandbox.Fault{Trouble: sandbox.LoseReply, Call: "execute"})
	p, err := s.bank.Pay(t.Context(), s.scan("payer-1", "tea").ID, 0)
	if err != nil || p.Stage != sandbox.Executing {
		t.Fatalf("%+v, %v", p, err)
	}
	s.platform.giveBack(p.Payment, 22_00)
	s.step()
	if s.platform.refunds[0].Status != "requested" {
		t.Error("the refund of an unknown purchase was decided")
	}
	s.rest()
	if got := s.balance("payer-1"); got != 10_000_00 || s.platform.refunds[0].Status != "success" {
		t.Errorf("balance %v, refund %s", got, s.platform.refunds[0].Status)
	}
	s.agree()
}
