package store

import (
	"context"
	"time"

	"tolom/id"
)

// Post numbers the facts into the feed and keeps what webhooks need. It reads
// facts and writes its own rows, never money.
type Post interface {
	// Sequence gives positions to the facts of up to limit committed batches that
	// have none, in the order of the batches' database time, one commit. It
	// returns how many facts were numbered. Two running at once are harmless: the
	// position is a primary key, and the loser gets ErrRetry.
	Sequence(ctx context.Context, limit int) (facts int, err error)
	// Ack notes that a reader has taken a fact; again is harmless.
	Ack(ctx context.Context, reader, fact id.ID, at time.Time) error

	// Hold lets one holder at a time do what has a name, such as delivering to an endpoint: it takes the name
	// for so long, or extends what it holds, and says whether it has it now. One
	// that lasts 0 gives it back. It keeps nodes from sending everything several
	// times, and nothing depends on it: a holder that is late sends again.
	Hold(ctx context.Context, endpoint id.ID, holder string, lasts time.Duration) (bool, error)
	// Cursor gives the last sequence of its owner's feed that an endpoint was
	// offered (0 at first); Advance moves it and writes the log of the pass, one commit.
	Cursor(ctx context.Context, endpoint id.ID) (int64, error)
	Advance(ctx context.Context, endpoint id.ID, from, to int64, log []Delivery) error
	// Due gives deliveries whose next try is due, oldest first.
	Due(ctx context.Context, endpoint id.ID, now time.Time, limit int) ([]Delivery, error)
	// PutDelivery writes a delivery, new or changed.
	PutDelivery(ctx context.Context, d Delivery) error
	Delivery(ctx context.Context, delivery id.ID) (Delivery, error)
	// Deliveries lists an endpoint's deliveries, newest first, older than the cursor.
	Deliveries(ctx context.Context, endpoint, before id.ID, limit int) ([]Delivery, error)
	// PruneClaims deletes claims whose scope starts with prefix and that are older
	// than the given moment, at most limit; it returns how many.
	PruneClaims(ctx context.Context, scopePrefix string, before time.Time, limit int) (int, error)
}

// DeliveryStatus is where a delivery stands.
type DeliveryStatus string

// The states of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending" // it will be tried again
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryFailed    DeliveryStatus = "failed" // given up; redeliver by hand
)

// Delivery is one event on its way to one endpoint, with its last attempt.
type Delivery struct {
	ID         id.ID
	Endpoint   id.ID
	Merchant   id.ID
	Fact       id.ID
	Sequence   int64
	EventType  string
	Status     DeliveryStatus
	Attempts   int
	HTTPStatus int    // of the last attempt; 0 when there was no answer
	Error      string // why there was none
	Reply      string // the first bytes of the answer's body

	Request      string // first line and headers of the last attempt; the body is the event
	ReplyHeaders string // first line and headers of the answer, shortened

	DurationMS int64
	CreatedAt  time.Time
	LastAt     time.Time
	NextAt     time.Time // zero when no try is planned
}
