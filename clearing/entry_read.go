package clearing

import (
	"encoding/xml"
	"strings"
	"time"

	"tolom/money"
)

// entryXML is Ntry as banks write it.
type entryXML struct {
	sideXML
	Ref      string `xml:"NtryRef"`
	Reversal string `xml:"RvslInd"`
	Status   struct {
		Code string `xml:"Cd"`
		Text string `xml:",chardata"` // versions before 2019 hold the code itself
	} `xml:"Sts"`
	Booked  dateXML `xml:"BookgDt"`
	Value   dateXML `xml:"ValDt"`
	Bank    string  `xml:"AcctSvcrRef"`
	Own     string  `xml:"BkTxCd>Prtry>Cd"`
	Domain  string  `xml:"BkTxCd>Domn>Cd"`
	Family  string  `xml:"BkTxCd>Domn>Fmly>Cd"`
	Sub     string  `xml:"BkTxCd>Domn>Fmly>SubFmlyCd"`
	Charges struct {
		Total moneyXML `xml:"TtlChrgsAndTaxAmt"`
	} `xml:"Chrgs"`
	Parts []partXML `xml:"NtryDtls>TxDtls"`
	Text  string    `xml:"AddtlNtryInf"`
}

type dateXML struct {
	Day    string `xml:"Dt"`
	Moment string `xml:"DtTm"`
}

func (x dateXML) time(field string) (time.Time, error) {
	switch {
	case x.Moment != "":
		return timeOf(field, x.Moment)
	case x.Day != "":
		return timeOf(field, x.Day)
	}
	return time.Time{}, nil
}

type partXML struct {
	EndToEnd string     `xml:"Refs>EndToEndId"`
	Tx       string     `xml:"Refs>TxId"`
	Amount   moneyXML   `xml:"Amt"`
	Inner    moneyXML   `xml:"AmtDtls>TxAmt>Amt"` // where versions before 2019 hold it
	From     partyXML   `xml:"RltdPties>Dbtr"`
	To       partyXML   `xml:"RltdPties>Cdtr"`
	FromAcct accountXML `xml:"RltdPties>DbtrAcct"`
	ToAcct   accountXML `xml:"RltdPties>CdtrAcct"`
	Texts    []string   `xml:"RmtInf>Ustrd"`
}

type partyXML struct {
	Name  string `xml:"Pty>Nm"`
	Plain string `xml:"Nm"` // versions before 2019
}

// mostSum bounds what the entries of one statement may come to, far below an overflow.
const mostSum = 1 << 62

func (r *statementReader) entry(start *xml.StartElement) error {
	if err := r.open(); err != nil {
		return err
	}
	var x entryXML
	if err := r.DecodeElement(&x, start); err != nil {
		return err
	}
	if status := x.Status.Code + strings.TrimSpace(x.Status.Text); status != "BOOK" {
		return nil
	}
	e, err := x.entry(r.s.Currency)
	if err != nil {
		return err
	}
	if r.sum += e.Amount; r.sum > mostSum || r.sum < -mostSum {
		return bad("the entries of statement %q come to too much", r.s.ID)
	}
	if r.use.Entry == nil {
		return nil
	}
	return r.use.Entry(e)
}

func (x entryXML) entry(currency string) (e Entry, err error) {
	e = Entry{Ref: x.Ref, Reversal: x.Reversal == "true" || x.Reversal == "1", Code: x.code(), Bank: x.Bank, Text: x.Text}
	if e.Amount, err = x.signed("the entry "+x.Ref, currency); err != nil {
		return e, err
	}
	if e.At, err = x.Booked.time("BookgDt"); err != nil {
		return e, err
	}
	if e.Value, err = x.Value.time("ValDt"); err != nil {
		return e, err
	}
	if e.At.IsZero() {
		e.At = e.Value
	}
	if e.Charge, err = optional("the charge of "+x.Ref, x.Charges.Total, currency); err != nil {
		return e, err
	}
	for _, p := range x.Parts {
		part, err := p.part(e.Amount < 0, currency)
		if err != nil {
			return e, err
		}
		e.Parts = append(e.Parts, part)
	}
	return e, nil
}

func (x entryXML) code() string {
	if x.Own != "" {
		return x.Own
	}
	return strings.Trim(x.Domain+"/"+x.Family+"/"+x.Sub, "/")
}

func (x partXML) part(leaves bool, currency string) (p Part, err error) {
	p = Part{EndToEnd: x.EndToEnd, ID: x.Tx, Text: strings.Join(x.Texts, " ")}
	side, acct := x.From, x.FromAcct
	if leaves {
		side, acct = x.To, x.ToAcct
	}
	p.Party, p.Account = side.Name+side.Plain, acct.number()
	if x.Amount.Text == "" {
		x.Amount = x.Inner
	}
	p.Amount, err = optional("a part of an entry", x.Amount, currency)
	return p, err
}

// optional reads an amount that may be missing, or be in another currency than the account's, which counts as not said.
func optional(field string, x moneyXML, currency string) (money.Amount, error) {
	text := strings.TrimSpace(x.Text)
	if text == "" || x.Currency != currency {
		return 0, nil
	}
	return amountOf(field, text)
}
