package flow

import (
	"strings"

	"tolom/id"
	"tolom/report"
	"tolom/sheet"
	"tolom/store"
	"tolom/wire"
)

// WireReport renders a report; base is the address of the API that hands out its file.
func WireReport(r store.Report, base string) wire.Report {
	o := r.Order
	format, bom := formatOf(o)
	out := wire.Report{
		ID: string(r.ID), Type: string(o.Type), From: wire.At(o.From), To: wire.At(o.To), StoreID: string(o.Store), TillID: string(o.Till), Cashier: o.Cashier,
		Format: format, BOM: bom, Language: o.Language, Position: r.Position, Status: string(r.Status), Done: r.Done, Total: r.Total, Reason: r.Reason,
		CreatedAt: wire.At(r.CreatedAt), EndedAt: wire.At(r.EndedAt), ScheduleID: scheduleOf(r),
	}
	if r.Status == store.ReportReady {
		out.Size, out.SHA256, out.ExpiresAt = r.Size, r.Digest, wire.At(r.EndedAt.Add(KeepFiles))
		out.Content = base + "/reports/" + string(r.ID) + "/content"
	}
	return out
}

func formatOf(o report.Order) (format string, bom bool) {
	if o.Format == sheet.BOM {
		return string(sheet.CSV), true
	}
	return string(o.Format), false
}

// scheduleOf is the schedule that ordered a report.
func scheduleOf(r store.Report) string {
	rest, scheduled := strings.CutPrefix(r.Origin, ScheduledBy(""))
	name, _, _ := strings.Cut(rest, ":")
	if !scheduled {
		return ""
	}
	return string(id.ID(name))
}

// WireSchedule renders a schedule.
func WireSchedule(s store.ReportSchedule) wire.ReportSchedule {
	format, bom := formatOf(s.Order)
	return wire.ReportSchedule{
		ID: string(s.ID), Every: s.Every, Type: string(s.Order.Type), StoreID: string(s.Order.Store), TillID: string(s.Order.Till), Cashier: s.Order.Cashier,
		Format: format, BOM: bom, Language: s.Order.Language, NextAt: wire.At(s.NextAt), CreatedAt: wire.At(s.CreatedAt), EndedAt: wire.At(s.EndedAt),
	}
}
