package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/settlement"
	"tolom/store/internal/db"
	"tolom/tariff"
)

// firstDay is the number of the town's first day: far from those that its questions begin.
const firstDay = 1000

// dateOf is the date of the nth day.
func dateOf(n int) string {
	return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
}

// closeDays fills the tables of business days, of files and of reports: ten times as many
// days as merchants, and for each tenth day what belongs to it.
func (w *town) closeDays() {
	var days []settlement.Day
	for n := range 10 * townSize {
		stage := settlement.Stage("")
		if n == 1 {
			stage = settlement.PayOut
		}
		days = append(days, settlement.Day{Date: dateOf(n), Number: int64(firstDay + n), To: int64(n), Stage: stage, Version: 1})
	}
	w.write(dayTable.Insert(days))
	for n := 0; n < len(days); n += 10 {
		w.closeDay(days[n])
	}
	for n := range townSize {
		must(w.t, w.s.PutHoliday(w.t.Context(), settlement.Holiday{Date: dateOf(n)}))
	}
}

// write runs a step in a commit of its own.
func (w *town) write(step db.Step, err error) {
	must(w.t, err)
	must(w.t, db.Do(w.t.Context(), w.s.d, func(tx db.Tx) error { return tx.Run(w.t.Context(), step) }))
}

// closeDay writes one row of everything for each merchant.
func (w *town) closeDay(d settlement.Day) {
	var totals []settlement.Total
	var positions []settlement.Position
	var payouts []settlement.Payout
	var files []File
	var reports []Report
	var schedules []ReportSchedule
	var tariffs []tariff.Version
	for n, m := range w.merchants {
		now, psp, bucket := w.clock.Now(), w.psps[m], m.Bucket()
		totals = append(totals, settlement.Total{Day: d.Number, Owner: m, Participant: psp, Payments: 1}, settlement.Total{Day: d.Number, Owner: psp})
		positions = append(positions, settlement.Position{Day: d.Date, Participant: psp})
		payouts = append(payouts, settlement.Payout{ID: w.newID(id.Payout, bucket), Day: d.Date, Merchant: m, Participant: psp, Amount: 1, Status: settlement.PayoutPaid, CreatedAt: now, Version: 1})
		claim := fmt.Sprint("file", w.n)
		file := File{ID: w.newID(id.File, id.BucketOf(claim)), Claim: claim, Owner: m, Day: d.Date, Kind: "records", Message: claim, Status: FileDelivered, Version: 1}
		r := Report{ID: w.newID(id.Report, bucket), Owner: m, Origin: claim, Status: ReportExpired, EndedAt: now, ToldAt: now}
		s := ReportSchedule{ID: w.newID(id.ReportPlan, bucket), Owner: m, Every: "day"}
		if n == 1 {
			file.NextAt, s.NextAt, r.Status = now, now, ReportReady
		}
		files, reports, schedules = append(files, file), append(reports, r), append(schedules, s)
		tariffs = append(tariffs, tariff.Version{ID: w.newID(id.Tariff, bucket), Owner: m, ValidFrom: now})
	}
	w.write(totalTable.Insert(totals))
	w.write(positionTable.Insert(positions))
	w.write(payoutTable.Insert(payouts))
	w.write(fileTable.Insert(files))
	w.write(reportTable.Insert(reports))
	w.write(scheduleTable.Insert(schedules))
	w.write(tariffTable.Insert(tariffs))
}

// askDays asks for business days and what belongs to them, and begins one.
func (w *town) askDays(ctx context.Context, m id.ID) {
	s, now, date, number := w.s, w.clock.Now(), dateOf(20), int64(firstDay+20)
	folding, err := s.Folding(ctx)
	must(w.t, err)
	must(w.t, s.Fold(ctx, folding, folding.Position, 0, []settlement.Total{{Day: folding.Number, Owner: m}}))
	folding, err = s.Folding(ctx)
	must(w.t, err)
	must(w.t, s.EndEarly(ctx, folding))
	folding, err = s.Folding(ctx)
	must(w.t, err)
	w.n++
	ask(w, func() (any, error) {
		return s.Cut(ctx, folding, settlement.Day{Date: fmt.Sprint("2025-", w.n), CutAt: time.UnixMilli(1), Version: 1}, 0)
	})
	ask(w, func() (any, error) { return s.Day(ctx, date) })
	ask(w, func() (any, error) { return s.DayNumbered(ctx, number) })
	ask(w, func() (any, error) { return s.Days(ctx, "", 20) })
	ask(w, func() (any, error) { return s.Days(ctx, date, 20) })
	ask(w, func() (any, error) { return s.Unfinished(ctx) })
	d, err := s.Day(ctx, date)
	must(w.t, err)
	must(w.t, s.PutDay(ctx, d, DayRows{
		Openings: []settlement.Total{{Day: number, Owner: m}},
		Gathered: []settlement.Total{{Day: number, Owner: w.psp, Participant: m}},
	}))
	ask(w, func() (any, error) { return s.Totals(ctx, number, id.Merchant, "", 20) })
	ask(w, func() (any, error) { return s.Totals(ctx, number, id.PSP, w.psp, 20) })
	ask(w, func() (any, error) { return s.Total(ctx, number, m) })
	ask(w, func() (any, error) { return s.SumOfTotals(ctx, number, id.Merchant) })
	ask(w, func() (any, error) { return s.Positions(ctx, date) })
	ask(w, func() (any, error) { return s.Holidays(ctx) })
	must(w.t, s.DropHoliday(ctx, "2000-01-01"))
	w.askPayouts(ctx, m, date)
	w.askFiles(ctx, m, date)
	w.askReports(ctx, m, now)
}

