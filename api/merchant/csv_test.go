package merchant

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"tolom/wire"
)

func TestAStatementAsATable(t *testing.T) {
	at := wire.At(time.Date(2026, 11, 24, 5, 40, 0, 7e6, time.UTC))
	text, err := statementCSV(wire.Statement{From: at, To: at, Currency: "KGS", Opening: -5, Closing: 148495, Lines: []wire.StatementLine{
		{At: at, Type: "payment", PaymentID: "pay_1", RequestID: "pr_1", TillID: "till_1", Amount: 150000, Fee: 1500, Change: 148500, Balance: 148495},
	}})
	got := string(text)
	want := `time,type,payment_id,refund_id,payment_request_id,till_id,amount_som,fee_som,change_som,balance_som,amount_tyiyn,fee_tyiyn,change_tyiyn,balance_tyiyn,currency
2026-11-24T11:40:00.007+06:00,opening_balance,,,,,,,,-0.05,,,,-5,KGS
2026-11-24T11:40:00.007+06:00,payment,pay_1,,pr_1,till_1,1500.00,15.00,1485.00,1484.95,150000,1500,148500,148495,KGS
2026-11-24T11:40:00.007+06:00,closing_balance,,,,,,,,1484.95,,,,148495,KGS
`
	if err != nil || got != want {
		t.Errorf("got\n%s\n%v\nwant\n%s", got, err, want)
	}
}

func TestNoTextOfATableIsAFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"} {
		table, err := statementCSV(wire.Statement{Lines: []wire.StatementLine{{TillID: text, Type: text, PaymentID: text}}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range []int{1, 2, 5} {
			if !strings.HasPrefix(rows[2][column], "'") {
				t.Errorf("%q is written as %q", text, rows[2][column])
			}
		}
	}
	if harmless("Till 1") != "Till 1" || harmless("") != "" {
		t.Error("harmless texts are changed")
	}
}
