package sim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tolom/seal"
)

// link is a way that messages take, with its weather.
type link struct {
	w       *World
	name    string
	weather *Weather
	patient time.Duration // how long a caller waits for its answer
	waiting []*exchange   // those under way, and some that are over, in the order in which they give up
	// deliver has somebody serve a message that arrived.
	deliver func(m message, x *exchange)
}

// message is a request on its way.
type message struct {
	method, target string
	url            *url.URL
	header         http.Header
	body           []byte
	broken         bool // the body ends too early
}

// answer is a response on its way.
type answer struct {
	status int
	header http.Header
	body   []byte
	broken bool
}

// exchange is a request with what comes of it, as its sender sees it.
type exchange struct {
	w      *World
	task   *task
	link   *link
	call   string
	until  time.Duration // when its sender gives up
	signed bool          // so that its sender notices a damaged answer
	over   bool
	answer answer
	err    error
	leave  []func() // tell those who serve it that the caller has gone
}

// What a caller learns when no answer comes.
var (
	errTimeout = errors.New("sim: no answer in time")
	errReset   = errors.New("sim: the connection was reset")
	errRefused = errors.New("sim: the connection was refused")
	errCut     = io.ErrUnexpectedEOF
)

// RoundTrip sends a request and parks the running task until an answer or its time is over.
func (l *link) RoundTrip(r *http.Request) (*http.Response, error) {
	m, err := written(r)
	if err != nil {
		return nil, err
	}
	w := l.w
	x := &exchange{w: w, task: w.task, link: l, call: callOf(m), until: w.now + l.patient, signed: m.header.Get(seal.HeaderSignature) != ""}
	l.send(m, x)
	if l.waiting = append(l.waiting, x); len(l.waiting) == 1 {
		w.after(l.patient, l.giveUp)
	}
	w.park()
	if x.err != nil {
		return nil, x.err
	}
	return x.answer.response(r), nil
}

// giveUp ends the exchanges whose time is over. All callers of a link are equally patient, so
// that one event for the first who waits does for all, and most have their answers by then.
func (l *link) giveUp() {
	for len(l.waiting) > 0 {
		first := l.waiting[0]
		if !first.over && first.until > l.w.now {
			l.w.after(first.until-l.w.now, l.giveUp)
			return
		}
		l.waiting = l.waiting[1:]
		first.giveUp()
	}
}

// written is a request as it goes over the wire. Its header is its server's from then on.
func written(r *http.Request) (m message, err error) {
	m = message{method: r.Method, target: r.URL.RequestURI(), url: r.URL, header: r.Header}
	if r.Body == nil {
		return m, nil
	}
	if r.ContentLength > 0 {
		m.body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, m.body)
	} else {
		m.body, err = io.ReadAll(r.Body)
	}
	return m, errors.Join(err, r.Body.Close())
}

// send puts a message on its way, perhaps twice, or never.
func (l *link) send(m message, x *exchange) {
	w := l.w
	w.record.noteBody(w.now, l.name, m.body, m.method, m.target)
	if w.chance(l.weather.Double) {
		again := m
		again.header = m.header.Clone() // each of the two is served with a header of its own
		w.count("doubled")
		w.after(w.travel()+w.within(2*time.Second), func() { l.deliver(again, x) })
	}
	wait := w.travel()
	mishap, _ := w.meets("call", x.call)
	switch {
	case mishap.what == "twice":
		again := m
		again.header = m.header.Clone()
		w.after(wait+mishap.by, func() { l.deliver(again, x) })
	case mishap.what == "late":
		wait += mishap.by
	case mishap.what == "lost" || w.chance(l.weather.LoseCall):
		w.count("call lost")
		return
	case w.chance(l.weather.Late):
		w.count("late")
		wait += w.within(90 * time.Second)
	case len(m.body) > 0 && w.chance(l.weather.Corrupt):
		w.count("corrupted")
		m.body = w.damaged(m.body)
	case len(m.body) > 0 && w.chance(l.weather.Half):
		w.count("half sent")
		m.body, m.broken = m.body[:w.random.IntN(len(m.body))], true
	}
	w.after(wait, func() { l.deliver(m, x) })
}

// travel is how long a message takes: mostly a few milliseconds.
func (w *World) travel() time.Duration {
	return 300*time.Microsecond + time.Duration(w.random.ExpFloat64()*float64(4*time.Millisecond))
}

// damaged is a copy with one to three bytes that are others.
func (w *World) damaged(body []byte) []byte {
	out := bytes.Clone(body)
	for range 1 + w.random.IntN(3) {
		out[w.random.IntN(len(out))] ^= byte(1 + w.random.IntN(255))
	}
	return out
}

// reply sends an answer back.
func (x *exchange) reply(a answer) {
	w, weather := x.w, x.link.weather
	w.record.noteBody(w.now, "answer", a.body, strconv.Itoa(a.status))
	wait := w.travel()
	mishap, _ := w.meets("reply", x.call)
	switch {
	case mishap.what == "late":
		wait += mishap.by
	case mishap.what == "lost" || w.chance(weather.LoseReply):
		w.count("reply lost")
		return
	case w.chance(weather.Late):
		w.count("late")
		wait += w.within(90 * time.Second)
	case len(a.body) > 0 && w.chance(weather.Corrupt):
		w.count("corrupted")
		if x.call == "refunds" && !x.signed {
			// Of all answers to a bank only this one names nothing that the bank named first,
			// so that a bank which does not sign cannot hold the answer to it.
			x.fail(errReset)
			return
		}
		if x.signed {
			w.count("damaged although signed")
		}
		a.body = w.damaged(a.body)
	case len(a.body) > 0 && w.chance(weather.Half):
		w.count("half sent")
		a.body, a.broken = a.body[:w.random.IntN(len(a.body))], true
	}
	w.after(wait, func() { x.end(a, nil) })
}

// fail tells the caller, a little later, why there is no answer.
func (x *exchange) fail(why error) {
	x.w.after(x.w.travel(), func() { x.end(answer{}, why) })
}

// end wakes the caller. Only the first end counts: later copies are dropped.
func (x *exchange) end(a answer, err error) {
	if x.over {
		return
	}
	x.over, x.answer, x.err = true, a, err
	if x.task.mayRun() {
		x.w.wakeIn(x.task, 0)
	}
}

// giveUp ends the wait; the server may learn of it.
func (x *exchange) giveUp() {
	if x.over {
		return
	}
	x.w.count("timed out")
	x.end(answer{}, errTimeout)
	if x.w.chance(x.link.weather.Leave) {
		for _, leave := range x.leave {
			leave()
		}
	}
}

func (a answer) response(r *http.Request) *http.Response {
	var body io.Reader = bytes.NewReader(a.body)
	if a.broken {
		body = io.MultiReader(body, cut{})
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: a.header, Body: io.NopCloser(body), ContentLength: int64(len(a.body)),
	}
}

// cut is the end of a connection that broke.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, errCut }
