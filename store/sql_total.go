package store

import (
	"context"
	"strings"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
	"tolom/store/internal/db"
)

type dayTotal = settlement.Total

// totalTable has the day in its key too, so it is only inserted by the statements below.
var totalTable = db.NewTable("day_total",
	db.String("owner", func(t *dayTotal) *string { return (*string)(&t.Owner) }),
	db.Derived("bucket", func(t *dayTotal) int64 { return int64(t.Owner.Bucket()) }),
	db.Int64("day", func(t *dayTotal) *int64 { return &t.Day }),
	db.String("participant", func(t *dayTotal) *string { return (*string)(&t.Participant) }),
	db.String("bank_account", func(t *dayTotal) *string { return &t.BankAccount }),
	tyiyn("opening", func(t *dayTotal) *money.Amount { return &t.Opening }),
	tyiyn("payments", func(t *dayTotal) *money.Amount { return &t.Payments }),
	db.Int64("count", func(t *dayTotal) *int64 { return &t.Count }),
	tyiyn("fees", func(t *dayTotal) *money.Amount { return &t.Fees }),
	tyiyn("refunds", func(t *dayTotal) *money.Amount { return &t.Refunds }),
	db.Int64("refunds_count", func(t *dayTotal) *int64 { return &t.RefundsCount }),
	tyiyn("rejected", func(t *dayTotal) *money.Amount { return &t.Rejected }),
	tyiyn("fees_returned", func(t *dayTotal) *money.Amount { return &t.FeesReturned }),
	tyiyn("returned", func(t *dayTotal) *money.Amount { return &t.Returned }),
	tyiyn("interchange", func(t *dayTotal) *money.Amount { return &t.Interchange }),
	tyiyn("adjusted", func(t *dayTotal) *money.Amount { return &t.Adjusted }),
)

// dayParts are the columns that facts add to.
var dayParts = []string{"opening", "payments", "count", "fees", "refunds", "refunds_count", "rejected", "fees_returned", "returned", "interchange", "adjusted"}

const totalKey = "ON CONFLICT (day, owner, bucket) DO UPDATE SET "

var totalsAdd, totalsGather = totalInsertion(added()), totalInsertion("participant = excluded.participant, bank_account = excluded.bank_account")

func added() string {
	sets := make([]string, len(dayParts))
	for i, name := range dayParts {
		sets[i] = name + " = day_total." + name + " + excluded." + name
	}
	return strings.Join(sets, ", ")
}

func totalInsertion(sets string) db.Many {
	empty, _ := totalTable.Insert(nil) // no row, no error
	return db.Insertion("day_total", totalKey+sets, empty.Rows...)
}

// addToTotals is the step that adds, in order of the owners.
func addToTotals(totals []settlement.Total) (db.Step, error) {
	step, err := totalTable.Insert(totals)
	step.Many = totalsAdd
	return step, err
}

// gatherTotals is the step that says whose position each PSP is in, and which account each merchant has.
func gatherTotals(totals []settlement.Total) (db.Step, error) {
	step, err := totalTable.Insert(totals)
	step.Many = totalsGather
	return step, err
}

// SumOfTotals adds up a day's totals of owners of one kind.
func (s *sqlStore) SumOfTotals(ctx context.Context, number int64, kind id.Kind) (settlement.Total, error) {
	columns := make([]string, len(dayParts))
	for i, name := range dayParts {
		columns[i] = "CAST(coalesce(sum(t." + name + "), 0) AS bigint)"
	}
	reader := totalTable.Reader()
	var sum settlement.Total
	err := s.d.Query(ctx, "SELECT '', 0, 0, '', '', "+strings.Join(columns, ", ")+" FROM day_total AS t WHERE t.day = $1 AND t.owner > $2 AND t.owner < $3",
		func(scan db.Scan) (err error) {
			sum, err = reader.Row(scan)
			return err
		}, number, string(kind), string(kind)+"~")
	sum.Day = number
	return sum, err
}

type position = settlement.Position

// positionTable has the day in its key too.
var positionTable = db.NewTable("day_position",
	db.String("participant", func(p *position) *string { return (*string)(&p.Participant) }),
	db.Derived("bucket", func(p *position) int64 { return int64(p.Participant.Bucket()) }),
	db.String("day", func(p *position) *string { return &p.Day }),
	db.String("name", func(p *position) *string { return &p.Name }),
	db.String("bic", func(p *position) *string { return &p.BIC }),
	tyiyn("paid", func(p *position) *money.Amount { return &p.Paid }),
	db.Int64("paid_count", func(p *position) *int64 { return &p.PaidCount }),
	tyiyn("refunded", func(p *position) *money.Amount { return &p.Refunded }),
	db.Int64("refunded_count", func(p *position) *int64 { return &p.RefundedCount }),
	tyiyn("interchange", func(p *position) *money.Amount { return &p.Interchange }),
	tyiyn("payouts", func(p *position) *money.Amount { return &p.Payouts }),
	db.Int64("payouts_count", func(p *position) *int64 { return &p.PayoutsCount }),
	tyiyn("returned", func(p *position) *money.Amount { return &p.Returned }),
	tyiyn("adjusted", func(p *position) *money.Amount { return &p.Adjusted }),
	tyiyn("fees", func(p *position) *money.Amount { return &p.Fees }),
	tyiyn("held", func(p *position) *money.Amount { return &p.Held }),
	tyiyn("net", func(p *position) *money.Amount { return &p.Net }),
)
