package operator

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tolom/api/gate"
	"tolom/courier"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

type fileQuery struct {
	Page
	Owner  string `query:"owner_id" doc:"Of one participant; par_00000000000000000000000000 is the central bank"`
	Day    string `query:"day" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Of one business day"`
	Kind   string `query:"kind" enum:"transfers,credits,records,answer"`
	Status string `query:"status" enum:"planned,ready,delivered,stuck,taken,refused"`
}

// fileBytes is an answer that is a file.
type fileBytes struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        []byte
}

type answerFile struct {
	Because
	RawBody []byte
}

type destinationInput struct {
	Named
	Because
	Body flow.DestinationBody
}

// Destination is where an owner's files go.
type Destination struct {
	OwnerID   string    `json:"owner_id"`
	Kind      string    `json:"kind"`
	Address   string    `json:"address"`
	Login     string    `json:"login"`
	HostKey   string    `json:"host_key"`
	PublicKey string    `json:"public_key" doc:"Our key, for whoever runs the server"`
	Folder    string    `json:"folder"`
	Inbox     string    `json:"inbox"`
	Latin     bool      `json:"latin"`
	CreatedAt wire.Time `json:"created_at"`
}

func destinationOut(d store.Destination) Destination {
	return Destination{OwnerID: string(d.ID), Kind: d.Kind, Address: d.Address, Login: d.Login, HostKey: d.HostKey, PublicKey: courier.PublicKey(d.PrivateKey),
		Folder: d.Folder, Inbox: d.Inbox, Latin: d.Latin, CreatedAt: wire.At(d.CreatedAt)}
}

func (k *Desk) mountFiles(d *gate.Door) {
	if k.Files == nil {
		return
	}
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/files", ID: "list-files", Summary: "List files of closed days and answers", Text: "Newest first.",
		Query: "day=2026-11-24&kind=transfers",
	}, k.listFiles)
	gate.Add(d, gate.Route{Method: http.MethodGet, Path: "/operator/v1/files/{id}", ID: "get-file", Summary: "Read what became of a file"}, k.getFile)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/files/{id}/content", ID: "get-file-content", Summary: "Fetch a file",
		Text:    "A file of a day is made again from the day, and is answered only when it is the same byte by byte.",
		Answers: map[string]*huma.MediaType{"application/xml": {Schema: &huma.Schema{Type: huma.TypeString}}, "application/json": {Schema: &huma.Schema{}}},
	}, k.fileContent)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/files/{id}/redeliver", ID: "redeliver-file", Summary: "Deliver a file again",
		Text: "At once, after a stuck or failed delivery too; the access log says who wanted it. It moves no money: the same bytes go under the same name to where they belong. " +
			"A file without a destination counts as handed over by hand. A day that the central bank has refused is submitted again by POST /operator/v1/days/{id}/submit.",
		Codes: []fault.Code{fault.DaySettled, fault.DayMessage, fault.DaySubmitted, fault.DayNotClosed, fault.PayoutFinal},
	}, k.redeliverFile)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/answers", ID: "upload-answer", Summary: "Upload an answer of the central bank or of a bank",
		Text:  "pacs.002 or pain.002, at most 4 MiB. The same file again gives what became of it. status says whether it was taken or refused, reason why.",
		Waits: waitsWith("action", flow.AnswerFileAction), Most: flow.MostAnswer, Files: []string{"application/xml"}, Body: `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.11"></Document>`,
	}, k.uploadAnswer)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/days/{id}/submit", ID: "submit-day", Summary: "Submit a day again that the central bank has refused", Waits: waitsWith("action", flow.SubmitDayAction),
		Text:  aboutDates + "A new file is made, which asks for the same as the refused one, and is delivered. The answer is the new file. Again before it is delivered, it is the same one.",
		Codes: []fault.Code{fault.DayNotClosed, fault.DaySubmitted, fault.DaySettled},
	}, k.submitDay)
	k.mountDestinations(d)
}

// submitDay answers with the file that goes to the central bank next.
func (k *Desk) submitDay(ctx context.Context, in *dayClosing) (*answer[wire.File], error) {
	if err := k.ask(ctx, flow.SubmitDayAction, id.ID(in.ID), flow.SubmitDayBody{}, in.Reason); err != nil {
		return nil, err
	}
	f, err := k.Files.Submit(ctx, in.ID)
	return shown(f, err, flow.WireFile)
}

func (k *Desk) mountDestinations(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/destinations", ID: "list-destinations", Summary: "List where files go",
		Text: "Whoever is not listed has the folder of its id below the platform's folder of files, if there is one.",
	}, k.listDestinations)
	gate.Add(d, gate.Route{
		Method: http.MethodPut, Path: "/operator/v1/destinations/{id}", ID: "put-destination", Summary: "Say where a participant's files go", Waits: waitsWith("action", flow.PutDestinationAction),
		Text: "par_00000000000000000000000000 is the central bank. For sftp the platform makes a key of its own the first time; public_key is for whoever runs the server.",
		Body: `{"kind": "sftp", "address": "files.bank.example:22", "login": "tolom", "host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEKeQksWDHc+5cG/5ukGEOcMwpIGqnZtdxJP8EuCo4Ff", "folder": "in", "inbox": "out"}`,
	}, k.putDestination)
}

