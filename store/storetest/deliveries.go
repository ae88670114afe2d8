package storetest

import (
	"fmt"
	"time"

	"tolom/id"
	"tolom/store"
)

var deliveries = chapter{name: "Deliveries", sentences: []sentence{
	{"An endpoint's cursor starts at zero", cursorStart},
	{"Advance moves the cursor and writes the log of the pass", cursorAdvance},
	{"A node that starts from an old cursor is told to try again, and its log is not kept", cursorRace},
	{"A delivery comes back as it was written, new or changed", deliveryRound},
	{"A delivery that does not exist is not found", deliveryMissing},
	{"Deliveries come newest first for their endpoint, a page at a time", deliveryPages},
	{"One at a time holds an endpoint, until it gives it back", holdOne},
	{"A hold that has run out is anybody's", holdRunsOut},
	{"Of many who want an endpoint at once one gets it", holdRace},
	{"Due are those that wait and whose time has come, oldest first", deliveryDue},
}}

func (k *kit) endpoint() id.ID { return k.newID(id.Endpoint, 5) }

// delivery is a delivery to the endpoint that was taken at once.
func (k *kit) delivery(endpoint id.ID, sequence int64) store.Delivery {
	return store.Delivery{
		ID: k.newID(id.Delivery, 5), Endpoint: endpoint, Merchant: k.newID(id.Merchant, 5), Fact: k.newID(id.Event, 5), Sequence: sequence,
		EventType: "payment.succeeded", Status: store.DeliveryDelivered, Attempts: 1, HTTPStatus: 200, Reply: "болду", DurationMS: 12,
		Request: "POST / HTTP/1.1\nwebhook-id: evt_1", ReplyHeaders: "HTTP/1.1 200 OK",
		CreatedAt: epoch, LastAt: epoch.Add(12 * time.Millisecond),
	}
}

// waits makes a delivery one that is tried again so long after the epoch.
func waits(d store.Delivery, next time.Duration) store.Delivery {
	d.Status, d.HTTPStatus, d.Error, d.Reply, d.NextAt = store.DeliveryPending, 0, "connection refused", "", epoch.Add(next)
	return d
}

func deliveryIDs(list []store.Delivery) []id.ID {
	return idsOf(list, func(d store.Delivery) id.ID { return d.ID })
}

func holdOne(k *kit) {
	endpoint, other := k.endpoint(), k.endpoint()
	equal(k, ask(k.Hold(k.ctx, endpoint, "a", time.Hour)).get(k), true)
	equal(k, ask(k.Hold(k.ctx, endpoint, "b", time.Hour)).get(k), false)
	equal(k, ask(k.Hold(k.ctx, other, "b", time.Hour)).get(k), true)
	equal(k, ask(k.Hold(k.ctx, endpoint, "a", time.Hour)).get(k), true)
	equal(k, ask(k.Hold(k.ctx, endpoint, "a", 0)).get(k), true)
	equal(k, ask(k.Hold(k.ctx, endpoint, "b", time.Hour)).get(k), true)
	equal(k, ask(k.Hold(k.ctx, endpoint, "a", time.Hour)).get(k), false)
}

func holdRunsOut(k *kit) {
	endpoint := k.endpoint()
	equal(k, ask(k.Hold(k.ctx, endpoint, "a", -time.Millisecond)).get(k), true)
	equal(k, ask(k.Hold(k.ctx, endpoint, "b", time.Hour)).get(k), true)
}

func holdRace(k *kit) {
	endpoint, won := k.endpoint(), make(chan bool, 8)
	for n := range cap(won) {
		go func() {
			held, err := k.Hold(k.ctx, endpoint, fmt.Sprint("node ", n), time.Hour)
			won <- held && err == nil
		}()
	}
	winners := 0
	for range cap(won) {
		if <-won {
			winners++
		}
	}
	equal(k, winners, 1)
}

func cursorStart(k *kit) { equal(k, ask(k.Cursor(k.ctx, k.endpoint())).get(k), int64(0)) }

func cursorAdvance(k *kit) {
	endpoint, neighbour := k.endpoint(), k.endpoint()
	log := []store.Delivery{k.delivery(endpoint, 1), waits(k.delivery(endpoint, 2), time.Minute)}
	k.must(k.Advance(k.ctx, endpoint, 0, 2, log))
	equal(k, ask(k.Cursor(k.ctx, endpoint)).get(k), int64(2))
	equal(k, ask(k.Cursor(k.ctx, neighbour)).get(k), int64(0))
	for _, d := range log {
		equal(k, ask(k.Delivery(k.ctx, d.ID)).get(k), d)
	}
	k.must(k.Advance(k.ctx, endpoint, 2, 9, nil))
	equal(k, ask(k.Cursor(k.ctx, endpoint)).get(k), int64(9))
}

