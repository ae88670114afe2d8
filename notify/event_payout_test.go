package notify

import (
	"testing"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/settlement"
	"tolom/wire"
)

// latePayout was made, paid and at last sent back.
var latePayout = settlement.Payout{
	ID: someID(id.Payout), Day: "2026-03-03", Merchant: someID(id.Merchant), Participant: someID(id.Participant), BankAccount: "1091", Currency: "KGS",
	Amount: 9_950, Payments: 10_000, Count: 1, Fees: 50, Status: settlement.PayoutReturned, Reason: "account closed", CreatedAt: born, PaidAt: then, EndedAt: later,
}

func TestPayoutEventTellsThePayoutAsItWas(t *testing.T) {
	for _, c := range []struct {
		fact      payment.FactType
		at        time.Time
		status    string
		reason    string
		paid, end time.Time
	}{
		{payment.PayoutWasMade, born, "made", "", time.Time{}, time.Time{}},
		{payment.PayoutWasPaid, then, "paid", "", then, then},
		{payment.PayoutWasReturned, later, "returned", "account closed", then, later},
	} {
		got := wire.PayoutOf(payoutThen(latePayout, payment.Fact{Type: c.fact, At: c.at}))
		want := wire.PayoutOf(latePayout)
		want.Status, want.Reason, want.PaidAt, want.EndedAt = c.status, c.reason, wire.At(c.paid), wire.At(c.end)
		same(t, string(c.fact), got, want)
	}
}
