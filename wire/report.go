package wire

// NewReport orders a report. Times are dates of Bishkek, of which to counts whole, or RFC 3339, of which to is not part.
type NewReport struct {
	Type     string `json:"type" doc:"statement: every line with the balance after it; settlement: every deposit with the payments in it; fees, refunds; tax: takings by day and month" enum:"statement,settlement,fees,refunds,tax"`
	From     string `json:"from" doc:"Beginning: a date in Bishkek, or RFC 3339"`
	To       string `json:"to,omitempty" doc:"End: a date, which counts whole, or RFC 3339, which is not part of it. Without it: the day of from. At most 367 days"`
	StoreID  string `json:"store_id,omitempty" doc:"Of one store"`
	TillID   string `json:"till_id,omitempty" doc:"Of one till"`
	Cashier  string `json:"cashier,omitempty" doc:"Of one cashier, as metadata.cashier of payment requests names them" maxLength:"200"`
	Format   string `json:"format" enum:"csv,json,xlsx,pdf" doc:"The kind of file. PDF takes at most 20,000 rows, XLSX 1,048,000"`
	BOM      bool   `json:"bom,omitempty" doc:"Begin a CSV with a byte order mark, which some spreadsheets need for Cyrillic letters"`
	Language string `json:"language,omitempty" enum:"ky,ru,en" doc:"Of titles and words; ky when it is empty"`
	Position int64  `json:"position,omitempty" minimum:"0" doc:"The last fact of the feed that the report knows. 0: the last there is. The same order at the same position gives the same bytes"`
}

// Report is a report that was ordered.
type Report struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	From       Time   `json:"from"`
	To         Time   `json:"to"`
	StoreID    string `json:"store_id,omitempty"`
	TillID     string `json:"till_id,omitempty"`
	Cashier    string `json:"cashier,omitempty"`
	Format     string `json:"format"`
	BOM        bool   `json:"bom,omitempty"`
	Language   string `json:"language"`
	Position   int64  `json:"position" doc:"The last fact of the feed that the report knows"`
	Status     string `json:"status" enum:"queued,running,ready,failed,expired"`
	Done       int64  `json:"done" doc:"Facts that were read, of total"`
	Total      int64  `json:"total"`
	Reason     string `json:"reason,omitempty" doc:"Why it failed"`
	Size       int64  `json:"size,omitempty" doc:"Bytes of the file"`
	SHA256     string `json:"sha256,omitempty" doc:"Digest of the file, in hex; it is also the ETag"`
	Content    string `json:"content,omitempty" doc:"Where the file is, once the report is ready"`
	CreatedAt  Time   `json:"created_at"`
	EndedAt    Time   `json:"ended_at" doc:"When it was ready or failed"`
	ExpiresAt  Time   `json:"expires_at" doc:"When the file is deleted"`
	ScheduleID string `json:"schedule_id,omitempty" doc:"The schedule that ordered it"`
}

// NewReportSchedule has a report ordered again and again, ten minutes after the end of each day, week or month in Bishkek.
type NewReportSchedule struct {
	Every    string `json:"every" enum:"day,week,month"`
	Type     string `json:"type" enum:"statement,settlement,fees,refunds,tax"`
	StoreID  string `json:"store_id,omitempty"`
	TillID   string `json:"till_id,omitempty"`
	Cashier  string `json:"cashier,omitempty" maxLength:"200"`
	Format   string `json:"format" enum:"csv,json,xlsx,pdf"`
	BOM      bool   `json:"bom,omitempty"`
	Language string `json:"language,omitempty" enum:"ky,ru,en"`
}

// ReportSchedule is what is ordered by itself.
type ReportSchedule struct {
	ID        string `json:"id"`
	Every     string `json:"every"`
	Type      string `json:"type"`
	StoreID   string `json:"store_id,omitempty"`
	TillID    string `json:"till_id,omitempty"`
	Cashier   string `json:"cashier,omitempty"`
	Format    string `json:"format"`
	BOM       bool   `json:"bom,omitempty"`
	Language  string `json:"language"`
	NextAt    Time   `json:"next_at" doc:"When the next one is ordered; null once it has ended"`
	CreatedAt Time   `json:"created_at"`
	EndedAt   Time   `json:"ended_at"`
}

// NewWholeReport orders a report of everything of a PSP or of the centre.
type NewWholeReport struct {
	Type     string `json:"type" doc:"psp_reconciliation: every payment and refund of a PSP by its own names; overview: what each PSP and merchant came to; fees and refunds of all. A PSP orders the first, the centre the others" enum:"psp_reconciliation,overview,fees,refunds"`
	From     string `json:"from" doc:"Beginning: a date in Bishkek, or RFC 3339"`
	To       string `json:"to,omitempty" doc:"End: a date, which counts whole, or RFC 3339, which is not part of it. Without it: the day of from. At most 367 days"`
	Format   string `json:"format" enum:"csv,json,xlsx,pdf" doc:"The kind of file. PDF takes at most 20,000 rows, XLSX 1,048,000"`
	BOM      bool   `json:"bom,omitempty" doc:"Begin a CSV with a byte order mark, which some spreadsheets need for Cyrillic letters"`
	Language string `json:"language,omitempty" enum:"ky,ru,en" doc:"Of titles and words; ky when it is empty"`
	Position int64  `json:"position,omitempty" minimum:"0" doc:"The last fact of the feed that the report knows. 0: the last there is. The same order at the same position gives the same bytes"`
}

// Order is the same as every reader's order has it.
func (n NewWholeReport) Order() NewReport {
	return NewReport{Type: n.Type, From: n.From, To: n.To, Format: n.Format, BOM: n.BOM, Language: n.Language, Position: n.Position}
}

// NewWholeReportSchedule has such a report ordered again and again, ten minutes after the end of each day, week or month in Bishkek.
type NewWholeReportSchedule struct {
	Every    string `json:"every" enum:"day,week,month"`
	Type     string `json:"type" enum:"psp_reconciliation,overview,fees,refunds"`
	Format   string `json:"format" enum:"csv,json,xlsx,pdf"`
	BOM      bool   `json:"bom,omitempty"`
	Language string `json:"language,omitempty" enum:"ky,ru,en"`
}

// Order is the same as every reader's schedule has it.
func (n NewWholeReportSchedule) Order() NewReportSchedule {
	return NewReportSchedule{Every: n.Every, Type: n.Type, Format: n.Format, BOM: n.BOM, Language: n.Language}
}
