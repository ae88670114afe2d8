package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/report"
	"tolom/store/internal/db"
)

// moving lists the types of facts that move money, as SQL.
var moving = func() string {
	types := make([]string, len(report.MovingFacts))
	for i, t := range report.MovingFacts {
		types[i] = "'" + string(t) + "'"
	}
	return strings.Join(types, ", ")
}()

// movesFrom joins to chosen places their facts and what never changes of the objects that these are about. A fact, its
// request, payment and refund lie in one bucket.
func movesFrom(chosen, also string) string {
	return "SELECT " + factTable.Columns() + ", f.position, coalesce(p.store, ''), coalesce(p.till, ''), coalesce(p.psp_payment_id, ''), coalesce(r.order_id, ''), coalesce(r.metadata, '')," +
		" coalesce(x.psp_refund_id, ''), coalesce(x.ref, ''), coalesce(x.reason, '')" +
		" FROM (" + places + chosen + ") AS f JOIN fact AS t ON t.id = f.fact AND t.bucket = f.bucket" +
		" LEFT JOIN payment AS p ON p.id = t.payment LEFT JOIN request AS r ON r.id = t.request LEFT JOIN refund AS x ON x.id = t.refund" +
		" WHERE t.type IN (" + moving + ")" + also + " ORDER BY f.position"
}

var (
	movesOfReader = movesFrom("WHERE f.reader = $1 AND f.sequence > $2 AND f.sequence <= $3", "")
	movesOfAll    = movesFrom("WHERE f.position > $1 AND f.position <= $2", "")
	movesOfPSP    = movesFrom("WHERE f.position > $1 AND f.position <= $2", " AND t.psp = $3")
)

// AsOf reads in one snapshot.
func (s *sqlStore) AsOf(ctx context.Context, position int64, do func(MoveReader) error) error {
	return s.d.Snapshot(ctx, func(q db.Querier) error {
		head, err := number(ctx, q, lastOf, string(platform), int64(platform.Bucket()))
		if err != nil {
			return err
		}
		if head < position {
			return fmt.Errorf("%w: it is at %d, not at %d", ErrBehind, head, position)
		}
		return do(sqlMoves{q})
	})
}

// sqlMoves reads moves by whatever can be asked: the database, or one moment of it.
type sqlMoves struct{ q db.Querier }

// Moves gives the facts that move money, with their objects.
func (s *sqlStore) Moves(ctx context.Context, reader, psp id.ID, after, upTo int64) ([]report.Move, error) {
	return sqlMoves{s.d}.Moves(ctx, reader, psp, after, upTo)
}

// PlaceAt tells of a place of the feed.
func (s *sqlStore) PlaceAt(ctx context.Context, reader id.ID, place int64) (position int64, at time.Time, err error) {
	return sqlMoves{s.d}.PlaceAt(ctx, reader, place)
}

// PayableBefore works back from the balance now, in one snapshot.
func (s *sqlStore) PayableBefore(ctx context.Context, merchant id.ID, at time.Time) (sum money.Amount, waiting bool, err error) {
	err = s.d.Snapshot(ctx, func(q db.Querier) error {
		sum, waiting, err = sqlMoves{q}.PayableBefore(ctx, merchant, at)
		return err
	})
	return sum, waiting, err
}

func (s sqlMoves) Moves(ctx context.Context, reader, psp id.ID, after, upTo int64) ([]report.Move, error) {
	switch {
	case reader != "":
		return s.moves(ctx, movesOfReader, string(reader), after, upTo)
	case psp != "":
		return s.moves(ctx, movesOfPSP, after, upTo, string(psp))
	}
	return s.moves(ctx, movesOfAll, after, upTo)
}

func (s sqlMoves) moves(ctx context.Context, text string, args ...any) (out []report.Move, err error) {
	var m report.Move
	var metadata string
	facts := factTable.Reader(&m.Position, (*string)(&m.Store), (*string)(&m.Till), &m.PSPPaymentID, &m.OrderID, &metadata, &m.PSPRefundID, &m.RefundRef, &m.RefundReason)
	err = s.q.Query(ctx, text, func(scan db.Scan) (err error) {
		if m.Fact, err = facts.Row(scan); err != nil {
			return err
		}
		m.Cashier = cashierOf(metadata)
		out = append(out, m)
		return nil
	}, args...)
	return out, err
}

// cashierOf finds who stood at the till, where the merchant's program has said it.
func cashierOf(metadata string) string {
	if !strings.Contains(metadata, report.CashierKey) {
		return ""
	}
	var fields map[string]string
	if json.Unmarshal([]byte(metadata), &fields) != nil {
		return "" // It was written as a map; the audit finds one that is none.
	}
	return fields[report.CashierKey]
}

func (s sqlMoves) PlaceAt(ctx context.Context, reader id.ID, place int64) (position int64, at time.Time, err error) {
	text, args := "SELECT f.position, f.happened_at FROM feed AS f WHERE f.position = $1", []any{place}
	if reader != platform {
		text, args = "SELECT f.position, f.happened_at FROM feed AS f WHERE f.reader = $1 AND f.sequence = $2", []any{string(reader), place}
	}
	err = ErrNotFound
	failed := s.q.Query(ctx, text, func(scan db.Scan) error {
		var ms int64
		err = scan(&position, &ms)
		at = db.Moment(ms)
		return err
	}, args...)
	if failed != nil {
		err = failed
	}
	return position, at, err
}

func (s sqlMoves) PayableBefore(ctx context.Context, merchant id.ID, at time.Time) (sum money.Amount, waiting bool, err error) {
	payable := ledger.Of(merchant, ledger.Payable)
	now, err := balanceOf(ctx, s.q, payable)
	if err != nil {
		return 0, false, err
	}
	later, err := changedSince(ctx, s.q, payable, at)
	if err != nil {
		return 0, false, err
	}
	n, err := number(ctx, s.q, "SELECT count(*) FROM batch WHERE position IS NULL AND facts > 0 AND happened_at < $1", db.Millis(at))
	return now - later, n > 0, err
}
