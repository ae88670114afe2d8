package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/recon"
	"tolom/store"
)

var reconciling = chapter{name: "Reconciling", sentences: []sentence{
	{"A PSP's book has its successes and the refunds it gave, by the minute of their end", movedBook},
	{"A name of a run is its owner's once, and gives the same run again", runNames},
	{"A run is saved by whoever read it last, with its cases or not at all", runSaved},
	{"Of one name one case is open; when it is closed there may be another", oneOpenCase},
	{"A case has a note for each change, and none is lost or changed", caseNotes},
	{"Of many who change a case at once one does", caseRace},
	{"Cases are listed by owner, run, status, class and whether they are open", caseLists},
	{"Cases are due when their time is over, the longest first", dueCases},
	{"The same file of a bank is one statement", statementOnce},
	{"A payout is brought by one credit, for ever", payoutOnce},
	{"Statements are listed by their merchant with their credits in order", statementLists},
}}

func (k *kit) run(owner id.ID) store.ReconRun {
	from := recon.MinuteOf(epoch)
	period := recon.Range{From: from, To: from + 60}
	search, err := recon.Begin(period)
	k.must(err)
	return store.ReconRun{ID: k.newID(id.Recon, owner.Bucket()), Owner: owner, Book: "payments", Name: fmt.Sprint("run-", k.born.Load()), Fingerprint: "f",
		Origin: "digests", Period: period, State: store.RunAsking, Search: search, CreatedAt: epoch}
}

func (k *kit) opened(owner id.ID) store.ReconRun {
	k.t.Helper()
	r, made, err := k.OpenRun(k.ctx, k.run(owner))
	k.must(err)
	equal(k, made, true)
	return r
}

func (k *kit) difference(r store.ReconRun, name string) store.CaseChange {
	l := recon.Line{Minute: r.Period.From, Kind: recon.Payment, ID: name, Amount: 5, Status: recon.Success}
	c := store.ReconCase{ID: k.newID(id.Case, r.Owner.Bucket()), Owner: r.Owner, Run: r.ID, Kind: recon.Payment, Name: name, Class: recon.Mismatched,
		Reason: recon.MissingAtUs, Action: recon.GiveBack, Status: store.CaseOpen, Theirs: []recon.Line{l}, Period: r.Period, Shift: 5, CreatedAt: epoch, UpdatedAt: epoch}
	return store.CaseChange{Case: c, Note: store.CaseNote{At: epoch, Side: "platform", Kind: "opened", Body: "it differs"}}
}

func movedBook(k *kit) {
	s, r := k.newRequest(payment.Static)
	first, second := k.sale(s, r, 100, epoch.Add(59*time.Second)), k.sale(s, r, 200, epoch.Add(60*time.Second))
	given, asked := k.giveBack(first, 30, epoch.Add(time.Hour)), k.giveBack(second, 40, epoch)
	k.ends(given, true, epoch.Add(2*time.Hour))
	k.ends(asked, false, epoch.Add(time.Minute))
	book := func(from, to time.Time) []string {
		lines := ask(k.Moved(k.ctx, s.psp, from, to)).get(k)
		var texts []string
		for _, l := range recon.BookOf(lines) {
			texts = append(texts, l.String())
		}
		return texts
	}
	a := recon.Line{Minute: recon.MinuteOf(epoch), Kind: recon.Payment, ID: first.PSPPaymentID, Amount: 100, Status: recon.Success}
	b := recon.Line{Minute: recon.MinuteOf(epoch) + 1, Kind: recon.Payment, ID: second.PSPPaymentID, Amount: 200, Status: recon.Success}
	c := recon.Line{Minute: recon.MinuteOf(epoch) + 120, Kind: recon.Refund, ID: string(given.ID), Amount: 30, Status: recon.Success}
	equal(k, book(epoch, epoch.Add(time.Minute)), []string{a.String()})
	equal(k, book(epoch, epoch.Add(day)), []string{a.String(), b.String(), c.String()})
	equal(k, book(epoch.Add(time.Minute), epoch.Add(2*time.Hour)), []string{b.String()})
	equal(k, len(ask(k.Moved(k.ctx, k.newID(id.PSP, 3), epoch, epoch.Add(day))).get(k)), 0)
}

