package clearing

import (
	"io"
	"strconv"
	"time"

	"tolom/money"
)

// Statement is an account's movements in a time: camt.053.001.08.
type Statement struct {
	ID       string // 1 to 35 characters
	Created  time.Time
	From, To time.Time // [From, To)
	Account  string    // a bank account, or an id of the platform
	Currency string
	Owner    string // up to 140 characters
	Servicer Bank   // who keeps the account; without a BIC it is left out
	Opening  money.Amount
	Closing  money.Amount // Opening and all entries, to the tyiyn
	Entries  []Entry
}

// Entry is one movement of the account.
type Entry struct {
	Ref      string       // of the entry, unique in the statement, up to 35 characters; readers may find it empty
	At       time.Time    // booked
	Value    time.Time    // counts from; zero: as At
	Amount   money.Amount // above zero when it comes to the account, below when it leaves
	Reversal bool         // it takes back an earlier one
	Code     string       // "PAYMENT", "REFUND", "PAYOUT"…: ours or the bank's own, or of the ISO list joined by "/"
	Charge   money.Amount // of it, already taken from Amount
	Bank     string       // the bank's reference
	Text     string       // the bank's words
	Parts    []Part       // what it is made of, one or many
}

// Part is one transfer in an entry.
type Part struct {
	EndToEnd string       // as the sender named it
	ID       string       // as the systems between named it
	Amount   money.Amount // not negative; 0: not said
	Party    string       // the other side
	Account  string       // of the other side
	Text     string
}

const statementMessage = "camt.053.001.08"

// StatementWriter writes a statement entry by entry, so that a long one is never held
// whole.
type StatementWriter struct {
	p    *page
	s    Statement
	left money.Amount
}

// Write writes the whole statement.
func (s Statement) Write(w io.Writer) error {
	sw, err := s.Start(w)
	if err != nil {
		return err
	}
	for _, e := range s.Entries {
		if err := sw.Add(e); err != nil {
			return err
		}
	}
	return sw.End()
}

// Start writes all but the entries, which Add gives.
func (s Statement) Start(w io.Writer) (*StatementWriter, error) {
	if err := first(checkReference("the id of the statement", s.ID), when(s.Account == "" || len(s.Account) > 34, "an account has 1 to 34 characters"),
		when(len(s.Currency) != 3, "the currency is three letters")); err != nil {
		return nil, err
	}
	p := newPage(w, statementMessage, "BkToCstmrStmt")
	p.open("GrpHdr")
	p.leaf("MsgId", s.ID)
	p.leaf("CreDtTm", at(s.Created))
	p.close("GrpHdr")
	p.open("Stmt")
	p.leaf("Id", s.ID)
	p.leaf("CreDtTm", at(s.Created))
	p.open("FrToDt")
	p.leaf("FrDtTm", at(s.From))
	p.leaf("ToDtTm", at(s.To))
	p.close("FrToDt")
	p.owned(s)
	p.balance("OPBD", s.Opening, s.Currency, s.From)
	p.balance("CLBD", s.Closing, s.Currency, s.To)
	return &StatementWriter{p: p, s: s, left: s.Closing - s.Opening}, p.err
}

// owned writes the account with its owner and keeper.
func (p *page) owned(s Statement) {
	p.open("Acct")
	if iban.MatchString(s.Account) && ibanHolds(s.Account) {
		p.path("Id/IBAN", s.Account)
	} else {
		p.path("Id/Othr/Id", s.Account)
	}
	p.leaf("Ccy", s.Currency)
	p.path("Ownr/Nm", s.Owner)
	if s.Servicer.BIC != "" {
		p.bank("Svcr", s.Servicer)
	}
	p.close("Acct")
}

func (p *page) balance(kind string, a money.Amount, currency string, day time.Time) {
	p.open("Bal")
	p.path("Tp/CdOrPrtry/Cd", kind)
	p.signed(a, currency)
	p.path("Dt/DtTm", at(day))
	p.close("Bal")
}

// signed writes an amount and its side: CRDT is the owner's money.
func (p *page) signed(a money.Amount, currency string) {
	side := "CRDT"
	if a < 0 {
		side, a = "DBIT", -a
	}
	p.money("Amt", a, currency)
	p.leaf("CdtDbtInd", side)
}

// Add writes one entry.
func (w *StatementWriter) Add(e Entry) error {
	if e.Amount > money.Max || e.Amount < -money.Max || e.Charge < 0 {
		return bad("an entry's amount is within %d tyiyn and its charge not negative", money.Max)
	}
	w.left -= e.Amount
	p := w.p
	p.open("Ntry")
	p.leaf("NtryRef", e.Ref)
	p.signed(e.Amount, w.s.Currency)
	if e.Reversal {
		p.leaf("RvslInd", "true")
	}
	p.path("Sts/Cd", "BOOK")
	p.path("BookgDt/DtTm", at(e.At))
	if !e.Value.IsZero() {
		p.path("ValDt/DtTm", at(e.Value))
	}
	p.leaf("AcctSvcrRef", e.Bank)
	p.path("BkTxCd/Prtry/Cd", e.Code)
	if e.Charge > 0 {
		p.open("Chrgs")
		p.money("TtlChrgsAndTaxAmt", e.Charge, w.s.Currency)
		p.close("Chrgs")
	}
	w.parts(e)
	p.leaf("AddtlNtryInf", e.Text)
	p.close("Ntry")
	return p.err
}

func (w *StatementWriter) parts(e Entry) {
	if len(e.Parts) == 0 {
		return
	}
	w.p.open("NtryDtls")
	if len(e.Parts) > 1 {
		w.p.path("Btch/NbOfTxs", strconv.Itoa(len(e.Parts)))
	}
	for _, part := range e.Parts {
		w.part(part, e.Amount < 0)
	}
	w.p.close("NtryDtls")
}

func (w *StatementWriter) part(part Part, leaves bool) {
	p := w.p
	p.open("TxDtls")
	if part.EndToEnd != "" || part.ID != "" {
		p.open("Refs")
		p.leaf("EndToEndId", part.EndToEnd)
		p.leaf("TxId", part.ID)
		p.close("Refs")
	}
	if part.Amount > 0 {
		p.money("Amt", part.Amount, w.s.Currency)
		p.leaf("CdtDbtInd", map[bool]string{true: "DBIT", false: "CRDT"}[leaves])
	}
	w.party(part, leaves)
	p.path("RmtInf/Ustrd", part.Text)
	p.close("TxDtls")
}

// party writes the other side: whom money came from, or went to.
func (w *StatementWriter) party(part Part, leaves bool) {
	if part.Party == "" && part.Account == "" {
		return
	}
	side := map[bool]string{true: "Cdtr", false: "Dbtr"}[leaves]
	w.p.open("RltdPties")
	w.p.path(side+"/Pty/Nm", part.Party)
	w.p.account(side+"Acct", part.Account, "")
	w.p.close("RltdPties")
}

// End closes the statement. Entries that do not lead from the opening to the closing
// balance are an error, and what was written is then no statement.
func (w *StatementWriter) End() error {
	if w.left != 0 {
		return bad("the entries of the statement miss %s to its closing balance", w.left.Plain())
	}
	w.p.close("Stmt")
	return w.p.end("BkToCstmrStmt")
}
