package clearing

import (
	"encoding/xml"
	"io"
	"strconv"
	"time"

	"tolom/money"
)

// Header is what a message with money says of itself.
type Header struct {
	Message string    // its id, by which answers name it: 1 to 35 characters
	Created time.Time // UTC, milliseconds
	Date    string    // on which the money moves, "2026-11-24"
	Sender  Bank      // the processing centre
	Getter  Bank      // the central bank's system, or the bank that pays out
}

func (h Header) check() error {
	if err := checkReference("the id of the message", h.Message); err != nil {
		return err
	}
	if err := checkDate("the day of settlement", h.Date); err != nil {
		return err
	}
	if err := h.Sender.check("the sender"); err != nil {
		return err
	}
	return h.Getter.check("the receiver")
}

// system is what the messages call the settlement system in which the money moves.
const system = "RTGS"

// header writes GrpHdr.
func (p *page) header(h Header, count int, sum money.Amount) {
	p.open("GrpHdr")
	p.leaf("MsgId", h.Message)
	p.leaf("CreDtTm", at(h.Created))
	p.leaf("NbOfTxs", strconv.Itoa(count))
	p.leaf("CtrlSum", sum.Plain())
	p.money("TtlIntrBkSttlmAmt", sum, money.KGS)
	p.leaf("IntrBkSttlmDt", h.Date)
	p.open("SttlmInf")
	p.leaf("SttlmMtd", "CLRG")
	p.path("ClrSys/Prtry", system)
	p.close("SttlmInf")
	p.bank("InstgAgt", h.Sender)
	p.bank("InstdAgt", h.Getter)
	p.close("GrpHdr")
}

// money writes an amount, which is not negative, with its currency.
func (p *page) money(element string, a money.Amount, currency string) {
	p.leafWith(element, ` Ccy="`+currency+`"`, a.Plain())
}

// headerXML is GrpHdr as it is read.
type headerXML struct {
	Message string `xml:"MsgId"`
	Created string `xml:"CreDtTm"`
	Count   string `xml:"NbOfTxs"`
	Sum     string `xml:"CtrlSum"`
	Date    string `xml:"IntrBkSttlmDt"`
	Sender  agent  `xml:"InstgAgt"`
	Getter  agent  `xml:"InstdAgt"`
}

func (x headerXML) header() (h Header, err error) {
	h = Header{Message: x.Message, Date: x.Date, Sender: x.Sender.bank(), Getter: x.Getter.bank()}
	if h.Created, err = timeOf("CreDtTm", x.Created); err != nil {
		return h, err
	}
	return h, h.check()
}

// readMessage reads a message with money: its header, and its transfers one by one.
func readMessage[X any](r io.Reader, message, root string, use func(X) error) (head headerXML, err error) {
	s, err := openXML(r, map[string]string{message: root})
	if err != nil {
		return head, err
	}
	return head, s.each(func(start *xml.StartElement) (bool, error) {
		switch start.Name.Local {
		case "GrpHdr":
			return true, s.DecodeElement(&head, start)
		case "CdtTrfTxInf":
			var x X
			if err := s.DecodeElement(&x, start); err != nil {
				return true, err
			}
			return true, use(x)
		}
		return false, nil
	})
}

// totals sees that a message holds as many transfers, and as much money, as it says.
func (x headerXML) totals(count int, sum money.Amount) error {
	if x.Count != strconv.Itoa(count) {
		return bad("its header says %s transfers, it holds %d", x.Count, count)
	}
	if x.Sum == "" {
		return nil
	}
	said, err := amountOf("CtrlSum", x.Sum)
	if err != nil {
		return err
	}
	if said != sum {
		return bad("its header says %s in all, its transfers come to %s", said.Plain(), sum.Plain())
	}
	return nil
}

// moneyXML is an amount as it is read.
type moneyXML struct {
	Text     string `xml:",chardata"`
	Currency string `xml:"Ccy,attr"`
}

func (x moneyXML) som(field string) (money.Amount, error) {
	if x.Currency != money.KGS {
		return 0, bad("%s is in %q; only KGS is settled", field, x.Currency)
	}
	return amountOf(field, x.Text)
}
