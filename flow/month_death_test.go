package flow_test

import (
	"context"
	"errors"
	"time"

	"tolom/flow"
	"tolom/id"
	"tolom/jobs"
	"tolom/settlement"
	"tolom/store"
)

// mortal is the store as a node sees it that dies right behind a commit of the engine: what it did is done, it has not
// heard so, and nothing that it would do next happens. It dies at the nth commit of a stage of a day.
type mortal struct {
	store.Store
	stage  settlement.Stage // to die in
	at     int              // commit of it
	now    settlement.Stage
	behind int // commits in the stage so far
	dead   bool
}

func (m *mortal) lives() error {
	if m.dead {
		return errBroken
	}
	return nil
}

func (m *mortal) Unfinished(ctx context.Context) (settlement.Day, error) {
	if m.dead {
		return settlement.Day{}, errBroken
	}
	d, err := m.Store.Unfinished(ctx)
	if err == nil {
		m.now = d.Stage
	}
	return d, err
}

func (m *mortal) PutDay(ctx context.Context, d settlement.Day, rows store.DayRows) error {
	if err := m.lives(); err != nil {
		return err
	}
	return m.Store.PutDay(ctx, d, rows)
}

func (m *mortal) Begin(ctx context.Context) (store.Tx, error) {
	if err := m.lives(); err != nil {
		return nil, err
	}
	tx, err := m.Store.Begin(ctx)
	return &mortalTx{tx, m}, err
}

type mortalTx struct {
	store.Tx
	of *mortal
}

func (x *mortalTx) Commit(ctx context.Context) error {
	err := x.Tx.Commit(ctx)
	if x.of.now == x.of.stage {
		x.of.behind++
	}
	if x.of.dead = err == nil && x.of.now == x.of.stage && x.of.behind == x.of.at; x.of.dead {
		return errBroken
	}
	return err
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

// closesKilled ends and closes a day with one node after another. The first dies behind a commit, which is of another
// stage each day; the next at any call.
func (m *month) closesKilled(date string) {
	m.t.Helper()
	m.asksBack()
	defer m.heldBack(date)
	aimed := &mortal{Store: m.store, stage: settlement.Collect, at: 1 + m.rng.IntN(2)}
	if len(m.dates)%3 > 0 {
		aimed.stage, aimed.at = settlement.PayOut, 1+m.rng.IntN(20)
	}
	closed, err := m.closesOnce(m.process(aimed), date)
	if aimed.dead {
		m.aimed++
		m.dies()
		m.sellsAgain(date)
	} else if err != nil || !closed {
		m.t.Fatalf("nothing was broken, and %s is not closed: %v", date, err)
	}
	total := 0
	for deaths := 1; ; deaths++ {
		b := m.fragile(deaths, m.calls)
		closed, err := m.closesOnce(m.process(b), date)
		total += b.calls
		if err == nil && closed {
			m.calls = max(total, 50)
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

// sellsAgain has the merchants that were just paid out sell more: a second payout for the day would find money to take.
func (m *month) sellsAgain(date string) {
	m.t.Helper()
	if m.quiet {
		return
	}
	paid, err := m.store.Payouts(m.ctx, store.PayoutFilter{Day: date, Limit: 4})
	m.must(err)
	for _, p := range paid {
		m.sells("red", m.nameOf(p.Merchant))
	}
}

// asksBack has merchants give back whole payments after the end of the day and before its close: what they were owed at the
// end is more than they are owed when they are paid out.
func (m *month) asksBack() {
	m.t.Helper()
	m.owing = map[string]owing{}
	if m.quiet {
		return
	}
	for n := len(m.paid) - 1; n >= 0 && len(m.owing) < 3; n-- {
		p := m.paid[n]
		name := m.nameOf(p.Merchant)
		b := m.own.merchants[p.Merchant]
		if _, done := m.owing[name]; done || b.bank == "" || m.payable(name) <= 0 || !m.wants(p, int64(p.Amount)) {
			continue
		}
		list := m.refunds[string(p.PSP)]
		m.own.asked(list[len(list)-1].ID, p.ID, int64(p.Amount))
		m.owing[name] = owing{int64(m.payable(name)), b.owed, b.asks}
	}
}

// owing is what a merchant was owed when it had asked for a refund, its own book, and how many refunds it has asked for.
type owing struct {
	payable, owed int64
	asks          int
}

// heldBack sees that those who gave back were paid out no more than they were owed, unless they gave back more since.
func (m *month) heldBack(date string) {
	m.t.Helper()
	for name, was := range m.owing {
		b := m.own.merchants[m.shops[name].ID]
		if b.asks != was.asks {
			continue
		}
		paid, err := m.store.Payouts(m.ctx, store.PayoutFilter{Day: date, Merchant: m.shops[name].ID, Limit: 1})
		m.must(err)
		if most := max(0, was.payable+b.owed-was.owed); len(paid) > 0 && int64(paid[0].Amount) > most {
			m.t.Errorf("on %s %s was paid out %d and owed at most %d", date, name, paid[0].Amount, most)
		}
		m.holds++
	}
}

func (m *month) nameOf(merchant id.ID) string {
	m.t.Helper()
	for name, shop := range m.shops {
		if shop.ID == merchant {
			return name
		}
	}
	m.t.Fatalf("%s is no merchant of the month", merchant)
	return ""
}

// settlingStages are those that a node may die in while it carries the files of a day and takes the answers.
var settlingStages = []settlement.Stage{settlement.Move, settlement.Release, settlement.Tell}

// carriesKilled carries the files of a day and has them answered until the day is settled and nothing of it waits. The
// first courier dies behind a commit of the settlement, the next at any call, or at any write of a file's row.
func (m *month) carriesKilled(date string) {
	m.t.Helper()
	total := 0
	for deaths := 0; ; deaths++ {
		if m.clock == nil {
			deaths = mostDeaths
		}
		if deaths == 0 && m.carriesAimed(date) {
			continue
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

// carriesAimed is a courier that dies behind a commit of one of the stages of settlement; it says whether it did.
func (m *month) carriesAimed(date string) bool {
	m.t.Helper()
	aimed := &mortal{Store: m.store, stage: settlingStages[len(m.dates)%len(settlingStages)], at: 1}
	if aimed.stage == settlement.Tell {
		aimed.at += m.rng.IntN(20)
	}
	_, err := m.carriesOnce(flow.NewFiles(m.process(aimed), m.store, m.store, m.world, clearingConfig), date, func() bool { return aimed.dead })
	if !aimed.dead {
		m.must(err)
		return false
	}
	m.aimed++
	m.dies()
	m.clock.Advance(20 * time.Minute)
	return true
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
