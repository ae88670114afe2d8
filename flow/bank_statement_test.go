package flow_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"tolom/clearing"
	"tolom/flow"
	"tolom/money"
	"tolom/recon"
	"tolom/settlement"
	"tolom/store"
)

// take gives a statement of the shop and writes how each credit was matched: "148,50 reference".
func (w *town) take(f flow.StatementFile) (flow.StatementResult, bool, string) {
	w.t.Helper()
	s := flow.NewStatements(w.platform, w.store)
	r, made, err := s.Take(w.ctx, w.shops["shop"], f)
	w.must(err)
	var texts []string
	for _, c := range r.Credits {
		texts = append(texts, c.Credit.Amount.Plain()+" "+string(c.Way))
	}
	return r, made, strings.Join(texts, ", ")
}

func (w *town) saysText(got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: got %s, want %s", w.kit.name, got, want)
	}
}

// TestAShopSeesWhichPaymentsADepositHolds: two days, a bank that gives the payout's id
// and one that does not, files of a day and of the month.
func TestAShopSeesWhichPaymentsADepositHolds(t *testing.T) {
	inTown(t, func(w *town) {
		lunch, dinner := w.pays("blue", "shop", 15_000), w.pays("red", "shop", 10_000)
		w.pays("red", "bazaar", 9_900)
		w.settles(w.ends().Date)
		w.pays("blue", "shop", 40_000)
		second := w.ends()
		w.settles(second.Date)
		payouts := w.payouts("shop")
		newer, older := payouts[0], payouts[1]
		daily := fmt.Sprintf("Дата;Кредит;Назначение платежа\n%s;%s;Возмещение %s\n%s;7,00;Прочее\n", older.Day, comma(older.Amount), older.ID, older.Day)
		r, made, ways := w.take(flow.StatementFile{Raw: []byte(daily)})
		w.saysText(ways, older.Amount.Plain()+" reference, 7.00 no_payout")
		w.saysText(fmt.Sprint(made, r.Statement.Matched, r.Statement.Credits, len(r.Missing)), "true 1 2 0")
		again, made, _ := w.take(flow.StatementFile{Raw: []byte(daily)})
		w.saysText(fmt.Sprint(made, again.Statement.ID == r.Statement.ID), "false true")
		// The statement of the month shows both, the newer without a reference; and somebody else's payout id.
		foreign := w.payouts("bazaar")[0]
		monthly := daily + fmt.Sprintf("%s;%s;зачисление\n%s;%s;%s\n", newer.Day, comma(newer.Amount), newer.Day, comma(foreign.Amount), foreign.ID)
		r, made, ways = w.take(flow.StatementFile{Raw: []byte(monthly)})
		w.saysText(ways, older.Amount.Plain()+" earlier, 7.00 no_payout, "+newer.Amount.Plain()+" amount_and_date, "+foreign.Amount.Plain()+" no_payout")
		w.saysText(fmt.Sprint(made, r.Statement.Matched, len(r.Missing)), "true 2 0")
		_, moves, next, err := flow.NewStatements(w.platform, w.store).PayoutPayments(w.ctx, w.shops["shop"], string(older.ID), 0, 100)
		w.must(err)
		var sum money.Amount
		for _, m := range moves {
			sum += m.Change()
		}
		if next != 0 || len(moves) != 2 || moves[0].Fact.Payment != lunch.ID || moves[1].Fact.Payment != dinner.ID || sum != older.Amount {
			w.t.Errorf("the first payout of %d is made of %d moves of %d, and more after %d", older.Amount, len(moves), sum, next)
		}
		s := flow.NewStatements(w.platform, w.store)
		_, _, _, err = s.PayoutPayments(w.ctx, w.shops["bazaar"], string(older.ID), 0, 100)
		w.saysText(string(w.code(err)), "not_found")
		_, err = s.Statement(w.ctx, w.shops["bazaar"], string(r.Statement.ID))
		w.saysText(string(w.code(err)), "not_found")
	})
}

// comma writes an amount as banks of the country do.
func comma(a money.Amount) string { return strings.Replace(a.Plain(), ".", ",", 1) }

