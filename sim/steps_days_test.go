package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/settlement"
	"tolom/store"
)

const date = `(\d{4}-\d\d-\d\d)`

// verbsOfDays are the steps of business days, payouts, files and comparisons.
var verbsOfDays = []verb{
	{`the staff ends the day`, (*stageplay).staffEnds},
	{`the staff submits the day again`, func(st *stageplay, _ []string) string { st.acts(nil, st.office.submit); return st.staffAgrees() }},
	{`the staff moves the difference into suspense`, func(st *stageplay, _ []string) string { st.acts(nil, st.office.correct); return st.staffAgrees() }},
	{`the day ` + date + ` is`, func(st *stageplay, part []string) string { return string(st.dayOf(part[0]).Status) }},
	{`shop (\d) is paid out`, (*stageplay).payouts},
	{`shop (\d) is owed`, func(st *stageplay, part []string) string {
		return st.balance(st.shopOf(part[0]).merchant, ledger.Payable)
	}},
	{`bank (\d) settles on ` + date, (*stageplay).settles},
	{`the central bank refuses the next day`, func(st *stageplay, _ []string) string { st.post.refuses("N"); return "" }},
	{`the bank refuses the next payouts`, func(st *stageplay, _ []string) string { st.post.refuses("C"); return "" }},
	{`the central bank answers twice`, func(st *stageplay, _ []string) string { st.post.twice = true; return "" }},
	{`bank 2 counts ` + who + `'s ` + what + ` wrong`, (*stageplay).countsWrong},
	{`bank 2's books differ in`, (*stageplay).differsIn},
	{`suspense holds`, (*stageplay).suspense},
}

func (st *stageplay) staffEnds([]string) string {
	st.acts(nil, st.office.endDay)
	return st.staffAgrees()
}

// staffAgrees has the second person approve what the first wants. Whether the answer arrives does not matter.
func (st *stageplay) staffAgrees() string {
	st.begin(0, nil, st.office.approve)
	return st.pass("4s")
}

func (st *stageplay) payouts(part []string) string {
	rows, err := st.store.Payouts(anywhere, store.PayoutFilter{Merchant: st.shopOf(part[0]).merchant, Limit: 100})
	if err != nil {
		return err.Error()
	}
	slices.SortFunc(rows, func(a, b settlement.Payout) int { return cmp.Compare(a.Day, b.Day) })
	var said []string
	for _, p := range rows {
		said = append(said, fmt.Sprintf("%s %s", p.Amount.Plain(), p.Status))
	}
	if len(said) == 0 {
		return "nothing"
	}
	return strings.Join(said, ", ")
}

func (st *stageplay) balance(owner id.ID, p ledger.Purpose) string {
	sum, err := st.store.Balance(anywhere, ledger.Of(owner, p))
	if err != nil {
		return err.Error()
	}
	return sum.Plain()
}

func (st *stageplay) settles(part []string) string {
	positions, err := st.store.Positions(anywhere, part[1])
	for _, p := range positions {
		if p.Participant == st.bankOf(part[0]).participant {
			return p.Net.Plain()
		}
	}
	return fmt.Sprint("nothing ", err)
}

// countsWrong has bank 2 start again with a wrong reading of a payment, and compare its books soon.
func (st *stageplay) countsWrong(part []string) string {
	p, err := st.bought(part[0], part[1])
	if err != nil {
		st.t.Fatal(err)
	}
	b := st.banks[1]
	st.compare, st.misreads, st.misread[b.psp] = 4*time.Minute, true, p.ID
	for _, b := range st.banks {
		b.crash()
	}
	return ""
}

func (st *stageplay) differsIn([]string) string {
	cases, err := st.store.Cases(anywhere, store.CaseFilter{Owner: st.banks[1].psp, Open: true, Limit: 10})
	if err != nil || len(cases) == 0 {
		return fmt.Sprint("nothing ", err)
	}
	var said []string
	for _, c := range cases {
		said = append(said, fmt.Sprintf("%s, %s", c.Reason, c.Shift.Plain()))
	}
	return strings.Join(said, "; ")
}

func (st *stageplay) suspense([]string) string {
	sum, err := st.store.Balance(anywhere, ledger.Platform(ledger.Suspense))
	if err != nil {
		return err.Error()
	}
	return sum.Plain()
}
