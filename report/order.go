package report

import (
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/sheet"
)

// Type names a report.
type Type string

// The reports, and whose they are.
const (
	OfStatement  Type = "statement"          // a merchant's: every line with the balance after it
	OfSettlement Type = "settlement"         // a merchant's: every deposit with the payments in it
	OfFees       Type = "fees"               // a merchant's or the centre's: what a day's payments cost
	OfRefunds    Type = "refunds"            // a merchant's or the centre's: every refund, asked for, given, rejected
	OfTax        Type = "tax"                // a merchant's: takings by day and month
	OfPSP        Type = "psp_reconciliation" // a PSP's: every payment and refund by its own names
	OfPlatform   Type = "overview"           // the centre's: what each PSP and merchant came to
)

// Owner is what kind of reader a report is for.
type Owner string

// The kinds of readers.
const (
	ForMerchant Owner = "merchant"
	ForPSP      Owner = "psp"
	ForCentre   Owner = "operator"
)

// types says who may order what.
var types = map[Owner][]Type{
	ForMerchant: {OfStatement, OfSettlement, OfFees, OfRefunds, OfTax},
	ForPSP:      {OfPSP},
	ForCentre:   {OfPlatform, OfFees, OfRefunds},
}

// Types lists what a kind of reader may order.
func Types(o Owner) []Type { return types[o] }

// Languages are those that reports are written in.
var Languages = []string{"ky", "ru", "en"}

// Longest is the longest time of a report: a year, with a day for leap years and a day for who counts generously.
const Longest = 367 * 24 * time.Hour

// Order is what a report is of. It says all that its rows follow from, beside the facts up to a position.
type Order struct {
	Type     Type         `json:"type"`
	From     time.Time    `json:"from"`
	To       time.Time    `json:"to"`                 // [From, To)
	Store    id.ID        `json:"store_id,omitempty"` // of the merchant's, when it is of one store or till alone
	Till     id.ID        `json:"till_id,omitempty"`
	Cashier  string       `json:"cashier,omitempty"`
	Format   sheet.Format `json:"format"`
	Language string       `json:"language"`
}

// Whole says that the order is of everything of its owner.
func (o Order) Whole() bool { return o.Store == "" && o.Till == "" && o.Cashier == "" }

// Check says what is wrong with an order, by the name of the field; "" when nothing is.
func (o Order) Check(of Owner) (field, problem string) {
	switch {
	case !slices.Contains(types[of], o.Type):
		return "type", fmt.Sprintf("type is one of %v", types[of])
	case !o.Format.Known():
		return "format", sheet.ErrFormat.Error()
	case !slices.Contains(Languages, o.Language):
		return "language", fmt.Sprintf("language is one of %v", Languages)
	case !o.From.Before(o.To) || o.To.Sub(o.From) > Longest:
		return "from", "from is before to, by at most 367 days"
	case !o.Whole() && (of != ForMerchant || o.Type == OfSettlement):
		return "store_id", "only a merchant's own reports are narrowed to a store, till or cashier, and a deposit is of all of them"
	case len(o.Cashier) > 200:
		return "cashier", "a cashier's name has at most 200 bytes"
	}
	return "", ""
}

// Wants says whether a move belongs to what was ordered.
func (o Order) Wants(m Move) bool {
	if o.Type == OfSettlement {
		return true // Deposits are of positions, not of times.
	}
	at := m.At()
	return !at.Before(o.From) && at.Before(o.To) && o.here(m)
}

// here says whether a move is of the store, till and cashier that were ordered.
func (o Order) here(m Move) bool {
	return (o.Store == "" || m.Store == o.Store) && (o.Till == "" || m.Till == o.Till) && (o.Cashier == "" || m.Cashier == o.Cashier)
}
