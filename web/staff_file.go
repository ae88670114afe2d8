package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/proposal"
	"tolom/store"
	"tolom/web/locale"
	"tolom/web/view"
)

// filePages are the files of closed days, and the answers to them.
func (p *pages) filePages() []staffPage {
	return []staffPage{
		{"GET", "/files", access.SeePlatform, "nav_files", p.files},
		{"POST", "/files", access.HandleRegistry, "", p.takeAnswer},
		{"GET", "/files/{file}", access.SeePlatform, "", p.fileDetail},
		{"GET", "/files/{file}/content", access.SeePlatform, "", p.fileContent},
		{"POST", "/files/{file}/redeliver", access.HandleRegistry, "", p.redeliverFile},
	}
}

// The kinds and states of files, in the order in which a list of them is read.
var (
	fileKinds  = []string{flow.FileTransfers, flow.FileCredits, flow.FileRecords, flow.FileAnswer}
	fileStates = []store.FileStatus{store.FilePlanned, store.FileReady, store.FileDelivered, store.FileStuck, store.FileTaken, store.FileRefused}
)

func (p *pages) files(v *visit, s staff) error { return p.showFiles(v, s, view.Wrong{}, http.StatusOK) }

// showFiles lists files, newest first, with what was wrong with an answer.
func (p *pages) showFiles(v *visit, s staff, wrong view.Wrong, status int) error {
	query, here := v.r.URL.Query(), s.at("/files")
	page := view.Files{Frame: s.frame(v, v.text.Say("nav_files")), Here: here, Day: query.Get("day"), Wrong: wrong, Off: p.Files == nil,
		Last: v.now().In(locale.Bishkek).AddDate(0, 0, 7).Format(time.DateOnly), Most: strconv.Itoa(flow.MostAnswer >> 20)}
	if v.r.Method != http.MethodGet {
		page.Frame = s.frameAt(v, here, v.text.Say("nav_files"))
	}
	p.fileChoices(v, query, &page)
	if page.Off {
		return v.show(status, view.FilesPage(page))
	}
	if s.may(access.HandleRegistry) {
		page.Upload = here
	}
	before, err := flow.Cursor(query.Get("before"), "before")
	if err == nil && page.Day != "" && !isDate(page.Day) {
		err = fault.New(fault.InvalidRequest).On("day")
	}
	if err != nil {
		return err
	}
	list, err := p.Files.List(v.r.Context(), store.FileFilter{Day: page.Day, Kind: query.Get("kind"), Status: store.FileStatus(query.Get("status")), Before: before, Limit: pageRows + 1})
	if err != nil {
		return err
	}
	if len(list) > pageRows {
		list = list[:pageRows]
		query.Set("before", string(list[pageRows-1].ID))
		page.Next = here + "?" + query.Encode()
	}
	for _, f := range list {
		page.Rows = append(page.Rows, p.fileRow(v, s, f))
	}
	return v.show(status, view.FilesPage(page))
}

func (p *pages) fileChoices(v *visit, query url.Values, page *view.Files) {
	page.Kinds = []view.Option{{Name: v.text.Say("files_all")}}
	for _, kind := range fileKinds {
		page.Kinds = append(page.Kinds, view.Option{Value: kind, Name: v.text.Say("file_kind_" + kind), Chosen: query.Get("kind") == kind})
	}
	page.States = []view.Option{{Name: v.text.Say("files_all")}}
	for _, state := range fileStates {
		page.States = append(page.States, view.Option{Value: string(state), Name: v.text.Say("file_status_" + string(state)), Chosen: query.Get("status") == string(state)})
	}
}

func (p *pages) fileRow(v *visit, s staff, f store.File) view.FileRow {
	row := view.FileRow{Link: s.at("/files/" + f.ID.Token()), Name: f.Name, Kind: v.text.Say("file_kind_" + f.Kind), Day: v.text.Date(f.Day), Whose: p.fileOwner(v, f),
		Tone: fileTone(f.Status), Status: v.text.Say("file_status_" + string(f.Status))}
	if f.Size > 0 {
		row.Size = "· " + kibOf(v, f.Size)
	}
	return row
}

func kibOf(v *visit, bytes int64) string { return v.text.Say("bytes_kib", "N", (bytes+1023)/1024) }

// fileOwner names whom a file is for, or from. An answer that a person brought is from nobody yet.
func (p *pages) fileOwner(v *visit, f store.File) string {
	switch f.Owner {
	case store.CentralBank:
		return v.text.Say("day_central_bank")
	case "":
		return v.text.Say("file_by_hand")
	}
	return p.whom(v, f.Owner)
}

func fileTone(s store.FileStatus) view.Tone {
	switch s {
	case store.FileStuck, store.FileRefused:
		return view.Danger
	case store.FileDelivered, store.FileTaken:
		return view.Good
	}
	return view.Calm
}

// file reads the file of an address.
func (p *pages) file(v *visit) (f store.File, err error) {
	name, err := named(v, "file", id.File)
	if err == nil && p.Files == nil {
		err = fault.New(fault.NotFound)
	}
	if err == nil {
		f, err = p.Files.Get(v.r.Context(), name, "")
	}
	return f, err
}

