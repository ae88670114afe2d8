package clearing

import (
	"io"
	"strings"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

// Transfers is what the central bank is asked to move for one day: pacs.009.001.09.
// Participants that owe pay to the centre's account, those that are owed are paid
// from it; what stays there is the centre's own.
type Transfers struct {
	Header
	Legs []Transfer
}

// Transfer moves money between two institutions.
type Transfer struct {
	ID       string // by which answers name it: 1 to 35 characters
	From, To Bank
	Amount   money.Amount // tyiyn, above zero
	Text     string       // up to 140 characters
}

const transfersMessage = "pacs.009.001.09"

// LegID names the transfer of a participant on a day: letter, date, the token of its id.
func LegID(day string, participant id.ID) string {
	return "P" + strings.ReplaceAll(day, "-", "") + participant.Token()
}

// TransfersOf makes the transfers of a day's positions; those of zero need none.
// Positions that do not sum to zero are refused. A participant without a bank code is
// named by its id.
func TransfersOf(h Header, positions []settlement.Position, style Style) (t Transfers, err error) {
	var sum money.Amount
	t.Header = h
	for _, p := range positions {
		if sum, err = money.Add(sum, p.Net); err != nil {
			return t, err
		}
		if p.Participant == "" || p.Net == 0 {
			continue
		}
		bank := BankOf(p, style)
		leg := Transfer{ID: LegID(h.Date, p.Participant), From: h.Sender, To: bank, Amount: p.Net, Text: "Net position of " + h.Date}
		if p.Net < 0 {
			leg.From, leg.To, leg.Amount = bank, h.Sender, -p.Net
		}
		t.Legs = append(t.Legs, leg)
	}
	if sum != 0 {
		return t, bad("the positions of %s sum to %s, not to zero", h.Date, sum.Plain())
	}
	return t, nil
}

// BankOf names the participant of a position.
func BankOf(p settlement.Position, style Style) Bank {
	b := Bank{BIC: p.BIC, Name: style.Fit(p.Name, 140)}
	if b.BIC == "" {
		b.BIC = string(p.Participant)
	}
	return b
}

// Write writes the message. Transfers without any leg have no file: the schema wants one.
func (t Transfers) Write(w io.Writer) error {
	sum, err := t.check()
	if err != nil {
		return err
	}
	p := newPage(w, transfersMessage, "FICdtTrf")
	p.header(t.Header, len(t.Legs), sum)
	for _, l := range t.Legs {
		p.open("CdtTrfTxInf")
		p.payment(l.ID)
		p.money("IntrBkSttlmAmt", l.Amount, money.KGS)
		p.bank("Dbtr", l.From)
		p.bank("Cdtr", l.To)
		p.path("RmtInf/Ustrd", l.Text)
		p.close("CdtTrfTxInf")
	}
	return p.end("FICdtTrf")
}

// payment writes PmtId; all ids of a transfer are one.
func (p *page) payment(id string) {
	p.open("PmtId")
	p.leaf("InstrId", id)
	p.leaf("EndToEndId", id)
	p.leaf("TxId", id)
	p.close("PmtId")
}

func (t Transfers) check() (sum money.Amount, err error) {
	if err := t.Header.check(); err != nil {
		return 0, err
	}
	if len(t.Legs) == 0 {
		return 0, bad("it holds no transfer")
	}
	amounts, seen := make([]money.Amount, len(t.Legs)), map[string]bool{}
	for i, l := range t.Legs {
		amounts[i] = l.Amount
		if err := first(checkReference("the id of a transfer", l.ID), once(seen, l.ID), l.From.check("the debtor"), l.To.check("the creditor")); err != nil {
			return 0, err
		}
	}
	return sumOf("the transfers", amounts...)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func once(seen map[string]bool, id string) error {
	if seen[id] {
		return bad("it holds %s twice", id)
	}
	seen[id] = true
	return nil
}

// transferXML is CdtTrfTxInf of pacs.009 as it is read.
type transferXML struct {
	EndToEnd string   `xml:"PmtId>EndToEndId"`
	Amount   moneyXML `xml:"IntrBkSttlmAmt"`
	From     agent    `xml:"Dbtr"`
	To       agent    `xml:"Cdtr"`
	Text     string   `xml:"RmtInf>Ustrd"`
}

// ReadTransfers reads pacs.009 of any version and checks it: codes, amounts, ids
// that come once, totals.
func ReadTransfers(r io.Reader) (t Transfers, err error) {
	head, err := readMessage(r, "pacs.009", "FICdtTrf", func(x transferXML) error {
		amount, err := x.Amount.som("IntrBkSttlmAmt")
		t.Legs = append(t.Legs, Transfer{ID: x.EndToEnd, From: x.From.bank(), To: x.To.bank(), Amount: amount, Text: x.Text})
		return err
	})
	if err != nil {
		return t, err
	}
	if t.Header, err = head.header(); err != nil {
		return t, err
	}
	sum, err := t.check()
	return t, first(err, head.totals(len(t.Legs), sum))
}
