package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/report"
	"tolom/sheet"
	"tolom/store"
	"tolom/web/locale"
	"tolom/web/view"
	"tolom/wire"
)

// reportPages are where reports are ordered and fetched, by a merchant's people or by those of the centre.
func (p *pages) reportPages(right, handle access.Right) []staffPage {
	return []staffPage{
		{"GET", "/reports", right, "nav_reports", p.reports},
		{"POST", "/reports", right, "", p.newReport},
		{"GET", "/reports/{report}/file", right, "", p.reportFile},
		{"POST", "/reports/plans", handle, "", p.newReportPlan},
		{"POST", "/reports/plans/{plan}/end", handle, "", p.endReportPlan},
	}
}

// readerOf is for whom the reports of an area are.
func readerOf(s staff) flow.Reader {
	if s.Merchant.ID != "" {
		return flow.MerchantReader(s.As)
	}
	return flow.CentreReader()
}

func (p *pages) reports(v *visit, s staff) error { return p.showReports(v, s, nil) }

// showReports draws the page, with what was wrong with a form.
func (p *pages) showReports(v *visit, s staff, refused error) error {
	before, err := flow.Cursor(v.r.URL.Query().Get("before"), "before")
	if err != nil {
		return err
	}
	who, here, status := readerOf(s), s.at("/reports"), http.StatusOK
	list, more, err := p.Reports.List(v.r.Context(), who, before, pageRows)
	if err != nil {
		return err
	}
	today := v.now().In(locale.Bishkek).Format(time.DateOnly)
	page := view.Reports{Frame: s.frameAt(v, here, v.text.Say("nav_reports")), Order: here, Plan: here + "/plans", Again: here, From: today, To: today, Last: today, Cashier: s.Merchant.ID != ""}
	for _, r := range list {
		page.Rows = append(page.Rows, reportRow(v, s, r))
		page.Busy = page.Busy || r.Status == store.ReportQueued || r.Status == store.ReportRunning
	}
	if more {
		page.Next = here + "?before=" + url.QueryEscape(string(list[len(list)-1].ID))
	}
	if err := p.reportChoices(v, s, &page); err != nil {
		return err
	}
	if page.Plans, err = p.reportPlans(v, s); err != nil {
		return err
	}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status = f.Message(string(v.text.Lang)), statuses[f.Kind()]
		page.From, page.To = v.r.PostForm.Get("from"), v.r.PostForm.Get("to")
	}
	return v.show(status, view.ReportsPage(page))
}

// reportRow shows how far a report is.
func reportRow(v *visit, s staff, r store.Report) view.ReportRow {
	o := r.Order
	row := view.ReportRow{
		What: report.Say(string(v.text.Lang), string(o.Type)) + " · " + reportDays(v, o), Tone: view.Calm, Status: v.text.Say("report_" + string(r.Status)),
		About: strings.Join([]string{formatName(o.Format), v.text.When(r.CreatedAt, v.now())}, " · "),
	}
	switch r.Status {
	case store.ReportReady:
		row.File, row.Size = s.at("/reports/"+r.ID.Token()+"/file"), v.text.Say("bytes_kib", "N", (r.Size+1023)/1024)
	case store.ReportRunning:
		row.Done, row.Total = r.Done, r.Total
	case store.ReportFailed:
		row.Tone, row.About = view.Danger, row.About+" · "+r.Reason
	}
	return row
}

// reportDays writes the days of a report.
func reportDays(v *visit, o report.Order) string {
	return days(v, o.From.In(report.Bishkek).Format(time.DateOnly), o.To.Add(-time.Millisecond).In(report.Bishkek).Format(time.DateOnly))
}

func formatName(f sheet.Format) string { return strings.ToUpper(f.Ending()) }

