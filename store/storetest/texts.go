package storetest

import (
	"math"
	"strings"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

var texts = chapter{name: "Round trips", sentences: []sentence{
	{"Texts come back letter by letter", textsRound},
	{"A long text comes back whole where no name is made of it", textsLong},
	{"Times come back to the millisecond, in UTC", timesRound},
	{"A time that was never stays zero", timesZero},
	{"Empty lists and maps come back empty", emptyRound},
	{"The largest and the least numbers come back", numbersRound},
	{"A fact comes back as it was written", factRound},
}}

// awkward are texts that some storage somewhere bends.
var awkward = []string{
	"", " ", "  leading and trailing  ", "Кыргызстан: өөн-өтүк, үңкүр, Ң", "O'Reilly \"quoted\" `back` \\ slash",
	"'; DROP TABLE payments; --", "👛 семья 👨‍👩‍👧 𝔘", "tab\tnewline\nreturn\r\n", "e\u0301 is not é", "%_?$1:name@x",
	"\u200bzero width\u2028line\ufeff", "null", "{\"json\":[1]}", "\x01\x1f\x7f", "1e5", "007", "<b>&amp;",
}

func textsRound(k *kit) {
	for _, text := range awkward {
		s := k.newShop()
		r := k.request(s, payment.Dynamic, 1)
		r.Description, r.OrderID, r.SuccessURL, r.Payload = text, text, text, text
		r.Extra = []payment.Extra{{Key: text, Label: text, Value: text, Title: text, Visible: true}, {Key: "second", Visible: false}}
		r.Metadata = map[string]string{"k" + text: text, "other": ""}
		p := k.payment(s, r, 1)
		p.PSPPaymentID, p.ReceiptID, p.Payer = text, text, payment.Payer{Key: text, NameMasked: text, Kind: text, BIC: text}
		f := k.refund(p, 1)
		f.Reason, f.Ref, f.PSPRefundID, f.Code, f.PSPPaymentID = text, text, text, text, text
		c := k.claim("text " + text)
		c.Fingerprint, c.Key = text, c.Key+text
		c.Bucket = id.BucketOf(c.Scope, c.Key)
		k.claiming(store.Changes{
			NewRequests: []payment.Request{r}, NewPayments: []payment.Payment{p}, NewRefunds: []payment.Refund{f},
		}, c)
		equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
		equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
		equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
		equal(k, ask(k.Claim(k.ctx, nameOf(c))).get(k), c)
		equal(k, k.state(store.Need{Request: r.ID, Refund: f.ID}), payment.State{
			Request: r, Payments: []payment.Payment{p}, Refunds: []payment.Refund{f},
		})
		if text != "" {
			equal(k, ask(k.Requests(k.ctx, store.RequestFilter{Merchant: s.merchant, OrderID: text, Limit: 2})).get(k), []payment.Request{r})
		}
	}
}

func textsLong(k *kit) {
	text := strings.Repeat("ү", 3000)
	s := k.newShop()
	r := k.request(s, payment.Dynamic, 1)
	r.Description, r.SuccessURL, r.Payload, r.Metadata = text, text, text, map[string]string{text: text}
	r.Extra = []payment.Extra{{Key: text, Label: text, Value: text, Title: text}}
	f := k.refund(k.payment(s, r, 1), 1)
	f.Reason, f.Code = text, text
	k.save(store.Changes{NewRequests: []payment.Request{r}, NewRefunds: []payment.Refund{f}})
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
	equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
}

func timesRound(k *kit) {
	for _, at := range []time.Time{
		epoch, epoch.Add(time.Millisecond), epoch.Add(999 * time.Millisecond),
		// The first millisecond of 1970 is missing: databases keep it for "never".
		time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC), time.Unix(0, 1_000_000).UTC(),
		time.Date(2038, 1, 19, 3, 14, 8, 1_000_000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
	} {
		s := k.newShop()
		r := k.request(s, payment.Dynamic, 1)
		r.CreatedAt, r.ExpiresAt, r.ScannedAt, r.EndedAt = at, at, at, at
		p := k.payment(s, r, 1)
		p.CreatedAt, p.ExpiresAt, p.EndedAt, p.Status = at, at, at, payment.Canceled
		f := k.refund(p, 1)
		f.CreatedAt, f.EndedAt = at, at
		k.save(store.Changes{NewRequests: []payment.Request{r}, NewPayments: []payment.Payment{p}, NewRefunds: []payment.Refund{f}})
		equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
		equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
		equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
	}
	s := k.newShop()
	abroad := k.request(s, payment.Dynamic, 1)
	abroad.CreatedAt = epoch.In(time.FixedZone("Asia/Bishkek", 6*60*60))
	k.save(store.Changes{NewRequests: []payment.Request{abroad}})
	abroad.CreatedAt = epoch
	equal(k, ask(k.Request(k.ctx, abroad.ID)).get(k), abroad)
}

func timesZero(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.payment(s, r, 1)
	p.ExpiresAt = time.Time{}
	k.save(store.Changes{NewPayments: []payment.Payment{p}})
	f := k.newRefund(p, 1)
	got, pay, back := ask(k.Request(k.ctx, r.ID)).get(k), ask(k.Payment(k.ctx, p.ID)).get(k), ask(k.Refund(k.ctx, f.ID)).get(k)
	for _, at := range []time.Time{got.ExpiresAt, got.ScannedAt, got.EndedAt, pay.ExpiresAt, pay.EndedAt, back.EndedAt} {
		if !at.IsZero() {
			k.t.Fatalf("%v, want the zero time", at)
		}
	}
}

func emptyRound(k *kit) {
	s := k.newShop()
	none, empty := k.request(s, payment.Dynamic, 1), k.request(s, payment.Dynamic, 1)
	empty.Extra, empty.Metadata = []payment.Extra{}, map[string]string{}
	k.save(store.Changes{NewRequests: []payment.Request{none, empty}})
	for _, r := range []payment.Request{none, empty} {
		equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
		equal(k, k.state(store.Need{Request: r.ID}).Request, r)
	}
}

func numbersRound(k *kit) {
	s := k.newShop()
	for _, n := range []int64{math.MaxInt64, 1<<53 + 1, 0, -1, math.MinInt64} {
		r := k.request(s, payment.Dynamic, 1)
		r.Version, r.PaymentsCount = n, n
		p := k.payment(s, r, 1)
		p.Version = n
		f := k.refund(p, 1)
		f.Version = n
		k.save(store.Changes{NewRequests: []payment.Request{r}, NewPayments: []payment.Payment{p}, NewRefunds: []payment.Refund{f}})
		equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
		equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
		equal(k, ask(k.Refund(k.ctx, f.ID)).get(k), f)
	}
	for _, bucket := range []uint16{0, 1, 32767, 32768, 65535} {
		c := k.claim("bucket")
		c.Bucket = bucket
		k.taking(c)
		equal(k, k.taking(c), []store.Claim{c})
	}
}

func factRound(k *kit) {
	s, r := k.newRequest(payment.Static)
	f := payment.Fact{
		ID: k.newID(id.Event, 3), Type: payment.RefundDidSucceed, At: epoch.Add(7 * time.Millisecond), Merchant: s.merchant, PSP: s.psp,
		Request: r.ID, Payment: k.newID(id.Payment, 3), Refund: k.newID(id.Refund, 3), Amount: 1 << 52, Fee: 17, Interchange: 5,
		Reason: payment.ReasonSuperseded,
	}
	facts := []payment.Fact{f, k.fact(s, r.ID)}
	k.save(store.Changes{Facts: facts})
	k.sequence(1000)
	for _, fact := range facts {
		equal(k, ask(k.FeedItem(k.ctx, s.merchant, fact.ID)).get(k).Fact, fact)
	}
}
