package store

import (
	"cmp"
	"context"
	"sort"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/payment"
	"tolom/store/internal/db"
)

// places selects rows of the feed. What a list shows is chosen here, before facts
// are joined: a plan that joins first would read the whole feed to show its end.
const places = "SELECT f.reader, f.position, f.sequence, f.fact, f.bucket FROM feed AS f "

// feedItems joins the facts to chosen places, and tells whether their reader has taken them.
func feedItems(chosen string) string {
	return "SELECT " + factTable.Columns() + ", f.reader, f.position, f.sequence, CASE WHEN a.fact IS NULL THEN 0 ELSE 1 END" +
		" FROM (" + chosen + ") AS f JOIN fact AS t ON t.id = f.fact AND t.bucket = f.bucket" +
		" LEFT JOIN ack AS a ON a.reader = f.reader AND a.fact = f.fact ORDER BY f.position"
}

var (
	feedAfter = feedItems(places + "WHERE f.reader = $1 AND f.sequence > $2 ORDER BY f.sequence LIMIT $3")
	tailAfter = feedItems(places + "WHERE f.position > $1 ORDER BY f.position LIMIT $2")
	unacked   = feedItems(places + "LEFT JOIN ack AS a ON a.reader = f.reader AND a.fact = f.fact WHERE f.reader = $1 AND f.sequence > $2" +
		" AND f.sequence > coalesce((SELECT h.acked FROM feed_head AS h WHERE h.reader = $1 AND h.bucket = $3), 0)" +
		" AND a.fact IS NULL ORDER BY f.sequence LIMIT $4")
	feedItem = feedItems(places + "JOIN batch AS b ON f.position >= b.position AND f.position < b.position + b.facts JOIN fact AS x ON b.id = x.batch" +
		" WHERE x.id = $1 AND x.bucket = $2 AND f.fact = $1 AND f.reader = $3")
)

func (s *sqlStore) items(ctx context.Context, text string, args ...any) (out []FeedItem, err error) {
	var reader string
	var position, sequence, acked int64
	facts := factTable.Reader(&reader, &position, &sequence, &acked)
	err = s.d.Query(ctx, text, func(scan db.Scan) error {
		f, err := facts.Row(scan)
		out = append(out, FeedItem{Reader: id.ID(reader), Position: position, Sequence: sequence, Acked: acked == 1, Fact: f})
		return err
	}, args...)
	return out, err
}

// Feed gives a reader's facts after a sequence.
func (s *sqlStore) Feed(ctx context.Context, reader id.ID, after int64, limit int) ([]FeedItem, error) {
	return s.items(ctx, feedAfter, string(reader), after, int64(limit))
}

// Unacked gives those that the reader has not acknowledged. It begins where the
// reader's unbroken run of acknowledged facts ends.
func (s *sqlStore) Unacked(ctx context.Context, reader id.ID, after int64, limit int) ([]FeedItem, error) {
	return s.items(ctx, unacked, string(reader), after, int64(reader.Bucket()), int64(limit))
}

// FeedItem finds a fact in a reader's feed: its batch knows where its facts lie.
func (s *sqlStore) FeedItem(ctx context.Context, reader, fact id.ID) (FeedItem, error) {
	return one(s.items(ctx, feedItem, string(fact), int64(fact.Bucket()), string(reader)))
}

// successOf finds the fact of a payment by what it moved: one entry of each success is in the account of its merchant.
const successOf = "SELECT x.id FROM entry AS t JOIN fact AS x ON x.id = t.fact AND x.bucket = t.bucket" +
	" WHERE t.credit = $1 AND t.credit LIKE '%:payable' AND t.happened_at = $2 AND x.payment = $3 AND x.type = $4"

// SuccessOf finds the fact that a payment succeeded, at its place.
func (s *sqlStore) SuccessOf(ctx context.Context, pay payment.Payment) (FeedItem, error) {
	payable := ledger.Of(pay.Merchant, ledger.Payable)
	found, err := namesOf(ctx, s.d, successOf, payable.Code, db.Millis(pay.EndedAt), string(pay.ID), string(payment.PaymentSucceeded))
	switch {
	case err != nil:
		return FeedItem{}, err
	case len(found) > 0:
		return s.FeedItem(ctx, pay.Merchant, found[0])
	case pay.Fee >= pay.Amount:
		return s.freeOf(ctx, pay)
	}
	return FeedItem{}, ErrNotFound
}

