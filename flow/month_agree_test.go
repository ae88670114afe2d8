package flow_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tolom/clearing"
	"tolom/flow"
	"tolom/id"
	"tolom/ledger"
	"tolom/settlement"
	"tolom/store"
)

// participants are those who settle: the two banks, and the PSP that has none.
func (m *month) participants() []id.ID {
	return []id.ID{m.banks["shop"], m.banks["bazaar"], m.psps["green"].ID}
}

// idle is a bank whose PSP and merchants do nothing all month.
func (m *month) idle() id.ID { return m.banks["bluebank"] }

// agrees compares everybody's books at the end of the month.
func (m *month) agrees() {
	m.t.Helper()
	legs := m.legsOf()
	m.readCredits()
	m.recordsAgree()
	m.positionsAgree()
	m.banksAgree(legs)
	m.merchantsAgree()
	m.pspsAgree()
	m.centreAgrees(legs)
	m.stillSays()
	if m.holds < len(m.dates)/2 {
		m.t.Errorf("only %d payouts had refunds before them", m.holds)
	}
	m.sound()
}

// dayOf is the number of a day. On PostgreSQL, whose days end while others trade, all are taken for one.
func (m *month) dayOf(date string) int {
	if m.clock == nil {
		return 0
	}
	return slices.Index(m.dates, date)
}

// lying gives the contents of the files of a kind that lie with an owner, by name.
func (m *month) lying(owner id.ID, kind string) map[string][]byte {
	m.t.Helper()
	out := map[string][]byte{}
	for _, place := range []string{"out", "out/taken"} {
		paths, err := filepath.Glob(filepath.Join(m.folder(owner, place), "*_"+kind+"_*"))
		m.must(err)
		for _, path := range paths {
			if name := filepath.Base(path); !strings.HasSuffix(name, ".sha256") {
				out[name], err = os.ReadFile(path)
				m.must(err)
			}
		}
	}
	m.own.files += len(out)
	return out
}

// legsOf adds up what the central bank moved to each participant, below zero from it, by the files that it accepted.
func (m *month) legsOf() map[id.ID]int64 {
	m.t.Helper()
	out, days := map[id.ID]int64{}, map[string]bool{}
	for _, content := range m.lying(store.CentralBank, flow.FileTransfers) {
		f, err := clearing.ReadTransfers(bytes.NewReader(content))
		m.must(err)
		if !m.own.accepted[f.Message] {
			continue
		}
		if days[f.Date] {
			m.t.Errorf("%s was settled twice", f.Date)
		}
		days[f.Date] = true
		of := map[string]id.ID{}
		for _, p := range m.participants() {
			of[clearing.LegID(f.Date, p)] = p
		}
		for _, l := range f.Legs {
			p, known := of[l.ID]
			if !known {
				m.t.Errorf("%s has a leg %s of nobody", f.Message, l.ID)
			}
			if l.To == f.Sender {
				out[p] -= int64(l.Amount)
			} else {
				out[p] += int64(l.Amount)
			}
		}
	}
	if len(days) != len(m.dates) {
		m.t.Errorf("%d days were settled of %d", len(days), len(m.dates))
	}
	return out
}

// readCredits has the banks write down what they were asked to credit; each payout is asked for once.
func (m *month) readCredits() {
	m.t.Helper()
	accounts := map[string]*merchantBook{}
	for _, b := range m.own.merchants {
		accounts[string(b.bank)+b.account] = b
	}
	for _, bank := range m.participants()[:2] {
		for _, content := range m.lying(bank, flow.FileCredits) {
			f, err := clearing.ReadCredits(bytes.NewReader(content))
			m.must(err)
			for _, c := range f.Items {
				b := accounts[string(bank)+c.Account]
				if _, before := m.own.credited[id.ID(c.ID)]; b == nil || before {
					m.t.Fatalf("%s asks for %s to %s: the account is nobody's, or was credited before", f.Message, c.ID, c.Account)
				}
				m.own.credited[id.ID(c.ID)] = credit{int64(c.Amount), f.Date}
				m.own.credits++
				b.credited += int64(c.Amount)
				if m.own.refusedCredits[id.ID(c.ID)] {
					m.own.creditsBack++
					b.back += int64(c.Amount)
				}
			}
		}
	}
}

