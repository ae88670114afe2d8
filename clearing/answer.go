package clearing

import (
	"encoding/xml"
	"io"
	"time"
)

// Verdict is what an answer says of a message or of one transfer in it.
type Verdict string

// The verdicts. Only Settled and Refused are final.
const (
	Settled Verdict = "settled" // the money has moved
	Refused Verdict = "refused" // it has not and will not
	Partly  Verdict = "partly"  // some of the message's transfers; the items say which
	Waiting Verdict = "waiting" // it was received or accepted and has not moved yet
)

// verdicts tells what the status codes of ISO 20022 mean. Acceptance alone, however
// far it went, is no settlement.
var verdicts = map[string]Verdict{
	"ACSC": Settled, "ACCC": Settled,
	"RJCT": Refused, "CANC": Refused,
	"PART": Partly,
	"RCVD": Waiting, "PDNG": Waiting, "ACTC": Waiting, "ACCP": Waiting, "ACSP": Waiting, "ACWC": Waiting,
	"ACWP": Waiting, "ACFC": Waiting, "PATC": Waiting, "PRES": Waiting, "BLCK": Waiting,
}

// codes are what a verdict is written as.
var codes = map[Verdict]string{Settled: "ACSC", Refused: "RJCT", Partly: "PART", Waiting: "PDNG"}

// Answer is what the central bank or a bank says of one message of ours: pacs.002 or
// pain.002.
type Answer struct {
	Message  string // id of the answer itself
	Created  time.Time
	Original string // the message it answers
	Format   string // of the original, "pacs.009.001.09"; empty when it is not said
	Verdict  Verdict
	Reasons  []Reason
	Items    []Outcome
}

// Outcome is what an answer says of one transfer.
type Outcome struct {
	ID      string // the transfer or payout
	Verdict Verdict
	Reasons []Reason
}

// Reason says why: a code of the ISO 20022 list or the bank's own, and the bank's words.
type Reason struct {
	Code string // "AC01"; the external list, or a proprietary code
	Text string
}

// String gives a reason as people are shown it.
func (r Reason) String() string {
	switch {
	case r.Text == "":
		return r.Code
	case r.Code == "":
		return r.Text
	}
	return r.Code + ": " + r.Text
}

const answerMessage = "pacs.002.001.11"

// Write writes the answer as pacs.002.001.11: what the simulated central bank says.
func (a Answer) Write(w io.Writer) error {
	if err := a.check(); err != nil {
		return err
	}
	p := newPage(w, answerMessage, "FIToFIPmtStsRpt")
	p.open("GrpHdr")
	p.leaf("MsgId", a.Message)
	p.leaf("CreDtTm", at(a.Created))
	p.close("GrpHdr")
	p.open("OrgnlGrpInfAndSts")
	p.leaf("OrgnlMsgId", a.Original)
	p.leaf("OrgnlMsgNmId", a.Format)
	p.leaf("GrpSts", codes[a.Verdict])
	p.reasons(a.Reasons)
	p.close("OrgnlGrpInfAndSts")
	for _, i := range a.Items {
		p.open("TxInfAndSts")
		p.leaf("OrgnlEndToEndId", i.ID)
		p.leaf("TxSts", codes[i.Verdict])
		p.reasons(i.Reasons)
		p.close("TxInfAndSts")
	}
	return p.end("FIToFIPmtStsRpt")
}

// reasons writes each reason; a code of four characters is one of the list, any other the bank's own.
func (p *page) reasons(list []Reason) {
	for _, r := range list {
		p.open("StsRsnInf")
		if len(r.Code) == 4 {
			p.path("Rsn/Cd", r.Code)
		} else {
			p.path("Rsn/Prtry", r.Code)
		}
		p.leaf("AddtlInf", r.Text)
		p.close("StsRsnInf")
	}
}

func (a Answer) check() error {
	if err := first(checkReference("the id of the answer", a.Message), checkReference("the id of the answered message", a.Original)); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, i := range a.Items {
		if err := first(checkReference("the id of an answered transfer", i.ID), once(seen, i.ID)); err != nil {
			return err
		}
	}
	return nil
}

// answerXML is a part of pacs.002 or pain.002 as it is read: the group's or a transfer's.
type answerXML struct {
	Message    string      `xml:"MsgId"`
	Created    string      `xml:"CreDtTm"`
	Original   string      `xml:"OrgnlMsgId"`
	Format     string      `xml:"OrgnlMsgNmId"`
	GroupOf    string      `xml:"OrgnlGrpInf>OrgnlMsgId"`
	FormatOf   string      `xml:"OrgnlGrpInf>OrgnlMsgNmId"`
	EndToEnd   string      `xml:"OrgnlEndToEndId"`
	Instructed string      `xml:"OrgnlInstrId"`
	Tx         string      `xml:"OrgnlTxId"`
	Group      string      `xml:"GrpSts"`
	Payment    string      `xml:"PmtInfSts"`
	Status     string      `xml:"TxSts"`
	Reasons    []reasonXML `xml:"StsRsnInf"`
	Items      []answerXML `xml:"TxInfAndSts"` // of a payment group of pain.002
}

type reasonXML struct {
	Code  string   `xml:"Rsn>Cd"`
	Own   string   `xml:"Rsn>Prtry"`
	Texts []string `xml:"AddtlInf"`
}

// ReadAnswer reads pacs.002 or pain.002 of any version that answers one message. An
// unknown status is refused rather than guessed.
func ReadAnswer(r io.Reader) (Answer, error) {
	s, err := openXML(r, map[string]string{"pacs.002": "FIToFIPmtStsRpt", "pain.002": "CstmrPmtStsRpt"})
	if err != nil {
		return Answer{}, err
	}
	var b answerReader
	err = s.each(func(start *xml.StartElement) (bool, error) {
		switch start.Name.Local {
		case "GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts":
			var x answerXML
			return true, first(s.DecodeElement(&x, start), b.take(start.Name.Local, x))
		}
		return false, nil
	})
	if err != nil {
		return Answer{}, err
	}
	return b.done()
}
