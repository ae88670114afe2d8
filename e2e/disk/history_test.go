package disk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"tolom/id"
	"tolom/internal/faultdisk"
	"tolom/internal/traffic"
	"tolom/invariant"
	"tolom/payment"
	"tolom/store"
)

// shops and clients are few: what counts is that commits are shared.
const (
	shops   = 2
	clients = 4
)

// history is what was acknowledged, and when, by the count of what had happened on the disk.
type history struct {
	t      *testing.T
	disk   *faultdisk.Disk
	people traffic.People

	next  atomic.Int64
	mu    sync.Mutex
	deals []deal
}

// deal is a payment whose final status was told at a moment.
type deal struct {
	traffic.Deal
	at int
}

// trade makes payments, some taken back and some given back.
func (h *history) trade(ctx context.Context, p *platform, count int) {
	var group sync.WaitGroup
	last := h.next.Load() + int64(count)
	for range clients {
		c := p.customer(h.people)
		group.Go(func() {
			for n := h.next.Add(1); n <= last; n = h.next.Add(1) {
				h.one(ctx, c, int(n))
			}
		})
	}
	group.Wait()
	h.next.Store(last)
}

func (h *history) one(ctx context.Context, c traffic.Customer, n int) {
	d, err := c.Deal(ctx, n)
	if err != nil {
		h.t.Errorf("deal %d: %v", n, err)
		return
	}
	at := h.disk.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deals = append(h.deals, deal{d, at})
}

// found compares what is in a folder with what was acknowledged until a moment: all
// rules hold, and every payment has the status that its PSP was told.
func (h *history) found(folder string, moment int) error {
	s, err := store.Open(context.Background(), "sqlite:"+folder+"/tolom.db", store.Options{MaxConns: 1, Migrate: true})
	if err != nil {
		return fmt.Errorf("it cannot be opened: %w", err)
	}
	report, err := invariant.Check(context.Background(), s)
	err = errors.Join(err, report.Err())
	for _, d := range h.deals {
		if d.at <= moment {
			err = errors.Join(err, d.stands(s))
		}
	}
	return errors.Join(err, s.Close())
}

// stands asks the store for a payment and its refund.
func (d deal) stands(s store.Store) error {
	p, err := s.Payment(context.Background(), id.ID(d.Payment))
	if err != nil {
		return fmt.Errorf("payment %s, told as %s: %w", d.Payment, d.Status, err)
	}
	if want := map[string]payment.Status{traffic.Success: payment.Succeeded, traffic.Canceled: payment.Canceled}[d.Status]; p.Status != want {
		return fmt.Errorf("payment %s is %v, it was told as %s", d.Payment, p.Status, d.Status)
	}
	if d.Refund == "" {
		return nil
	}
	r, err := s.Refund(context.Background(), id.ID(d.Refund))
	if err == nil && r.Status != payment.RefundSucceeded {
		err = fmt.Errorf("refund %s is %v, it was told as given back", d.Refund, r.Status)
	}
	return err
}
