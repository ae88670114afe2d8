package clearing

import (
	"encoding/xml"
	"io"
	"strings"
	"time"

	"tolom/money"
)

// Reader takes what a bank statement says, in the order of the file. Any may be nil.
type Reader struct {
	Open  func(Statement) error // account, owner and times, balances where they stood before the entries
	Entry func(Entry) error
	Close func(Statement) error // with both balances; without entries
}

// ReadStatements reads camt.053 of any version, entry by entry: banks' statements
// may be long. Where opening and closing balance are given, the booked entries must
// lead from one to the other. Entries that are not booked are left out.
func ReadStatements(r io.Reader, use Reader) error {
	s, err := openXML(r, map[string]string{"camt.053": "BkToCstmrStmt"})
	if err != nil {
		return err
	}
	found := false
	err = s.each(func(start *xml.StartElement) (bool, error) {
		if start.Name.Local != "Stmt" {
			return false, nil
		}
		found = true
		one := statementReader{source: s, use: use}
		return true, one.read()
	})
	return first(err, when(!found, "it holds no statement"))
}

// ReadStatement reads a file of exactly one statement with all its entries.
func ReadStatement(r io.Reader) (out Statement, err error) {
	var entries []Entry
	closed := false
	err = ReadStatements(r, Reader{
		Entry: func(e Entry) error { entries = append(entries, e); return nil },
		Close: func(s Statement) error {
			if closed {
				return bad("it holds more than one statement")
			}
			closed, out = true, s
			return nil
		},
	})
	out.Entries = entries
	return out, err
}

// statementReader reads one Stmt.
type statementReader struct {
	*source
	use            Reader
	s              Statement
	sum            money.Amount
	opened, closes bool // which balances were given
	told           bool // Open was called
}

func (r *statementReader) read() error {
	for {
		start, err := r.next()
		if err != nil {
			return err
		}
		if start == nil {
			return r.end()
		}
		if err := r.element(start); err != nil {
			return broken(err)
		}
	}
}

func (r *statementReader) element(start *xml.StartElement) error {
	switch start.Name.Local {
	case "Id":
		return r.DecodeElement(&r.s.ID, start)
	case "CreDtTm":
		return r.when(start, &r.s.Created)
	case "FrToDt":
		return r.span(start)
	case "Acct":
		return r.account(start)
	case "Bal":
		return r.balance(start)
	case "Ntry":
		return r.entry(start)
	}
	return r.Skip()
}

func (r *statementReader) when(start *xml.StartElement, into *time.Time) error {
	var text string
	if err := r.DecodeElement(&text, start); err != nil {
		return err
	}
	t, err := timeOf(start.Name.Local, text)
	*into = t
	return err
}

func (r *statementReader) span(start *xml.StartElement) (err error) {
	var x struct{ FrDtTm, ToDtTm string }
	if err = r.DecodeElement(&x, start); err != nil {
		return err
	}
	if r.s.From, err = timeOf("FrDtTm", x.FrDtTm); err != nil {
		return err
	}
	r.s.To, err = timeOf("ToDtTm", x.ToDtTm)
	return err
}

func (r *statementReader) account(start *xml.StartElement) error {
	var x struct {
		accountXML
		Owner  string `xml:"Ownr>Nm"`
		Keeper agent  `xml:"Svcr"`
	}
	if err := r.DecodeElement(&x, start); err != nil {
		return err
	}
	r.s.Account, r.s.Currency, r.s.Owner, r.s.Servicer = x.number(), x.Ccy, x.Owner, x.Keeper.bank()
	return nil
}

// sideXML is an amount with its side.
type sideXML struct {
	Amount moneyXML `xml:"Amt"`
	Side   string   `xml:"CdtDbtInd"`
}

// signed gives the amount with its sign and refuses another currency than the account's.
func (x sideXML) signed(field, currency string) (money.Amount, error) {
	a, err := amountOf(field, strings.TrimSpace(x.Amount.Text))
	switch {
	case err != nil:
		return 0, err
	case currency != "" && x.Amount.Currency != currency:
		return 0, bad("%s is in %q, the account in %q", field, x.Amount.Currency, currency)
	case x.Side == "DBIT":
		return -a, nil
	case x.Side == "CRDT":
		return a, nil
	}
	return 0, bad("%s is neither CRDT nor DBIT but %q", field, x.Side)
}

func (r *statementReader) balance(start *xml.StartElement) error {
	var x struct {
		sideXML
		Code string `xml:"Tp>CdOrPrtry>Cd"`
	}
	if err := r.DecodeElement(&x, start); err != nil {
		return err
	}
	if x.Code != "OPBD" && x.Code != "PRCD" && x.Code != "CLBD" {
		return nil
	}
	a, err := x.signed("a balance", r.s.Currency)
	if err != nil {
		return err
	}
	if r.s.Currency == "" {
		r.s.Currency = x.Amount.Currency
	}
	if x.Code == "CLBD" {
		r.s.Closing, r.closes = a, true
	} else {
		r.s.Opening, r.opened = a, true
	}
	return nil
}

// open tells of the statement before its first entry.
func (r *statementReader) open() error {
	if r.told {
		return nil
	}
	r.told = true
	if r.s.Account == "" {
		return bad("the statement %q names no account", r.s.ID)
	}
	if r.use.Open == nil {
		return nil
	}
	return r.use.Open(r.s)
}

func (r *statementReader) end() error {
	if err := r.open(); err != nil {
		return err
	}
	if r.opened && r.closes && r.s.Opening+r.sum != r.s.Closing {
		return bad("statement %q: %s and its entries come to %s, its closing balance is %s", r.s.ID,
			r.s.Opening.Plain(), (r.s.Opening + r.sum).Plain(), r.s.Closing.Plain())
	}
	if r.use.Close == nil {
		return nil
	}
	return r.use.Close(r.s)
}