func (k *Desk) listFiles(ctx context.Context, in *fileQuery) (*answer[wire.List[wire.File]], error) {
	rows, err := k.Files.List(ctx, store.FileFilter{Owner: id.ID(in.Owner), Day: in.Day, Kind: in.Kind, Status: store.FileStatus(in.Status), Before: id.ID(in.After), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	page := paged(rows, in.Page, flow.WireFile, func(f store.File) id.ID { return f.ID }).Body
	return &answer[wire.List[wire.File]]{wire.List[wire.File]{Data: page.Data, HasMore: page.HasMore, After: page.After}}, nil
}

// paged cuts rows, of which there may be one too many, into a page.
func paged[R, T any](rows []R, p Page, render func(R) T, idOf func(R) id.ID) *answer[List[T]] {
	out := List[T]{Data: []T{}, HasMore: len(rows) > p.Limit}
	if out.HasMore {
		rows = rows[:p.Limit]
		out.After = string(idOf(rows[len(rows)-1]))
	}
	for _, r := range rows {
		out.Data = append(out.Data, render(r))
	}
	return &answer[List[T]]{out}
}

func (k *Desk) file(ctx context.Context, text string) (store.File, error) {
	name, err := identify(id.File, text)
	if err != nil {
		return store.File{}, err
	}
	return k.Files.Get(ctx, name, "")
}

func (k *Desk) getFile(ctx context.Context, in *Named) (*answer[wire.File], error) {
	f, err := k.file(ctx, in.ID)
	return shown(f, err, flow.WireFile)
}

func (k *Desk) fileContent(ctx context.Context, in *Named) (*fileBytes, error) {
	f, err := k.file(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	content, err := k.Files.Fetch(ctx, f)
	if err != nil {
		return nil, err
	}
	kind := "application/json"
	if f.Kind != flow.FileRecords {
		kind = "application/xml"
	}
	// The name of an answer is a stranger's.
	name := f.Name
	if f.Kind == flow.FileAnswer {
		name = "answer_" + string(f.ID) + ".xml"
	}
	return &fileBytes{kind, `attachment; filename="` + name + `"`, content}, nil
}

func (k *Desk) redeliverFile(ctx context.Context, in *Named) (*answer[wire.File], error) {
	name, err := identify(id.File, in.ID)
	if err != nil {
		return nil, err
	}
	f, err := k.Files.Redeliver(ctx, Who(ctx), name)
	return shown(f, err, flow.WireFile)
}

func (k *Desk) uploadAnswer(ctx context.Context, in *answerFile) (*answer[wire.File], error) {
	f, err := k.Files.Keep(ctx, "uploaded.xml", in.RawBody)
	if err != nil {
		return nil, err
	}
	if f.Status == store.FilePlanned && f.NextAt.IsZero() {
		if err := k.ask(ctx, flow.AnswerFileAction, f.ID, flow.AnswerFileBody{SHA256: f.SHA256}, in.Reason); err != nil {
			return nil, err
		}
	}
	f, err = k.Files.Get(ctx, f.ID, "")
	return shown(f, err, flow.WireFile)
}

func (k *Desk) listDestinations(ctx context.Context, in *Page) (*answer[List[Destination]], error) {
	rows, err := k.Files.Destinations(ctx, id.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged(rows, *in, destinationOut, func(d store.Destination) id.ID { return d.ID }), nil
}

func (k *Desk) putDestination(ctx context.Context, in *destinationInput) (*answer[Destination], error) {
	owner := id.ID(in.ID)
	if owner.Kind() != id.Participant && owner.Kind() != id.PSP {
		return nil, fault.New(fault.NotFound)
	}
	if err := checkDestination(in.Body); err != nil {
		return nil, err
	}
	if err := k.ask(ctx, flow.PutDestinationAction, owner, in.Body, in.Reason); err != nil {
		return nil, err
	}
	d, err := k.Files.Destination(ctx, owner)
	return shown(d, err, destinationOut)
}

// checkDestination refuses what could not be delivered to.
func checkDestination(d flow.DestinationBody) error {
	wrong := func(param, why string) error { return fault.New(fault.InvalidRequest).On(param).Because(why) }
	if d.Kind != "sftp" && d.Kind != "folder" && d.Kind != "none" {
		return wrong("kind", "kind is sftp, folder or none")
	}
	for param, text := range map[string]string{"address": d.Address, "login": d.Login, "host_key": d.HostKey, "folder": d.Folder, "inbox": d.Inbox} {
		if len(text) > 1000 || strings.ContainsAny(text, "\x00\n\r") {
			return wrong(param, param+" is one line of at most 1000 bytes")
		}
	}
	for param, text := range map[string]string{"folder": d.Folder, "inbox": d.Inbox} {
		if d.Kind == "folder" && (strings.HasPrefix(text, "/") || strings.Contains("/"+text+"/", "/../")) {
			return wrong(param, param+" lies below the platform's folder of files: no / before it, no ..")
		}
	}
	if d.Kind != "none" && d.Folder == "" {
		return wrong("folder", "folder is where files go")
	}
	if d.Kind != "sftp" {
		return nil
	}
	if err := (courier.Server{Address: d.Address, User: d.Login, HostKey: d.HostKey}).Check(); err != nil {
		return fault.Wrap(fault.InvalidRequest, err).Because(strings.TrimPrefix(err.Error(), courier.ErrSettings.Error()+": "))
	}
	return nil
}
