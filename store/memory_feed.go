package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
)

// applyFacts keeps a batch's facts until Sequence gives them their places.
func (t *tables) applyFacts(batch Batch, c Changes) {
	if len(c.Facts) == 0 {
		return
	}
	facts := slices.Clone(c.Facts)
	slices.SortStableFunc(facts, func(a, b payment.Fact) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	waits := unnumbered{at: c.Now}
	for _, f := range facts {
		t.facts[f.ID] = f
		waits.facts = append(waits.facts, f.ID)
	}
	t.unnumbered[batch.ID] = waits
}

// Sequence numbers the facts of the oldest batches.
func (m *Memory) Sequence(ctx context.Context, limit int) (facts int, err error) {
	err = m.write(ctx, func(t *tables) error {
		for _, batch := range t.oldestUnnumbered(limit) {
			for _, fact := range t.unnumbered[batch].facts {
				if t.number(t.facts[fact]); flaw.Has(flaw.FeedTwice) {
					t.number(t.facts[fact])
				}
				facts++
			}
			delete(t.unnumbered, batch)
		}
		return nil
	})
	return facts, err
}

func (t *tables) oldestUnnumbered(limit int) []id.ID {
	batches := make([]id.ID, 0, len(t.unnumbered))
	for batch := range t.unnumbered {
		batches = append(batches, batch)
	}
	slices.SortFunc(batches, func(a, b id.ID) int {
		return cmp.Or(t.unnumbered[a].at.Compare(t.unnumbered[b].at), cmp.Compare(a, b))
	})
	return batches[:min(limit, len(batches))]
}

// number gives a fact the next position, and the next sequence of its reader's feed.
func (t *tables) number(f payment.Fact) {
	place, reader := len(t.feed), f.Reader()
	t.feedOf[reader] = append(t.feedOf[reader], place)
	t.placeOf[f.ID] = place
	t.feed = append(t.feed, FeedItem{Reader: reader, Position: int64(place + 1), Sequence: int64(len(t.feedOf[reader])), Fact: f})
	if flaw.Has(flaw.FeedSkips) {
		t.feed[place].Sequence += int64(len(t.feedOf[reader]) / 2)
	}
}

// item gives a row of the feed with what its reader has said of it.
func (t *tables) item(place int) FeedItem {
	item := t.feed[place]
	_, item.Acked = t.acks[ack{item.Reader, item.Fact.ID}]
	return item
}

// Ack notes that a reader has taken a fact.
func (m *Memory) Ack(ctx context.Context, reader, fact id.ID, at time.Time) error {
	return m.write(ctx, func(t *tables) error {
		if name := (ack{reader, fact}); t.acks[name].IsZero() {
			t.acks[name] = whole(at)
		}
		return nil
	})
}

// SuccessOf finds the fact that a payment succeeded, at its place.
func (m *Memory) SuccessOf(ctx context.Context, pay payment.Payment) (FeedItem, error) {
	return read(ctx, m, func(t *tables) (FeedItem, error) {
		for _, place := range slices.Backward(t.feedOf[pay.Merchant]) {
			if f := t.feed[place].Fact; f.Payment == pay.ID && f.Type == payment.PaymentSucceeded {
				return t.item(place), nil
			}
		}
		return FeedItem{}, ErrNotFound
	})
}

// Feed gives a reader's facts after a sequence.
func (m *Memory) Feed(ctx context.Context, reader id.ID, after int64, limit int) ([]FeedItem, error) {
	return m.items(ctx, reader, after, limit, func(FeedItem) bool { return true })
}

// Unacked gives those that the reader has not acknowledged.
func (m *Memory) Unacked(ctx context.Context, reader id.ID, after int64, limit int) ([]FeedItem, error) {
	return m.items(ctx, reader, after, limit, func(i FeedItem) bool { return !i.Acked })
}

func (m *Memory) items(ctx context.Context, reader id.ID, after int64, limit int, fits func(FeedItem) bool) ([]FeedItem, error) {
	return read(ctx, m, func(t *tables) (out []FeedItem, err error) {
		places := t.feedOf[reader]
		for _, place := range places[clamp(after, len(places)):] {
			if len(out) >= limit {
				break
			}
			if item := t.item(place); fits(item) {
				out = append(out, item)
			}
		}
		return out, nil
	})
}

// clamp turns a cursor that counts from 1 into the place of the first row after it.
func clamp(cursor int64, length int) int64 { return min(max(cursor, 0), int64(length)) }

// FeedItem finds a fact in a reader's feed.
func (m *Memory) FeedItem(ctx context.Context, reader, fact id.ID) (FeedItem, error) {
	return read(ctx, m, func(t *tables) (FeedItem, error) {
		place, found := t.placeOf[fact]
		if !found || t.feed[place].Reader != reader {
			return FeedItem{}, ErrNotFound
		}
		return t.item(place), nil
	})
}

// Tail gives facts of all readers after a position.
func (m *Memory) Tail(ctx context.Context, after int64, limit int) ([]FeedItem, error) {
	return read(ctx, m, func(t *tables) (out []FeedItem, err error) {
		for place := int(clamp(after, len(t.feed))); place < len(t.feed) && len(out) < limit; place++ {
			out = append(out, t.item(place))
		}
		return out, nil
	})
}

// Head gives the last position.
func (m *Memory) Head(ctx context.Context) (position int64, err error) {
	return read(ctx, m, func(t *tables) (int64, error) { return int64(len(t.feed)), nil })
}

// ReaderHead gives a reader's last sequence.
func (m *Memory) ReaderHead(ctx context.Context, reader id.ID) (sequence int64, err error) {
	return read(ctx, m, func(t *tables) (int64, error) { return int64(len(t.feedOf[reader])), nil })
}
