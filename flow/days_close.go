package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/settlement"
	"tolom/store"
)

// write does the next part of the oldest day of which something is missing.
func (b *BusinessDays) write(ctx context.Context) (did int, err error) {
	d, err := b.kept.Unfinished(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	stage, known := map[settlement.Stage]func(context.Context, *settlement.Day) (store.DayRows, error){
		settlement.Carry: b.carry, settlement.Gather: b.gather, settlement.Collect: b.collect, settlement.PayOut: b.payOut, settlement.Weigh: b.weigh,
		settlement.Move: b.move, settlement.Release: b.release, settlement.Tell: b.tell, settlement.Finish: b.finish,
	}[d.Stage]
	if !known {
		return 0, fmt.Errorf("flow: day %s is at %q, which this program does not know", d.Date, d.Stage)
	}
	rows, err := stage(ctx, &d)
	if err != nil {
		return 0, fmt.Errorf("flow: day %s, %s: %w", d.Date, d.Stage, err)
	}
	return 1, b.kept.PutDay(ctx, d, rows)
}

// goOn moves the cursor behind the last of a page, or to the next stage after the last page.
func (b *BusinessDays) goOn(d *settlement.Day, page int, last id.ID, next settlement.Stage) {
	d.Cursor = last
	if page < b.page {
		d.Stage, d.Cursor = next, ""
	}
}

// carry brings what merchants are owed from the day before, which was not paid out.
func (b *BusinessDays) carry(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	before, err := b.kept.Totals(ctx, d.Number-1, id.Merchant, d.Cursor, b.page)
	if err != nil {
		return rows, err
	}
	paid := map[id.ID]settlement.Payout{}
	if len(before) > 0 {
		if paid, err = b.paid(ctx, d.Number-1, before); err != nil {
			return rows, err
		}
	}
	for _, t := range before {
		d.Cursor = t.Owner
		if left := t.Payable() - paid[t.Owner].Amount; left != 0 && !flaw.Has(flaw.OpeningForgotten) {
			rows.Openings = append(rows.Openings, settlement.Total{Day: d.Number, Owner: t.Owner, Opening: left})
		}
	}
	b.goOn(d, len(before), d.Cursor, settlement.Gather)
	return rows, nil
}

// paid gives the payouts of a day to the merchants of totals.
func (b *BusinessDays) paid(ctx context.Context, number int64, totals []settlement.Total) (map[id.ID]settlement.Payout, error) {
	day, err := b.kept.DayNumbered(ctx, number)
	if err != nil {
		return nil, err
	}
	names := make([]id.ID, len(totals))
	for i, t := range totals {
		names[i] = t.Owner
	}
	payouts, err := b.kept.PayoutsOf(ctx, day.Date, names)
	out := make(map[id.ID]settlement.Payout, len(payouts))
	for _, p := range payouts {
		out[p.Merchant] = p
	}
	return out, err
}

// gather writes down whose position each PSP is in, those without payments too.
func (b *BusinessDays) gather(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	psps, err := b.registry.desk.PSPs().List(ctx, "", d.Cursor, b.page)
	if err != nil {
		return rows, err
	}
	for _, p := range psps {
		d.Cursor = p.ID
		rows.Gathered = append(rows.Gathered, settlement.Total{Day: d.Number, Owner: p.ID, Participant: settlesFor(p)})
	}
	b.goOn(d, len(psps), d.Cursor, settlement.Collect)
	return rows, nil
}

// collect makes what PSPs owe the debt of their participants.
func (b *BusinessDays) collect(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	totals, err := b.kept.Totals(ctx, d.Number, id.PSP, d.Cursor, b.page)
	if err != nil {
		return rows, err
	}
	var commands []engine.Command
	for _, t := range totals {
		d.Cursor = t.Owner
		if t.Owed() != 0 || t.Interchange != 0 {
			commands = append(commands, closePosition(d.Date, t))
		}
	}
	b.goOn(d, len(totals), d.Cursor, settlement.PayOut)
	return rows, b.all(ctx, commands)
}

// all has commands done together. Those that were done before change nothing; refusals
// with the codes are as good as done.
func (b *BusinessDays) all(ctx context.Context, commands []engine.Command, harmless ...fault.Code) error {
	for _, a := range b.engine.DoAll(ctx, commands...) {
		if a.Err != nil && !slices.Contains(harmless, fault.From(a.Err).Code) {
			return a.Err
		}
	}
	return nil
}

// payOut pays merchants what they are owed, and notes the account that each has. One that has no
// bank, or no account there, keeps it for a later day.
func (b *BusinessDays) payOut(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	totals, err := b.kept.Totals(ctx, d.Number, id.Merchant, d.Cursor, b.page)
	if err != nil {
		return rows, err
	}
	parties, err := b.parties(ctx)
	if err != nil {
		return rows, err
	}
	var commands []engine.Command
	for _, t := range totals {
		d.Cursor = t.Owner
		m, err := b.registry.Merchant(ctx, t.Owner)
		if err != nil {
			return rows, err
		}
		rows.Gathered = append(rows.Gathered, settlement.Total{Day: d.Number, Owner: m.ID, BankAccount: firstOf(m.BankAccount, settlement.NoBankAccount)})
		if t.Payable() <= 0 {
			continue
		}
		if _, known := parties[m.Participant]; known && m.BankAccount != "" {
			commands = append(commands, b.payMerchant(d.Date, t, m))
		}
	}
	b.goOn(d, len(totals), d.Cursor, settlement.Weigh)
	return rows, b.all(ctx, commands)
}

// weigh writes the positions down, which must sum to zero, and closes the day.
func (b *BusinessDays) weigh(ctx context.Context, d *settlement.Day) (rows store.DayRows, err error) {
	r := settlement.Reckoning{Day: d.Date}
	parties, err := b.parties(ctx)
	if err != nil {
		return rows, err
	}
	for _, p := range parties {
		r.Parties = append(r.Parties, p)
	}
	if err := b.readSums(ctx, *d, &r); err != nil {
		return rows, err
	}
	for _, t := range r.PSPs {
		if t.Participant == t.Owner {
			p, err := b.registry.PSP(ctx, t.Owner)
			if err != nil {
				return rows, err
			}
			r.Parties = append(r.Parties, settlement.Party{ID: p.ID, Name: p.Name, BIC: p.BIC})
		}
	}
	if rows.Positions, err = r.Positions(); err != nil {
		return rows, err
	}
	closed, refusal := settlement.Decide(*d, settlement.Close{}, b.world.Clock.Now())
	if refusal != nil {
		return rows, refusal
	}
	*d = closed
	return rows, b.recounts(ctx)
}

// recounts sets counters right that are wrong, because a program by which corrections
// counted in no limit has written to this database.
func (b *BusinessDays) recounts(ctx context.Context) error {
	owners, err := b.kept.Recount(ctx)
	if len(owners) > 0 && b.recount != nil {
		b.recount(ctx, owners)
	}
	return err
}

// readSums reads what the positions are made of.
func (b *BusinessDays) readSums(ctx context.Context, d settlement.Day, r *settlement.Reckoning) (err error) {
	if r.PSPs, err = b.totalsOf(ctx, d.Number, id.PSP); err != nil {
		return err
	}
	if r.Returned, err = b.totalsOf(ctx, d.Number, id.Participant); err != nil {
		return err
	}
	if r.PaidOut, err = b.kept.PaidOut(ctx, d.Date); err != nil {
		return err
	}
	if r.Merchants, err = b.kept.SumOfTotals(ctx, d.Number, id.Merchant); err != nil {
		return err
	}
	r.Centre, err = b.kept.Total(ctx, d.Number, settlement.Centre)
	return err
}

// totalsOf gives all totals of owners that are few.
func (b *BusinessDays) totalsOf(ctx context.Context, number int64, kind id.Kind) (out []settlement.Total, err error) {
	last := id.ID("")
	for {
		page, err := b.kept.Totals(ctx, number, kind, last, b.page)
		if err != nil || len(page) == 0 {
			return out, err
		}
		last, out = page[len(page)-1].Owner, append(out, page...)
	}
}
