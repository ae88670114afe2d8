package recon

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tolom/money"
)

// Credit is money that came into a merchant's bank account, by its bank's statement.
type Credit struct {
	Row       int    // in the file; 0 when the file has no rows
	Date      string // "2026-11-24", as the bank booked it
	Amount    money.Amount
	Reference string // what the bank was told it is for
	Entry     string // the bank's own number of the booking; empty when it gives none
}

// Columns are headings of a bank's table, for tables whose headings are not known. Empty ones are looked for.
type Columns struct{ Date, Amount, Credit, Debit, Reference, Entry string }

// headings are what banks call their columns, in small letters. The first that a table has is taken.
var headings = map[string][]string{
	"date": {"date", "booking date", "value date", "operation date", "дата", "дата операции", "дата проводки", "дата документа", "дата валютирования", "күнү", "дата (күнү)"},
	"credit": {"credit", "credit amount", "amount credit", "кредит", "сумма по кредиту", "кредит (сумма)", "приход", "поступление", "поступления", "зачисление",
		"оборот по кредиту", "киреше"},
	"debit":  {"debit", "debit amount", "дебет", "сумма по дебету", "расход", "списание", "оборот по дебету", "чыгаша"},
	"amount": {"amount", "sum", "сумма", "сумма операции", "сумма в валюте счета", "суммасы"},
	"reference": {"reference", "payment details", "purpose", "purpose of payment", "details", "description", "remittance information", "назначение платежа", "назначение",
		"основание", "описание", "детали платежа", "төлөмдүн багыты", "багыты"},
	"entry": {"entry", "entry id", "bank reference", "document", "document no", "document number", "transaction id", "номер документа", "№ документа", "№ док", "номер",
		"документ", "референс", "документтин номери"},
}

// headingWithin is how many rows above the table a bank may write.
const headingWithin = 40

// ReadBankCSV reads the credits of a bank's table. Columns are found by their headings
// or named; dates are written as 2026-11-24 or 24.11.2026, amounts in som with a comma or a point. Errors are *FileError.
func ReadBankCSV(raw []byte, named Columns) ([]Credit, error) {
	rows, err := readTable(raw)
	if err != nil {
		return nil, err
	}
	for i, r := range rows[:min(len(rows), headingWithin)] {
		if t, found := r.heading(named); found {
			return t.credits(rows[i+1:])
		}
	}
	return nil, wrong(0, "", "no row of the first %d has headings of a date and of an amount or credit; name them with the parameters date, credit or amount, and reference", headingWithin)
}

// table is where a bank's table has its columns, -1 for none.
type table struct{ date, amount, credit, debit, reference, entry int }

func (r row) heading(named Columns) (table, bool) {
	find := func(what, given string) int {
		all := headings[what]
		if given != "" {
			all = []string{strings.ToLower(given)}
		}
		for _, want := range all {
			if i := slices.IndexFunc(r.cells, func(c string) bool { return strings.ToLower(c) == want }); i >= 0 {
				return i
			}
		}
		return -1
	}
	t := table{
		date: find("date", named.Date), amount: find("amount", named.Amount), credit: find("credit", named.Credit),
		debit: find("debit", named.Debit), reference: find("reference", named.Reference), entry: find("entry", named.Entry),
	}
	return t, t.date >= 0 && (t.amount >= 0 || t.credit >= 0)
}

// credits reads the rows under the heading. Rows without a date are sums and
// signatures; debits are none of ours.
func (t table) credits(rows []row) (all []Credit, err error) {
	for _, r := range rows {
		cell := func(i int) string {
			if i < 0 || i >= len(r.cells) {
				return ""
			}
			return r.cells[i]
		}
		date, ok := dateOf(cell(t.date))
		if !ok {
			continue
		}
		text, field := cell(t.credit), "credit"
		if t.credit < 0 {
			text, field = cell(t.amount), "amount"
		}
		if text == "" && cell(t.debit) != "" || strings.HasPrefix(text, "-") || strings.HasPrefix(text, "−") {
			continue
		}
		amount, err := som(text)
		if err != nil {
			return nil, wrong(r.line, field, "%v", err)
		}
		if amount > 0 {
			all = append(all, Credit{Row: r.line, Date: date, Amount: amount, Reference: cell(t.reference), Entry: cell(t.entry)})
		}
	}
	return all, nil
}

// dateOf reads the ways in which banks write a day; a time after it is passed over.
func dateOf(text string) (string, bool) {
	day, _, _ := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	for _, layout := range []string{"2006-01-02", "02.01.2006", "02/01/2006", "02-01-2006", "02.01.06", "20060102"} {
		if at, err := time.Parse(layout, day); err == nil {
			return at.Format("2006-01-02"), true
		}
	}
	return "", false
}

// som reads an amount as bank programs write it: 1 234,56 or 1,234.56 or 1234.5; a
// sign of a thousand may stand where it divides by thousands. What could be read in
// two ways, such as 1,234, is refused.
func som(text string) (money.Amount, error) {
	plain := strings.Map(func(r rune) rune {
		if blank(r) || r == '\'' {
			return -1
		}
		return r
	}, strings.TrimPrefix(text, "+"))
	whole, part := plain, ""
	if i := strings.LastIndexAny(plain, ".,"); i >= 0 {
		whole, part = plain[:i], plain[i+1:]
		if len(part) == 0 || len(part) > 2 {
			return 0, fmt.Errorf("%q is no amount in som with one or two digits after the comma", text)
		}
	}
	groups := strings.Split(strings.ReplaceAll(whole, ",", "."), ".")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || g == "" {
			return 0, fmt.Errorf("%q is no amount in som", text)
		}
	}
	digits := strings.Join(groups, "") + (part + "00")[:2]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || digits[0] == '-' || digits[0] == '+' || n > int64(money.Max) {
		return 0, fmt.Errorf("%q is no amount in som", text)
	}
	return money.Amount(n), nil
}

// Keys gives each credit a name that it has in every statement of the account: files
// of a day and of its month name it alike. Equal bookings of one file are told apart by their number.
func Keys(account string, credits []Credit) []string {
	seen := map[string]int{}
	keys := make([]string, len(credits))
	for i, c := range credits {
		text := fmt.Sprintf("%q %s %d %q %q", account, c.Date, c.Amount, c.Reference, c.Entry)
		seen[text]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", text, seen[text]))
		keys[i] = hex.EncodeToString(sum[:16])
	}
	return keys
}