// reportChoices fills the lists of the forms.
func (p *pages) reportChoices(v *visit, s staff, page *view.Reports) error {
	for _, t := range readerOf(s).Types() {
		page.Types = append(page.Types, view.Option{Value: string(t), Name: report.Say(string(v.text.Lang), string(t))})
	}
	for _, f := range []sheet.Format{sheet.XLSX, sheet.PDF, sheet.CSV, sheet.JSON} {
		page.Formats = append(page.Formats, view.Option{Value: string(f), Name: formatName(f)})
	}
	for _, every := range []report.Every{report.Daily, report.Weekly, report.Monthly} {
		page.Everys = append(page.Everys, view.Option{Value: string(every), Name: v.text.Say("every_" + string(every))})
	}
	if s.Merchant.ID == "" {
		return nil
	}
	page.Places = []view.Option{{Name: v.text.Say("reports_everywhere")}}
	desk := p.Platform.Registry().Desk()
	stores, err := desk.Stores().List(v.r.Context(), s.Merchant.ID, "", mostPlaces)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	for _, x := range stores {
		page.Places = append(page.Places, view.Option{Value: string(x.ID), Name: x.Name})
	}
	tills, err := desk.Tills().List(v.r.Context(), s.Merchant.ID, "", mostPlaces)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	for _, x := range tills {
		page.Places = append(page.Places, view.Option{Value: string(x.ID), Name: "· " + x.Name})
	}
	return nil
}

// mostPlaces is how many stores, and as many tills, can be chosen from.
const mostPlaces = 200

// reportPlans lists the schedules that go on.
func (p *pages) reportPlans(v *visit, s staff) (out []view.PlanRow, err error) {
	list, _, err := p.Reports.Schedules(v.r.Context(), readerOf(s), "", 100)
	for _, x := range list {
		if !x.EndedAt.IsZero() {
			continue
		}
		out = append(out, view.PlanRow{
			What: report.Say(string(v.text.Lang), string(x.Order.Type)) + " · " + v.text.Say("every_"+x.Every), End: s.at("/reports/plans/" + x.ID.Token() + "/end"),
			About: formatName(x.Order.Format) + " · " + v.text.Say("reports_next", "When", v.text.Moment(x.NextAt)),
		})
	}
	return out, err
}

// formatsOf reads a format of a form: a CSV for people begins with a byte order mark.
func formatsOf(text string) (format string, bom bool) { return text, text == string(sheet.CSV) }

func (p *pages) newReport(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	form := v.r.PostForm
	in := wire.NewReport{Type: form.Get("type"), From: form.Get("from"), To: form.Get("to"), Cashier: form.Get("cashier"), Language: string(v.text.Lang)}
	in.Format, in.BOM = formatsOf(form.Get("format"))
	switch place := form.Get("place"); id.ID(place).Kind() {
	case id.Till:
		in.TillID = place
	default:
		in.StoreID = place
	}
	if in.Type == string(report.OfSettlement) {
		in.StoreID, in.TillID, in.Cashier = "", "", "" // Deposits are of all of them.
	}
	_, _, err := p.Reports.Order(v.r.Context(), readerOf(s), "", in)
	return p.afterReport(v, s, err)
}

// afterReport leads back to the page, or shows it with what was wrong.
func (p *pages) afterReport(v *visit, s staff, err error) error {
	if err == nil {
		return v.then(s.at("/reports"))
	}
	if f := fault.From(err); f.Kind() == fault.Invalid || f.Code == fault.RateLimited {
		return p.showReports(v, s, err)
	}
	return err
}

func (p *pages) newReportPlan(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	in := wire.NewReportSchedule{Every: v.r.PostForm.Get("every"), Type: v.r.PostForm.Get("plan_type"), Language: string(v.text.Lang)}
	in.Format, in.BOM = formatsOf(v.r.PostForm.Get("plan_format"))
	_, err := p.Reports.Schedule(v.r.Context(), readerOf(s), in)
	return p.afterReport(v, s, err)
}

func (p *pages) endReportPlan(v *visit, s staff) error {
	plan, err := named(v, "plan", id.ReportPlan)
	if err != nil {
		return err
	}
	if _, err := p.Reports.EndSchedule(v.r.Context(), readerOf(s), string(plan)); err != nil {
		return err
	}
	return v.then(s.at("/reports"))
}

// reportFile hands out the file, in parts where the browser asks for them.
func (p *pages) reportFile(v *visit, s staff) error {
	name, err := named(v, "report", id.Report)
	if err != nil {
		return err
	}
	r, file, err := p.Reports.Open(v.r.Context(), readerOf(s), string(name))
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", r.Order.Format.MediaType())
	h.Set("Content-Disposition", `attachment; filename="`+flow.ReportFileName(r)+`"`)
	h.Set("ETag", `"`+r.Digest+`"`)
	h.Set("Cache-Control", "private, no-cache")
	http.ServeContent(v.w, v.r, "", time.Time{}, file)
	return nil
}