func runNames(k *kit) {
	owner := k.newID(id.PSP, 4)
	first := k.opened(owner)
	again := k.run(owner)
	again.Name = first.Name
	kept, made, err := k.OpenRun(k.ctx, again)
	k.must(err)
	equal(k, made, false)
	equal(k, kept, first)
	other := k.run(k.newID(id.PSP, 4))
	other.Name = first.Name
	_, made, err = k.OpenRun(k.ctx, other)
	k.must(err)
	equal(k, made, true)
	equal(k, ask(k.ReconRun(k.ctx, first.ID)).get(k), first)
	ask(k.ReconRun(k.ctx, again.ID)).missing(k)
	second := k.opened(owner)
	equal(k, ask(k.ReconRuns(k.ctx, owner, "", 5)).get(k), []store.ReconRun{second, first})
	equal(k, ask(k.ReconRuns(k.ctx, owner, second.ID, 5)).get(k), []store.ReconRun{first})
}

func runSaved(k *kit) {
	r := k.opened(k.newID(id.PSP, 4))
	change := k.difference(r, "a")
	done := r
	done.State, done.EndedAt, done.Mismatched, done.Search.Digests = store.RunDone, epoch.Add(time.Second), 1, nil
	done.Search.Theirs = change.Case.Theirs
	k.must(k.SaveRun(k.ctx, done, []store.CaseChange{change}))
	k.is(k.SaveRun(k.ctx, done, []store.CaseChange{k.difference(r, "b")}), store.ErrStale)
	done.Version++
	equal(k, ask(k.ReconRun(k.ctx, r.ID)).get(k), done)
	equal(k, len(ask(k.Cases(k.ctx, store.CaseFilter{Owner: r.Owner, Limit: 9})).get(k)), 1)
	k.is(k.SaveRun(k.ctx, done, []store.CaseChange{k.difference(r, "c"), k.difference(r, "a")}), store.ErrTaken)
	equal(k, len(ask(k.Cases(k.ctx, store.CaseFilter{Owner: r.Owner, Limit: 9})).get(k)), 1)
	k.must(k.SaveCases(k.ctx, nil))
}

func oneOpenCase(k *kit) {
	r := k.opened(k.newID(id.PSP, 4))
	first := k.difference(r, "a")
	k.must(k.SaveCases(k.ctx, []store.CaseChange{first}))
	second := k.difference(r, "a")
	k.is(k.SaveCases(k.ctx, []store.CaseChange{second}), store.ErrTaken)
	shut := first
	shut.Case.Version, shut.Case.Status, shut.Case.ClosedAt = 1, store.CaseClosed, epoch.Add(time.Second)
	k.must(k.SaveCases(k.ctx, []store.CaseChange{shut, second}))
	third := k.difference(k.opened(k.newID(id.PSP, 4)), "a")
	k.must(k.SaveCases(k.ctx, []store.CaseChange{third}))
}

func caseNotes(k *kit) {
	r := k.opened(k.newID(id.PSP, 4))
	c := k.difference(r, "a")
	k.must(k.SaveCases(k.ctx, []store.CaseChange{c}))
	c.Case.Version = 1
	c.Note = store.CaseNote{At: epoch.Add(time.Second), Side: "psp", By: r.Owner, ByName: "Bank A", Kind: "comment", Body: "we look"}
	k.must(k.SaveCases(k.ctx, []store.CaseChange{c}))
	k.is(k.SaveCases(k.ctx, []store.CaseChange{c}), store.ErrStale)
	notes := ask(k.CaseNotes(k.ctx, c.Case.ID)).get(k)
	c.Note.Case, c.Note.Number, c.Note.Status = c.Case.ID, 2, store.CaseOpen
	equal(k, len(notes), 2)
	equal(k, notes[1], c.Note)
	c.Case.Version = 2
	equal(k, ask(k.Case(k.ctx, c.Case.ID)).get(k), c.Case)
	ask(k.Case(k.ctx, k.newID(id.Case, 4))).missing(k)
	equal(k, len(ask(k.CaseNotes(k.ctx, k.newID(id.Case, 4))).get(k)), 0)
}

