package soak

import (
	"slices"
	"time"

	"tolom/client"
	"tolom/internal/traffic"
	"tolom/invariant"
	"tolom/store"
)

// holds compares everything that was told with everything that is there.
func (w *town) holds(deals []traffic.Deal, receiver *traffic.Receiver) {
	w.t.Helper()
	for some := range slices.Chunk(deals, client.MaxStates) {
		ids, told := make([]string, len(some)), map[string]string{}
		for i, d := range some {
			ids[i], told[d.Payment] = d.Payment, d.Status
		}
		answer, err := w.people.Bank(w.balancer.URL(), w.calls).States(w.ctx, ids)
		must(w.t, err)
		if len(answer.Data) != len(some) {
			w.t.Errorf("the platform knows %d of %d payments", len(answer.Data), len(some))
		}
		for _, is := range answer.Data {
			if is.Status != told[*is.ID] {
				w.t.Errorf("payment %s is %s; its PSP was told %s", *is.ID, is.Status, told[*is.ID])
			}
		}
	}
	owed, succeeded := make([]int64, shops), int64(0)
	for _, d := range deals {
		owed[d.Shop] += d.Net
		if d.Status == traffic.Success {
			succeeded++
		}
	}
	for n := range shops {
		balance, err := w.shop(n).Balance(w.ctx)
		must(w.t, err)
		if balance.Payable != owed[n] {
			w.t.Errorf("shop %d is owed %d tyiyn by its own count and %d by its balance", n, owed[n], balance.Payable)
		}
	}
	w.told(succeeded, receiver)
	w.withStore(func(s store.Store) error {
		report, err := invariant.Check(w.ctx, s)
		if err == nil && report.Payments != int64(len(deals)) {
			w.t.Errorf("%d payments are stored, %d were made", report.Payments, len(deals))
		}
		if err == nil {
			err = report.Err()
		}
		return err
	})
}

// told reads the feeds, which have no gaps and tell each success once, and waits
// until the webhooks have come.
func (w *town) told(succeeded int64, receiver *traffic.Receiver) {
	w.t.Helper()
	var ids []string
	w.eventually("the feeds tell of every success", func() bool {
		ids = ids[:0]
		told := int64(0)
		for n := range shops {
			for after, more := int64(0), true; more; {
				list, err := w.shop(n).Events(w.ctx, client.EventFilter{After: after, Limit: 100})
				must(w.t, err)
				for _, e := range list.Data {
					if after++; e.Sequence != after {
						w.t.Fatalf("shop %d: the event %d has the sequence %d", n, after, e.Sequence)
					}
					if ids = append(ids, e.ID); e.Type == "payment.succeeded" {
						told++
					}
				}
				more = list.HasMore
			}
		}
		return told >= succeeded
	})
	if n := len(ids); n != len(slices.Compact(slices.Sorted(slices.Values(ids)))) {
		w.t.Error("an event is told twice in the feeds")
	}
	w.eventually("every webhook has come", func() bool { return receiver.Missing(ids) == 0 })
	w.t.Logf("%d webhook calls for %d events", receiver.Calls(), len(ids))
}

func (w *town) eventually(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("it never was so that %s", what)
		}
	}
}
