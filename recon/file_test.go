package recon

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

// sameBook is one book in every form that a bank may send.
var sameBook = map[string]struct {
	read func([]byte) ([]Line, error)
	text string
}{
	"JSON lines": {ReadJSONL, `{"minute":"2026-11-24T05:40Z","kind":"payment","id":"demo-17","amount":150000,"status":"success"}

{"at":"2026-11-24T11:41:59.999+06:00","kind":"refund","id":"re_1","amount":50000}
`},
	"CSV with commas":     {ReadCSV, "minute,kind,id,amount,status\n2026-11-24T05:40Z,payment,demo-17,150000,success\n2026-11-24T05:41Z,refund,re_1,50000,\n"},
	"CSV with semicolons": {ReadCSV, "\ufeffID;Branch;Kind;Amount;At\r\ndemo-17;Osh;payment;150000;2026-11-24T05:40:31Z\r\nre_1;;refund;50000;2026-11-24T05:41:00Z\r\n"},
	"the clearing file": {readClearing, `[{"transaction_id":"demo-17","transaction_type":20,"amount":150000,"interchange":10,"executed_time":"2026-11-24T05:40:12.345Z"},
		{"transaction_id":"re_1","transaction_type":40,"amount":50000,"executed_time":"2026-11-24T05:41:00Z"}]`},
	"records of a clearing file": {readClearing, `{"day":"2026-11-24","records":[{"transaction_id":"demo-17","transaction_type":20,"amount":150000,"executed_time":"2026-11-24T05:40:12Z"},
		{"transaction_id":"re_1","transaction_type":40,"amount":50000,"executed_time":"2026-11-24T05:41:00Z"}]}`},
}

func TestABookIsReadInEveryForm(t *testing.T) {
	for name, form := range sameBook {
		lines, err := form.read([]byte(form.text))
		var got []string
		for _, l := range lines {
			got = append(got, l.String())
		}
		want := []string{"2026-11-24T05:40Z payment demo-17 150000 success", "2026-11-24T05:41Z refund re_1 50000 success"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestABookThatCannotBeReadIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		read       func([]byte) ([]Line, error)
		text, want string
	}{
		{ReadJSONL, "{}", "row 1"},
		{ReadJSONL, "{\"minute\":\"2026-11-24T05:40Z\",\"kind\":\"payment\",\"id\":\"a\",\"amount\":1}\n{\"minute\":\"2026-11-24\"}", "row 2 of the file, minute"},
		{ReadJSONL, `{"minute":"2026-11-24T05:40Z","kind":"payment","id":"a","amount":1.5}`, "row 1"},
		{ReadJSONL, `{"minute":"2026-11-24T05:40Z","kind":"payment","id":"a","amuont":1}`, "amuont"},
		{ReadJSONL, `[]`, "row 1"},
		{ReadJSONL, "\x00", "bytes of value 0"},
		{ReadJSONL, strings.Repeat(" ", MaxFileBytes+1), "8 MiB"},
		{ReadCSV, "", "empty"},
		{ReadCSV, "id;amount\na;1\n", `"kind"`},
		{ReadCSV, "minute,kind,id,amount\n2026-11-24T05:40Z,payment,a,1.00\n", "row 2 of the file, amount"},
		{ReadCSV, "minute,kind,id,amount\n2026-11-24T05:40Z,payment,=1+1,100\n", "row 2"},
		{ReadCSV, "minute,kind,id,amount\n" + strings.Repeat("2026-11-24T05:40Z,payment,a,1\n", MaxFileRows+1), "100000 rows"},
		{readClearing, "hello", "clearing file"},
		{readClearing, `[{"transaction_id":"a","transaction_type":60,"amount":1,"executed_time":"2026-11-24T05:41:00Z"}]`, "row 1 of the file, transaction_type"},
	} {
		lines, err := c.read([]byte(c.text))
		var file *FileError
		if !errors.As(err, &file) || !strings.Contains(err.Error(), c.want) || lines != nil {
			t.Errorf("%.60q: %d lines, %v; want %q", c.text, len(lines), err, c.want)
		}
	}
}

// cp1251 writes a text as old bank programs do.
func cp1251(t *testing.T, text string) []byte {
	raw, err := charmap.Windows1251.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const russian = `Выписка по счету;1280010000000001;;;;
за период;24.11.2026 - 25.11.2026;;;;
Дата операции;№ документа;Дебет;Кредит;Назначение платежа;Остаток
24.11.2026;17;;1 485,00;Возмещение по QR po_01kar9gfc0c4r5s6t7v8w9xyzb;1 485,00
24.11.2026;18;200,00;;Комиссия банка;1 285,00
25.11.2026;19;;"12 000,5";Прочее;13 285,50
Итого;;200,00;13 485,50;;
`

var russianCredits = []Credit{
	{4, "2026-11-24", 148500, "Возмещение по QR po_01kar9gfc0c4r5s6t7v8w9xyzb", "17"},
	{6, "2026-11-25", 1200050, "Прочее", "19"},
}

func TestStatementsOfBanksAreRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		raw     []byte
		columns Columns
		want    []Credit
	}{
		{"Russian headings, UTF-8", []byte(russian), Columns{}, russianCredits},
		{"Russian headings, windows-1251", cp1251(t, russian), Columns{}, russianCredits},
		{"Kyrgyz headings", []byte("Күнү;Суммасы;Төлөмдүн багыты\n24/11/2026;1485,00;QR\n"), Columns{}, []Credit{{2, "2026-11-24", 148500, "QR", ""}}},
		{"English headings, signed amounts", []byte("Date,Amount,Reference\n2026-11-24T08:00:00,\"1,485.00\",QR\n2026-11-24,-20.00,fee\n"), Columns{}, []Credit{{2, "2026-11-24", 148500, "QR", ""}}},
		{"named columns", []byte("When\tIn\tWhy\n2026-11-24\t5\tQR\n"), Columns{Date: "when", Credit: "in", Reference: "why"}, []Credit{{2, "2026-11-24", 500, "QR", ""}}},
	} {
		got, err := ReadBankCSV(c.raw, c.columns)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestAmountsAreNeverGuessed(t *testing.T) {
	for text, want := range map[string]money.Amount{
		"0,01": 1, "1": 100, "1,5": 150, "1.50": 150, "1 234,56": 123456, "1\u00a0234,56": 123456, "1,234.56": 123456, "1.234,56": 123456, "1'234.56": 123456,
		"12,345,678.90": 1234567890, "+5": 500,
		"1,234": -1, "1.234": -1, "1,23,4": -1, "1,2345": -1, "": -1, "abc": -1, "1e5": -1, "--5": -1, "1,,5": -1, "99999999999999999999": -1, "12 345.": -1, "٣": -1,
	} {
		got, err := som(text)
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q is read as %d, %v", text, got, err)
		}
	}
}

func FuzzFiles(f *testing.F) {
	for _, form := range sameBook {
		f.Add([]byte(form.text))
	}
	f.Add([]byte(russian))
	f.Add([]byte{0xff, ';', 0xfe, '"'})
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, read := range []func([]byte) ([]Line, error){ReadJSONL, ReadCSV, readClearing} {
			lines, err := read(raw)
			var file *FileError
			if err != nil && (!errors.As(err, &file) || lines != nil) {
				t.Errorf("%d lines with the error %v", len(lines), err)
			}
			for _, l := range lines {
				if err := l.Check(); err != nil {
					t.Errorf("the line %q was read, %v", l, err)
				}
			}
		}
		credits, err := ReadBankCSV(raw, Columns{})
		if err != nil && credits != nil {
			t.Errorf("%d credits with the error %v", len(credits), err)
		}
		for _, c := range credits {
			if _, ok := dateOf(c.Date); !ok || c.Amount <= 0 || c.Amount > money.Max {
				t.Errorf("the credit %+v was read", c)
			}
		}
	})
}

