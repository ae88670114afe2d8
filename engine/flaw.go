package engine

import (
	"context"

	"tolom/store"
)

// apart is how a batch is written by the flaw OutboxApart: the rows in one commit,
// what they mean for others in a second one, which may never come.
func (l *lane) apart(ctx context.Context, tx store.Tx, c store.Changes) error {
	facts := store.Changes{Batch: l.newBatch(), Now: c.Now, Facts: c.Facts}
	c.Facts = nil
	if err := tx.Save(ctx, c); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	second, err := l.e.ledger.Begin(ctx)
	if err != nil {
		return nil
	}
	defer second.Rollback()
	for i := range facts.Facts {
		facts.Facts[i].Batch = facts.Batch.ID
	}
	if _, err := second.Claim(ctx, facts.Batch, nil); err != nil {
		return nil
	}
	if err := second.Save(ctx, facts); err == nil {
		_ = second.Commit(ctx)
	}
	return nil
}

// forgetClaims is what the flaw ClaimsLostOnRetry does to a batch that runs again.
func (g group) forgetClaims() {
	for _, t := range g.tickets {
		t.claims = nil
	}
}

// early is how a batch is written by the flaw AnswerEarly: the callers are told
// before the commit.
func (a *attempt) early(ctx context.Context, tx store.Tx, c store.Changes) error {
	if err := tx.Save(ctx, c); err != nil {
		return err
	}
	a.answer()
	return tx.Commit(ctx)
}
