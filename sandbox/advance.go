package sandbox

import (
	"context"
	"errors"
	"time"

	"tolom/client"
	"tolom/flaw"
	"tolom/money"
	"tolom/wire"
)

// createWithin is how long the bank tries to create a payment whose money it holds: as long as the platform would
// give it for the execute. Nothing irrevocable has been sent until then, so it may give up by its own clock.
const createWithin = 60 * time.Second

// advance does the one next thing about a purchase. moved says that the books changed; an outcome that stays unknown
// is planned for later and is no error. Errors are those of the journal.
func (b *Bank) advance(ctx context.Context, purchase string) (moved bool, err error) {
	p, mine := b.take(purchase)
	if !mine {
		return false, nil
	}
	defer b.free(p)
	ctx, cancel := context.WithTimeout(ctx, b.CallTime)
	defer cancel()
	switch {
	case p.Stage == Held:
		return b.create(ctx, p)
	case p.Stage == Created && !p.Confirmed:
		return b.withdraw(p, Canceled, "expired")
	case p.Stage == Created:
		return b.did(entry{Event: purchaseExecuting, Purchase: p.ID})
	case p.Stage == Executing && flaw.Has(flaw.ReleaseByClock) && b.Clock.Now().Sub(p.ExecutingAt) > 5*time.Second:
		return b.did(entry{Event: purchaseReleased, Purchase: p.ID, Outcome: Canceled, Reason: "expired"})
	case p.Stage == Executing && b.batched(p):
		return false, nil
	case p.Stage == Executing:
		answer, err := b.PSP.Execute(ctx, p.Payment)
		return b.settle(p, answer, err)
	}
	return b.tell(ctx, p)
}

// batched says that a purchase is left to the batches of [Bank.Step].
func (b *Bank) batched(p Purchase) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.plans[p.ID].long()
}

// did writes an entry. One that comes too late, because the payer declined meanwhile, is no error.
func (b *Bank) did(e entry) (bool, error) {
	err := b.note(e)
	if errors.Is(err, ErrTooLate) {
		return false, nil
	}
	return err == nil, err
}

// later plans the next attempt and says why, for the log.
func (b *Bank) later(p Purchase, why error) (bool, error) {
	b.putOff(p.ID)
	b.Log.Warn("outcome unknown, asking again", "purchase", p.ID, "stage", p.Stage, "why", why)
	return false, nil
}

// create has the platform open the payment. Every repetition sends the same id and body.
func (b *Bank) create(ctx context.Context, p Purchase) (bool, error) {
	if b.Clock.Now().Sub(p.HeldAt) >= createWithin {
		return b.withdraw(p, Failed, "no_answer")
	}
	answer, err := b.PSP.Create(ctx, b.newPayment(p))
	var problem *client.Problem
	switch {
	case err == nil && !ours(p, answer):
		return b.later(p, errForeign)
	case err == nil && answer.Status == "created" && answer.ID != nil:
		return b.created(p, answer)
	case err == nil && client.Final(answer) && answer.StatusCode != 50:
		return b.did(entry{Event: purchaseReleased, Purchase: p.ID, Outcome: Stage(answer.Status), Reason: answer.Reason})
	case errors.As(err, &problem) && !problem.Unknown() && !problem.Retryable:
		return b.withdraw(p, Failed, problem.Code)
	}
	return b.later(p, err)
}

func (b *Bank) created(p Purchase, answer wire.PSPPayment) (bool, error) {
	if money.Amount(answer.Amount) != p.Amount || money.Amount(answer.Fee) > p.Fee {
		return b.withdraw(p, Failed, "terms_changed")
	}
	// No payment lives longer; a date that was damaged on its way would hold the payer's money for years.
	expires, latest := answer.ExpiresAt.Time, b.Clock.Now().Add(createWithin)
	if expires.IsZero() || expires.After(latest) {
		expires = latest
	}
	return b.did(entry{Event: purchaseCreated, Purchase: p.ID, Payment: *answer.ID, ExpiresAt: expires})
}

func (b *Bank) newPayment(p Purchase) wire.NewPSPPayment {
	account, _ := b.Account(p.Payer)
	in := wire.NewPSPPayment{
		PSPPaymentID: p.ID, Amount: int64(p.Amount), Currency: p.Offer.Currency, ReceiptID: p.ReceiptID,
		Payer: wire.Payer{Key: account.key(b.Name), NameMasked: account.masked(), Kind: account.kind()},
	}
	if p.Fee > 0 { // What the payer has agreed to; another fee by now is for the payer to judge.
		fee := int64(p.Fee)
		in.Fee = &fee
	}
	in.Link, in.Payload = linkOrPayload(p.Text)
	return in
}

// withdraw gives the money back before anything was executed, and leaves the bank with the duty to tell the platform,
// which may have the payment or may get a delayed create yet.
func (b *Bank) withdraw(p Purchase, outcome Stage, reason string) (bool, error) {
	return b.did(entry{Event: purchaseWithdrawn, Purchase: p.ID, Outcome: outcome, Reason: reason})
}

// tell cancels by the bank's own id: that also bars a create that is still on its way.
func (b *Bank) tell(ctx context.Context, p Purchase) (bool, error) {
	answer, err := b.PSP.CancelByPSPID(ctx, p.ID)
	answer, final := finalOf(answer, err)
	if !final || answer.PSPPaymentID != p.ID {
		return b.later(p, err)
	}
	if answer.Status == string(Succeeded) {
		b.Log.Error("the platform claims a success of a payment that was never executed", "purchase", p.ID)
	}
	return b.did(entry{Event: withdrawalTold, Purchase: p.ID, Outcome: Stage(answer.Status)})
}
