package flow_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/clearing"
	"tolom/id"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/tariff"
)

// month is a town of fifty merchants that trades day after day while the nodes which close its days and carry its files
// are killed. What its people know themselves is in own.
type month struct {
	*clearingTown
	rng     *rand.Rand
	shopsBy []string // names, in a fixed order
	own     *ownBooks
	answer  map[string]clearing.Answer // what was said to each message: the same again to who asks again
	fixing  *corrections
	quiet   bool // nobody refuses anything any more
	before  []earlier
	owing   map[string]owing // who has asked for refunds after the end of the day that is being closed
	holds   int              // of these, how many payouts were looked at

	today                         int      // what happens now is in the day of this number, from 0
	dates                         []string // of the days that are closed
	calls, carried                int      // of a close, of its files: how far the last ones went
	kills, killed, aimed, bounced int      // deaths in all, days with a death, deaths right behind a commit, days that the central bank sent back
}

// monthsOf are the stores of a month with the days that are played on each. The clock of PostgreSQL cannot be moved, so
// days are ended by an operator there, and its courier is left alive, since what failed is tried again minutes later.
var monthsOf = []struct {
	name string
	open func(*testing.T) place
	days int
}{{"memory", memory, 30}, {"SQLite", sqlite, 4}, {"PostgreSQL", postgres, 3}}

// TestAMonthAgreesToTheTyiyn is the whole of settlement: three PSPs, two banks and fifty merchants, refunds over the
// borders of days, payouts that banks refuse, days that the central bank sends back, and every day closed, settled and
// carried by nodes that are killed in the middle. At the end everybody's books are the same. TOLOM_MONTH_SEED plays another.
func TestAMonthAgreesToTheTyiyn(t *testing.T) {
	seed := uint64(6)
	if text := os.Getenv("TOLOM_MONTH_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	for _, where := range monthsOf {
		t.Run(where.name, func(t *testing.T) {
			m := newMonth(t, where.open(t), seed)
			m.plays(where.days)
			m.agrees()
			t.Logf("the digest of this history is %s", m.digest())
			t.Logf("seed %d: %d days with %d of their files read, %d merchants, %d payments, %d refunds given, %d of them on a later day than their payment, and %d rejected, %d corrections, %d payouts of which %d came back, %d days sent back by the central bank; killed %d times, %d of them behind a commit of a stage, on %d days",
				seed, where.days, m.own.files, len(m.shopsBy), len(m.own.sales), m.own.given, m.own.overBorders, m.own.rejected, m.own.corrections, m.own.credits, m.own.creditsBack, m.bounced, m.kills, m.aimed, m.killed)
			if m.killed < where.days/2 || m.aimed < where.days/2 || m.own.given == 0 || m.own.overBorders == 0 || m.own.corrections == 0 {
				t.Errorf("the month was too quiet: %d days with deaths, %d deaths behind a commit, %d refunds, %d over the border of a day, %d corrections",
					m.killed, m.aimed, m.own.given, m.own.overBorders, m.own.corrections)
			}
		})
	}
}

// plays plays so many days, with a last one on which nobody refuses anything.
func (m *month) plays(days int) {
	m.t.Helper()
	for day := range days {
		m.quiet = day == days-1
		m.trades()
		if day == days/2 {
			m.remembers()
		}
		m.closes()
	}
}

// prices are the tariffs of a month: one returns its fee with refunds, one charges for them, and two are borne by payers,
// of which one is given back.
var prices = []tariff.Tariff{
	half, {Rate: 80, InterchangeRate: 30, RefundCharge: 150},
	{Rate: 120, Fixed: 7, InterchangeRate: 45, PayerBears: true, RefundsFee: true}, {Rate: 33, Min: 20, Max: 150, InterchangeRate: 11, PayerBears: true, RefundCharge: 35},
}

func newMonth(t *testing.T, p place, seed uint64) *month {
	m := &month{clearingTown: newClearingTown(newTown(t, p, false)), rng: rand.New(rand.NewPCG(seed, 3)), answer: map[string]clearing.Answer{}, calls: 200, carried: 60}
	for n := len(m.shops); n < 50; n++ {
		record := store.Merchant{Name: fmt.Sprint("merchant ", n), MCC: "5812", Tariff: prices[n%4], RefundOverdraft: 1000}
		if n%10 > 0 { // the others have no bank, and wait for their money
			record.Participant, record.BankAccount = m.banks[[]string{"shop", "bazaar"}[n/4%2]], fmt.Sprint("20888", n)
		}
		made, err := m.registry.AddMerchant(m.ctx, record)
		m.must(err)
		m.shops[made.Name] = access.Merchant{ID: made.ID}
	}
	for name := range m.shops {
		m.shopsBy = append(m.shopsBy, name)
	}
	slices.Sort(m.shopsBy)
	m.own = newOwnBooks(m.town)
	m.judge = m.judges
	m.fixing = newCorrections(m.town)
	for _, owner := range []id.ID{m.psps["red"].ID, m.banks["bazaar"]} { // so that the counters of caps are kept
		_, err := m.platform.SetLimits(m.ctx, payment.Limits{Owner: owner, NetDebit: 1 << 40})
		m.must(err)
	}
	return m
}

