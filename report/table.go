package report

import (
	"iter"
	"slices"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/sheet"
)

// Basis is what a report needs beside its moves.
type Basis struct {
	// Opening is the payable balance before the first move, of a statement of a whole merchant; 0 otherwise.
	Opening money.Amount
	// Position is the last one of the feed that the report knows.
	Position int64
	// Name gives what people call a merchant, PSP, store or till; the id itself where it has no name.
	Name func(id.ID) string
	// Zone is the clock of days and of the times that are shown.
	Zone *time.Location
	// Subject are lines about whom the report is of, by their keys.
	Subject []Fact
	// Deposits are what was paid out, of a settlement statement, in their order.
	Deposits []Deposit
}

// Fact is a line about the whole report: its key and its value, a cell.
type Fact struct {
	Key   string
	Value any
}

// table turns moves into rows. A row that it gives is its own until the next call.
type table interface {
	columns() []column
	// begin gives the rows before the first move.
	begin() []sheet.Row
	// take gives the rows that a move makes, often none or one.
	take(m Move) []sheet.Row
	// end gives the rows after the last move.
	end() []sheet.Row
	// foot gives what all of it sums to.
	foot() []Fact
}

// column is a column by its key, which is also that of its title.
type column struct {
	key   string
	kind  sheet.Kind
	width float64
}

// Sheet makes the report that was ordered of moves, which come in the order of the feed. Moves that the order does not
// want are passed over.
func Sheet(o Order, b Basis, moves iter.Seq2[Move, error]) sheet.Sheet {
	t := tableOf(o, b)
	s := sheet.Sheet{Title: Say(o.Language, string(o.Type)), Language: o.Language, Zone: b.Zone, Page: Say(o.Language, "page")}
	for _, f := range headOf(o, b) {
		s.Head = append(s.Head, sheet.Pair{Key: f.Key, Title: Say(o.Language, f.Key), Value: f.Value})
	}
	for _, c := range t.columns() {
		s.Columns = append(s.Columns, sheet.Column{Key: c.key, Title: titleOf(o.Language, c), Kind: c.kind, Width: c.width})
	}
	s.Rows = func(yield func(sheet.Row, error) bool) { fold(o, t, moves, yield) }
	s.Foot = func() (out []sheet.Pair) {
		for _, f := range t.foot() {
			out = append(out, sheet.Pair{Key: f.Key, Title: titleOf(o.Language, column{key: f.Key, kind: kindOf(f.Value)}), Value: f.Value})
		}
		return out
	}
	return s
}

func kindOf(value any) sheet.Kind {
	if _, is := value.(money.Amount); is {
		return sheet.Money
	}
	return sheet.Words
}

// titleOf says of sums what they are counted in.
func titleOf(language string, c column) string {
	title := Say(language, c.key)
	if c.kind == sheet.Money {
		title += ", " + som[tongue(language)]
	}
	return title
}

// headOf says what the report is of, and up to which fact.
func headOf(o Order, b Basis) []Fact {
	head := slices.Clone(b.Subject)
	if o.Store != "" {
		head = append(head, Fact{"store", b.Name(o.Store)})
	}
	if o.Till != "" {
		head = append(head, Fact{"till", b.Name(o.Till)})
	}
	if o.Cashier != "" {
		head = append(head, Fact{"cashier", o.Cashier})
	}
	return append(head, Fact{"from", o.From}, Fact{"to", o.To}, Fact{"as_of", b.Position}, Fact{"currency", money.KGS})
}

func fold(o Order, t table, moves iter.Seq2[Move, error], yield func(sheet.Row, error) bool) {
	give := func(rows []sheet.Row) bool {
		for _, r := range rows {
			if !yield(r, nil) {
				return false
			}
		}
		return true
	}
	if !give(t.begin()) {
		return
	}
	for m, err := range moves {
		if err != nil {
			yield(sheet.Row{}, err)
			return
		}
		if o.Wants(m) && !give(t.take(m)) {
			return
		}
	}
	give(t.end())
}

func tableOf(o Order, b Basis) table {
	w := writer{o.Language, b}
	switch o.Type {
	case OfFees:
		return &feeTable{writer: w, days: days{zone: b.Zone}}
	case OfRefunds:
		return &refundTable{writer: w}
	case OfTax:
		return &taxTable{writer: w, days: days{zone: b.Zone}}
	case OfPSP:
		return &pspTable{writer: w}
	case OfPlatform:
		return newOverview(w)
	case OfSettlement:
		return &depositTable{writer: w}
	}
	return &statementTable{writer: w, balance: b.Opening}
}

// writer is what all tables have.
type writer struct {
	language string
	Basis
}

func (w writer) say(key string) sheet.Term { return sheet.Term{Code: key, Text: Say(w.language, key)} }

// kind is the word for what a move is.
func (w writer) kind(m Move) sheet.Term {
	return sheet.Term{Code: string(m.Kind()), Text: Say(w.language, "line_"+string(m.Kind()))}
}

// name gives a name, and nothing for no id.
func (w writer) name(i id.ID) string {
	if i == "" {
		return ""
	}
	return w.Name(i)
}

// days tells when a day or month of the calendar has ended.
type days struct {
	zone *time.Location
	day  string
}

// of is the day of a moment, "2026-11-24".
func (d days) of(at time.Time) string { return at.In(d.zone).Format(time.DateOnly) }
