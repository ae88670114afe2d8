package flow_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tolom/elqr"
	"tolom/money"
	"tolom/payment"
	"tolom/wire"
)

// The parts of patterns.
const (
	who = `(\S+)`
	sum = `(-?[0-9.]+)`
	opt = `( \(.*\))?`
)

var verbs = []verb{
	{who + " asks (any amount|-?[0-9.]+) as " + who + opt, (*scene).asks},
	{who + " (cancels|pauses|resumes) " + who + opt, (*scene).changes},
	{who + " looks at " + who, (*scene).looks},
	{who + " refunds (all|" + sum + ") of " + who + " as " + who + opt, (*scene).refund},
	{who + " decodes " + who, (*scene).decodes},
	{who + " is owed", (*scene).owed},
	{who + " has a statement", (*scene).statement},
	{who + " is told", (*scene).told},
	{who + " may overdraw " + sum, (*scene).overdraw},
	{"psp " + who + " checks " + who + "(?: for " + sum + ")?", (*scene).checks},
	{"psp " + who + " checks " + who + " with (.+)", (*scene).checksAltered},
	{"psp " + who + " creates " + who + " of " + who + "(?: for " + who + ")?(?: paying " + sum + ")?(?: with (.+))?", (*scene).creates},
	{"psp " + who + " (executes|cancels|asks about) " + who, (*scene).move},
	{"psp " + who + " (cancels|asks about) its own id " + who, (*scene).moveOwn},
	{"psp " + who + " asks about all of (.+)", (*scene).states},
	{"psp " + who + " (gives back|cannot give back) " + who, (*scene).acks},
	{"psp " + who + " is to give back", (*scene).toGive},
	{"the operator (suspends|readmits) (psp )?" + who, (*scene).suspends},
	{"(.+) pass(?:es)?", (*scene).pass},
}

// amount reads som, "150.00" or "-1.00".
func amount(text string) int64 {
	if text == "" || text == "all" || text == "any amount" {
		return 0
	}
	som, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return int64(math.Round(som * 100))
}

func plain(tyiyn int64) string { return money.Amount(tyiyn).Plain() }

func (c *scene) asks(part []string) string {
	in := wire.NewPaymentRequest{Amount: amount(part[2]), Description: part[3]}
	if _, static := option(part[4], "static"); static {
		in.Kind = "static"
	}
	if kind, given := option(part[4], "kind"); given {
		in.Kind = kind
	}
	if _, editable := option(part[4], "editable"); editable {
		in.AmountEditable = &editable
	}
	if _, fixed := option(part[4], "fixed"); fixed {
		editable := false
		in.AmountEditable = &editable
	}
	in.OrderID, _ = option(part[4], "order")
	in.Currency, _ = option(part[4], "in")
	if life, given := option(part[4], "for"); given {
		d, err := time.ParseDuration(life)
		c.must(err)
		in.ExpiresIn = int64(d.Seconds())
	}
	k := key(c.keyOf(part[4]), "create", in)
	if _, keyless := option(part[4], "without a key"); keyless {
		k.Key = ""
	}
	r, replayed, err := c.platform.CreateRequest(c.ctx, c.shops[part[1]], k, in)
	if err != nil {
		return again(c.refused(err, payment.Payment{}), replayed)
	}
	for name, earlier := range c.requests {
		if replayed && earlier.ID == r.ID {
			return string(r.Status) + ", the same as " + name
		}
	}
	c.requests[part[3]] = r
	return string(r.Status)
}

func (c *scene) changes(part []string) string {
	r := c.request(part[3])
	change := c.platform.CancelRequest
	switch part[2] {
	case "pauses":
		change = c.platform.PauseRequest
	case "resumes":
		change = c.platform.ResumeRequest
	}
	out, replayed, err := change(c.ctx, c.shops[part[1]], key(c.keyOf(part[4]), part[2]+part[3], nil), string(r.ID))
	if err != nil {
		return again(c.refused(err, payment.Payment{}), replayed)
	}
	return again(string(out.Status), replayed)
}

// request gives what a name stands for; a wrong name is a mistake in the scenario.
func (c *scene) request(name string) payment.Request {
	r, known := c.requests[name]
	if !known {
		c.t.Fatalf("testdata/%s: nothing is called %q", c.file, name)
	}
	return r
}

