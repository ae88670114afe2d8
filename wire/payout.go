package wire

import "tolom/settlement"

// Payout is what a merchant is paid for one business day, and how the amount comes about.
type Payout struct {
	ID              string `json:"id"`
	Day             string `json:"day" doc:"The business day that it is for: the date on which the day ended"`
	Status          string `json:"status" enum:"made,paid,returned"`
	Amount          int64  `json:"amount" doc:"opening_balance + payments − fees − refunds + refunds_rejected + fees_returned + returned + adjusted − held"`
	Currency        string `json:"currency"`
	BankAccount     string `json:"bank_account"`
	ParticipantID   string `json:"participant_id" doc:"The bank that holds the account"`
	Opening         int64  `json:"opening_balance" doc:"Left over from the days before"`
	Payments        int64  `json:"payments"`
	PaymentsCount   int64  `json:"payments_count"`
	Fees            int64  `json:"fees"`
	Refunds         int64  `json:"refunds" doc:"Asked for in the day"`
	RefundsRejected int64  `json:"refunds_rejected" doc:"Refunds that the payer's bank could not give back"`
	FeesReturned    int64  `json:"fees_returned"`
	Returned        int64  `json:"returned" doc:"Payouts of earlier days that your bank sent back"`
	Adjusted        int64  `json:"adjusted" doc:"Differences that were corrected"`
	Held            int64  `json:"held" doc:"Needed for refunds that you asked for after the day's end; it stays on your balance"`
	Reason          string `json:"reason" doc:"Why your bank sent it back"`
	CreatedAt       Time   `json:"created_at"`
	PaidAt          Time   `json:"paid_at"`
	EndedAt         Time   `json:"ended_at" doc:"When it was paid or came back"`
}

// PayoutOf renders a payout for its merchant.
func PayoutOf(p settlement.Payout) Payout {
	return Payout{
		ID: string(p.ID), Day: p.Day, Status: string(p.Status), Amount: int64(p.Amount), Currency: p.Currency, BankAccount: p.BankAccount,
		ParticipantID: string(p.Participant), Opening: int64(p.Opening), Payments: int64(p.Payments), PaymentsCount: p.Count, Fees: int64(p.Fees),
		Refunds: int64(p.Refunds), RefundsRejected: int64(p.Rejected), FeesReturned: int64(p.FeesReturned), Returned: int64(p.Returned),
		Adjusted: int64(p.Adjusted), Held: int64(p.Held), Reason: p.Reason, CreatedAt: At(p.CreatedAt), PaidAt: At(p.PaidAt), EndedAt: At(p.EndedAt),
	}
}

// PSPSettlement is what a business day comes to for a PSP, and for the participant
// through which it settles. Tyiyn.
type PSPSettlement struct {
	Day           string   `json:"day"`
	Status        string   `json:"status" enum:"closed,submitted,settled,returned"`
	Paid          int64    `json:"paid" doc:"By your payers"`
	PaidCount     int64    `json:"paid_count"`
	Refunded      int64    `json:"refunded" doc:"Given back to your payers"`
	RefundedCount int64    `json:"refunded_count"`
	Interchange   int64    `json:"interchange" doc:"For you, less what refunds took back"`
	Adjusted      int64    `json:"adjusted" doc:"Differences that were corrected"`
	Net           int64    `json:"net" doc:"refunded + interchange + adjusted − paid: below zero you pay"`
	Participant   Position `json:"participant" doc:"The position of the participant that you settle through"`
	CutAt         Time     `json:"cut_at" doc:"When the day ended"`
	SettledAt     Time     `json:"settled_at"`
}

// Position is what a business day comes to for one participant. Tyiyn.
type Position struct {
	ParticipantID string `json:"participant_id" doc:"Empty: the processing centre"`
	Name          string `json:"name"`
	BIC           string `json:"bic"`
	Paid          int64  `json:"paid" doc:"By payers of its PSPs"`
	PaidCount     int64  `json:"paid_count"`
	Refunded      int64  `json:"refunded" doc:"Given back to payers of its PSPs"`
	RefundedCount int64  `json:"refunded_count"`
	Interchange   int64  `json:"interchange" doc:"For its PSPs, less what refunds took back"`
	Payouts       int64  `json:"payouts" doc:"For its merchants"`
	PayoutsCount  int64  `json:"payouts_count"`
	Returned      int64  `json:"returned" doc:"Payouts of earlier days that its merchants' accounts did not take"`
	Adjusted      int64  `json:"adjusted" doc:"Differences that were corrected"`
	Fees          int64  `json:"fees" doc:"Earned; of the centre only"`
	Held          int64  `json:"held" doc:"Of merchants, and of refunds on their way; of the centre only"`
	Net           int64  `json:"net" doc:"refunded + interchange + payouts + adjusted + fees + held − paid − returned: above zero it receives"`
}

// PositionOf renders a position.
func PositionOf(p settlement.Position) Position {
	return Position{
		ParticipantID: string(p.Participant), Name: p.Name, BIC: p.BIC, Paid: int64(p.Paid), PaidCount: p.PaidCount, Refunded: int64(p.Refunded),
		RefundedCount: p.RefundedCount, Interchange: int64(p.Interchange), Payouts: int64(p.Payouts), PayoutsCount: p.PayoutsCount,
		Returned: int64(p.Returned), Adjusted: int64(p.Adjusted), Fees: int64(p.Fees), Held: int64(p.Held), Net: int64(p.Net),
	}
}

// PSPSettlementOf renders a day for a PSP.
func PSPSettlementOf(d settlement.Day, own settlement.Total, p settlement.Position) PSPSettlement {
	return PSPSettlement{
		Day: d.Date, Status: string(d.Status), Paid: int64(own.Payments), PaidCount: own.Count, Refunded: int64(own.Refunds), RefundedCount: own.RefundsCount,
		Interchange: int64(own.Interchange), Adjusted: int64(own.Adjusted), Net: int64(own.Interchange - own.Owed()), Participant: PositionOf(p),
		CutAt: At(d.CutAt), SettledAt: At(d.EndedAt),
	}
}
