package flow

import (
	"context"
	"errors"
	"strings"

	"tolom/clearing"
	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/settlement"
	"tolom/store"
)

// MarkSubmitted notes that a day's file was handed over to the central bank under the
// name message; digest is the SHA-256 of the file in hex. Again with the same is
// harmless. Refused: as settlement.Decide says.
func (b *BusinessDays) MarkSubmitted(ctx context.Context, date, message, digest string) (settlement.Day, error) {
	return b.change(ctx, date, settlement.Submit{Message: message, Digest: digest})
}

// DayAnswer is what the central bank says to a submitted file. Netting is of all or of
// none: when it refuses one participant, the day is returned.
type DayAnswer struct {
	Message  string // of the file that it answers
	Accepted bool
	Reason   string    // of a refusal, in its words
	Refused  []Refused // participants that it names
}

// Refused is a participant whose position the central bank cannot settle.
type Refused struct {
	Participant id.ID
	Reason      string
}

// longestReason is how much of the reasons is kept, in bytes.
const longestReason = 1000

func (a DayAnswer) command() settlement.Answer {
	parts := []string{}
	if a.Reason != "" {
		parts = append(parts, a.Reason)
	}
	for _, r := range a.Refused {
		parts = append(parts, strings.TrimSpace(string(r.Participant)+" "+r.Reason))
	}
	reason := strings.Join(parts, "; ")
	if len(reason) > longestReason {
		reason = strings.ToValidUTF8(reason[:longestReason], "")
	}
	accepted := a.Accepted && len(a.Refused) == 0
	if flaw.Has(flaw.RefusalIsYes) {
		accepted = true
	}
	return settlement.Answer{Message: a.Message, Accepted: accepted, Reason: reason}
}

// Answer takes the central bank's answer. After a yes it writes down what follows:
// accounts, limits, payouts that are paid; when it is interrupted, Step goes on, and the
// day is settled with the last of it. Refused: as settlement.Decide says.
func (b *BusinessDays) Answer(ctx context.Context, date string, a DayAnswer) (settlement.Day, error) {
	d, err := b.change(ctx, date, a.command())
	if err != nil || d.AcceptedAt.IsZero() {
		return d, err
	}
	return b.drive(ctx, date, func(d settlement.Day) bool { return d.Status == settlement.Settled })
}

// change decides on a day, again when another has changed it meanwhile.
func (b *BusinessDays) change(ctx context.Context, date string, c settlement.Command) (settlement.Day, error) {
	for {
		d, err := b.Get(ctx, date)
		if err != nil {
			return d, err
		}
		after, refusal := settlement.Decide(d, c, b.world.Clock.Now())
		if refusal != nil {
			return d, refusal
		}
		if after == d {
			return d, nil
		}
		switch err := b.kept.PutDay(ctx, after, store.DayRows{}); {
		case err == nil:
			return b.Get(ctx, date)
		case !errors.Is(err, store.ErrRetry) || ctx.Err() != nil:
			return d, fault.Wrap(fault.OutOfService, err)
		}
	}
}

// PayoutAnswer is what a merchant's bank says of a payout.
type PayoutAnswer struct {
	Paid   bool   // it is on the account; otherwise it comes back
	Reason string // of a return, in the bank's words
}

// AnswerPayout takes a bank's answer to a payout. What comes back is payable again and in
// a payout of a later day, so nothing can be taken of a payout that the bank may still be
// asked for: its file must lie with the bank at the commit. Refused: not_found;
// payout_not_sent; payout_already_final.
func (b *BusinessDays) AnswerPayout(ctx context.Context, payout id.ID, a PayoutAnswer) (settlement.Payout, error) {
	p, err := b.Payout(ctx, payout)
	if err != nil {
		return p, err
	}
	return b.end(ctx, p, endPayout(payout, clearing.CreditsID(p.Day, p.Participant), a.short()))
}

// comesBack returns a payout that is in no file and never will be.
func (b *BusinessDays) comesBack(ctx context.Context, p settlement.Payout, reason string) error {
	_, err := b.end(ctx, p, endPayout(p.ID, "", PayoutAnswer{Reason: reason}.short()))
	return err
}

func (b *BusinessDays) end(ctx context.Context, p settlement.Payout, c engine.Command) (settlement.Payout, error) {
	result, err := b.engine.Do(ctx, c)
	if ended, ok := result.(settlement.Payout); ok {
		p = ended
	}
	return p, err
}

// short is the answer with as much of the reason as is kept.
func (a PayoutAnswer) short() PayoutAnswer {
	if len(a.Reason) > longestReason {
		a.Reason = strings.ToValidUTF8(a.Reason[:longestReason], "")
	}
	return a
}

// move settles participants against the account at the central bank. There are as many as banks.
func (b *BusinessDays) move(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	positions, err := b.kept.Positions(ctx, d.Date)
	if err != nil {
		return rows, err
	}
	var commands []engine.Command
	for _, p := range positions {
		if p.Participant != settlement.Centre && p.Net != 0 {
			commands = append(commands, settlePosition(p))
		}
	}
	d.Stage, d.Cursor = settlement.Release, ""
	return rows, b.all(ctx, commands)
}

// release frees limits from what is settled.
func (b *BusinessDays) release(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	totals, err := b.kept.Totals(ctx, d.Number, id.PSP, d.Cursor, b.page)
	if err != nil {
		return rows, err
	}
	var commands []engine.Command
	for _, t := range totals {
		if d.Cursor = t.Owner; t.Owed() != 0 {
			commands = append(commands, releasePosition(d.Date, t))
		}
	}
	b.goOn(d, len(totals), d.Cursor, settlement.Tell)
	return rows, b.all(ctx, commands)
}

// tell marks the payouts as paid that the merchants' banks have not returned.
func (b *BusinessDays) tell(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	payouts, err := b.kept.Payouts(ctx, store.PayoutFilter{Day: d.Date, Ascending: true, After: d.Cursor, Limit: b.page})
	if err != nil {
		return rows, err
	}
	var commands []engine.Command
	for _, p := range payouts {
		if d.Cursor = p.ID; p.Status == settlement.PayoutMade {
			commands = append(commands, endPayout(p.ID, "", PayoutAnswer{Paid: true}))
		}
	}
	b.goOn(d, len(payouts), d.Cursor, settlement.Finish)
	return rows, b.all(ctx, commands, fault.PayoutFinal)
}

// finish settles the day.
func (b *BusinessDays) finish(_ context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	settled, refusal := settlement.Decide(*d, settlement.Settle{}, b.world.Clock.Now())
	if refusal != nil {
		return rows, refusal
	}
	*d = settled
	return rows, nil
}