// TestACamtStatementIsMatchedToo, by the payout's id in the end-to-end reference; payouts without a credit are named.
func TestACamtStatementIsMatchedToo(t *testing.T) {
	w := newTown(t, memory(t), false)
	w.pays("blue", "shop", 15_000)
	w.settles(w.ends().Date)
	w.pays("red", "shop", 10_000)
	w.settles(w.ends().Date)
	payouts := w.payouts("shop")
	p := payouts[1]
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	st := clearing.Statement{ID: "S1", Created: at, From: at.Add(-72 * time.Hour), To: at, Account: "109990", Currency: "KGS", Owner: "shop", Closing: p.Amount - 100,
		Entries: []clearing.Entry{
			{Ref: "1", At: at.Add(-time.Hour), Amount: p.Amount, Code: "PAYOUT", Bank: "B1", Parts: []clearing.Part{{EndToEnd: string(p.ID), Amount: p.Amount}}},
			{Ref: "2", At: at.Add(-time.Hour), Amount: -100, Code: "FEE", Bank: "B2"},
		}}
	var raw bytes.Buffer
	w.must(st.Write(&raw))
	r, _, ways := w.take(flow.StatementFile{Raw: raw.Bytes(), XML: true})
	w.saysText(ways, p.Amount.Plain()+" reference")
	w.saysText(r.Statement.Account+" "+r.Statement.Format, "109990 camt.053")
	for name, f := range map[string]flow.StatementFile{
		"a table as XML": {Raw: []byte("Date,Credit\n"), XML: true}, "XML as a table": {Raw: raw.Bytes()}, "nothing": {}, "no headings": {Raw: []byte("1,2\n3,4\n")},
		"an account too long": {Raw: []byte("Date,Credit\n"), Account: strings.Repeat("1", 35)}, "an ambiguous amount": {Raw: []byte("Date,Credit\n2026-03-03,\"1,234\"\n")},
		"a giant": {Raw: make([]byte, recon.MaxFileBytes+1)}, "an entity": {XML: true, Raw: []byte(`<!DOCTYPE x [<!ENTITY a "b">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&a;</Document>`)},
	} {
		_, _, err := flow.NewStatements(w.platform, w.store).Take(w.ctx, w.shops["shop"], f)
		if code := w.code(err); code != "invalid_request" && code != "body_too_large" {
			t.Errorf("%s: %q, %v", name, code, err)
		}
	}
}

// TestABankComparesPayoutsAndPositions as it compares payments.
func TestABankComparesPayoutsAndPositions(t *testing.T) {
	for _, where := range timed {
		w := newTown(t, where(t), false)
		w.pays("blue", "shop", 15_000)
		w.pays("red", "bazaar", 9_000)
		d := w.ends()
		w.settles(d.Date)
		d, err := w.days.Get(w.ctx, d.Date)
		w.must(err)
		minute := recon.MinuteOf(d.EndedAt)
		w.clock.Advance(time.Hour)
		r := flow.NewReconciler(w.platform, w.store)
		p := w.payouts("shop")[0]
		lines := []recon.Line{
			{Minute: minute, Kind: recon.Payout, ID: string(p.ID), Amount: p.Amount, Status: recon.Success},
			{Minute: minute, Kind: recon.Position, ID: d.Date, Amount: w.netOf(d.Date, w.banks["shop"]), Status: recon.Success},
		}
		c := flow.Comparison{Name: "day", Book: flow.PayoutsBook, Period: recon.Range{From: minute - 10, To: minute + 10}}
		run, err := r.File(w.ctx, w.psps["blue"], c, lines)
		w.must(err)
		w.saysText(fmt.Sprint(string(run.State), " ", run.Same, run.Expected, run.Mismatched), "done 2 0 0")
		c.Name, lines[0].Amount = "wrong", lines[0].Amount+1
		run, err = r.File(w.ctx, w.psps["blue"], c, lines)
		w.must(err)
		w.saysText(fmt.Sprint(run.Same, run.Expected, run.Mismatched), "1 0 1")
		// The other bank's payout is none of this one's.
		c.Name, lines = "foreign", []recon.Line{{Minute: minute, Kind: recon.Payout, ID: string(w.payouts("bazaar")[0].ID), Amount: 1, Status: recon.Success}}
		_, err = r.File(w.ctx, w.psps["blue"], c, lines)
		w.must(err)
		rows, _, err := r.Cases(w.ctx, flow.OfPSP(w.psps["blue"]), store.CaseFilter{Limit: 9})
		w.must(err)
		for _, x := range rows {
			if x.Name == string(w.payouts("bazaar")[0].ID) && (x.Reason != recon.MissingAtUs || len(x.Now) > 0) {
				t.Errorf("the case tells of another bank's payout: %+v", x)
			}
		}
		if p.Status != settlement.PayoutPaid {
			t.Errorf("the payout is %s", p.Status)
		}
	}
}
