package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// TestEverythingArrivesWhateverBreaks lets a shop trade while the database
// fails, nodes die in the middle of a pass, and the receiver refuses, answers
// late or never. In the end what arrived is the feed.
func TestEverythingArrivesWhateverBreaks(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newStorm(r)
		r.Repeat(map[string]func(*rapid.T){
			"sell":    s.sell,
			"change":  s.change,
			"number":  s.sequence,
			"deliver": s.deliver,
			"wait":    s.wait,
		})
		s.calm()
		s.check(r)
	})
}

// storm is a town under faults, with two nodes that deliver to one endpoint.
type storm struct {
	*town
	nodes    [2]*Courier
	endpoint store.Endpoint
	fixed    payment.Request
	paid     []payment.Payment

	fate     func() fate // of the next webhook
	attempts []string    // ids of events, each at its first attempt
	taken    map[string]string
}

// fate is what becomes of one attempt.
type fate int

const (
	taken fate = iota
	refusedByReceiver
	neverArrived
	answerLost // the receiver has it, and we do not know
	fates
)

func newStorm(t tester) *storm {
	s := &storm{town: newTown(t), taken: map[string]string{}, fate: func() fate { return taken }}
	s.fixed = s.askStatic()
	s.pay(s.ask(5), 5)
	s.number()
	s.endpoint = s.listen("https://shop.example/")
	for i := range s.nodes {
		s.restart(i)
	}
	return s
}

func (s *storm) restart(node int) {
	s.open(s)
	s.nodes[node] = s.courier
}

// RoundTrip is the receiver.
func (s *storm) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	name := r.Header.Get("webhook-id")
	if !slices.Contains(s.attempts, name) {
		s.attempts = append(s.attempts, name)
	}
	what := s.fate()
	if what == taken || what == answerLost {
		if before, again := s.taken[name]; again && before != string(body) {
			s.Errorf("%s came as\n%s\nand as\n%s", name, before, body)
		}
		s.taken[name] = string(body)
	}
	switch what {
	case taken:
		return reply(http.StatusOK), nil
	case refusedByReceiver:
		return reply(http.StatusBadGateway), nil
	}
	return nil, errors.New("the line is dead")
}

func reply(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(nil))}
}

func (s *storm) sell(r *rapid.T) {
	if rapid.Bool().Draw(r, "static") {
		s.paid = append(s.paid, s.town.pay(s.fixed, 100))
		return
	}
	q := s.ask(100)
	s.begin(q, 100)
	s.scan(q)
	s.paid = append(s.paid, s.town.pay(q, 100))
}

func (s *storm) change(r *rapid.T) {
	switch rapid.IntRange(0, 3).Draw(r, "change") {
	case 0:
		s.town.change(s.platform.CancelRequest, s.ask(100))
	case 1:
		s.town.change(s.platform.PauseRequest, s.fixed)
		s.town.change(s.platform.ResumeRequest, s.fixed)
	default:
		if len(s.paid) == 0 {
			return
		}
		s.ack(s.refund(s.paid[0], 60), rapid.SampledFrom([]string{"credited", "rejected"}).Draw(r, "outcome"), "")
		s.paid = s.paid[1:]
	}
}

func (s *storm) sequence(*rapid.T) { s.number() }

// deliver makes one pass on one node; a fault may strike at any call of the
// store, as an error or as the death of the node.
func (s *storm) deliver(r *rapid.T) {
	node := rapid.IntRange(0, 1).Draw(r, "node")
	strike, deadly := rapid.IntRange(0, 20).Draw(r, "strike"), rapid.Bool().Draw(r, "deadly")
	s.fate = func() fate { return fate(rapid.IntRange(0, int(fates)-1).Draw(r, "fate")) }
	s.memory.Fault = func(store.Point) error {
		if strike--; strike != 0 {
			return nil
		}
		if deadly {
			panic(errDeath)
		}
		return rapid.SampledFrom([]error{store.ErrRetry, errors.New("no power")}).Draw(r, "error")
	}
	died := s.step(node)
	s.memory.Fault = nil
	if died {
		s.restart(node)
	}
}

var errDeath = errors.New("the node dies")

// step makes a pass and says whether the node died on the way; an error of the
// pass is only what the runner would log.
func (s *storm) step(node int) (died bool) {
	defer func() {
		if cause := recover(); cause != nil {
			if cause != error(errDeath) {
				panic(cause)
			}
			died = true
		}
	}()
	_, _ = s.nodes[node].Step(s.ctx, s.endpoint.ID)
	return false
}

func (s *storm) wait(r *rapid.T) {
	s.clock.Advance(time.Duration(rapid.IntRange(1, 60_000).Draw(r, "ms")) * time.Millisecond)
}

// calm ends all faults and lets the couriers finish. A day is enough, because
// what had failed is tried again every four hours at the latest.
func (s *storm) calm() {
	s.fate = func() fate { return taken }
	s.number()
	for range 12 {
		for more := true; more; {
			p, err := s.nodes[0].Step(s.ctx, s.endpoint.ID)
			s.ok(err)
			more = p.More
		}
		s.clock.Advance(2 * time.Hour)
	}
}

func (s *storm) check(t tester) {
	want := s.feed()[2:] // What was before the endpoint was made is history.
	var ids []string
	for _, e := range want {
		ids = append(ids, e.ID)
		var arrived wire.Event
		if json.Unmarshal([]byte(s.taken[e.ID]), &arrived) != nil || plain(t, arrived) != plain(t, e) {
			t.Errorf("%s %d arrived as %q", e.Type, e.Sequence, s.taken[e.ID])
		}
	}
	if !slices.Equal(s.attempts, ids) {
		t.Errorf("first attempts were\n%v\nwant the feed's order\n%v", s.attempts, ids)
	}
	if len(s.taken) != len(want) {
		t.Errorf("%d events arrived, %d happened", len(s.taken), len(want))
	}
	if left := pending(s.log(s.endpoint)); len(left) != 0 {
		t.Errorf("%d deliveries are still to be tried again", len(left))
	}
}
