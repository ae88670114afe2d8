package flow

import (
	"tolom/report"
	"tolom/store"
	"tolom/wire"
)

// mostCredits is how many credits of a statement are shown at once.
const mostCredits = 1000

// WireStatement writes a statement alone.
func WireStatement(s store.BankStatement) wire.BankStatement {
	return wire.BankStatement{
		ID: string(s.ID), Format: s.Format, Account: s.Account, FirstDay: s.FirstDay, LastDay: s.LastDay, Credits: s.Credits, Matched: s.Matched,
		CreatedAt: wire.At(s.CreatedAt),
	}
}

// WireResult writes a statement with its credits and the payouts that it lacks.
func WireResult(r StatementResult) wire.BankStatement {
	out := WireStatement(r.Statement)
	for _, c := range r.Credits[:min(len(r.Credits), mostCredits)] {
		line := wire.BankCredit{Number: c.Number, Row: c.Credit.Row, Date: c.Credit.Date, Amount: int64(c.Credit.Amount), Reference: c.Credit.Reference,
			Match: string(c.Way), PayoutID: string(c.Payout)}
		if p, known := r.Payouts[c.Payout]; known {
			shown := wire.PayoutOf(p)
			line.Payout = &shown
		}
		out.Lines = append(out.Lines, line)
	}
	for _, p := range r.Missing {
		out.Missing = append(out.Missing, wire.PayoutOf(p))
	}
	return out
}

// WireParts writes what a payout is made of.
func WireParts(moves []report.Move) []wire.PayoutPart {
	out := make([]wire.PayoutPart, len(moves))
	for i, m := range moves {
		f := m.Fact
		out[i] = wire.PayoutPart{Type: string(f.Type), At: wire.At(f.At), PaymentID: string(f.Payment), RefundID: string(f.Refund), OrderID: m.OrderID,
			StoreID: string(m.Store), Amount: int64(f.Amount), Fee: int64(f.Fee), Change: int64(m.Change())}
	}
	return out
}
