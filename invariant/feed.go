package invariant

import (
	"cmp"

	"tolom/id"
	"tolom/store"
)

// checkFeed walks through the feed. Batches lie in it one after another without
// gaps, each with its facts in order; so no fact has two places. That every fact
// of a numbered batch has one follows from the counts.
func (a *audit) checkFeed() error {
	var batch store.BatchRow
	ordinal, sequences := -1, map[id.ID]int64{}
	var unread error
	feed := stream[store.Numbered]{page: func(after store.Numbered) ([]store.Numbered, error) {
		return a.archive.NumberedPage(a.ctx, after.Position, pageSize)
	}}
	err := feed.all(func(n *store.Numbered) {
		a.report.Positions++
		a.report.look(Numbering, 1)
		a.offersOf(n)
		if err := a.inDay(n.Position, &n.Fact); err != nil {
			unread = err
		}
		name := string(n.Fact.ID)
		if n.Position != a.report.Positions {
			a.broken(Numbering, name, "position %d follows %d", n.Position, a.report.Positions-1)
			a.report.Positions = n.Position
		}
		if sequences[n.Reader]++; n.Sequence != sequences[n.Reader] || n.Reader != n.Fact.Reader() {
			a.broken(Numbering, name, "in the feed of %s it has sequence %d after %d", n.Reader, n.Sequence, sequences[n.Reader]-1)
			sequences[n.Reader] = n.Sequence
		}
		if n.Batch.ID != batch.ID {
			a.batchBegins(batch, n)
			batch, ordinal = n.Batch, -1
		}
		if n.Fact.Ordinal <= ordinal || n.Position >= batch.Position+batch.Facts {
			a.broken(Numbering, name, "it is out of place in batch %s", batch.ID)
		}
		ordinal = n.Fact.Ordinal
	})
	if err = cmp.Or(err, unread); err != nil {
		return err
	}
	return a.checkBatches()
}

// batchBegins says whether the batch before was told whole.
func (a *audit) batchBegins(before store.BatchRow, n *store.Numbered) {
	if n.Batch.Position != n.Position || before.ID != "" && before.Position+before.Facts != n.Position {
		a.broken(Numbering, string(n.Batch.ID), "it begins at position %d, by its row at %d; the batch before ends at %d",
			n.Position, n.Batch.Position, before.Position+before.Facts-1)
	}
}

// checkBatches compares the counts: what batches say they wrote, the facts there
// are, and the places in the feed.
func (a *audit) checkBatches() error {
	var numbered int64
	batches := stream[store.BatchRow]{page: func(after store.BatchRow) ([]store.BatchRow, error) {
		return a.archive.BatchPage(a.ctx, after.ID, pageSize)
	}}
	err := batches.all(func(b *store.BatchRow) {
		if b.Position > 0 {
			numbered += b.Facts
		} else {
			a.report.Waiting += b.Facts
		}
	})
	if err != nil {
		return err
	}
	if numbered != a.report.Positions {
		a.broken(Numbering, "the feed", "numbered batches have %d facts, the feed %d places", numbered, a.report.Positions)
	}
	if numbered+a.report.Waiting != a.report.Facts {
		a.broken(Numbering, "the batches", "they tell of %d facts, there are %d", numbered+a.report.Waiting, a.report.Facts)
	}
	return nil
}
