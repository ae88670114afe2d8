package clearing

import (
	"io"
	"strings"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

// Credits is what one bank is asked to credit to merchants' accounts:
// pacs.008.001.09.
type Credits struct {
	Header
	Items []Credit
}

// Credit is one payout to one account.
type Credit struct {
	ID      string       // the payout, by which answers name it
	Amount  money.Amount // tyiyn, above zero
	Name    string       // of the account's owner, up to 140 characters
	Account string
	Text    string // up to 140 characters
}

const creditsMessage = "pacs.008.001.09"

// CreditsID names the message of a bank's payouts of a day.
func CreditsID(day string, participant id.ID) string {
	return "C" + strings.ReplaceAll(day, "-", "") + participant.Token()
}

// CreditOf makes the credit of a payout, or says why the bank could not book it.
func CreditOf(p settlement.Payout, style Style) (Credit, error) {
	c := Credit{ID: string(p.ID), Amount: p.Amount, Name: style.Fit(p.MerchantName, 140), Account: p.BankAccount, Text: "Payments by QR, day " + p.Day}
	return c, c.check()
}

func (c Credit) check() error {
	return first(checkReference("the id of a payout", c.ID), CheckAccount(c.Account), when(c.Name == "", "the account "+c.Account+" has no owner's name"))
}

// Write writes the message. Credits without an item have no file.
func (c Credits) Write(w io.Writer) error {
	sum, err := c.check()
	if err != nil {
		return err
	}
	p := newPage(w, creditsMessage, "FIToFICstmrCdtTrf")
	p.header(c.Header, len(c.Items), sum)
	for _, i := range c.Items {
		p.credit(c.Header, i)
	}
	return p.end("FIToFICstmrCdtTrf")
}

func (p *page) credit(h Header, c Credit) {
	p.open("CdtTrfTxInf")
	p.payment(c.ID)
	p.money("IntrBkSttlmAmt", c.Amount, money.KGS)
	p.leaf("ChrgBr", "SLEV")
	p.open("Dbtr")
	p.leaf("Nm", h.Sender.Name)
	p.close("Dbtr")
	p.bank("DbtrAgt", h.Sender)
	p.bank("CdtrAgt", h.Getter)
	p.open("Cdtr")
	p.leaf("Nm", c.Name)
	p.close("Cdtr")
	p.account("CdtrAcct", c.Account, "")
	p.path("RmtInf/Ustrd", c.Text)
	p.close("CdtTrfTxInf")
}

func (c Credits) check() (sum money.Amount, err error) {
	if err := c.Header.check(); err != nil {
		return 0, err
	}
	if len(c.Items) == 0 {
		return 0, bad("it holds no payout")
	}
	amounts, seen := make([]money.Amount, len(c.Items)), map[string]bool{}
	for i, item := range c.Items {
		amounts[i] = item.Amount
		if err := first(item.check(), once(seen, item.ID)); err != nil {
			return 0, err
		}
	}
	return sumOf("the payouts", amounts...)
}

// creditXML is CdtTrfTxInf of pacs.008 as it is read.
type creditXML struct {
	EndToEnd string     `xml:"PmtId>EndToEndId"`
	Amount   moneyXML   `xml:"IntrBkSttlmAmt"`
	Name     string     `xml:"Cdtr>Nm"`
	Account  accountXML `xml:"CdtrAcct"`
	Text     string     `xml:"RmtInf>Ustrd"`
}

// ReadCredits reads pacs.008 of any version and checks it as ReadTransfers does.
func ReadCredits(r io.Reader) (c Credits, err error) {
	head, err := readMessage(r, "pacs.008", "FIToFICstmrCdtTrf", func(x creditXML) error {
		amount, err := x.Amount.som("IntrBkSttlmAmt")
		c.Items = append(c.Items, Credit{ID: x.EndToEnd, Amount: amount, Name: x.Name, Account: x.Account.number(), Text: x.Text})
		return err
	})
	if err != nil {
		return c, err
	}
	if c.Header, err = head.header(); err != nil {
		return c, err
	}
	sum, err := c.check()
	return c, first(err, head.totals(len(c.Items), sum))
}