func (p *pages) fileDetail(v *visit, s staff) error { return p.showFile(v, s, nil) }

// showFile shows a file, with why it could not be delivered again.
func (p *pages) showFile(v *visit, s staff, refused error) error {
	f, err := p.file(v)
	if err != nil {
		return err
	}
	at, status := s.at("/files/"+f.ID.Token()), http.StatusOK
	title := v.text.Say("file_kind_"+f.Kind) + " · " + p.fileOwner(v, f)
	page := view.FileDetail{Frame: s.frameAt(v, at, title), Back: s.at("/files"), Title: title, Name: f.Name, Tone: fileTone(f.Status), Status: v.text.Say("file_status_" + string(f.Status)),
		Reason: f.Reason, Details: fileDetails(v, f), Digest: f.SHA256}
	if f.Day != "" {
		page.Day, page.DayName = s.at("/days/"+f.Day), v.text.Date(f.Day)
	}
	if f.SHA256 != "" {
		page.Content = at + "/content"
	}
	if s.may(access.HandleRegistry) && f.Kind != flow.FileAnswer && f.Status != store.FilePlanned {
		page.Again, page.AgainHint = at+"/redeliver", v.text.Say("file_again_hint")
	}
	if refused != nil {
		refusal := fault.From(refused)
		page.Error, status = refusal.Message(string(v.text.Lang)), statuses[refusal.Kind()]
	}
	return v.show(status, view.FilePage(page))
}

func fileDetails(v *visit, f store.File) []view.Field {
	lines := details{text: v.text}
	lines.add(v.text.Say("day_message"), f.Message)
	if f.Size > 0 {
		lines.add(v.text.Say("file_size"), v.text.Say("bytes", "N", strconv.FormatInt(f.Size, 10)))
	}
	lines.add(v.text.Say("file_place"), f.Place)
	if f.Attempts > 0 {
		lines.add(v.text.Say("file_attempts"), strconv.Itoa(f.Attempts))
	}
	lines.moment(v.text.Say("file_created"), f.CreatedAt)
	lines.moment(v.text.Say("file_next"), f.NextAt)
	lines.moment(v.text.Say("file_ended"), f.EndedAt)
	lines.add(v.text.Say("party_number"), string(f.ID))
	return lines.fields
}

// fileContent hands out what is in a file, which is made again from its day.
func (p *pages) fileContent(v *visit, s staff) error {
	f, err := p.file(v)
	if err != nil {
		return err
	}
	content, err := p.Files.Fetch(v.r.Context(), f)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", either(f.Kind == flow.FileRecords, "application/json", "application/xml"))
	h.Set("Content-Disposition", `attachment; filename="`+fileName(f)+`"`)
	h.Set("Cache-Control", "private, no-cache")
	_, err = v.w.Write(content)
	return err
}

// fileName is how a file is called where it is saved. The name of an answer is a stranger's.
func fileName(f store.File) string {
	if f.Kind == flow.FileAnswer {
		return "answer_" + string(f.ID) + ".xml"
	}
	return f.Name
}

// redeliverFile has a file delivered again.
func (p *pages) redeliverFile(v *visit, s staff) error {
	f, err := p.file(v)
	if err != nil {
		return err
	}
	now, err := p.Files.Redeliver(v.r.Context(), proposal.Person{ID: s.ID, Name: cmp.Or(s.Name, s.Login)}, f.ID)
	switch {
	case err == nil:
		return v.then(s.at("/files/" + now.ID.Token()))
	case fault.From(err).Kind() == fault.Conflict, fault.Has(err, fault.DayMessage):
		return p.showFile(v, s, err)
	}
	return err
}

// takeAnswer keeps an answer that somebody brings, and asks for its being taken.
func (p *pages) takeAnswer(v *visit, s staff) error {
	if p.Files == nil {
		return fault.New(fault.NotFound)
	}
	again := func(err error) error {
		text := v.text.Say("error_answer", "Most", strconv.Itoa(flow.MostAnswer>>20))
		if f := fault.From(err); f.Kind() != fault.Invalid {
			text = f.Message(string(v.text.Lang))
		}
		return p.showFiles(v, s, view.Wrong{Text: text, Field: "file"}, statuses[fault.From(err).Kind()])
	}
	raw, err := v.file("file", flow.MostAnswer)
	if err != nil {
		return again(err)
	}
	f, err := p.Files.Keep(v.r.Context(), "uploaded.xml", raw)
	switch {
	case err != nil && fault.From(err).Kind() == fault.Invalid:
		return again(err)
	case err != nil:
		return err
	}
	at := s.at("/files/" + f.ID.Token())
	if f.Status != store.FilePlanned || !f.NextAt.IsZero() {
		return v.then(at)
	}
	ask := flow.Ask{Action: flow.AnswerFileAction, Target: f.ID, Body: flow.AnswerFileBody{SHA256: f.SHA256}}
	return p.propose(v, s, ask, at, again)
}
