package storetest

import (
	"slices"
	"sync"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

var feed = chapter{name: "Feed", apart: true, sentences: []sentence{
	{"An empty feed has nothing and ends at zero", feedEmpty},
	{"A fact is in its merchant's feed once it is numbered", feedOne},
	{"Positions count all facts, sequences those of a reader, both from one without gaps", feedNumbers},
	{"Batches are numbered by their time, then by their id, their facts by ordinal", feedOrder},
	{"A pass takes whole batches, at most as many as asked for", feedLimit},
	{"What is numbered is not numbered again", feedAgain},
	{"A late batch comes after what was numbered before", feedLate},
	{"The facts of an open transaction are not numbered, of a rolled back one never", feedUncommitted},
	{"A batch without facts takes no place, in the feed or in a pass", feedWithoutFacts},
	{"A feed is read in order after a sequence, a page at a time", feedPages},
	{"An acknowledged fact stays in the feed and leaves the unacknowledged ones", feedAck},
	{"A fact is found by its id in its reader's feed only", feedItem},
	{"The success of a payment is found at its place", successOf},
	{"The tail shows the facts of all readers after a position", feedTail},
	{"Two sequencers at once number every fact once", feedTwoSequencers},
}}

// told saves facts of the shops in one batch at a moment, and gives their ids.
func (k *kit) told(at time.Time, shops ...shop) []id.ID {
	k.t.Helper()
	c := store.Changes{Now: at}
	for _, s := range shops {
		f := k.fact(s, "")
		f.Request, f.At = k.newID(id.Request, s.merchant.Bucket()), at
		c.Facts = append(c.Facts, f)
	}
	k.save(c)
	return idsOf(c.Facts, func(f payment.Fact) id.ID { return f.ID })
}

func factIDs(items []store.FeedItem) []id.ID {
	return idsOf(items, func(i store.FeedItem) id.ID { return i.Fact.ID })
}

func (k *kit) tail() []store.FeedItem {
	k.t.Helper()
	items := ask(k.Tail(k.ctx, 0, 10_000)).get(k)
	k.gapless(items)
	return items
}

// gapless checks that the whole tail counts without gaps, and every reader's part of it too.
func (k *kit) gapless(items []store.FeedItem) {
	k.t.Helper()
	sequences := map[id.ID]int64{}
	for n, item := range items {
		sequences[item.Reader]++
		if item.Position != int64(n+1) || item.Sequence != sequences[item.Reader] || item.Reader != item.Fact.Merchant {
			k.t.Fatalf("item %d of the tail is %+v, and sequence %d is due", n, item, sequences[item.Reader])
		}
	}
	equal(k, ask(k.Head(k.ctx)).get(k), int64(len(items)))
	for reader, last := range sequences {
		equal(k, ask(k.ReaderHead(k.ctx, reader)).get(k), last)
	}
}

func feedEmpty(k *kit) {
	s := k.newShop()
	equal(k, k.sequence(10), 0)
	equal(k, k.tail(), nil)
	equal(k, ask(k.ReaderHead(k.ctx, s.merchant)).get(k), int64(0))
	equal(k, ask(k.Feed(k.ctx, s.merchant, 0, 10)).get(k), nil)
	equal(k, ask(k.Unacked(k.ctx, s.merchant, 0, 10)).get(k), nil)
}

func feedOne(k *kit) {
	s := k.newShop()
	f := k.fact(s, k.newID(id.Request, 1))
	facts := []payment.Fact{f}
	k.save(store.Changes{Facts: facts, Now: epoch})
	equal(k, ask(k.Feed(k.ctx, s.merchant, 0, 10)).get(k), nil)
	equal(k, k.sequence(10), 1)
	equal(k, ask(k.Feed(k.ctx, s.merchant, 0, 10)).get(k), []store.FeedItem{{Reader: s.merchant, Position: 1, Sequence: 1, Fact: facts[0]}})
}

func feedNumbers(k *kit) {
	a, b := k.newShop(), k.newShop()
	k.told(epoch, a, b, a)
	k.told(epoch.Add(time.Second), b, b)
	equal(k, k.sequence(10), 5)
	k.told(epoch.Add(2*time.Second), a, b)
	equal(k, k.sequence(10), 2)
	equal(k, len(k.tail()), 7)
	equal(k, ask(k.ReaderHead(k.ctx, a.merchant)).get(k), int64(3))
	equal(k, ask(k.ReaderHead(k.ctx, b.merchant)).get(k), int64(4))
}

func feedOrder(k *kit) {
	s := k.newShop()
	third := k.told(epoch.Add(2*time.Millisecond), s, s)
	first := k.told(epoch, s, s, s)
	second := k.told(epoch.Add(time.Millisecond), s)
	alsoSecond := k.told(epoch.Add(time.Millisecond), s, s)
	equal(k, k.sequence(10), 8)
	equal(k, factIDs(k.tail()), slices.Concat(first, second, alsoSecond, third))
	shuffled := k.ordinals(s, 2, 0, 1)
	equal(k, k.sequence(10), 3)
	equal(k, factIDs(k.tail())[8:], []id.ID{shuffled[1], shuffled[2], shuffled[0]})
}

// ordinals saves a batch whose facts are given in another order than that of their places.
func (k *kit) ordinals(s shop, places ...int) []id.ID {
	k.t.Helper()
	var c store.Changes
	for _, place := range places {
		f := k.fact(s, "pr_0")
		f.Ordinal = place
		c.Facts = append(c.Facts, f)
	}
	k.claiming(c)
	return idsOf(c.Facts, func(f payment.Fact) id.ID { return f.ID })
}

func feedLimit(k *kit) {
	s := k.newShop()
	for n := range 5 {
		k.told(epoch.Add(time.Duration(n)*time.Second), s, s)
	}
	for _, want := range []int{4, 4, 2, 0} {
		equal(k, k.sequence(2), want)
	}
	equal(k, len(k.tail()), 10)
}

func feedAgain(k *kit) {
	s := k.newShop()
	k.told(epoch, s, s)
	equal(k, k.sequence(10), 2)
	before := k.tail()
	equal(k, k.sequence(10), 0)
	equal(k, k.tail(), before)
}

func feedLate(k *kit) {
	s := k.newShop()
	first := k.told(epoch.Add(time.Hour), s)
	k.sequence(10)
	late := k.told(epoch, s)
	k.sequence(10)
	equal(k, factIDs(k.tail()), slices.Concat(first, late))
}

func feedUncommitted(k *kit) {
	e := k.everything()
	answers := make(chan answer[int], 1)
	go func() { answers <- ask(k.trySequence(10)) }()
	time.Sleep(20 * time.Millisecond)
	equal(k, ask(k.Head(k.ctx)).get(k), int64(0))
	e.tx.Rollback()
	equal(k, (<-answers).get(k), 0)
	equal(k, k.sequence(10), 0)
	equal(k, k.tail(), nil)
}

func feedWithoutFacts(k *kit) {
	s := k.newShop()
	for range 5 {
		k.newRequest(payment.Static)
	}
	k.told(epoch, s)
	k.newRequest(payment.Static)
	equal(k, k.sequence(1), 1)
	equal(k, len(k.tail()), 1)
}

func feedPages(k *kit) {
	s, other := k.newShop(), k.newShop()
	want := []id.ID{}
	for n := range 5 {
		want = append(want, k.told(epoch.Add(time.Duration(n)*time.Second), s, other)[0])
	}
	k.sequence(10)
	var got []id.ID
	for cursor := int64(0); ; {
		items := ask(k.Feed(k.ctx, s.merchant, cursor, 2)).get(k)
		if len(items) == 0 {
			break
		}
		got, cursor = append(got, factIDs(items)...), items[len(items)-1].Sequence
	}
	equal(k, got, want)
	equal(k, factIDs(ask(k.Feed(k.ctx, s.merchant, 3, 10)).get(k)), want[3:])
	equal(k, ask(k.Feed(k.ctx, s.merchant, 5, 10)).get(k), nil)
	equal(k, ask(k.Feed(k.ctx, s.merchant, 500, 10)).get(k), nil)
}

func feedAck(k *kit) {
	s, other := k.newShop(), k.newShop()
	facts := append(k.told(epoch, s, s, s, s), k.told(epoch.Add(time.Second), other)...)
	k.sequence(10)
	for range 2 {
		k.must(k.Ack(k.ctx, s.merchant, facts[1], epoch))
		k.must(k.Ack(k.ctx, s.merchant, facts[3], epoch.Add(time.Second)))
	}
	items := ask(k.Feed(k.ctx, s.merchant, 0, 10)).get(k)
	equal(k, factIDs(items), facts[:4])
	acked := []bool{}
	for _, item := range items {
		acked = append(acked, item.Acked)
	}
	equal(k, acked, []bool{false, true, false, true})
	unacked := ask(k.Unacked(k.ctx, s.merchant, 0, 10)).get(k)
	equal(k, unacked, []store.FeedItem{items[0], items[2]})
	equal(k, ask(k.Unacked(k.ctx, s.merchant, 0, 1)).get(k), items[:1])
	equal(k, ask(k.Unacked(k.ctx, s.merchant, 1, 10)).get(k), items[2:3])
	equal(k, ask(k.FeedItem(k.ctx, s.merchant, facts[3])).get(k), items[3])
	equal(k, k.tail()[1].Acked, true)
	equal(k, len(ask(k.Unacked(k.ctx, other.merchant, 0, 10)).get(k)), 1)
}

func feedItem(k *kit) {
	s, other := k.newShop(), k.newShop()
	facts := k.told(epoch, s, other)
	ask(k.FeedItem(k.ctx, s.merchant, facts[0])).missing(k)
	k.sequence(10)
	equal(k, ask(k.FeedItem(k.ctx, other.merchant, facts[1])).get(k), k.tail()[1])
	ask(k.FeedItem(k.ctx, s.merchant, facts[1])).missing(k)
	ask(k.FeedItem(k.ctx, s.merchant, k.newID(id.Event, 1))).missing(k)
}

func successOf(k *kit) {
	s, r := k.newRequest(payment.Static)
	other, o := k.newRequest(payment.Static)
	first, second, foreign := k.sale(s, r, 100, epoch), k.sale(s, r, 200, epoch), k.sale(other, o, 100, epoch)
	whole := k.payment(s, r, 50)
	whole.Fee, whole.Interchange = 50, 0 // nothing is left to the merchant, so nothing moves on his account
	k.decideAt(epoch, store.Need{Request: r.ID}, payment.Create{Payment: whole})
	k.decideAt(epoch.Add(time.Second), store.Need{Request: r.ID, Payment: whole.ID}, payment.Execute{Payment: whole.ID, PSP: whole.PSP})
	ask(k.SuccessOf(k.ctx, first)).missing(k)
	k.sequence(100)
	for _, p := range []payment.Payment{first, second, foreign, ask(k.Payment(k.ctx, whole.ID)).get(k)} {
		got := ask(k.SuccessOf(k.ctx, p)).get(k)
		equal(k, []any{got.Fact.Payment, got.Fact.Type, got.Reader, got.Fact.Amount}, []any{p.ID, payment.PaymentSucceeded, p.Merchant, p.Amount})
		equal(k, k.tail()[got.Position-1], got)
	}
	first.Merchant = other.merchant
	ask(k.SuccessOf(k.ctx, first)).missing(k)
	ask(k.SuccessOf(k.ctx, k.payment(s, r, 1))).missing(k)
}

func feedTail(k *kit) {
	a, b := k.newShop(), k.newShop()
	facts := k.told(epoch, a, b, b, a)
	k.sequence(10)
	equal(k, factIDs(ask(k.Tail(k.ctx, 0, 3)).get(k)), facts[:3])
	equal(k, factIDs(ask(k.Tail(k.ctx, 3, 3)).get(k)), facts[3:])
	equal(k, ask(k.Tail(k.ctx, 4, 3)).get(k), nil)
}

func feedTwoSequencers(k *kit) {
	const batches, sequencers = 40, 3
	shops := []shop{k.newShop(), k.newShop(), k.newShop()}
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	errs := make(chan error, batches+sequencers)
	for range sequencers {
		readers.Go(func() {
			for {
				if _, err := k.trySequence(3); err != nil {
					errs <- err
					return
				}
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
			}
		})
	}
	for n := range batches {
		writers.Go(func() {
			f, g := k.fact(shops[n%3], "pr_0"), k.fact(shops[(n+1)%3], "pr_0")
			errs <- k.trySave(store.Changes{Facts: []payment.Fact{f, g}})
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	close(errs)
	for err := range errs {
		k.must(err)
	}
	for k.sequence(7) > 0 {
	}
	equal(k, len(k.tail()), 2*batches)
}