func (w *town) askPayouts(ctx context.Context, m id.ID, date string) {
	s := w.s
	rows, err := s.Payouts(ctx, PayoutFilter{Day: date, Ascending: true, Limit: 20})
	must(w.t, err)
	ask(w, func() (any, error) { return s.Payout(ctx, rows[1].ID) })
	for _, f := range []PayoutFilter{
		{Day: date, Ascending: true, After: rows[1].ID},
		{Day: date, Participant: w.psp, Before: rows[5].ID},
		{Day: date, Status: settlement.PayoutPaid},
		{Merchant: m}, {Merchant: m, Before: rows[5].ID}, {Merchant: m, Day: date},
	} {
		f.Limit = 20
		ask(w, func() (any, error) { return s.Payouts(ctx, f) })
	}
	ask(w, func() (any, error) { return s.PayoutsOf(ctx, date, w.merchants[:9]) })
	ask(w, func() (any, error) { return s.PaidOut(ctx, date) })
	ask(w, func() (any, error) { return s.TotalsOf(ctx, 1, []id.ID{"mer_a", "mer_b"}) })
	ask(w, func() (any, error) { return s.Unpayable(ctx, "", 10) })
	ask(w, func() (any, error) { n, _, err := s.UnpayableSum(ctx); return n, err })
}

func (w *town) askFiles(ctx context.Context, m id.ID, date string) {
	s, now := w.s, w.clock.Now()
	rows, err := s.FilesBy(ctx, FileFilter{Day: date, Limit: 20})
	must(w.t, err)
	f := rows[1]
	ask(w, func() (any, error) { return s.File(ctx, f.ID) })
	ask(w, func() (any, error) { return s.FileOfMessage(ctx, f.Message) })
	for _, by := range []FileFilter{{}, {Before: f.ID}, {Owner: m}, {Owner: m, Before: f.ID}, {Owner: m, Day: date, Kind: "records"}, {Day: date, Before: f.ID}} {
		by.Limit = 20
		ask(w, func() (any, error) { return s.FilesBy(ctx, by) })
	}
	ask(w, func() (any, error) { return s.DueFiles(ctx, now, 20) })
	must(w.t, s.PutFile(ctx, f))
	_, _, err = s.AddFile(ctx, f)
	must(w.t, err)
}

func (w *town) askReports(ctx context.Context, m id.ID, now time.Time) {
	s := w.s
	w.n++
	r, err := s.OrderReport(ctx, Report{ID: w.newID(id.Report, m.Bucket()), Owner: m, Origin: fmt.Sprint("order", w.n), Status: ReportQueued}, 1000)
	must(w.t, err)
	ask(w, func() (any, error) { return s.Report(ctx, r.ID) })
	ask(w, func() (any, error) { return s.ReportsOf(ctx, m, "", 20) })
	ask(w, func() (any, error) { return s.ReportsOf(ctx, m, r.ID, 20) })
	taken, err := s.TakeReport(ctx, "node", now, now.Add(time.Minute))
	must(w.t, err)
	must(w.t, s.KeepReport(ctx, taken, 0, []byte("part")))
	ask(w, func() (any, error) { return s.ReportChunk(ctx, taken.ID, 0) })
	taken.Status, taken.EndedAt = ReportReady, now
	must(w.t, s.EndReport(ctx, taken))
	ask(w, func() (any, error) { return s.UntoldReports(ctx, 20) })
	must(w.t, s.ToldReport(ctx, taken.ID, now))
	ask(w, func() (any, error) { return s.ReadyReports(ctx, now, "", 2) })
	ask(w, func() (any, error) { return s.ExpireReports(ctx, now, 2) })
	due, err := s.DueSchedules(ctx, now, 20)
	must(w.t, err)
	must(w.t, s.MoveSchedule(ctx, due[0].ID, due[0].NextAt, due[0].NextAt))
	ask(w, func() (any, error) { return s.ReportSchedules().List(ctx, m, "", 20) })
	ask(w, func() (any, error) { return s.Tariffs().List(ctx, m, "", 20) })
	for _, reader := range [][2]id.ID{{m, ""}, {"", w.psp}, {"", ""}} {
		ask(w, func() (any, error) { return s.Moves(ctx, reader[0], reader[1], 10, 30) })
	}
	for _, reader := range []id.ID{m, ""} {
		_, _, err := s.PlaceAt(ctx, reader, 1)
		must(w.t, err)
	}
	_, _, err = s.PayableBefore(ctx, m, now.Add(-time.Second))
	must(w.t, err)
}
