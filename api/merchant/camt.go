package merchant

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"time"

	"tolom/clearing"
	"tolom/fault"
	"tolom/money"
	"tolom/store"
	"tolom/wire"
)

// statementCamt writes a statement of at most one day as camt.053.001.08, as banks write
// theirs: the account is the merchant with the platform. It is made as of its end, so
// that a past day's is the same byte by byte.
func statementCamt(s wire.Statement, m store.Merchant) ([]byte, error) {
	if s.To.Sub(s.From.Time) > 24*time.Hour {
		return nil, fault.New(fault.InvalidRequest).On("to").Because("camt053 is a statement of one day: leave to out, or give the day of from")
	}
	st := clearing.Statement{
		ID: "S" + s.From.UTC().Format("20060102T1504") + m.ID.Token()[:20], Created: s.To.Time, From: s.From.Time, To: s.To.Time, Account: string(m.ID), Currency: s.Currency,
		Owner: clearing.Style{}.Fit(m.Name, 140), Opening: money.Amount(s.Opening), Closing: money.Amount(s.Closing),
	}
	for n, l := range s.Lines {
		st.Entries = append(st.Entries, entryOf(n+1, l))
	}
	var out bytes.Buffer
	err := st.Write(&out)
	return out.Bytes(), err
}

// entryOf writes a movement. Amount is what the payer paid or got back; the entry is what it did to the account.
func entryOf(n int, l wire.StatementLine) clearing.Entry {
	e := clearing.Entry{Ref: strconv.Itoa(n), At: l.At.Time, Amount: money.Amount(l.Change), Code: strings.ToUpper(l.Type), Charge: max(0, money.Amount(l.Fee))}
	part := clearing.Part{EndToEnd: l.PaymentID, ID: l.RefundID, Amount: max(money.Amount(l.Amount), -money.Amount(l.Amount))}
	if part.ID == "" {
		part.ID = l.PaymentID
	}
	if part != (clearing.Part{}) {
		e.Parts = []clearing.Part{part}
	}
	return e
}

func (s *Shop) camt(ctx context.Context, st wire.Statement, from time.Time) (*file, error) {
	m, err := s.Platform.Registry().Merchant(ctx, who(ctx).ID)
	if err != nil {
		return nil, err
	}
	text, err := statementCamt(st, m)
	return &file{ContentType: "application/xml", Disposition: `attachment; filename="statement-` + from.In(bishkek).Format(time.DateOnly) + `.xml"`, Body: text}, err
}
