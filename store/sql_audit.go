package store

import (
	"context"
	"strings"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store/internal/db"
)

// Audit runs reads in one snapshot.
func (s *sqlStore) Audit(ctx context.Context, do func(Archive) error) error {
	return s.d.Snapshot(ctx, func(q db.Querier) error { return do(sqlArchive{q}) })
}

// sqlArchive reads page after page by primary keys, so that an audit needs no
// memory for what it has read and no index of its own.
type sqlArchive struct{ q db.Querier }

const pageByID = "WHERE t.id > $1 ORDER BY t.id LIMIT $2"

func (a sqlArchive) RequestPage(ctx context.Context, after id.ID, limit int) ([]payment.Request, error) {
	return findRequests(ctx, a.q, pageByID, string(after), int64(limit))
}

func (a sqlArchive) PaymentPage(ctx context.Context, after id.ID, limit int) ([]payment.Payment, error) {
	return paymentTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}

func (a sqlArchive) ChildPage(ctx context.Context, request, after id.ID, limit int) ([]payment.Payment, error) {
	return paymentTable.Find(ctx, a.q, "WHERE (t.request, t.id) > ($1, $2) ORDER BY t.request, t.id LIMIT $3", string(request), string(after), int64(limit))
}

func (a sqlArchive) WaitingPage(ctx context.Context, request, after id.ID, limit int) (out []payment.Payment, err error) {
	var parent, name, psp, payer string
	var amount, expires int64
	err = a.q.Query(ctx, "SELECT t.request, t.payment, t.psp, t.payer_key, t.amount, t.expires_at FROM live AS t"+
		" WHERE (t.request, t.payment) > ($1, $2) ORDER BY t.request, t.payment LIMIT $3", func(scan db.Scan) error {
		err := scan(&parent, &name, &psp, &payer, &amount, &expires)
		out = append(out, payment.Payment{
			ID: id.ID(name), Request: id.ID(parent), PSP: id.ID(psp), Payer: payment.Payer{Key: payer},
			Amount: money.Amount(amount), ExpiresAt: db.Moment(expires),
		})
		return err
	}, string(request), string(after), int64(limit))
	return out, err
}

func (a sqlArchive) RefundPage(ctx context.Context, after id.ID, limit int) ([]payment.Refund, error) {
	return refundTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}

func (a sqlArchive) FactPage(ctx context.Context, after id.ID, limit int) ([]payment.Fact, error) {
	return factTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}

func (a sqlArchive) EntriesOf(ctx context.Context, after, upTo id.ID) (out []Entry, err error) {
	var fact, debit, credit string
	var leg, amount, at int64
	text, args := "SELECT t.fact, t.leg, t.debit, t.credit, t.amount, t.happened_at FROM entry AS t WHERE t.fact > $1", []any{string(after)}
	if upTo != "" {
		text, args = text+" AND t.fact <= $2", append(args, string(upTo))
	}
	err = a.q.Query(ctx, text+" ORDER BY t.fact, t.bucket, t.leg", func(scan db.Scan) error {
		err := scan(&fact, &leg, &debit, &credit, &amount, &at)
		e := Entry{Fact: id.ID(fact), Leg: int(leg), At: db.Moment(at)}
		e.Debit, e.Credit, e.Amount = accountOf(debit), accountOf(credit), money.Amount(amount)
		out = append(out, e)
		return err
	}, args...)
	return out, err
}

// accountOf reads an account from its code, which names the owner and so the shard.
func accountOf(code string) ledger.Account {
	owner, _, _ := strings.Cut(code, ":")
	return ledger.Account{Code: code, Bucket: id.ID(owner).Bucket()}
}

func (a sqlArchive) BalancePage(ctx context.Context, after BalanceRow, limit int) (out []BalanceRow, err error) {
	var code string
	var bucket, slice, amount int64
	err = a.q.Query(ctx, "SELECT t.account, t.bucket, t.slice, t.amount FROM balance AS t"+
		" WHERE (t.account, t.bucket, t.slice) > ($1, $2, $3) ORDER BY t.account, t.bucket, t.slice LIMIT $4", func(scan db.Scan) error {
		err := scan(&code, &bucket, &slice, &amount)
		out = append(out, BalanceRow{ledger.Account{Code: code, Bucket: uint16(bucket)}, int(slice), money.Amount(amount)})
		return err
	}, after.Account.Code, int64(after.Account.Bucket), int64(after.Slice), int64(limit))
	return out, err
}

var numberedPage = "SELECT " + factTable.Columns() + ", f.reader, f.position, f.sequence, b.id, b.facts, coalesce(b.position, 0)" +
	" FROM (" + places + "WHERE f.position > $1 ORDER BY f.position LIMIT $2) AS f" +
	" JOIN fact AS t ON t.id = f.fact AND t.bucket = f.bucket JOIN batch AS b ON b.id = t.batch ORDER BY f.position"

func (a sqlArchive) NumberedPage(ctx context.Context, after int64, limit int) (out []Numbered, err error) {
	var reader, batch string
	var position, sequence, facts, first int64
	rows := factTable.Reader(&reader, &position, &sequence, &batch, &facts, &first)
	err = a.q.Query(ctx, numberedPage, func(scan db.Scan) error {
		f, err := rows.Row(scan)
		item := FeedItem{Reader: id.ID(reader), Position: position, Sequence: sequence, Fact: f}
		out = append(out, Numbered{item, BatchRow{id.ID(batch), facts, first}})
		return err
	}, after, int64(limit))
	return out, err
}

func (a sqlArchive) BatchPage(ctx context.Context, after id.ID, limit int) (out []BatchRow, err error) {
	var name string
	var facts, position int64
	err = a.q.Query(ctx, "SELECT t.id, t.facts, coalesce(t.position, 0) FROM batch AS t WHERE t.id > $1 AND t.facts >= 0 ORDER BY t.id LIMIT $2",
		func(scan db.Scan) error {
			err := scan(&name, &facts, &position)
			out = append(out, BatchRow{id.ID(name), facts, position})
			return err
		}, string(after), int64(limit))
	return out, err
}

func (a sqlArchive) ClaimsOf(ctx context.Context, names []Name) ([]Claim, error) {
	claims := make([]Claim, len(names))
	for i, n := range names {
		claims[i] = named(n)
	}
	return findClaims(ctx, a.q, claims)
}
