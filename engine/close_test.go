package engine_test

import (
	"context"
	"testing"
	"time"

	"tolom/engine"
	"tolom/fault"
	"tolom/store"
)

// silent is a database whose server is gone: it answers only whoever gives up.
type silent struct{ store.Ledger }

func (silent) Begin(ctx context.Context) (store.Tx, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestClosingDoesNotWaitForADatabaseThatIsGone ends in bounded time, and tells
// callers that they do not know: another node may answer them.
func TestClosingDoesNotWaitForADatabaseThatIsGone(t *testing.T) {
	b := newBench(t, engine.Config{})
	e := engine.New(silent{b.store}, b.world, engine.Config{CloseWithin: 30 * time.Millisecond})
	answered := make(chan error, 1)
	go func() { _, err := e.Do(context.Background(), move{b: b, amount: 4}); answered <- err }()
	for e.Queued() < 1 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	ended := make(chan struct{})
	go func() { e.Run(ctx); close(ended) }()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the engine does not close")
	}
	if err := <-answered; !fault.Has(err, fault.OutcomeUnknown) {
		t.Errorf("the queued command got %v, want an unknown outcome", err)
	}
}
