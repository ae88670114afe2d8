package clearing

// agent is a bank as XML holds it.
type agent struct {
	BIC    string `xml:"FinInstnId>BICFI"`
	BICOld string `xml:"FinInstnId>BIC"` // as versions of 2009 name it
	Member string `xml:"FinInstnId>ClrSysMmbId>MmbId"`
	Other  string `xml:"FinInstnId>Othr>Id"`
	Name   string `xml:"FinInstnId>Nm"`
}

func (a agent) bank() Bank {
	code := a.BIC
	for _, other := range []string{a.BICOld, a.Member, a.Other} {
		if code == "" {
			code = other
		}
	}
	return Bank{BIC: code, Name: a.Name}
}

// Bank is one institution in a file.
type Bank struct {
	// BIC is a code by ISO 9362 or a national one of 6 digits, see CheckBIC. Any other
	// text is written as the institution's own name of itself, which the reader may not
	// know: better that the central bank refuses a day than that none can be submitted.
	BIC  string
	Name string
}

func (b Bank) check(field string) error { return checkReference("the code of "+field, b.BIC) }

// bank writes an institution into the element of that name.
func (p *page) bank(element string, b Bank) {
	p.open(element)
	p.institution(b)
	p.close(element)
}

func (p *page) institution(b Bank) {
	p.open("FinInstnId")
	switch {
	case worldBIC.MatchString(b.BIC):
		p.leaf("BICFI", b.BIC)
	case nationalBIC.MatchString(b.BIC):
		p.path("ClrSysMmbId/MmbId", b.BIC)
	}
	p.leaf("Nm", b.Name)
	if CheckBIC(b.BIC) != nil {
		p.path("Othr/Id", b.BIC)
	}
	p.close("FinInstnId")
}

// account is an account as XML holds it.
type accountXML struct {
	IBAN  string `xml:"Id>IBAN"`
	Other string `xml:"Id>Othr>Id"`
	Ccy   string `xml:"Ccy"`
}

func (a accountXML) number() string {
	if a.IBAN != "" {
		return a.IBAN
	}
	return a.Other
}

// account writes an account; one without a number is left out.
func (p *page) account(element, number, currency string) {
	if number == "" {
		return
	}
	p.open(element)
	if iban.MatchString(number) && ibanHolds(number) {
		p.path("Id/IBAN", number)
	} else {
		p.path("Id/Othr/Id", number)
	}
	p.leaf("Ccy", currency)
	p.close(element)
}
