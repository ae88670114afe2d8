package flow

import (
	"cmp"

	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// The scopes of the names by which nothing of a day is done twice. The key is the date and the owner.
const (
	PayoutScope   = "payout"
	PositionScope = "position"
	SettledScope  = "settled"
	ReleasedScope = "released"
)

// posting carries a part of a settlement to the engine. Done twice, it changes nothing.
type posting struct {
	bucket uint16
	claims []store.Claim
	need   store.Need
	decide func(engine.Sight) engine.Outcome
	taken  func(engine.Sight) *fault.Error // what is said when a name is taken; nil: it was done
}

func (p *posting) Bucket() uint16        { return p.bucket }
func (p *posting) Class() engine.Class   { return engine.Ask }
func (p *posting) Claims() []store.Claim { return p.claims }
func (p *posting) Need() store.Need      { return p.need }

func (p *posting) Decide(s engine.Sight) engine.Outcome {
	if len(s.Taken) == 0 {
		return p.decide(s)
	}
	out := engine.Outcome{GiveBack: true}
	if p.taken != nil {
		out.Refusal = p.taken(s)
	}
	return out
}

// once is the claim on doing something for an owner on a day.
func once(scope, date string, owner, object id.ID) []store.Claim {
	if flaw.Has(flaw.PayoutUnclaimed) && scope == PayoutScope || flaw.Has(flaw.PositionUnclaimed) && scope == PositionScope ||
		flaw.Has(flaw.SettledUnclaimed) && scope == SettledScope || flaw.Has(flaw.ReleasedUnclaimed) && scope == ReleasedScope {
		return nil
	}
	return []store.Claim{claim(scope, date+":"+string(owner), "", object)}
}

// closePosition moves what a PSP owes for a day, and what interchange it is owed, to its
// participant. What counts in limits stays counted until it is settled.
func closePosition(date string, t settlement.Total) engine.Command {
	return &posting{bucket: t.Owner.Bucket(), claims: once(PositionScope, date, t.Owner, ""), decide: func(s engine.Sight) engine.Outcome {
		if flaw.Has(flaw.InterchangeUnsettled) {
			t.Interchange = 0
		}
		return engine.Outcome{
			Lines: lines([]payment.Fact{{
				Type: payment.PositionWasClosed, At: s.View.Now, PSP: t.Owner, Participant: t.Participant, Day: date, Amount: t.Owed(), Interchange: t.Interchange,
			}}),
			Counters: stepOf(ledger.Of(t.Owner, ledger.Unsettled), -t.Owed()),
		}
	}}
}

func stepOf(a ledger.Account, amount money.Amount) []ledger.Delta {
	if amount == 0 {
		return nil
	}
	return []ledger.Delta{{Account: a, Amount: amount}}
}

// payMerchant pays out what a merchant was owed at the cut-off, but no more than it is
// owed at the commit: refunds that were asked for since come first. The balance is not
// locked while there is enough; when there is not, the engine decides once more with
// the lock, and sees it.
func (b *BusinessDays) payMerchant(date string, t settlement.Total, m store.Merchant) engine.Command {
	payable := ledger.Of(m.ID, ledger.Payable)
	p := settlement.Payout{
		ID: b.registry.newID(id.Payout, m.ID.Bucket()), Day: date, Merchant: m.ID, Participant: m.Participant, MerchantName: m.Name, BankAccount: m.BankAccount,
		Currency: "KGS", Opening: t.Opening, Payments: t.Payments, Count: t.Count, Fees: t.Fees, Refunds: t.Refunds, Rejected: t.Rejected,
		FeesReturned: t.FeesReturned, Returned: t.Returned, Adjusted: t.Adjusted, Status: settlement.PayoutMade,
	}
	return &posting{bucket: m.ID.Bucket(), claims: once(PayoutScope, date, m.ID, p.ID), decide: func(s engine.Sight) engine.Outcome {
		p := p
		p.Amount, p.CreatedAt = t.Payable(), s.View.Now
		if balance, locked := s.View.Balances[payable]; locked {
			p.Amount = max(min(p.Amount, balance), 0)
		}
		if p.Held = t.Payable() - p.Amount; p.Amount == 0 {
			kept := once(PayoutScope, date, m.ID, "")
			return engine.Outcome{Keep: kept, Result: p} // decided: there is nothing to pay
		}
		floor := money.Amount(0)
		if flaw.Has(flaw.PayoutUnguarded) {
			floor = -money.Max
		}
		return engine.Outcome{
			NewPayouts: []settlement.Payout{p}, Lines: lines([]payment.Fact{payoutFact(payment.PayoutWasMade, p, s)}),
			Guards: []engine.Guard{{Account: payable, Floor: floor, Refusal: fault.New(fault.InsufficientFunds)}},
		}
	}}
}

func payoutFact(kind payment.FactType, p settlement.Payout, s engine.Sight) payment.Fact {
	return payment.Fact{Type: kind, At: s.View.Now, Merchant: p.Merchant, Participant: p.Participant, Payout: p.ID, Day: p.Day, Amount: p.Amount}
}

// settlePosition moves what a participant owes or is owed to the account at the central bank.
func settlePosition(p settlement.Position) engine.Command {
	return &posting{bucket: p.Participant.Bucket(), claims: once(SettledScope, p.Day, p.Participant, ""), decide: func(s engine.Sight) engine.Outcome {
		return engine.Outcome{Lines: lines([]payment.Fact{{
			Type: payment.PositionWasSettled, At: s.View.Now, Participant: p.Participant, Day: p.Day, Amount: p.Net,
		}})}
	}}
}

// releasePosition frees the limits of a PSP and of its participant from what is settled.
func releasePosition(date string, t settlement.Total) engine.Command {
	need := store.Need{PSP: t.Owner}
	return &posting{bucket: t.Owner.Bucket(), need: need, claims: once(ReleasedScope, date, t.Owner, ""), decide: func(s engine.Sight) engine.Outcome {
		return engine.Outcome{
			Lines: lines([]payment.Fact{{
				Type: payment.PositionWasReleased, At: s.View.Now, PSP: t.Owner, Participant: t.Participant, Day: date, Amount: t.Owed(),
			}}),
			Counters: append(stepOf(ledger.Of(t.Owner, ledger.Unsettled), t.Owed()), stepPositions(s, t.Owner, t.Owed())...),
		}
	}}
}

// stepPositions changes the counters of those whose net debit cap a PSP's position is under:
// above zero it frees so much. The command's need must name the PSP.
func stepPositions(s engine.Sight, psp id.ID, amount money.Amount) (out []ledger.Delta) {
	for _, l := range s.View.Caps.Of("", psp) {
		if l.NetDebit > 0 {
			out = append(out, stepOf(ledger.Of(l.Owner, ledger.Position), amount)...)
		}
	}
	return out
}

// endPayout carries what the bank says of a payout to the engine. file is the message in which the bank was asked for it,
// which must lie there until the commit; empty for what no bank has said.
func endPayout(payout id.ID, file string, v PayoutAnswer) engine.Command {
	return &posting{bucket: payout.Bucket(), need: store.Need{Payout: payout, File: file}, decide: func(s engine.Sight) engine.Outcome {
		p, there := s.View.Payouts[payout]
		if !there {
			return engine.Outcome{Refusal: fault.New(fault.NotFound)}
		}
		kind, status := payment.PayoutWasPaid, settlement.PayoutPaid
		if !v.Paid {
			kind, status = payment.PayoutWasReturned, settlement.PayoutReturned
		}
		switch p.Status {
		case status:
			return engine.Outcome{Result: p}
		case settlement.PayoutReturned:
			return engine.Outcome{Result: p, Refusal: fault.New(fault.PayoutFinal)}
		}
		if refusal := unsent(s.View.Files[file], file); refusal != nil {
			return engine.Outcome{Result: p, Refusal: refusal}
		}
		if p.Status, p.EndedAt, p.Reason = status, s.View.Now, cmp.Or(v.Reason, p.Reason); v.Paid {
			p.PaidAt = s.View.Now
		}
		return engine.Outcome{Payouts: []settlement.Payout{p}, Lines: lines([]payment.Fact{payoutFact(kind, p, s)}), Result: p}
	}}
}

// unsent refuses what is said of a payout whose file does not lie with its bank: it is to go there still, or once more, and
// the bank would pay what is owed again by then.
func unsent(f store.File, message string) *fault.Error {
	switch {
	case message == "" || f.Status == store.FileDelivered:
		return nil
	case f.ID == "":
		return fault.New(fault.PayoutUnsent).Because("its file " + message + " is not planned yet: it is once the day is settled")
	}
	return fault.New(fault.PayoutUnsent).Because("its file " + f.Name + " is " + string(f.Status) + ": have it delivered, or hand it over and say so by \"deliver again\", and enter the answer then")
}
