package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var bankTable = db.NewTable("bank_statement",
	db.String("id", func(s *BankStatement) *string { return (*string)(&s.ID) }),
	db.Derived("bucket", func(s *BankStatement) int64 { return int64(s.ID.Bucket()) }),
	db.String("merchant", func(s *BankStatement) *string { return (*string)(&s.Merchant) }),
	db.String("digest", func(s *BankStatement) *string { return &s.Digest }),
	db.String("account", func(s *BankStatement) *string { return &s.Account }),
	db.String("format", func(s *BankStatement) *string { return &s.Format }),
	db.String("first_day", func(s *BankStatement) *string { return &s.FirstDay }),
	db.String("last_day", func(s *BankStatement) *string { return &s.LastDay }),
	db.Int64("credits", func(s *BankStatement) *int64 { return &s.Credits }),
	db.Int64("matched", func(s *BankStatement) *int64 { return &s.Matched }),
	db.Time("created_at", func(s *BankStatement) *time.Time { return &s.CreatedAt }),
)

var creditTable = db.NewTable("bank_credit",
	db.String("statement", func(c *BankCredit) *string { return (*string)(&c.Statement) }),
	db.Derived("bucket", func(c *BankCredit) int64 { return int64(c.Statement.Bucket()) }),
	db.Int64("number", func(c *BankCredit) *int64 { return &c.Number }),
	db.Int("row_number", func(c *BankCredit) *int { return &c.Credit.Row }),
	db.String("day", func(c *BankCredit) *string { return &c.Credit.Date }),
	db.Int64("amount", func(c *BankCredit) *int64 { return (*int64)(&c.Credit.Amount) }),
	db.String("reference", func(c *BankCredit) *string { return &c.Credit.Reference }),
	db.String("entry", func(c *BankCredit) *string { return &c.Credit.Entry }),
	db.String("key", func(c *BankCredit) *string { return &c.Key }),
	db.String("payout", func(c *BankCredit) *string { return (*string)(&c.Payout) }),
	db.String("way", func(c *BankCredit) *string { return (*string)(&c.Way) }),
)

// payoutCredit is which credit brought a payout.
type payoutCredit struct {
	Payout, Merchant id.ID
	Key              string
	Statement        id.ID
}

var payoutCreditTable = db.NewTable("payout_credit",
	db.String("payout", func(c *payoutCredit) *string { return (*string)(&c.Payout) }),
	db.Derived("bucket", func(c *payoutCredit) int64 { return int64(c.Payout.Bucket()) }),
	db.String("merchant", func(c *payoutCredit) *string { return (*string)(&c.Merchant) }),
	db.String("key", func(c *payoutCredit) *string { return &c.Key }),
	db.String("statement", func(c *payoutCredit) *string { return (*string)(&c.Statement) }),
)

// brings gives the payouts that a statement's credits brought and no earlier one's.
func brings(s BankStatement, credits []BankCredit) (out []payoutCredit) {
	for _, c := range credits {
		if c.Matched() && c.Way != "earlier" {
			out = append(out, payoutCredit{c.Payout, s.Merchant, c.Key, s.ID})
		}
	}
	return out
}

// AddStatement writes a statement, or reads the one of the same file.
func (s *sqlStore) AddStatement(ctx context.Context, st BankStatement, credits []BankCredit) (kept BankStatement, made bool, err error) {
	steps, err := statementSteps(st, credits)
	if err != nil {
		return kept, false, err
	}
	err = db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, steps...) })
	if err == nil {
		return st, true, nil
	}
	kept, missing := one(bankTable.Find(ctx, s.d, "WHERE t.merchant = $1 AND t.digest = $2", string(st.Merchant), st.Digest))
	if missing != nil {
		return kept, false, fmt.Errorf("store: add a statement: %w", err)
	}
	return kept, false, nil
}

func statementSteps(st BankStatement, credits []BankCredit) (steps []db.Step, err error) {
	head, err := bankTable.Insert([]BankStatement{st})
	steps = append(steps, head)
	for _, part := range parts(credits, caseBatch) {
		if len(part) == 0 || err != nil {
			continue
		}
		var step db.Step
		step, err = creditTable.Insert(part)
		steps = append(steps, step)
	}
	for _, part := range parts(brings(st, credits), caseBatch) {
		if len(part) == 0 || err != nil {
			continue
		}
		var step db.Step
		step, err = payoutCreditTable.Insert(part)
		steps = append(steps, step)
	}
	return steps, err
}

// BankStatement gives a statement.
func (s *sqlStore) BankStatement(ctx context.Context, name id.ID) (BankStatement, error) {
	return one(bankTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// BankStatementsOf lists a merchant's statements.
func (s *sqlStore) BankStatementsOf(ctx context.Context, merchant, before id.ID, limit int) ([]BankStatement, error) {
	var c filter
	c.where("t.merchant = $", string(merchant)).when("t.id < $", string(before))
	tail, args := c.tail("t.id DESC", limit)
	return bankTable.Find(ctx, s.d, tail, args...)
}

// BankCredits gives the credits of a statement.
func (s *sqlStore) BankCredits(ctx context.Context, statement id.ID) ([]BankCredit, error) {
	return creditTable.Find(ctx, s.d, "WHERE t.statement = $1 AND t.bucket = $2 ORDER BY t.number", string(statement), int64(statement.Bucket()))
}

// CreditsOf gives the keys of the credits that brought payouts.
func (s *sqlStore) CreditsOf(ctx context.Context, merchant id.ID, payouts []id.ID) (map[id.ID]string, error) {
	rows, err := payoutCreditTable.Find(ctx, s.d, "WHERE t.payout = ANY($1) AND t.bucket = $2", texts(payouts), int64(merchant.Bucket()))
	out := make(map[id.ID]string, len(rows))
	for _, r := range rows {
		out[r.Payout] = r.Key
	}
	return out, err
}

// PayoutsByKey gives the payouts that credits brought.
func (s *sqlStore) PayoutsByKey(ctx context.Context, merchant id.ID, keys []string) (map[string]id.ID, error) {
	rows, err := payoutCreditTable.Find(ctx, s.d, "WHERE t.merchant = $1 AND t.key = ANY($2) AND t.bucket = $3", string(merchant), keys, int64(merchant.Bucket()))
	out := make(map[string]id.ID, len(rows))
	for _, r := range rows {
		out[r.Key] = r.Payout
	}
	return out, err
}
