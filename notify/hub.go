package notify

import (
	"context"
	"sync"
	"sync/atomic"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// Hub tells live streams that something happened. A hint carries no data and may
// come without need; whoever gets one reads again. It follows the feed, so it
// hears of what other nodes did, too.
type Hub struct {
	Figures HubFigures
	read    store.Reader
	wake    bell

	// position and started belong to Step.
	position int64
	started  bool

	mu        sync.Mutex
	listeners map[id.ID]map[*Subscription]struct{} // by request and by merchant
}

// HubFigures count since the start of the process; Open is as of now.
type HubFigures struct {
	Facts atomic.Int64 // seen in the feed
	Hints atomic.Int64 // given
	Open  atomic.Int64 // subscriptions
}

// Subscription is somebody who wants to know. Subscribe first and read then, so
// that nothing falls between.
type Subscription struct {
	// C holds a hint when something happened since the last one was taken.
	C     <-chan struct{}
	hub   *Hub
	topic id.ID
	bell  bell
}

// NewHub makes a hub over the feed of a store.
func NewHub(read store.Reader) *Hub {
	return &Hub{read: read, wake: newBell(), listeners: map[id.ID]map[*Subscription]struct{}{}}
}

// Subscribe gives hints about one request, its payments and its refunds.
func (h *Hub) Subscribe(request id.ID) *Subscription { return h.subscribe(request) }

// SubscribeMerchant gives hints about everything of one merchant.
func (h *Hub) SubscribeMerchant(merchant id.ID) *Subscription { return h.subscribe(merchant) }

func (h *Hub) subscribe(topic id.ID) *Subscription {
	b := newBell()
	s := &Subscription{C: b, hub: h, topic: topic, bell: b}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners[topic] == nil {
		h.listeners[topic] = map[*Subscription]struct{}{}
	}
	h.listeners[topic][s] = struct{}{}
	h.Figures.Open.Add(1)
	return s
}

// Close ends the hints; again is harmless.
func (s *Subscription) Close() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, open := h.listeners[s.topic][s]; !open {
		return
	}
	delete(h.listeners[s.topic], s)
	if len(h.listeners[s.topic]) == 0 {
		delete(h.listeners, s.topic)
	}
	h.Figures.Open.Add(-1)
}

// Nudge says that the feed may have grown; it never blocks.
func (h *Hub) Nudge() { h.wake.ring() }

// mostFacts is how many facts one step looks at.
const mostFacts = 1000

// Step looks at what came into the feed since the last step and hints those whom
// it concerns; it returns how many facts it saw. The first step begins at the end
// of the feed and hints everybody, as they may have missed something before it.
// While nobody listens it looks at nothing.
func (h *Hub) Step(ctx context.Context) (facts int, err error) {
	if !h.heard() {
		h.started = false
		return 0, nil
	}
	if !h.started {
		return 0, h.start(ctx)
	}
	items, err := h.read.Tail(ctx, h.position, mostFacts)
	if err != nil {
		return 0, err
	}
	for _, item := range items {
		h.position = item.Position
		h.hint(item.Fact)
	}
	h.Figures.Facts.Add(int64(len(items)))
	return len(items), nil
}

// heard says whether anybody listens.
func (h *Hub) heard() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners) > 0
}

func (h *Hub) start(ctx context.Context) error {
	head, err := h.read.Head(ctx)
	if err != nil {
		return err
	}
	h.position, h.started = head, true
	h.mu.Lock()
	defer h.mu.Unlock()
	for topic := range h.listeners {
		h.ring(topic)
	}
	return nil
}

func (h *Hub) hint(f payment.Fact) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ring(f.Request)
	h.ring(f.Merchant)
}

// ring hints everybody on a topic. A full channel already holds a hint, so
// nobody waits for a slow listener.
func (h *Hub) ring(topic id.ID) {
	for s := range h.listeners[topic] {
		s.bell.ring()
		h.Figures.Hints.Add(1)
	}
}
