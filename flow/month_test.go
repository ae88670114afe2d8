package flow_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/clearing"
	"tolom/flow"
	"tolom/id"
	"tolom/jobs"
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
	quiet   bool                       // nobody refuses anything any more

	calls, carried         int // of a close, of its files: how far the last ones went
	kills, killed, bounced int // deaths in all, days with a death, days that the central bank sent back
}

// monthsOf are the stores of a month with the days that are played on each. The clock of PostgreSQL cannot be moved, so
// days are ended by an operator there, and its courier is left alive, since what failed is tried again minutes later.
var monthsOf = []struct {
	open func(*testing.T) place
	days int
}{{memory, 30}, {sqlite, 4}, {postgres, 3}}

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
		p := where.open(t)
		t.Run(p.name, func(t *testing.T) {
			m := newMonth(t, p, seed)
			for day := range where.days {
				m.quiet = day == where.days-1
				m.trades()
				m.closes()
			}
			m.agrees()
			t.Logf("seed %d: %d days with %d of their files read, %d merchants, %d payments, %d refunds given, %d of them on a later day than their payment, and %d rejected, %d payouts of which %d came back, %d days sent back by the central bank; killed %d times, on %d days",
				seed, where.days, m.own.files, len(m.shopsBy), len(m.own.sales), m.own.given, m.own.overBorders, m.own.rejected, m.own.credits, m.own.creditsBack, m.bounced, m.kills, m.killed)
			if m.killed < where.days/2 || m.own.given == 0 || m.own.overBorders == 0 {
				t.Errorf("the month was too quiet: %d days with deaths, %d refunds, %d over the border of a day", m.killed, m.own.given, m.own.overBorders)
			}
		})
	}
}

// prices are the two tariffs of a month: one returns its fee with refunds, the other charges for them.
var prices = []tariff.Tariff{half, {Rate: 80, InterchangeRate: 30, RefundCharge: 150}}