// recordsAgree holds the clearing records of each day to what happened on it: each payment and refund once, in the file
// of its day, and nothing else. Everybody has a file of every day, empty ones too.
func (m *month) recordsAgree() {
	m.t.Helper()
	got := map[recordOf]recordLine{}
	for _, owner := range append(m.participants(), m.idle()) {
		files := m.lying(owner, flow.FileRecords)
		if len(files) != len(m.dates) {
			m.t.Errorf("%s has %d files of records of %d days", owner, len(files), len(m.dates))
		}
		for name, content := range files {
			day, _, _ := strings.Cut(name, "_")
			for r, err := range clearing.ReadRecords(bytes.NewReader(content)) {
				m.must(err)
				key := recordOf{owner, r.Transaction}
				got[key] = recordLine{r.Kind, int64(r.Amount), int64(r.Interchange), m.dayOf(day[:4] + "-" + day[4:6] + "-" + day[6:]), got[key].times + 1}
			}
		}
	}
	for key, want := range m.own.records {
		if want.day = m.dayOf(m.dates[want.day]); got[key] != want {
			m.t.Errorf("%v: the files have %+v, it was %+v", key, got[key], want)
		}
		delete(got, key)
	}
	for key, line := range got {
		m.t.Errorf("%v: the files have %+v, and it never was", key, line)
	}
}

// positionsAgree holds the positions of each day to what happened on it. Everybody has one on every day, zero ones too.
func (m *month) positionsAgree() {
	m.t.Helper()
	want := map[dayOf]position{}
	for key, p := range m.own.days {
		want[dayOf{m.dayOf(m.dates[key.day]), key.participant}] = position{}.plus(want[dayOf{m.dayOf(m.dates[key.day]), key.participant}]).plus(p)
	}
	got := map[dayOf]position{}
	for _, date := range m.dates {
		positions, err := m.days.Positions(m.ctx, date)
		m.must(err)
		net, seen := int64(0), map[id.ID]bool{}
		for _, p := range positions {
			net += int64(p.Net)
			seen[p.Participant] = true
			key := dayOf{m.dayOf(date), p.Participant}
			if p.Participant != settlement.Centre {
				got[key] = got[key].plus(position{int64(p.Paid), int64(p.Refunded), int64(p.Interchange), int64(-p.Adjusted)})
			}
			if p.Participant == m.idle() && p.Net != 0 {
				m.t.Errorf("on %s the idle bank's net is %d", date, p.Net)
			}
		}
		for _, p := range append(m.participants(), m.idle(), settlement.Centre) {
			if !seen[p] {
				m.t.Errorf("on %s %q has no position", date, p)
			}
		}
		if net != 0 {
			m.t.Errorf("the nets of %s sum to %d", date, net)
		}
	}
	for key, p := range got {
		if p != want[key] {
			m.t.Errorf("%v: the position says %+v, it was %+v", key, p, want[key])
		}
	}
	m.idleAgrees()
}

func (p position) plus(x position) position {
	return position{p.paid + x.paid, p.refunded + x.refunded, p.interchange + x.interchange, p.adjusted + x.adjusted}
}

// idleAgrees sees that a PSP without payments has its day too, every day.
func (m *month) idleAgrees() {
	m.t.Helper()
	days, _, err := m.days.Settlements(m.ctx, m.psps["azure"], "", 1000)
	m.must(err)
	for _, d := range days {
		if d.Paid != 0 || d.Net != 0 || d.PaidCount != 0 {
			m.t.Errorf("a PSP without payments has %+v", d)
		}
	}
	if len(days) != len(m.dates) {
		m.t.Errorf("a PSP without payments has %d days of %d", len(days), len(m.dates))
	}
}

// banksAgree compares what the central bank moved to each participant with what its PSPs took and gave, and its merchants were credited.
func (m *month) banksAgree(legs map[id.ID]int64) {
	m.t.Helper()
	want := map[id.ID]int64{}
	for _, p := range m.own.psps {
		want[p.participant] += p.refunded + p.interchange - p.paid - p.adjusted
	}
	for _, b := range m.own.merchants {
		want[b.bank] += b.credited - b.back
	}
	for _, p := range m.participants() {
		if legs[p] != want[p] || legs[p] == 0 {
			m.t.Errorf("%s was moved %d by the files, by its own books %d", p, legs[p], want[p])
		}
		if owed := m.balance(ledger.Of(p, ledger.Bank)); owed != 0 {
			m.t.Errorf("%s is owed %d after the last settlement", p, owed)
		}
	}
}
