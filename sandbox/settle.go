package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"tolom/client"
	"tolom/flaw"
	"tolom/money"
	"tolom/wire"
)

// errForeign says that an answer is about another payment than the one asked about; it decides nothing.
var errForeign = errors.New("the answer is about another payment")

// finalOf finds a payment in a final status in an answer or in the refusal, wherever the platform put it.
func finalOf(answer wire.PSPPayment, err error) (wire.PSPPayment, bool) {
	var problem *client.Problem
	switch {
	case err == nil:
		return answer, client.Final(answer)
	case errors.As(err, &problem) && problem.Payment != nil && !problem.Unknown():
		return *problem.Payment, client.Final(*problem.Payment)
	}
	return answer, false
}

// ours says whether an answer is about this purchase.
func ours(p Purchase, answer wire.PSPPayment) bool {
	return answer.PSPPaymentID == p.ID && (p.Payment == "" || answer.ID != nil && *answer.ID == p.Payment)
}

// settle ends a purchase that was executed, if the platform gave a final status: success takes the held money,
// anything else frees it. All other answers mean that the outcome is unknown, and the hold stays.
func (b *Bank) settle(p Purchase, answer wire.PSPPayment, err error) (bool, error) {
	answer, final := finalOf(answer, err)
	switch {
	case flaw.Has(flaw.CaptureFinal) && final, flaw.Has(flaw.CaptureUnknown) && !final:
		return b.did(entry{Event: purchaseCaptured, Purchase: p.ID})
	case flaw.Has(flaw.ReleaseOnRefusal) && !final && err != nil:
		return b.did(entry{Event: purchaseReleased, Purchase: p.ID, Outcome: Failed, Reason: "refused"})
	case !final:
		return b.later(p, err)
	case !ours(p, answer) || answer.Status == string(Succeeded) && money.Amount(answer.Amount) != p.Amount:
		return b.later(p, errForeign)
	case answer.Status == string(Succeeded):
		return b.did(entry{Event: purchaseCaptured, Purchase: p.ID, Receipt: answer.Receipt, EndedAt: answer.EndedAt.Time})
	}
	return b.did(entry{Event: purchaseReleased, Purchase: p.ID, Outcome: Stage(answer.Status), Reason: answer.Reason})
}

// states asks in one call about purchases whose single repetitions are used up. It names them by the bank's own ids:
// the platform's came over the network once, and if it was damaged there, asking by it would find nothing for ever. A
// payment that the platform does not find is not final either, so its money stays held.
func (b *Bank) states(ctx context.Context) (did int, err error) {
	taken := b.takeLong()
	defer func() {
		for _, p := range taken {
			b.free(p)
		}
	}()
	if len(taken) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.CallTime)
	defer cancel()
	answer, problem := b.PSP.States(ctx, payments(taken))
	for _, p := range taken {
		p.Payment = ""
		found, missing := pick(p, answer.Data), problem
		if found.ID == nil && missing == nil {
			missing = errors.New("the platform does not find the payment")
		}
		moved, err := b.settle(p, found, missing)
		if err != nil {
			return did, err
		}
		if moved {
			did++
		}
	}
	return did, nil
}

// takeLong takes what is due for a batch, the oldest first, as much as one call may ask about.
func (b *Bank) takeLong() []Purchase {
	var taken []Purchase
	for _, name := range b.due() {
		if len(taken) == client.MaxStates {
			break
		}
		p, mine := b.take(name)
		switch {
		case mine && p.Stage == Executing && b.batched(p):
			taken = append(taken, p)
		case mine:
			b.free(p)
		}
	}
	return taken
}

func payments(purchases []Purchase) []string {
	ids := make([]string, len(purchases))
	for i, p := range purchases {
		ids[i] = p.ID
	}
	return ids
}

func pick(p Purchase, answers []wire.PSPPayment) wire.PSPPayment {
	i := slices.IndexFunc(answers, func(a wire.PSPPayment) bool { return ours(p, a) })
	if i < 0 {
		return wire.PSPPayment{}
	}
	return answers[i]
}

// key is the bank's stable, opaque name for a payer: the platform must not learn who it is.
func (a Account) key(bank string) string {
	sum := sha256.Sum256([]byte(bank + "\x00" + a.ID))
	return hex.EncodeToString(sum[:16])
}