func (c *scene) looks(part []string) string {
	if pay, known := c.payments[part[2]]; known {
		p, err := c.platform.Payment(c.ctx, c.shops[part[1]], string(pay))
		if err != nil {
			return c.refused(err, payment.Payment{})
		}
		return standing(p) + back(p)
	}
	if refund, known := c.refunds[part[2]]; known {
		r, err := c.platform.Refund(c.ctx, c.shops[part[1]], string(refund))
		if err != nil {
			return c.refused(err, payment.Payment{})
		}
		return string(r.Status)
	}
	r, err := c.platform.Request(c.ctx, c.shops[part[1]], string(c.request(part[2]).ID))
	if err != nil {
		return c.refused(err, payment.Payment{})
	}
	out := fmt.Sprintf("%s, %s in %d", r.Status, r.PaidAmount.Plain(), r.PaymentsCount)
	if !r.ScannedAt.IsZero() {
		out += ", scanned"
	}
	return out
}

func back(p payment.Payment) (out string) {
	if p.Refunding > 0 {
		out += ", " + p.Refunding.Plain() + " on its way back"
	}
	if p.Refunded > 0 {
		out += ", " + p.Refunded.Plain() + " given back"
	}
	return out
}

func (c *scene) refund(part []string) string {
	in := wire.NewRefund{Amount: amount(part[2])}
	in.RefundRef, _ = option(part[6], "ref")
	k := key(c.keyOf(part[6]), "refund "+part[4], in)
	pay, known := c.payments[part[4]]
	if !known {
		c.t.Fatalf("testdata/%s: no payment is called %q", c.file, part[4])
	}
	r, replayed, err := c.platform.CreateRefund(c.ctx, c.shops[part[1]], k, string(pay), in)
	if err != nil {
		return again(c.refused(err, payment.Payment{}), replayed)
	}
	for name, earlier := range c.refunds {
		if replayed && earlier == r.ID {
			return string(r.Status) + " " + r.Amount.Plain() + ", the same as " + name
		}
	}
	c.refunds[part[5]] = r.ID
	return string(r.Status) + " " + r.Amount.Plain()
}

func (c *scene) decodes(part []string) string {
	d, err := c.platform.Decode(c.ctx, wire.Decode{Payload: c.text(part[2])})
	c.must(err)
	if d.Verdict.Payable {
		return "payable"
	}
	return "not payable, " + d.Verdict.Code
}

func (c *scene) owed(part []string) string { return c.payable(part[1]).Plain() }

func (c *scene) statement(part []string) string {
	m := c.shops[part[1]]
	s, err := c.platform.Statement(c.ctx, m, m.ID.Time().Add(-time.Hour), m.ID.Time().Add(24*time.Hour))
	c.must(err)
	t := s.Totals
	return fmt.Sprintf("%d payments %s, fees %s, %d refunds %s, rejected %s, fees returned %s, closing %s", t.PaymentsCount, plain(t.Payments),
		plain(t.Fees), t.RefundsCount, plain(t.Refunds), plain(t.RefundsRejected), plain(t.FeesReturned), plain(s.Closing))
}

func (c *scene) told(part []string) string {
	for {
		n, err := c.store.Sequence(c.ctx, 100)
		c.must(err)
		if n == 0 {
			break
		}
	}
	feed, err := c.store.Feed(c.ctx, c.shops[part[1]].ID, 0, 100)
	c.must(err)
	var out []string
	for _, item := range feed {
		out = append(out, string(item.Fact.Type))
	}
	return strings.Join(out, " ")
}

func (c *scene) overdraw(part []string) string {
	m, err := c.store.Merchants().Get(c.ctx, c.shops[part[1]].ID)
	c.must(err)
	m.RefundOverdraft = money.Amount(amount(part[2]))
	c.must(c.store.Merchants().Put(c.ctx, m))
	_, err = c.registry.SuspendMerchant(c.ctx, m.ID, false) // the registry looks again
	c.must(err)
	return ""
}

func (c *scene) checks(part []string) string {
	in := wire.Check{Link: c.platform.Site().LinkOf(c.text(part[2])), Amount: amount(part[3])}
	return c.checked(part[1], in)
}

func (c *scene) checksAltered(part []string) string {
	return c.checked(part[1], wire.Check{Payload: c.altered(c.text(part[2]), part[3])})
}

func (c *scene) checked(psp string, in wire.Check) string {
	got, err := c.platform.Check(c.ctx, c.psps[psp], in)
	if err != nil {
		return c.refused(err, payment.Payment{})
	}
	what := plain(got.Amount)
	switch {
	case got.AmountEditable && got.Amount == 0:
		what = "any amount"
	case got.AmountEditable:
		what += ", from " + plain(got.MinAmount)
	}
	return what + ", to " + got.Merchant.Name
}

// text gives the payload that a name stands for; other words are codes themselves.
func (c *scene) text(name string) string {
	if r, known := c.requests[name]; known {
		return r.Payload
	}
	return name
}

