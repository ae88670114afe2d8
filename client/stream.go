package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tolom/wire"
)

// Watch follows a payment request as it happens (server-sent events): from after the message with the Last-Event-ID
// given, or, when it is "", from now on, beginning with an event of the type "snapshot" that holds the request. When the connection breaks it is made again and resumed, as often in a row as the
// client has attempts; then the error is yielded and the stream ends. It ends without an error when the platform says
// that nothing more will come (204).
func (m *Merchant) Watch(ctx context.Context, request, after string) iter.Seq2[wire.Event, error] {
	return func(yield func(wire.Event, error) bool) {
		w := watch{client: m.client, path: path("/v1/payment-requests/%s/stream", request), last: after}
		for failures := 0; ; {
			seen, err := w.connection(ctx, func(e wire.Event) bool { return yield(e, nil) })
			if errors.Is(err, errDone) {
				return
			}
			if failures++; seen {
				failures = 1
			}
			if !w.again(ctx, err, failures) {
				yield(wire.Event{}, err)
				return
			}
		}
	}
}

// errDone ends a stream on purpose: the reader had enough, or there is no more to read.
var errDone = errors.New("client: the stream is over")

// watch is where one stream stands.
type watch struct {
	client *Client
	path   string
	last   string        // id of the last event, as Last-Event-ID
	retry  time.Duration // what the platform asked to wait before reconnecting
}

// again waits before the next connection, and says whether there should be one.
func (w *watch) again(ctx context.Context, err error, failures int) bool {
	var problem *Problem
	if errors.As(err, &problem) && !problem.worthRetrying() || failures >= w.client.attempts || ctx.Err() != nil {
		return false
	}
	if problem == nil {
		problem = &Problem{}
	}
	wait := max(w.client.wait(problem, failures), w.retry)
	return wait <= longestWait && w.client.sleep(ctx, wait) == nil
}

// connection reads one connection to its end; seen tells whether an event came.
func (w *watch) connection(ctx context.Context, each func(wire.Event) bool) (seen bool, err error) {
	what := get(w.path)
	what.accept = "text/event-stream"
	response, err := w.open(ctx, what)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for {
		event, ok, err := w.next(what, lines)
		if !ok {
			return seen, err
		}
		seen = true
		if !each(event) {
			return seen, errDone
		}
	}
}

func (w *watch) open(ctx context.Context, what call) (*http.Response, error) {
	// A stream lasts longer than one exchange may; ctx ends it.
	endless := *w.client.http
	endless.Timeout = 0
	what.resume = w.last
	response, err := w.client.send(ctx, what, &endless)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode == http.StatusNoContent:
		response.Body.Close()
		return nil, errDone
	case response.StatusCode == http.StatusOK && kind == "text/event-stream":
		return response, nil
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return nil, w.client.refusal(what, response, body)
}

// next reads lines up to the empty one that ends an event. Comments, which keep the connection alive, and events
// without data are passed over. At the end of the connection ok is false; what was begun then is dropped.
func (w *watch) next(what call, lines *bufio.Scanner) (event wire.Event, ok bool, err error) {
	var f frame
	for lines.Scan() {
		if lines.Text() != "" {
			w.retry = f.add(lines.Text(), w.retry)
			continue
		}
		if len(f.data) == 0 {
			f = frame{}
			continue
		}
		if event, err = f.event(what); err != nil {
			return event, false, err
		}
		if f.id != "" {
			w.last = f.id
		}
		return event, true, nil
	}
	err = io.ErrUnexpectedEOF
	if lines.Err() != nil {
		err = lines.Err()
	}
	return event, false, unanswered(what, err)
}

// frame is one event of the stream while its lines come in.
type frame struct {
	id   string
	data []string
}

// add takes a line and returns how long to wait before reconnecting, which a line may change.
func (f *frame) add(line string, retry time.Duration) time.Duration {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "data":
		f.data = append(f.data, value)
	case "id":
		f.id = value
	case "retry":
		if ms, err := strconv.ParseUint(value, 10, 31); err == nil {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return retry
}

func (f *frame) event(what call) (event wire.Event, err error) {
	reader := json.NewDecoder(strings.NewReader(strings.Join(f.data, "\n")))
	reader.UseNumber()
	if err := reader.Decode(&event); err != nil {
		return wire.Event{}, strange(what, http.StatusOK, "with an event that is not JSON", err)
	}
	return event, nil
}