func caseRace(k *kit) {
	c := k.difference(k.opened(k.newID(id.PSP, 4)), "a")
	k.must(k.SaveCases(k.ctx, []store.CaseChange{c}))
	c.Case.Version = 1
	var won atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if k.SaveCases(k.ctx, []store.CaseChange{c}) == nil {
				won.Add(1)
			}
		})
	}
	group.Wait()
	equal(k, won.Load(), int64(1))
	equal(k, len(ask(k.CaseNotes(k.ctx, c.Case.ID)).get(k)), 2)
}

func caseLists(k *kit) {
	r, other := k.opened(k.newID(id.PSP, 4)), k.opened(k.newID(id.PSP, 5))
	shut, timing, data, foreign := k.difference(r, "a"), k.difference(r, "b"), k.difference(r, "c"), k.difference(other, "a")
	shut.Case.Status, shut.Case.ClosedAt = store.CaseClosed, epoch
	timing.Case.Class, timing.Case.Reason, timing.Case.DueAt, timing.Case.Run = recon.Expected, recon.OutcomeNotAsked, epoch, other.ID
	data.Case.Status = store.CaseExplained
	k.must(k.SaveCases(k.ctx, []store.CaseChange{shut, timing, data, foreign}))
	names := func(f store.CaseFilter) (found []id.ID) {
		f.Owner, f.Limit = r.Owner, max(f.Limit, 3)
		return idsOf(ask(k.Cases(k.ctx, f)).get(k), func(c store.ReconCase) id.ID { return c.ID })
	}
	equal(k, names(store.CaseFilter{}), []id.ID{data.Case.ID, timing.Case.ID, shut.Case.ID})
	equal(k, names(store.CaseFilter{Before: data.Case.ID}), []id.ID{timing.Case.ID, shut.Case.ID})
	equal(k, names(store.CaseFilter{Open: true}), []id.ID{data.Case.ID, timing.Case.ID})
	equal(k, names(store.CaseFilter{Run: other.ID}), []id.ID{timing.Case.ID})
	equal(k, names(store.CaseFilter{Status: store.CaseExplained}), []id.ID{data.Case.ID})
	equal(k, names(store.CaseFilter{Class: recon.Expected}), []id.ID{timing.Case.ID})
	all := ask(k.Cases(k.ctx, store.CaseFilter{Limit: 1})).get(k)
	equal(k, all[0].ID, foreign.Case.ID)
}

func dueCases(k *kit) {
	r := k.opened(k.newID(id.PSP, 4))
	late, later, shut := k.difference(r, "a"), k.difference(r, "b"), k.difference(r, "c")
	long := epoch.Add(-100 * day)
	late.Case.DueAt, later.Case.DueAt, shut.Case.DueAt = long.Add(time.Second), long, long
	shut.Case.ClosedAt, shut.Case.Status = epoch, store.CaseClosed
	k.must(k.SaveCases(k.ctx, []store.CaseChange{late, later, shut}))
	due := func(at time.Time, limit int) []string {
		var names []string
		for _, c := range ask(k.DueCases(k.ctx, at, limit)).get(k) {
			names = append(names, c.Name)
		}
		return names
	}
	equal(k, due(long.Add(time.Second), 5), []string{"b", "a"})
	equal(k, due(long.Add(time.Second), 1), []string{"b"})
	equal(k, due(long, 5), []string{"b"})
	equal(k, len(due(long.Add(-time.Second), 5)), 0)
}