// altered writes a code anew with one field changed and a checksum that is right, or damages it.
func (c *scene) altered(text, how string) string {
	read, err := elqr.Read(text)
	c.must(err)
	p, err := read.Payload()
	c.must(err)
	switch how {
	case "the amount lowered to 1.00":
		p.Amount = 100
	case "another name":
		p.Name = "Somebody else"
	case "another merchant":
		p.Merchant = c.shops["bazaar"].ID.Token()
	case "the amount made editable":
		p.AmountEditable = true
	case "another comment":
		p.Comment = "gift"
	case "another request's id":
		p.Transaction = strings.Repeat("0", 26)
	case "another provider":
		p.Provider = "other.example"
	case "its end cut off":
		return text[:len(text)-7]
	case "a wrong checksum":
		return text[:len(text)-4] + "0000"
	case "small letters in the checksum":
		return text[:len(text)-4] + strings.ToLower(text[len(text)-4:])
	default:
		c.t.Fatalf("testdata/%s: a code cannot be altered with %q", c.file, how)
	}
	out, err := p.Encode()
	c.must(err)
	return out
}

func (c *scene) creates(part []string) string {
	in := wire.NewPSPPayment{PSPPaymentID: part[2], Payload: c.text(part[3]), Amount: amount(part[5]), Payer: wire.Payer{Key: part[4]}}
	if part[5] == "" {
		in.Amount = int64(c.requests[part[3]].Amount)
	}
	if part[6] != "" {
		in.Payload = c.altered(in.Payload, part[6])
	}
	p, repeated, err := c.platform.CreatePayment(c.ctx, c.psps[part[1]], in, print("payments", in))
	if err != nil {
		return c.refused(err, p)
	}
	c.payments[part[2]] = p.ID
	return again(standing(p), repeated)
}

func (c *scene) move(part []string) string {
	move := c.platform.Execute
	switch part[2] {
	case "cancels":
		move = c.platform.CancelPayment
	case "asks about":
		move = c.platform.PaymentState
	}
	p, err := move(c.ctx, c.psps[part[1]], string(c.payments[part[3]]))
	if err != nil {
		return c.refused(err, p)
	}
	return standing(p)
}

func (c *scene) moveOwn(part []string) string {
	move := c.platform.CancelByPSPID
	if part[2] == "asks about" {
		move = c.platform.PaymentByPSPID
	}
	p, err := move(c.ctx, c.psps[part[1]], part[3])
	if err != nil {
		return c.refused(err, p)
	}
	if p.ID == "" {
		return standing(p) + ", there is no payment"
	}
	return standing(p)
}

func (c *scene) states(part []string) string {
	found, absent, err := c.platform.PaymentStates(c.ctx, c.psps[part[1]], strings.Split(part[2], " "))
	if err != nil {
		return c.refused(err, payment.Payment{})
	}
	var out []string
	for _, p := range found {
		out = append(out, p.PSPPaymentID+" "+standing(p))
	}
	for _, name := range absent {
		out = append(out, name+" not found")
	}
	return strings.Join(out, ", ")
}

func (c *scene) acks(part []string) string {
	in := wire.RefundAck{Outcome: "credited", PSPRefundID: "own-" + part[3]}
	if part[2] == "cannot give back" {
		in = wire.RefundAck{Outcome: "rejected", Code: "account_closed"}
	}
	r, err := c.platform.AckRefund(c.ctx, c.psps[part[1]], string(c.refunds[part[3]]), in)
	if err != nil {
		return c.refused(err, payment.Payment{})
	}
	return fmt.Sprintf("%s, fee returned %s", r.Status, r.FeeReturned.Plain())
}

func (c *scene) toGive(part []string) string {
	list, _, err := c.platform.RefundsToGive(c.ctx, c.psps[part[1]], "", 100)
	c.must(err)
	out := []string{}
	for _, r := range list {
		out = append(out, r.Amount.Plain()+" of "+r.PSPPaymentID)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

func (c *scene) suspends(part []string) (out string) {
	var err error
	if part[2] == "" {
		_, err = c.registry.SuspendMerchant(c.ctx, c.shops[part[3]].ID, part[1] == "suspends")
	} else {
		_, err = c.registry.SuspendPSP(c.ctx, c.psps[part[3]].ID, part[1] == "suspends")
	}
	c.must(err)
	return ""
}

func (c *scene) pass(part []string) string {
	if c.clock == nil || !c.moves {
		c.t.Fatalf("testdata/%s: say (clock) in the name of a scenario that moves the clock", c.file)
	}
	d, err := time.ParseDuration(strings.ReplaceAll(part[1], " ", ""))
	c.must(err)
	c.clock.Advance(d)
	return ""
}
