package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
	"tolom/store/internal/db"
)

type payout = settlement.Payout

var payoutTable = db.NewTable("payout",
	db.String("id", func(p *payout) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *payout) int64 { return int64(p.ID.Bucket()) }),
	db.String("day", func(p *payout) *string { return &p.Day }),
	db.String("merchant", func(p *payout) *string { return (*string)(&p.Merchant) }),
	db.String("participant", func(p *payout) *string { return (*string)(&p.Participant) }),
	db.String("merchant_name", func(p *payout) *string { return &p.MerchantName }),
	db.String("bank_account", func(p *payout) *string { return &p.BankAccount }),
	db.String("currency", func(p *payout) *string { return &p.Currency }),
	tyiyn("amount", func(p *payout) *money.Amount { return &p.Amount }),
	tyiyn("opening", func(p *payout) *money.Amount { return &p.Opening }),
	tyiyn("payments", func(p *payout) *money.Amount { return &p.Payments }),
	db.Int64("count", func(p *payout) *int64 { return &p.Count }),
	tyiyn("fees", func(p *payout) *money.Amount { return &p.Fees }),
	tyiyn("refunds", func(p *payout) *money.Amount { return &p.Refunds }),
	tyiyn("rejected", func(p *payout) *money.Amount { return &p.Rejected }),
	tyiyn("fees_returned", func(p *payout) *money.Amount { return &p.FeesReturned }),
	tyiyn("returned", func(p *payout) *money.Amount { return &p.Returned }),
	tyiyn("adjusted", func(p *payout) *money.Amount { return &p.Adjusted }),
	tyiyn("held", func(p *payout) *money.Amount { return &p.Held }),
	db.String("status", func(p *payout) *string { return (*string)(&p.Status) }).Mutable(),
	db.String("reason", func(p *payout) *string { return &p.Reason }).Mutable(),
	db.Time("created_at", func(p *payout) *time.Time { return &p.CreatedAt }),
	db.Time("paid_at", func(p *payout) *time.Time { return &p.PaidAt }).Mutable(),
	db.Time("ended_at", func(p *payout) *time.Time { return &p.EndedAt }).Mutable(),
	db.Int64("version", func(p *payout) *int64 { return &p.Version }),
)

// tyiyn is a column of an amount.
func tyiyn[T any](name string, field func(*T) *money.Amount) db.Column[T] {
	return db.Int64(name, func(row *T) *int64 { return (*int64)(field(row)) })
}

// Payout gives a payout.
func (s *sqlStore) Payout(ctx context.Context, name id.ID) (settlement.Payout, error) {
	return one(payoutTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// Payouts lists payouts of a day or of a merchant.
func (s *sqlStore) Payouts(ctx context.Context, f PayoutFilter) ([]settlement.Payout, error) {
	var c filter
	c.when("t.day = $", f.Day).when("t.merchant = $", string(f.Merchant)).when("t.participant = $", string(f.Participant))
	c.when("t.status = $", string(f.Status)).when("t.id > $", string(f.After)).when("t.id < $", string(f.Before))
	order := "t.id DESC"
	if f.Ascending {
		order = "t.id"
	}
	tail, args := c.tail(order, f.Limit)
	return payoutTable.Find(ctx, s.d, tail, args...)
}

// PayoutsOf gives the payouts of one day to these merchants.
func (s *sqlStore) PayoutsOf(ctx context.Context, date string, merchants []id.ID) ([]settlement.Payout, error) {
	return payoutTable.Find(ctx, s.d, "WHERE t.merchant = ANY($1) AND t.day = $2", texts(merchants), date)
}

// PaidOut sums a day's payouts by participant.
func (s *sqlStore) PaidOut(ctx context.Context, date string) (out []settlement.PaidOut, err error) {
	err = s.d.Query(ctx, "SELECT t.participant, CAST(sum(t.amount) AS bigint), count(*) FROM payout AS t WHERE t.day = $1"+
		" GROUP BY t.participant ORDER BY t.participant", func(scan db.Scan) error {
		var participant string
		var amount, count int64
		err := scan(&participant, &amount, &count)
		out = append(out, settlement.PaidOut{Participant: id.ID(participant), Amount: money.Amount(amount), Count: count})
		return err
	}, date)
	return out, err
}

// payoutSteps adds what changes payouts.
func (c *Changes) payoutSteps(add func(int, func() (db.Step, error))) {
	add(len(c.NewPayouts), func() (db.Step, error) { return payoutTable.Insert(c.NewPayouts) })
	add(len(c.Payouts), func() (db.Step, error) { return payoutTable.Update(c.Payouts, stale("payout")) })
}

// lockPayouts locks and reads the payouts that the needs name.
func (l *loader) lockPayouts() []db.Question {
	names := l.ids(func(n Need) id.ID { return n.Payout })
	if len(names) == 0 {
		return nil
	}
	return []db.Question{payoutTable.Question(&l.payouts, "WHERE t.id = ANY($1) ORDER BY t.id FOR NO KEY UPDATE", names)}
}

// payoutsByID gives the payouts that were read.
func (l *loader) payoutsByID() map[id.ID]payout {
	if len(l.payouts) == 0 {
		return nil
	}
	out := make(map[id.ID]payout, len(l.payouts))
	for _, p := range l.payouts {
		out[p.ID] = p
	}
	return out
}

// movedPayouts gives a merchant's payouts that were made, or came back, in a time. There
// is one a day at most, so all of a merchant's are looked through.
func movedPayouts(ctx context.Context, q db.Querier, merchant id.ID, from, to time.Time) ([]payout, error) {
	return payoutTable.Find(ctx, q, "WHERE t.merchant = $1 AND (t.created_at >= $2 AND t.created_at < $3"+
		" OR t.status = 'returned' AND t.ended_at >= $4 AND t.ended_at < $5) ORDER BY t.id",
		string(merchant), db.Millis(from), db.Millis(to), db.Millis(from), db.Millis(to))
}
