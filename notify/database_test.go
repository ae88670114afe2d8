package notify

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tolom/internal/pgtest"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestDatabasesTellTheSame plays one day on every database: the list, the stream
// and the webhooks of a shop, with a failure, a repeat and a restart between.
func TestDatabasesTellTheSame(t *testing.T) {
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "town.db") },
		"postgres": func(t *testing.T) string { return pgtest.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w, clock := world.Simulated(epoch, 1)
			s, err := store.Open(context.Background(), address(t), store.Options{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			playDay(t, newTownOn(t, s, w, clock))
		})
	}
}

func playDay(t *testing.T, c *town) {
	box := newLetterbox(t)
	c.pay(c.ask(100), 100)
	c.number()
	e := c.listen(box.URL)
	box.answer = func(w http.ResponseWriter, e wire.Event) {
		if e.Sequence == 4 {
			w.WriteHeader(500)
		}
	}
	r := c.ask(50_000)
	for _, step := range []func(){
		func() { c.scan(r) },
		func() { c.pay(r, 50_000) },
		func() { c.ack(c.refund(c.succeeded(r), 20_000), "credited", "") },
	} {
		step()
		time.Sleep(2 * time.Millisecond) // PostgreSQL has a clock of its own.
	}
	for c.pass(e).More {
	}
	all := c.feed()
	if got := types(all[2:]); got != "request.scanned payment.succeeded request.paid refund.requested refund.succeeded" {
		t.Errorf("the day was told as %s", got)
	}
	sameEvents(t, c.stream(r, 0, 2), all[2:])
	failed := pending(c.log(e))
	if len(failed) != 1 || failed[0].Sequence != 4 {
		t.Fatalf("to be tried again are %+v", failed)
	}
	box.answer = nil
	c.clock.Set(failed[0].NextAt)
	c.pass(e)
	log := c.log(e)
	first := slices.IndexFunc(log, func(d store.Delivery) bool { return d.Sequence == 3 }) // some have one time
	_, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(log[first].ID))
	c.ok(err)
	c.pass(e)
	sameEvents(t, box.events(), append(append([]wire.Event{}, all[2:]...), all[3], all[2]))
	for _, d := range c.log(e) {
		if d.Status != store.DeliveryDelivered {
			t.Errorf("%+v", d)
		}
	}
	c.ok(c.teller.Ack(c.ctx, c.merchant.ID, all[0].ID))
	rest, _, err := c.teller.Events(c.ctx, c.merchant.ID, 0, true, 100)
	c.ok(err)
	sameEvents(t, rest, all[1:])
}
