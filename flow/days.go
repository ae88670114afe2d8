package flow

import (
	"context"
	"slices"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// BusinessDays is the use cases of business days: how they end, what they come to, and
// how they are settled. Its steps may be taken by any node at any moment, and twice.
type BusinessDays struct {
	kept     Ledgers
	engine   *engine.Engine
	registry *Registry
	world    world.World
	closeAt  string
	page     int
	facts    int
	recount  func(context.Context, []id.ID)
}

// Ledgers is what business days need of a store: the feed, the numbers, and their own rows.
type Ledgers interface {
	store.Days
	store.Reader
	// FileOfMessage says how far the file is in which a bank is asked for payouts.
	FileOfMessage(ctx context.Context, message string) (store.File, error)
	// Sequence numbers facts: a day does not end before the last of its facts has a number.
	Sequence(ctx context.Context, limit int) (facts int, err error)
}

// DaysConfig says when business days end. Zero fields take the defaults.
type DaysConfig struct {
	CloseAt string // "09:05" in Bishkek
	Page    int    // how many merchants a step pays out: 500
	// Facts is how many facts a step counts: 10,000. An owner's total changes once for all of them, so a step
	// that counts few costs as many rows as there are payments.
	Facts int
	// Recounted is told whose counters of net debit caps a close had to set right, which an older program has left.
	Recounted func(context.Context, []id.ID)
}

// NewDays makes the use cases of business days. The registry and the engine must be over the same database as kept.
func NewDays(kept Ledgers, e *engine.Engine, r *Registry, w world.World, c DaysConfig) (*BusinessDays, error) {
	if c.Page <= 0 {
		c.Page = 500
	}
	if c.Facts <= 0 {
		c.Facts = 10_000
	}
	return &BusinessDays{kept: kept, engine: e, registry: r, world: w, closeAt: c.CloseAt, page: c.Page, facts: c.Facts, recount: c.Recounted}, settlement.Timetable{CloseAt: c.CloseAt}.Check()
}

// List gives days that were cut, newest first, before a date; the empty date is no bound.
func (b *BusinessDays) List(ctx context.Context, before string, limit int) ([]settlement.Day, error) {
	days, err := b.kept.Days(ctx, before, limit)
	return days, missing(err)
}

// Get gives a day that was cut. Refused: not_found.
func (b *BusinessDays) Get(ctx context.Context, date string) (settlement.Day, error) {
	d, err := b.kept.Day(ctx, date)
	return d, missing(err)
}

// closed gives a day whose positions are final. Refused: not_found, day_not_closed.
func (b *BusinessDays) closed(ctx context.Context, date string) (settlement.Day, error) {
	d, err := b.Get(ctx, date)
	if err == nil && d.Status == settlement.Open {
		err = fault.New(fault.DayNotClosed)
	}
	return d, err
}

// Positions gives the positions of a closed day, the centre's first, then by
// participant. Refused: not_found, day_not_closed.
func (b *BusinessDays) Positions(ctx context.Context, date string) ([]settlement.Position, error) {
	if _, err := b.closed(ctx, date); err != nil {
		return nil, err
	}
	out, err := b.kept.Positions(ctx, date)
	return out, missing(err)
}

// Payouts gives the payouts of a closed day by id, after an id. Refused: not_found, day_not_closed.
func (b *BusinessDays) Payouts(ctx context.Context, date string, after id.ID, limit int) ([]settlement.Payout, error) {
	if _, err := b.closed(ctx, date); err != nil {
		return nil, err
	}
	out, err := b.kept.Payouts(ctx, store.PayoutFilter{Day: date, Ascending: true, After: after, Limit: limit})
	return out, missing(err)
}

// MerchantPayouts gives a merchant's payouts, newest first, before an id.
func (b *BusinessDays) MerchantPayouts(ctx context.Context, merchant, before id.ID, limit int) ([]settlement.Payout, error) {
	out, err := b.kept.Payouts(ctx, store.PayoutFilter{Merchant: merchant, Before: before, Limit: limit})
	return out, missing(err)
}

// Payout gives a payout. Refused: not_found.
func (b *BusinessDays) Payout(ctx context.Context, payout id.ID) (settlement.Payout, error) {
	p, err := b.kept.Payout(ctx, payout)
	return p, missing(err)
}

// Totals gives what a day's facts made of one owner's money: a merchant's, a PSP's or a
// participant's; zero when they made nothing of it. Refused: not_found.
func (b *BusinessDays) Totals(ctx context.Context, date string, owner id.ID) (settlement.Total, error) {
	d, err := b.Get(ctx, date)
	if err != nil {
		return settlement.Total{}, err
	}
	t, err := b.kept.Total(ctx, d.Number, owner)
	return t, missing(err)
}

// Records gives clearing records of a day that was cut: its payments and refunds in the
// order of the feed, out of limit positions after one. Give back next for the following
// page, 0 at first; there is nothing left when next is the day's To. Refused: not_found.
func (b *BusinessDays) Records(ctx context.Context, date string, after int64, limit int) (out []settlement.Record, next int64, err error) {
	d, err := b.Get(ctx, date)
	if err != nil {
		return nil, 0, err
	}
	if next = max(after, d.From); next >= d.To {
		return nil, d.To, nil
	}
	items, err := b.kept.Tail(ctx, next, int(min(int64(limit), d.To-next)))
	if err != nil {
		return nil, 0, missing(err)
	}
	facts := make([]payment.Fact, 0, len(items))
	for _, i := range items {
		if next = i.Position; i.Fact.Type == payment.PaymentSucceeded || i.Fact.Type == payment.RefundDidSucceed {
			facts = append(facts, i.Fact)
		}
	}
	out, err = b.records(ctx, d, facts)
	return out, next, err
}

func (b *BusinessDays) records(ctx context.Context, d settlement.Day, facts []payment.Fact) ([]settlement.Record, error) {
	var names []id.ID
	for _, f := range facts {
		names = append(names, f.Payment)
	}
	slices.Sort(names)
	payments := map[id.ID]payment.Payment{}
	for part := range slices.Chunk(slices.Compact(names), MostStates) {
		rows, err := b.kept.PaymentsByID(ctx, part)
		if err != nil {
			return nil, missing(err)
		}
		for _, p := range rows {
			payments[p.ID] = p
		}
	}
	parties, err := b.parties(ctx)
	if err != nil {
		return nil, missing(err)
	}
	accounts, err := b.accountsOf(ctx, d, facts)
	if err != nil {
		return nil, err
	}
	out := make([]settlement.Record, len(facts))
	for i, f := range facts {
		if out[i], err = b.record(ctx, f, payments[f.Payment], parties); err != nil {
			return nil, err
		}
		out[i].BankAccount = accountThen(accounts[f.Merchant], out[i].BankAccount)
	}
	return out, nil
}

// accountThen is the account that a merchant had at a close: its present one where none was noted.
func accountThen(noted, now string) string {
	if noted == settlement.NoBankAccount {
		return ""
	}
	return firstOf(noted, now)
}

// accountsOf gives the accounts that the merchants of facts had at the close of their day, in a question for many.
func (b *BusinessDays) accountsOf(ctx context.Context, d settlement.Day, facts []payment.Fact) (map[id.ID]string, error) {
	var merchants []id.ID
	for _, f := range facts {
		merchants = append(merchants, f.Merchant)
	}
	slices.Sort(merchants)
	accounts := map[id.ID]string{}
	for part := range slices.Chunk(slices.Compact(merchants), MostStates) {
		totals, err := b.kept.TotalsOf(ctx, d.Number, part)
		if err != nil {
			return nil, missing(err)
		}
		for _, t := range totals {
			accounts[t.Owner] = t.BankAccount
		}
	}
	return accounts, nil
}

// record joins a fact with who was on its two sides.
func (b *BusinessDays) record(ctx context.Context, f payment.Fact, p payment.Payment, parties map[id.ID]settlement.Party) (settlement.Record, error) {
	psp, err := b.registry.PSP(ctx, f.PSP)
	if err != nil {
		return settlement.Record{}, err
	}
	m, err := b.registry.Merchant(ctx, f.Merchant)
	if err != nil {
		return settlement.Record{}, err
	}
	r := settlement.Record{
		Transaction: f.Payment, Kind: settlement.C2B, Amount: f.Amount + f.Surcharge, Interchange: f.Interchange, PSP: f.PSP, PSPName: psp.Name,
		Acquirer: settlesFor(psp), Issuer: m.Participant, BankAccount: m.BankAccount, AccountID: m.ID, ExecutedTime: f.At, Created: p.CreatedAt,
	}
	r.BIC = parties[r.Acquirer].BIC
	r.AcquirerBIC = firstOf(p.Payer.BIC, psp.BIC, r.BIC)
	r.IssuerBIC = parties[r.Issuer].BIC
	if f.Type == payment.RefundDidSucceed {
		refund, err := b.kept.Refund(ctx, f.Refund)
		if err != nil {
			return r, missing(err)
		}
		r.Transaction, r.Kind, r.Created = f.Refund, settlement.B2C, refund.CreatedAt
	}
	return r, nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// settlesFor is the participant in whose position a PSP is: itself when it belongs to none.
func settlesFor(p store.PSP) id.ID {
	if p.Participant == "" {
		return p.ID
	}
	return p.Participant
}

// parties gives all participants as they are named now.
func (b *BusinessDays) parties(ctx context.Context) (map[id.ID]settlement.Party, error) {
	out, last := map[id.ID]settlement.Party{}, id.ID("")
	for {
		rows, err := b.registry.desk.Participants().List(ctx, "", last, 500)
		if err != nil || len(rows) == 0 {
			return out, err
		}
		for _, p := range rows {
			last = p.ID
			out[p.ID] = settlement.Party{ID: p.ID, Name: p.Name, BIC: p.BIC}
		}
	}
}

// Holidays gives the calendar's exceptions: weekdays without banking, and weekends with it.
func (b *BusinessDays) Holidays(ctx context.Context) ([]settlement.Holiday, error) {
	out, err := b.kept.Holidays(ctx)
	return out, missing(err)
}

// PutHoliday changes the calendar for a date that is still to come: the end of a day that
// has begun on it cannot be moved. Refused: invalid_request.
func (b *BusinessDays) PutHoliday(ctx context.Context, h settlement.Holiday) (settlement.Holiday, error) {
	if err := b.soundHoliday(h); err != nil {
		return h, err
	}
	return h, missing(b.kept.PutHoliday(ctx, h))
}

func (b *BusinessDays) soundHoliday(h settlement.Holiday) error {
	if err := b.checkHoliday(h.Date); err != nil {
		return err
	}
	if h.Name == "" || len(h.Name) > 100 {
		return fault.New(fault.InvalidRequest).On("name").Because("name is what the day is called, 1 to 100 bytes")
	}
	return nil
}

// DropHoliday takes a date out of the calendar's exceptions. Refused: invalid_request for dates that have come.
func (b *BusinessDays) DropHoliday(ctx context.Context, date string) error {
	if err := b.checkHoliday(date); err != nil {
		return err
	}
	return missing(b.kept.DropHoliday(ctx, date))
}

func (b *BusinessDays) checkHoliday(date string) error {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fault.New(fault.InvalidRequest).On("date").Because(`a date is written as "2026-11-24"`)
	}
	if date <= payment.DayOf(b.world.Clock.Now()) {
		return fault.New(fault.InvalidRequest).On("date").Because("the calendar can be changed from tomorrow on")
	}
	return nil
}

// Settlements gives what closed days came to for a PSP, newest first, before a date, and
// whether there are more.
func (b *BusinessDays) Settlements(ctx context.Context, who access.PSP, before string, limit int) (out []wire.PSPSettlement, more bool, err error) {
	out = []wire.PSPSettlement{}
	for {
		days, err := b.List(ctx, before, limit+1)
		if err != nil {
			return nil, false, err
		}
		for _, d := range days {
			if before = d.Date; d.Status == settlement.Open {
				continue // However many wait to be closed, those before them are told of.
			}
			if len(out) == limit {
				return out, true, nil
			}
			told, err := b.settlementOf(ctx, who.ID, d)
			if err != nil {
				return nil, false, err
			}
			out = append(out, told)
		}
		if len(days) <= limit {
			return out, false, nil
		}
	}
}

// settlementOf gives what a closed day came to for a PSP.
func (b *BusinessDays) settlementOf(ctx context.Context, psp id.ID, d settlement.Day) (wire.PSPSettlement, error) {
	own, err := b.kept.Total(ctx, d.Number, psp)
	if err != nil {
		return wire.PSPSettlement{}, missing(err)
	}
	p, err := b.positionOf(ctx, d.Date, own.Participant)
	return wire.PSPSettlementOf(d, own, p), err
}

// positionOf finds a participant's position of a closed day; none for a PSP that came later.
func (b *BusinessDays) positionOf(ctx context.Context, date string, participant id.ID) (settlement.Position, error) {
	positions, err := b.kept.Positions(ctx, date)
	for _, p := range positions {
		if p.Participant == participant && participant != settlement.Centre {
			return p, nil
		}
	}
	return settlement.Position{Day: date}, missing(err)
}
