package flow_test

import (
	"strings"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// limitVerbs are the steps about limits.
var limitVerbs = []verb{
	{"the operator limits (merchant|psp|bank) " + who + " to (.+)", (*scene).limits},
	{"the operator limits payments of (merchant|psp) " + who + " to " + sum + " up to " + sum, (*scene).limitsEach},
	{"(merchant|psp|bank) " + who + " has used", (*scene).used},
	{"it is (.+) before midnight", (*scene).evening},
}

func init() { verbs = append(limitVerbs, verbs...) }

func (c *scene) owner(kind, name string) id.ID {
	switch kind {
	case "merchant":
		return c.shops[name].ID
	case "psp":
		return c.psps[name].ID
	}
	return c.banks[name]
}

// limits reads "100.00 net debit and 120.00 a day", or "nothing".
func (c *scene) limits(part []string) string {
	l := payment.Limits{Owner: c.owner(part[1], part[2])}
	for _, words := range strings.Split(part[3], " and ") {
		if cap, ok := strings.CutSuffix(words, " a day"); ok {
			l.Daily = money.Amount(amount(cap))
		} else if cap, ok := strings.CutSuffix(words, " net debit"); ok {
			l.NetDebit = money.Amount(amount(cap))
		} else if words != "nothing" {
			c.t.Fatalf("testdata/%s: no limit is written like this: %s", c.file, words)
		}
	}
	_, err := c.platform.SetLimits(c.ctx, l)
	c.must(err)
	return ""
}

func (c *scene) limitsEach(part []string) string {
	l := payment.Limits{Owner: c.owner(part[1], part[2]), Least: money.Amount(amount(part[3])), Most: money.Amount(amount(part[4]))}
	_, err := c.platform.SetLimits(c.ctx, l)
	c.must(err)
	return ""
}

// evening moves the clock to a time before the end of the business day.
func (c *scene) evening(part []string) string {
	left, err := time.ParseDuration(strings.ReplaceAll(part[1], " ", ""))
	c.must(err)
	_, midnight := payment.DayBounds(c.clock.Now().Add(left))
	c.clock.Advance(midnight.Add(-left).Sub(c.clock.Now()))
	return ""
}

func (c *scene) used(part []string) string {
	u, err := c.platform.Usage(c.ctx, c.owner(part[1], part[2]))
	c.must(err)
	var out []string
	if u.NetDebit > 0 {
		out = append(out, u.NetDebitUsed.Plain()+" of "+u.NetDebit.Plain()+" net debit")
	}
	if u.Daily > 0 {
		out = append(out, u.DailyUsed.Plain()+" of "+u.Daily.Plain()+" a day")
	}
	return strings.Join(out, ", ")
}