func newMonth(t *testing.T, p place, seed uint64) *month {
	m := &month{clearingTown: newClearingTown(newTown(t, p, false)), rng: rand.New(rand.NewPCG(seed, 3)), answer: map[string]clearing.Answer{}, calls: 200, carried: 60}
	for n := len(m.shops); n < 50; n++ {
		record := store.Merchant{Name: fmt.Sprint("merchant ", n), MCC: "5812", Tariff: prices[n%2], RefundOverdraft: 1000}
		if n%10 > 0 { // the others have no bank, and wait for their money
			record.Participant, record.BankAccount = m.banks[[]string{"shop", "bazaar"}[n/2%2]], fmt.Sprint("20888", n)
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
		m.own.answered(waiting[0], back, len(m.own.nets))
	case n <= 3 && len(m.paid) > 0:
		p := m.paid[len(m.paid)-1-m.rng.IntN(min(len(m.paid), 300))]
		amount := 1 + m.rng.Int64N(int64(p.Amount))
		if m.wants(p, amount) {
			list := m.refunds[string(p.PSP)]
			m.own.asked(list[len(list)-1].ID, p.ID, amount)
		}
	default:
		shop, amount := m.shopsBy[m.rng.IntN(len(m.shopsBy))], 1+m.rng.Int64N(60_000)
		p := m.pays(psp, shop, amount)
		m.own.sold(p.ID, m.psps[psp].ID, m.shops[shop].ID, amount, len(m.own.nets))
	}
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
	m.closesKilled(date)
	m.carriesKilled(date)
	if m.kills > before {
		m.killed++
	}
	var net int64
	positions, err := m.days.Positions(m.ctx, date)
	m.must(err)
	for _, p := range positions {
		net += int64(p.Net)
	}
	m.own.nets[date] = net
}

// mostDeaths is how often a close may be killed, and the carrying of its files again.
const mostDeaths = 3

// fragile is a store that breaks at a random call, if there are to be more deaths.
func (m *month) fragile(deaths, calls int) *broken {
	b := &broken{Store: m.store, after: m.rng.IntN(2) == 0}
	if deaths < mostDeaths {
		b.at = 1 + m.rng.IntN(calls)
	}
	return b
}

// closesKilled ends and closes a day with one node after another.
func (m *month) closesKilled(date string) {
	m.t.Helper()
	total := 0
	for deaths := 0; ; deaths++ {
		b := m.fragile(deaths, m.calls)
		closed, err := m.closesOnce(m.process(b), date)
		total += b.calls
		if err == nil && closed {
			m.calls = total
			return
		}
		if b.at == 0 || b.calls < b.at {
			m.t.Fatalf("nothing was broken, and %s is not closed: %v", date, err)
		}
		m.dies()
	}
}

func (m *month) closesOnce(days *flow.BusinessDays, date string) (closed bool, err error) {
	if m.clock == nil {
		d, err := days.End(m.ctx, date)
		return d.Status == settlement.Closed, err
	}
	for range 10_000 {
		if _, err := days.Step(m.ctx); err != nil {
			return false, err
		}
		d, err := m.store.Day(m.ctx, date)
		if err != nil && !errors.Is(err, store.ErrNotFound) || d.Status == settlement.Closed {
			return d.Status == settlement.Closed, err
		}
	}
	return false, nil
}

// dies counts a death, and lets the trade go on meanwhile; not on the last day, after which nothing is to be open.
func (m *month) dies() {
	m.kills++
	for range 3 {
		if !m.quiet {
			m.acts()
		}
	}
}

// carriesKilled carries the files of a day and has them answered until the day is settled and nothing of it waits.
func (m *month) carriesKilled(date string) {
	m.t.Helper()
	total := 0
	for deaths := 0; ; deaths++ {
		if m.clock == nil {
			deaths = mostDeaths
		}
		b, left := m.fragile(deaths, m.carried), -1
		if deaths < mostDeaths && m.rng.IntN(2) == 0 { // a write of a file's row breaks, instead of a call of the days
			b.at, left = 0, 1+m.rng.IntN(12)
		}
		rows := left > 0
		kept := failing{m.store, &left, b.after}
		done, err := m.carriesOnce(flow.NewFiles(m.process(b), kept, m.store, m.world, clearingConfig), date, func() bool {
			return b.at > 0 && b.calls >= b.at || rows && left <= 0
		})
		total += b.calls
		if done {
			m.carried = max(total, 10)
			return
		}
		if deaths >= mostDeaths {
			m.t.Fatalf("the files of %s do not come to an end: %v", date, err)
		}
		m.dies()
		m.clock.Advance(20 * time.Minute)
	}
}

// carriesOnce is the life of one courier: until all is done, or it is struck.
func (m *month) carriesOnce(files *flow.Files, date string, struck func() bool) (done bool, err error) {
	m.t.Helper()
	pass := jobs.Carry(files, m.store, jobs.Places{Root: m.root}, m.t.TempDir())
	for idle, n := 0, 0; n < 400; n++ {
		did, err := pass.Step(m.ctx)
		if struck() {
			return false, err
		}
		m.must(err)
		m.answers()
		if idle++; did > 0 {
			idle = 0
		}
		if idle >= 3 && m.finished(date) {
			return true, nil
		}
		if idle >= 3 && m.clock != nil {
			m.clock.Advance(20 * time.Minute)
		}
	}
	return false, nil
}

// finished says that nothing of the day waits. A day that was sent back is submitted again.
func (m *month) finished(date string) bool {
	m.t.Helper()
	d, err := m.store.Day(m.ctx, date)
	m.must(err)
	if d.Status == settlement.Returned {
		last := store.File{}
		for _, f := range m.all(date) {
			if f.Kind == flow.FileTransfers && f.Message == d.Message {
				last = f
			}
		}
		m.bounced++
		_, err = m.files().Redeliver(m.ctx, last.ID)
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