var payingPSPs = []string{"blue", "red", "green"}

// trades is the trade of a day, spread over the time until it ends.
func (m *month) trades() {
	m.t.Helper()
	acts, pause := 60+m.rng.IntN(60), time.Duration(0)
	m.acts()
	_, err := m.store.Sequence(m.ctx, 1000)
	m.must(err)
	if m.clock != nil {
		pause = (m.untilCut(m.next()) / time.Duration(acts+1)).Truncate(time.Millisecond)
	}
	for range acts {
		m.acts()
		if m.clock != nil {
			m.clock.Advance(pause)
		}
	}
}

func (m *month) untilCut(date string) time.Duration {
	cut, err := settlement.Timetable{}.CutOf(date)
	m.must(err)
	return max(0, cut.Sub(m.clock.Now()))
}

// acts has somebody do something, and writes it into the books of those who saw it succeed.
func (m *month) acts() {
	m.t.Helper()
	psp := payingPSPs[m.rng.IntN(3)]
	waiting := m.refunds[string(m.psps[psp].ID)]
	switch n := m.rng.IntN(10); {
	case n <= 1 && len(waiting) > 0:
		back := m.rng.IntN(4) > 0
		m.gives(psp, back)
		m.own.answered(waiting[0], back, m.today)
	case n <= 3 && len(m.paid) > 0:
		p := m.paid[len(m.paid)-1-m.rng.IntN(min(len(m.paid), 300))]
		amount := 1 + m.rng.Int64N(int64(p.Amount))
		if m.wants(p, amount) {
			list := m.refunds[string(p.PSP)]
			m.own.asked(list[len(list)-1].ID, p.ID, amount)
		}
	case n == 4 && m.rng.IntN(6) == 0:
		m.own.corrected(m.psps[psp].ID, m.fixing.books(m.rng.Int64N(3000), m.psps[psp].ID), m.today)
	default:
		m.sells(psp, m.shopsBy[m.rng.IntN(len(m.shopsBy))])
	}
}

// sells has the PSP's payer pay the shop.
func (m *month) sells(psp, shop string) {
	m.t.Helper()
	amount := 1 + m.rng.Int64N(60_000)
	p := m.pays(psp, shop, amount)
	m.own.sold(p.ID, m.psps[psp].ID, m.shops[shop].ID, amount, m.today)
}

// closes has nodes end the day, settle it and carry its files; payers pay on when one has died.
func (m *month) closes() {
	m.t.Helper()
	_, err := m.store.Sequence(m.ctx, 1000)
	m.must(err)
	date, before := m.next(), m.kills
	if m.clock != nil {
		m.clock.Advance(m.untilCut(date))
	}
	m.today++ // what happens while nodes die is in the next day
	m.closesKilled(date)
	m.carriesKilled(date)
	if m.kills > before {
		m.killed++
	}
	m.dates = append(m.dates, date)
}

// finished says that nothing of the day waits. A day that was sent back is submitted again.
func (m *month) finished(date string) bool {
	m.t.Helper()
	d, err := m.store.Day(m.ctx, date)
	m.must(err)
	if d.Status == settlement.Returned {
		m.bounced++
		_, err = m.files().Submit(m.ctx, date)
		m.must(err)
		return false
	}
	for _, f := range m.all(date) {
		if !f.NextAt.IsZero() {
			return false
		}
	}
	return d.Status == settlement.Settled
}

// judges is what the central bank and the banks say: now and then a day is sent back, or an account does not take a payout.
func (m *month) judges(message string, transfers []string) clearing.Answer {
	if a, said := m.answer[message]; said {
		return a
	}
	a := clearing.Answer{Verdict: clearing.Settled}
	ofDay := strings.HasPrefix(message, "N")
	switch {
	case m.quiet:
	case ofDay && strings.HasSuffix(message, "-01") && m.rng.IntN(6) == 0:
		a = clearing.Answer{Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AM04", Text: "No funds"}}}
	case !ofDay:
		for _, name := range transfers {
			if m.rng.IntN(25) == 0 {
				a.Verdict = clearing.Partly
				a.Items = append(a.Items, clearing.Outcome{ID: name, Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AC04", Text: "Closed"}}})
				m.own.refusedCredits[id.ID(name)] = true
			}
		}
	}
	m.own.accepted[message] = a.Verdict != clearing.Refused
	m.answer[message] = a
	return a
}
