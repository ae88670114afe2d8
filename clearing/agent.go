package clearing

// agent is a bank as XML holds it.
type agent struct {
	BIC    string `xml:"FinInstnId>BICFI"`
	BICOld string `xml:"FinInstnId>BIC"` // as versions of 2009 name it
	Member string `xml:"FinInstnId>ClrSysMmbId>MmbId"`
	Name   string `xml:"FinInstnId>Nm"`
}

func (a agent) bank() Bank {
	code := a.BIC
	for _, other := range []string{a.BICOld, a.Member} {
		if code == "" {
			code = other
		}
	}
	return Bank{BIC: code, Name: a.Name}
}

// Bank is one institution in a file.
type Bank struct {
	BIC  string // by ISO 9362, or a national code of 6 digits; see CheckBIC
	Name string
}

func (b Bank) check(field string) error {
	if err := CheckBIC(b.BIC); err != nil {
		return bad("%s %q: %s", field, b.Name, reason(err))
	}
	return nil
}

// bank writes an institution into the element of that name.
func (p *page) bank(element string, b Bank) {
	p.open(element)
	p.institution(b)
	p.close(element)
}

func (p *page) institution(b Bank) {
	p.open("FinInstnId")
	if nationalBIC.MatchString(b.BIC) {
		p.path("ClrSysMmbId/MmbId", b.BIC)
	} else {
		p.leaf("BICFI", b.BIC)
	}
	p.leaf("Nm", b.Name)
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