func payoutOf(token string, day string, amount money.Amount) settlement.Payout {
	return settlement.Payout{ID: id.ID("po_" + token), Day: day, Amount: amount, Status: settlement.PayoutPaid}
}

func TestEachCreditIsMatchedOnce(t *testing.T) {
	a, b := "01kar9gfc0c4r5s6t7v8w9xyza", "01kar9gfc0c4r5s6t7v8w9xyzb"
	c, d := "01kar9gfc0c4r5s6t7v8w9xyzc", "01kar9gfc0c4r5s6t7v8w9xyzd"
	payouts := []settlement.Payout{payoutOf(a, "2026-11-23", 500), payoutOf(b, "2026-11-24", 500), payoutOf(c, "2026-11-24", 700), payoutOf(d, "2026-11-24", 900)}
	credits := []Credit{
		{1, "2026-11-24", 500, "QR po_" + b, "1"},
		{2, "2026-11-24", 500, "something", "2"}, // a is all that is left of 500
		{3, "2026-11-25", 700, "PO" + strings.ToUpper(c), "3"},
		{4, "2026-11-25", 700, "again " + c, "4"},
		{5, "2026-11-25", 901, "po_" + d, "5"},
		{6, "2026-11-25", 12, "cash", "6"},
		{7, "2026-12-25", 900, "late", "7"},
	}
	first := MatchCredits("acc", credits, payouts, nil)
	want := []Match{
		{Payout: payouts[1].ID, Way: ByReference}, {Payout: payouts[0].ID, Way: ByAmount}, {Payout: payouts[2].ID, Way: ByReference},
		{Way: TakenBefore}, {Payout: payouts[3].ID, Way: OtherAmount}, {Way: NoPayout}, {Way: NoPayout},
	}
	taken := map[id.ID]string{}
	for i, m := range first {
		if m.Payout != want[i].Payout || m.Way != want[i].Way {
			t.Errorf("credit %d: %s by %s, want %s by %s", i+1, m.Payout, m.Way, want[i].Payout, want[i].Way)
		}
		if m.Matched() {
			if taken[m.Payout] != "" {
				t.Errorf("%s is matched twice", m.Payout)
			}
			taken[m.Payout] = m.Key
		}
	}
	// The same credits in another statement, the other way round, are the same money.
	slices.Reverse(credits)
	for i, m := range MatchCredits("acc", credits, payouts, taken) {
		if before := first[len(first)-1-i]; m.Payout != before.Payout || m.Matched() != before.Matched() {
			t.Errorf("%+v is %s by %s now", m.Credit, m.Payout, m.Way)
		}
	}
}

func TestWhatCouldBeTwoPayoutsIsMatchedWithNone(t *testing.T) {
	payouts := []settlement.Payout{payoutOf("01kar9gfc0c4r5s6t7v8w9xyza", "2026-11-23", 500), payoutOf("01kar9gfc0c4r5s6t7v8w9xyzb", "2026-11-24", 500)}
	for _, m := range MatchCredits("acc", []Credit{{1, "2026-11-24", 500, "", ""}, {2, "2026-11-24", 500, "", ""}}, payouts, nil) {
		if m.Way != Ambiguous || m.Payout != "" {
			t.Errorf("matched with %s by %s", m.Payout, m.Way)
		}
	}
}

// readClearing reads a clearing file as one PSP does.
func readClearing(raw []byte) ([]Line, error) { return ReadClearing(raw, "psp_own") }