func cursorRace(k *kit) {
	endpoint := k.endpoint()
	for _, from := range []int64{0, 5} {
		first, second := k.delivery(endpoint, from+1), k.delivery(endpoint, from+1)
		k.must(k.Advance(k.ctx, endpoint, from, from+5, []store.Delivery{first}))
		k.is(k.Advance(k.ctx, endpoint, from, from+3, []store.Delivery{second}), store.ErrRetry)
		equal(k, ask(k.Cursor(k.ctx, endpoint)).get(k), from+5)
		ask(k.Delivery(k.ctx, second.ID)).missing(k)
		equal(k, ask(k.Delivery(k.ctx, first.ID)).get(k), first)
	}
	k.is(k.Advance(k.ctx, k.endpoint(), 1, 2, nil), store.ErrRetry)
}

func deliveryRound(k *kit) {
	d := waits(k.delivery(k.endpoint(), 1<<40), time.Minute)
	k.must(k.PutDelivery(k.ctx, d))
	equal(k, ask(k.Delivery(k.ctx, d.ID)).get(k), d)
	d.Status, d.Attempts, d.HTTPStatus, d.Error, d.Reply, d.DurationMS = store.DeliveryFailed, 8, 503, "503", "«жок»\n", 15_000
	d.LastAt, d.NextAt = epoch.Add(time.Hour), time.Time{}
	k.must(k.PutDelivery(k.ctx, d))
	equal(k, ask(k.Delivery(k.ctx, d.ID)).get(k), d)
	never := k.delivery(d.Endpoint, 2)
	never.Status, never.LastAt, never.NextAt = store.DeliveryPending, time.Time{}, time.Time{}
	k.must(k.PutDelivery(k.ctx, never))
	equal(k, ask(k.Delivery(k.ctx, never.ID)).get(k), never)
}

func deliveryMissing(k *kit) {
	ask(k.Delivery(k.ctx, k.newID(id.Delivery, 1))).missing(k)
	equal(k, ask(k.Deliveries(k.ctx, k.endpoint(), "", 5)).get(k), nil)
	equal(k, ask(k.Due(k.ctx, k.endpoint(), epoch, 5)).get(k), nil)
}

func deliveryPages(k *kit) {
	endpoint, neighbour, ids := k.endpoint(), k.endpoint(), []id.ID{}
	for n := range int64(5) {
		d := k.delivery(endpoint, n+1)
		ids = append(ids, d.ID)
		k.must(k.Advance(k.ctx, endpoint, n, n+1, []store.Delivery{d}))
		k.must(k.PutDelivery(k.ctx, k.delivery(neighbour, n+1)))
	}
	got := pages(func(cursor id.ID) []id.ID { return deliveryIDs(ask(k.Deliveries(k.ctx, endpoint, cursor, 2)).get(k)) })
	equal(k, got, reversed(ids))
}

func deliveryDue(k *kit) {
	endpoint := k.endpoint()
	var log []store.Delivery
	for n := range int64(4) {
		log = append(log, waits(k.delivery(endpoint, n+1), time.Duration(n)*time.Minute), k.delivery(endpoint, n+1))
	}
	k.must(k.Advance(k.ctx, endpoint, 0, 4, log))
	k.must(k.PutDelivery(k.ctx, waits(k.delivery(k.endpoint(), 1), 0)))
	unplanned := waits(k.delivery(endpoint, 5), 0)
	unplanned.NextAt = time.Time{}
	k.must(k.PutDelivery(k.ctx, unplanned))
	due := []id.ID{log[0].ID, log[2].ID, log[4].ID, log[6].ID}
	for _, x := range []struct {
		after time.Duration
		limit int
		want  []id.ID
	}{
		{-time.Millisecond, 9, nil}, {0, 9, due[:1]}, {time.Minute - time.Millisecond, 9, due[:1]}, {time.Minute, 9, due[:2]},
		{time.Hour, 9, due}, {time.Hour, 3, due[:3]},
	} {
		equal(k, deliveryIDs(ask(k.Due(k.ctx, endpoint, epoch.Add(x.after), x.limit)).get(k)), x.want)
	}
	log[0].Status, log[0].NextAt = store.DeliveryDelivered, time.Time{}
	k.must(k.PutDelivery(k.ctx, log[0]))
	equal(k, deliveryIDs(ask(k.Due(k.ctx, endpoint, epoch.Add(time.Hour), 9)).get(k)), due[1:])
}