func (k *kit) bankStatement(merchant id.ID, digest string, keys ...string) (store.BankStatement, []store.BankCredit) {
	s := store.BankStatement{ID: k.newID(id.BankFile, merchant.Bucket()), Merchant: merchant, Digest: digest, Account: "1280", Format: "csv",
		FirstDay: "2026-03-02", LastDay: "2026-03-03", Credits: int64(len(keys)), CreatedAt: epoch}
	var credits []store.BankCredit
	for i, key := range keys {
		m := recon.Match{Credit: recon.Credit{Row: i + 2, Date: "2026-03-02", Amount: 100, Reference: "QR", Entry: "17"}, Key: key, Way: recon.NoPayout}
		credits = append(credits, store.BankCredit{Statement: s.ID, Number: int64(i + 1), Match: m})
	}
	return s, credits
}

func statementOnce(k *kit) {
	merchant := k.newID(id.Merchant, 4)
	s, credits := k.bankStatement(merchant, "one", "k1", "k2")
	kept, made, err := k.AddStatement(k.ctx, s, credits)
	k.must(err)
	equal(k, made, true)
	equal(k, kept, s)
	again, more := k.bankStatement(merchant, "one", "k1", "k2")
	kept, made, err = k.AddStatement(k.ctx, again, more)
	k.must(err)
	equal(k, made, false)
	equal(k, kept, s)
	other, _ := k.bankStatement(k.newID(id.Merchant, 4), "one")
	_, made, err = k.AddStatement(k.ctx, other, nil)
	k.must(err)
	equal(k, made, true)
}

func payoutOnce(k *kit) {
	merchant := k.newID(id.Merchant, 4)
	payout := k.newID(id.Payout, 4)
	s, credits := k.bankStatement(merchant, "one", "k1")
	credits[0].Payout, credits[0].Way = payout, recon.ByReference
	_, _, err := k.AddStatement(k.ctx, s, credits)
	k.must(err)
	other, more := k.bankStatement(merchant, "two", "k9")
	more[0].Payout, more[0].Way = payout, recon.ByAmount
	_, _, err = k.AddStatement(k.ctx, other, more)
	refused(k, err)
	ask(k.BankStatement(k.ctx, other.ID)).missing(k)
	more[0].Key, more[0].Way = "k1", recon.ByEarlier
	_, _, err = k.AddStatement(k.ctx, other, more)
	k.must(err)
	equal(k, ask(k.CreditsOf(k.ctx, merchant, []id.ID{payout, k.newID(id.Payout, 4)})).get(k), map[id.ID]string{payout: "k1"})
	equal(k, ask(k.PayoutsByKey(k.ctx, merchant, []string{"k1", "k2"})).get(k), map[string]id.ID{"k1": payout})
	equal(k, len(ask(k.PayoutsByKey(k.ctx, k.newID(id.Merchant, 4), []string{"k1"})).get(k)), 0)
}

func statementLists(k *kit) {
	merchant := k.newID(id.Merchant, 4)
	first, _ := k.bankStatement(merchant, "one")
	second, credits := k.bankStatement(merchant, "two", "a", "b", "c")
	for s, of := range map[*store.BankStatement][]store.BankCredit{&first: nil, &second: credits} {
		_, _, err := k.AddStatement(k.ctx, *s, of)
		k.must(err)
	}
	equal(k, ask(k.BankStatementsOf(k.ctx, merchant, "", 5)).get(k), []store.BankStatement{second, first})
	equal(k, ask(k.BankStatementsOf(k.ctx, merchant, second.ID, 5)).get(k), []store.BankStatement{first})
	equal(k, ask(k.BankCredits(k.ctx, second.ID)).get(k), slices.Clone(credits))
	equal(k, len(ask(k.BankCredits(k.ctx, first.ID)).get(k)), 0)
}