// unordered is by how much facts may stand before others that happened earlier.
const unordered = time.Minute

// freeOf finds the success of a payment of which nothing was left to its merchant, so that nothing moved on his account: in
// his feed, which is nearly in the order of time.
func (s *sqlStore) freeOf(ctx context.Context, pay payment.Payment) (FeedItem, error) {
	last, err := s.ReaderHead(ctx, pay.Merchant)
	if err != nil {
		return FeedItem{}, err
	}
	before := sort.Search(int(last), func(n int) bool {
		_, at, failed := s.PlaceAt(ctx, pay.Merchant, int64(n)+1)
		if failed != nil {
			err = failed
		}
		return !at.Before(pay.EndedAt.Add(-unordered))
	})
	for after := int64(before); err == nil; {
		var page []FeedItem
		if page, err = s.Feed(ctx, pay.Merchant, after, 200); len(page) == 0 || page[0].Fact.At.After(pay.EndedAt.Add(unordered)) {
			break
		}
		for _, item := range page {
			if after = item.Sequence; item.Fact.Payment == pay.ID && item.Fact.Type == payment.PaymentSucceeded {
				return item, nil
			}
		}
	}
	return FeedItem{}, cmp.Or(err, ErrNotFound)
}

func namesOf(ctx context.Context, q db.Querier, text string, args ...any) (out []id.ID, err error) {
	err = q.Query(ctx, text, func(scan db.Scan) error {
		var name string
		err := scan(&name)
		out = append(out, id.ID(name))
		return err
	}, args...)
	return out, err
}

// Tail gives facts of all readers after a position.
func (s *sqlStore) Tail(ctx context.Context, after int64, limit int) ([]FeedItem, error) {
	return s.items(ctx, tailAfter, after, int64(limit))
}

// Head gives the last position.
func (s *sqlStore) Head(ctx context.Context) (position int64, err error) {
	return s.ReaderHead(ctx, platform)
}

// platform is the reader of everything, whose row in feed_head holds the last position.
const platform id.ID = ""

// lastOf is a reader's last sequence.
const lastOf = "SELECT last FROM feed_head WHERE reader = $1 AND bucket = $2"

// ReaderHead gives a reader's last sequence.
func (s *sqlStore) ReaderHead(ctx context.Context, reader id.ID) (sequence int64, err error) {
	return number(ctx, s.d, lastOf, string(reader), int64(reader.Bucket()))
}

// Ack notes that a reader has taken a fact, and moves the end of the unbroken run
// of acknowledged facts, so that Unacked need not read it again.
func (s *sqlStore) Ack(ctx context.Context, reader, fact id.ID, at time.Time) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		added, err := tx.Exec(ctx, "INSERT INTO ack (reader, bucket, fact, acked_at) VALUES ($1, $2, $3, $4) ON CONFLICT (reader, fact, bucket) DO NOTHING",
			string(reader), int64(reader.Bucket()), string(fact), db.Millis(at))
		if err != nil || added == 0 {
			return err
		}
		return moveAcked(ctx, tx, reader)
	})
}

// moveAcked locks the reader's row first: the sequencer waits then, and the
// statements that follow see all that it has numbered.
func moveAcked(ctx context.Context, tx db.Tx, reader id.ID) error {
	acked, err := number(ctx, tx, "SELECT acked FROM feed_head WHERE reader = $1 AND bucket = $2 FOR NO KEY UPDATE", string(reader), int64(reader.Bucket()))
	if err != nil {
		return err
	}
	gap, err := number(ctx, tx, "SELECT f.sequence FROM feed AS f LEFT JOIN ack AS a ON a.reader = f.reader AND a.fact = f.fact"+
		" WHERE f.reader = $1 AND f.sequence > $2 AND a.fact IS NULL ORDER BY f.sequence LIMIT 1", string(reader), acked)
	if err != nil || gap == acked+1 {
		return err
	}
	if gap > 0 {
		_, err = tx.Exec(ctx, "UPDATE feed_head SET acked = $1 WHERE reader = $2 AND bucket = $3", gap-1, string(reader), int64(reader.Bucket()))
	} else {
		_, err = tx.Exec(ctx, "UPDATE feed_head SET acked = last WHERE reader = $1 AND bucket = $2", string(reader), int64(reader.Bucket()))
	}
	return err
}
