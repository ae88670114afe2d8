package recon

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/settlement"
)

// Way says how a credit was matched with a payout, or why it was not.
type Way string

// The ways.
const (
	ByReference Way = "reference"       // the bank gives the payout's id
	ByAmount    Way = "amount_and_date" // only one payout of these days has the amount
	ByEarlier   Way = "earlier"         // the same credit was matched in an earlier statement
	NoPayout    Way = "no_payout"       // nothing fits
	Ambiguous   Way = "ambiguous"       // several payouts fit
	OtherAmount Way = "other_amount"    // the payout that the bank names is of another amount
	TakenBefore Way = "taken"           // the payout that the bank names is that of another credit
)

// Match is a credit with its payout; the payout is empty when there is none, but for
// OtherAmount, which names the one that the bank did.
type Match struct {
	Credit Credit
	Key    string // of the credit
	Payout id.ID
	Way    Way
}

// Matched says that the credit is the payout's money.
func (m Match) Matched() bool { return m.Way == ByReference || m.Way == ByAmount || m.Way == ByEarlier }

// CreditWithin is how many days after its business day a payout may reach an account.
const CreditWithin = 7

// MatchCredits finds the payout of each credit. A payout is of one credit at most:
// taken has the keys of credits that have one already, by payout. First come those
// that are known, then references, then amounts with dates, where only one choice is
// left; what could be two payouts is nobody's.
func MatchCredits(account string, credits []Credit, payouts []settlement.Payout, taken map[id.ID]string) []Match {
	m := matching{taken: map[id.ID]string{}, byID: map[string]settlement.Payout{}, payouts: payouts}
	earlier := map[string]id.ID{}
	for payout, key := range taken {
		m.taken[payout] = key
		earlier[key] = payout
	}
	for _, p := range payouts {
		m.byID[p.ID.Token()] = p
	}
	out := make([]Match, len(credits))
	for i, key := range Keys(account, credits) {
		out[i] = Match{Credit: credits[i], Key: key}
		if p, known := earlier[key]; known {
			out[i].Payout, out[i].Way = p, ByEarlier
		}
	}
	for i := range out {
		m.byReference(&out[i])
	}
	m.byAmount(out)
	return out
}

type matching struct {
	taken   map[id.ID]string
	byID    map[string]settlement.Payout
	payouts []settlement.Payout
}

// byReference looks for the 26 letters of a payout's id in what the bank was told.
func (m *matching) byReference(c *Match) {
	if c.Way != "" {
		return
	}
	p, found := m.named(c.Credit.Reference + " " + c.Credit.Entry)
	switch {
	case !found:
		return
	case p.Amount != c.Credit.Amount:
		c.Payout, c.Way = p.ID, OtherAmount
	case m.taken[p.ID] != "":
		c.Way = TakenBefore
	default:
		c.Payout, c.Way = p.ID, ByReference
		m.taken[p.ID] = c.Key
	}
}

func (m *matching) named(text string) (settlement.Payout, bool) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	for _, w := range words {
		w = strings.TrimPrefix(w, "po")
		if p, found := m.byID[w]; found && len(w) == id.TokenLen {
			return p, true
		}
	}
	return settlement.Payout{}, false
}

// byAmount matches credits and payouts of one amount, of which each is the other's only choice.
func (m *matching) byAmount(all []Match) {
	type choice struct {
		credit  int
		payouts []settlement.Payout
	}
	var open []choice
	wanted := map[id.ID]int{}
	for i := range all {
		if all[i].Way != "" {
			continue
		}
		fit := m.fitting(all[i].Credit)
		all[i].Way = NoPayout
		if len(fit) > 0 {
			all[i].Way = Ambiguous
			open = append(open, choice{i, fit})
		}
		for _, p := range fit {
			wanted[p.ID]++
		}
	}
	for _, c := range open {
		if p := c.payouts[0]; len(c.payouts) == 1 && wanted[p.ID] == 1 {
			all[c.credit].Payout, all[c.credit].Way = p.ID, ByAmount
			m.taken[p.ID] = all[c.credit].Key
		}
	}
}

// fitting gives the free payouts that a credit may be by its amount and date; those of the day nearest before it, when there are several days.
func (m *matching) fitting(c Credit) (fit []settlement.Payout) {
	for _, p := range m.payouts {
		if p.Amount == c.Amount && m.taken[p.ID] == "" && p.Status != settlement.PayoutReturned && follows(p.Day, c.Date) {
			fit = append(fit, p)
		}
	}
	slices.SortFunc(fit, func(a, b settlement.Payout) int { return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.ID, b.ID)) })
	return fit
}

// follows says that a date is at most CreditWithin days after a day.
func follows(day, date string) bool {
	from, err := time.Parse("2006-01-02", day)
	to, wrong := time.Parse("2006-01-02", date)
	return err == nil && wrong == nil && !to.Before(from) && to.Sub(from) <= CreditWithin*24*time.Hour
}
