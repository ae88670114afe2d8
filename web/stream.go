package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"tolom/id"
	"tolom/web/view"
)

const (
	beat      = 15 * time.Second       // how often a silent stream shows that it lives
	streamEnd = 10 * time.Minute       // after which the browser is left to connect anew
	writeEnd  = 10 * time.Second       // a reader that takes nothing for so long is gone
	afterEnd  = 250 * time.Millisecond // how long past its expiry a request is looked at
)

// change is one message of a stream.
type change struct {
	State view.State `json:"state"`
	Mark  string     `json:"mark"` // the page replaces its part only when the mark is new
	Final bool       `json:"final"`
	HTML  string     `json:"html"`
}

// feed is one open stream.
type feed struct {
	v       *visit
	request id.ID
	draw    func(view.Live) templ.Component
	out     *http.ResponseController
	mark    string // of the last message
	expires time.Time
}

// stream sends the live part of a page whenever it changes, beginning with how
// it is now, until the request has ended or the browser leaves. Nobody polls: it
// waits for hints, and for the moment at which the request expires.
func (p *pages) stream(v *visit, request id.ID, draw func(view.Live) templ.Component) error {
	hints, stop := p.Subscribe(request)
	defer stop()
	f := &feed{v: v, request: request, draw: draw, out: http.NewResponseController(v.w)}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	// A stream is longer than an answer may be; writers in tests know no deadlines.
	_ = f.out.SetWriteDeadline(time.Time{})
	if !f.write("retry: 1000\n\n") {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), streamEnd)
	defer cancel()
	for more := f.tell(ctx); more && f.wait(ctx, hints); {
		more = f.tell(ctx)
	}
	return nil
}

// tell reads the request and sends what is new; false ends the stream.
func (f *feed) tell(ctx context.Context) bool {
	pub, err := f.v.p.Platform.Public(ctx, string(f.request))
	if err != nil {
		return f.failed(ctx, err)
	}
	live, err := f.v.p.live(ctx, f.v.text, pub)
	if err != nil {
		return f.failed(ctx, err)
	}
	f.expires = live.ExpiresAt
	if live.Mark() == f.mark {
		return true
	}
	var html bytes.Buffer
	if err := f.draw(live).Render(ctx, &html); err != nil {
		return f.failed(ctx, err)
	}
	body, err := json.Marshal(change{live.State, live.Mark(), live.State.Final(), html.String()})
	if err != nil {
		return f.failed(ctx, err)
	}
	f.mark = live.Mark()
	return f.write(fmt.Sprintf("event: state\ndata: %s\n\n", body)) && !live.State.Final()
}

// failed ends the stream; the browser connects again and meets the error page or the next try.
func (f *feed) failed(ctx context.Context, err error) bool {
	if ctx.Err() == nil {
		f.v.p.Log.Warn("a stream ended early", "request", f.request, "error", err)
	}
	return false
}

// wait sleeps until there may be news; false when the stream is over.
func (f *feed) wait(ctx context.Context, hints <-chan struct{}) bool {
	expiry := f.untilExpiry()
	if expiry != nil {
		defer expiry.Stop()
	}
	heart := time.NewTicker(beat)
	defer heart.Stop()
	for {
		select {
		case <-hints:
			return true
		case <-ringing(expiry):
			return true
		case <-heart.C:
			if !f.write(": \n\n") {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
}

// untilExpiry rings when the request is due to end; nil when that lies behind or
// beyond this stream.
func (f *feed) untilExpiry() *time.Timer {
	left := f.expires.Sub(f.v.now())
	if f.expires.IsZero() || left < 0 || left > streamEnd {
		return nil
	}
	return time.NewTimer(left + afterEnd)
}

func ringing(t *time.Timer) <-chan time.Time {
	if t == nil {
		return nil
	}
	return t.C
}

// write sends a piece at once. A reader that takes nothing for long is cut off by
// a deadline in the past, set from a timer, so that no clock needs to be read.
func (f *feed) write(text string) bool {
	cut := time.AfterFunc(writeEnd, func() { f.out.SetWriteDeadline(time.Unix(1, 0)) })
	defer cut.Stop()
	if _, err := io.WriteString(f.v.w, text); err != nil {
		return false
	}
	return f.out.Flush() == nil
}
