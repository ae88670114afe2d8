package merchant

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"tolom/money"
	"tolom/wire"
)

// header names the columns of a statement in CSV. Sums come twice: in som, to read, and in tyiyn, to compute with.
var header = []string{
	"time", "type", "payment_id", "refund_id", "payment_request_id", "till_id",
	"amount_som", "fee_som", "change_som", "balance_som", "amount_tyiyn", "fee_tyiyn", "change_tyiyn", "balance_tyiyn", "currency",
}

// statementCSV writes a statement: a line for the opening balance, one for each movement, one for the closing balance.
func statementCSV(s wire.Statement) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{header, edge("opening_balance", s.From, s.Opening, s.Currency)}
	for _, l := range s.Lines {
		rows = append(rows, row(l, s.Currency))
	}
	rows = append(rows, edge("closing_balance", s.To, s.Closing, s.Currency))
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

func row(l wire.StatementLine, currency string) []string {
	out := []string{local(l.At), l.Type, l.PaymentID, l.RefundID, l.RequestID, l.TillID}
	sums := []int64{l.Amount, l.Fee, l.Change, l.Balance}
	for i, cell := range out {
		out[i] = harmless(cell)
	}
	for _, sum := range sums {
		out = append(out, money.Amount(sum).Plain())
	}
	for _, sum := range sums {
		out = append(out, strconv.FormatInt(sum, 10))
	}
	return append(out, currency)
}

func edge(kind string, at wire.Time, balance int64, currency string) []string {
	return []string{local(at), kind, "", "", "", "", "", "", "", money.Amount(balance).Plain(), "", "", "", strconv.FormatInt(balance, 10), currency}
}

func local(at wire.Time) string { return at.In(bishkek).Format("2006-01-02T15:04:05.000-07:00") }

// harmless keeps a text from being run as a formula by a spreadsheet that opens the file.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
