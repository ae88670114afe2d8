package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/recon"
)

// BankStatements keeps what merchants' banks say came into their accounts.
type BankStatements interface {
	// AddStatement writes a statement with its credits and which payouts they brought, all or
	// nothing. When the merchant has given the same file before, it gives that one and
	// made is false. ErrTaken when one of the payouts got another credit meanwhile.
	AddStatement(ctx context.Context, s BankStatement, credits []BankCredit) (kept BankStatement, made bool, err error)
	// BankStatement gives a statement; ErrNotFound.
	BankStatement(ctx context.Context, name id.ID) (BankStatement, error)
	// BankStatementsOf gives a merchant's statements, newest first, older than before.
	BankStatementsOf(ctx context.Context, merchant, before id.ID, limit int) ([]BankStatement, error)
	// BankCredits gives the credits of a statement in its order.
	BankCredits(ctx context.Context, statement id.ID) ([]BankCredit, error)
	// CreditsOf gives the keys of the credits that brought payouts, by payout; those without one are absent.
	CreditsOf(ctx context.Context, merchant id.ID, payouts []id.ID) (map[id.ID]string, error)
	// PayoutsByKey is the other way round: the payouts that credits brought, by the credit's key.
	PayoutsByKey(ctx context.Context, merchant id.ID, keys []string) (map[string]id.ID, error)
}

// BankStatement is a file that a merchant gave.
type BankStatement struct {
	ID       id.ID
	Merchant id.ID
	Digest   string // SHA-256 of the file
	Account  string // the merchant's at its bank
	Format   string // "csv" or "camt.053"
	// FirstDay and LastDay are those of the credits; empty without credits.
	FirstDay, LastDay string
	Credits, Matched  int64
	CreatedAt         time.Time
}

// BankCredit is a credit of a statement and the payout that it brought, if any.
type BankCredit struct {
	Statement id.ID
	Number    int64 // counts from 1
	recon.Match
}
