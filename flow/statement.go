package flow

import (
	"context"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/ledger"
	"tolom/money"
	"tolom/report"
	"tolom/wire"
)

// Statement is the merchant's account for the times [from, to), equal to the
// ledger. That of a key of one store or till has what was paid and given back there, and begins at nothing: the balance
// is the merchant's. Refused: invalid_request for times that do not follow each other or
// lie more than 92 days apart.
func (p *Platform) Statement(ctx context.Context, who access.Merchant, from, to time.Time) (wire.Statement, error) {
	if !from.Before(to) || to.Sub(from) > 92*24*time.Hour {
		return wire.Statement{}, fault.New(fault.InvalidRequest).On("from").Because("from is before to, by at most 92 days")
	}
	m, err := p.registry.Merchant(ctx, who.ID)
	if err != nil {
		return wire.Statement{}, err
	}
	rows, err := p.read.Statement(ctx, who.ID, from, to)
	if err != nil {
		return wire.Statement{}, missing(err)
	}
	if !who.Whole() {
		if rows, err = p.rowsOf(ctx, who, from, to, rows); err != nil {
			return wire.Statement{}, err
		}
	}
	s := report.Fold(who.ID, from, to, report.Rows{Balance: rows.Balance, Later: rows.Later, Payments: rows.Payments, Refunds: rows.Refunds, Payouts: rows.Payouts})
	return wire.StatementOf(s, m.Name), nil
}

// Balance gives the merchant's payable balance and the moment it was read.
func (p *Platform) Balance(ctx context.Context, who access.Merchant) (money.Amount, time.Time, error) {
	b, err := p.read.Balance(ctx, ledger.Of(who.ID, ledger.Payable))
	return b, p.world.Clock.Now(), missing(err)
}
