package merchant

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tolom/access"
	"tolom/api/gate"
	"tolom/payment"
	"tolom/wire"
	"tolom/world"
)

const (
	// heartbeat is how often a quiet stream shows that it lives; proxies cut what is silent for a minute.
	heartbeat = 15 * time.Second
	// writeWithin is how long a reader may take for one write before the stream gives it up.
	writeWithin = 20 * time.Second
	// mostEvents is how many events are read at once.
	mostEvents = 100
	// SnapshotType is the type of the first message of a stream.
	SnapshotType = "snapshot"
)

type streamInput struct {
	Named
	Last string `header:"Last-Event-ID" doc:"Go on after the message with this id. Browsers send it by themselves"`
}

func (s *Shop) mountStream(d *gate.Door) {
	schema := d.API.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[wire.Event](), true, "Event")
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payment-requests/{id}/stream", ID: "stream-payment-request", Scope: access.Read, Summary: "Follow a payment request live",
		Text: "Server-sent events: first a snapshot, then every event of the request, its payments and refunds. Each message is an Event. " +
			"With Last-Event-ID the stream goes on where it broke, without gaps or repeats. It ends when the request has ended; 204 says that nothing more will come.",
		Answers: map[string]*huma.MediaType{"text/event-stream": {Schema: schema}},
	}, s.stream)
	d.API.OpenAPI().Paths["/v1/payment-requests/{id}/stream"].Get.Responses["204"] = &huma.Response{Description: "The request has ended and you have everything: do not come back"}
}

// ends are the facts after which a request changes no more.
var ends = map[string]bool{
	string(payment.RequestWasPaid): true, string(payment.RequestWasExpired): true, string(payment.RequestWasCanceled): true,
}

// follower is one reader of one request. Its cursor is a sequence of the merchant's feed: all before it was told.
type follower struct {
	shop    *Shop
	who     access.Merchant
	request payment.Request
	cursor  int64
	ended   bool
	beat    <-chan time.Time // fires when the next heartbeat is due
}

// stream begins a stream. What can be refused is refused here, while there is still a status to say it with.
func (s *Shop) stream(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	f := &follower{shop: s, who: who(ctx)}
	var err error
	if f.request, err = s.Platform.Request(ctx, f.who, in.ID); err != nil {
		return nil, err
	}
	from, resumed := resumption(in.Last)
	if resumed {
		resumed, err = f.resume(ctx, from)
	}
	if err == nil && !resumed {
		err = f.begin(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) { f.run(c, resumed) }}, nil
}

func resumption(last string) (from int64, resumed bool) {
	from, err := strconv.ParseInt(last, 10, 64)
	return from, err == nil && from >= 0
}

// begin puts the cursor at the end of what was told about the request, and reads the request after it: the snapshot
// then holds at least everything before the cursor, and what comes later is told as events.
func (f *follower) begin(ctx context.Context) (err error) {
	f.cursor = 0
	if err := f.collect(ctx, nil); err != nil {
		return err
	}
	f.request, err = f.shop.Platform.Request(ctx, f.who, string(f.request.ID))
	return err
}

// resume puts the cursor where the reader broke off. An id that is not in the feed is none of ours, and the reader
// begins anew.
func (f *follower) resume(ctx context.Context, from int64) (known bool, err error) {
	if from > 0 {
		events, _, err := f.shop.Teller.Events(ctx, f.who.ID, from-1, false, 1)
		if err != nil || len(events) == 0 {
			return false, err
		}
	}
	if f.request.Status.Final() {
		err = f.collect(ctx, nil)
	}
	f.cursor = from
	return true, err
}

// collect moves the cursor over all events there are, gives each to tell, and notes whether the request's end is
// among them.
func (f *follower) collect(ctx context.Context, tell func(wire.Event) error) error {
	for {
		events, through, err := f.shop.Teller.RequestEvents(ctx, f.request, f.cursor, mostEvents)
		if err != nil {
			return err
		}
		for _, e := range events {
			f.ended = f.ended || ends[e.Type]
			if tell == nil {
				continue
			}
			if err := tell(e); err != nil {
				return err
			}
		}
		f.cursor = through
		if len(events) < mostEvents {
			return nil
		}
	}
}

// run tells events until the request has ended, the reader goes, or the server closes.
func (f *follower) run(c huma.Context, resumed bool) {
	_, w := humago.Unwrap(c)
	out := &messages{w: w, control: http.NewResponseController(w)}
	ctx, hints := c.Context(), f.shop.Hub.Subscribe(f.request.ID)
	defer hints.Close()
	if resumed && f.ended && f.nothingLeft(ctx) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	out.open()
	if !resumed {
		if err := out.send(f.snapshot()); err != nil {
			return
		}
	}
	for {
		err := f.collect(ctx, out.send)
		if err != nil || f.ended || !f.wait(ctx, out, hints.C) {
			return // The reader comes back with the id of the last message it got.
		}
	}
}

// nothingLeft says that no event comes after the cursor.
func (f *follower) nothingLeft(ctx context.Context) bool {
	events, _, err := f.shop.Teller.RequestEvents(ctx, f.request, f.cursor, 1)
	return err == nil && len(events) == 0
}

// wait blocks until there may be something to tell. Now and then, however much there is to tell, it sees whether the key
// still works, shows that the stream lives, and asks for the request, whose end by time is written down by whoever asks first.
func (f *follower) wait(ctx context.Context, out *messages, hint <-chan struct{}) bool {
	if f.beat == nil {
		f.beat = f.shop.Tick(heartbeat)
	}
	select {
	case <-hint:
		return true
	case <-f.beat:
		f.beat = nil
		if f.shop.Access.Still(ctx, f.who) != nil {
			return false
		}
		_, err := f.shop.Platform.Request(ctx, f.who, string(f.request.ID))
		return err == nil && out.write([]byte(": still here\n\n")) == nil
	case <-ctx.Done():
	case <-f.shop.Closing:
	}
	return false
}

func (f *follower) snapshot() wire.Event {
	r := f.shop.site().Request(f.request)
	return wire.Event{Type: SnapshotType, CreatedAt: wire.At(f.shop.Clock.Now()), Sequence: f.cursor, Data: wire.EventData{Object: r}}
}

// messages writes server-sent events.
type messages struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (m *messages) open() {
	_ = m.control.SetReadDeadline(time.Time{}) // Else the server's limit for reading a request would end the stream.
	h := m.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // A proxy that collects answers would hold the news back.
	m.w.WriteHeader(http.StatusOK)
	_ = m.write([]byte("retry: 2000\n\n")) // A reader that has gone is noticed by the next write.
}

func (m *messages) send(e wire.Event) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Sequence, e.Type, text)
	return m.write(b.Bytes())
}

// write sends at once. Writers without deadlines or flushing, as in simulations, do without.
func (m *messages) write(p []byte) error {
	_ = m.control.SetWriteDeadline(world.Deadline(writeWithin))
	if _, err := m.w.Write(p); err != nil {
		return err
	}
	_ = m.control.Flush()
	return nil
}
