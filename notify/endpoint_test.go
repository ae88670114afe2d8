package notify

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

func TestAddressesThatNoWebhookIsSentTo(t *testing.T) {
	for _, c := range []struct {
		url     string
		strict  bool // allowed in production
		relaxed bool // allowed in the demo
	}{
		{"https://shop.example/hooks?x=1", true, true},
		{"https://shop.example:443/", true, true},
		{"https://xn--80aaxitdbjk.xn--p1ai./", true, true},
		{"https://[2a00:1450:4001:81b::200e]/", true, true},
		{"https://shop.example:8443/", false, true},
		{"https://93.184.216.34/", true, true},
		{"http://shop.example/", false, true},
		{"http://127.0.0.1:9000/", false, true},
		{"https://127.0.0.1/", false, true},
		{"https://[::1]/", false, true},
		{"https://10.1.2.3/", false, true},
		{"https://169.254.169.254/latest/meta-data", false, true},
		{"https://localhost/", false, true},
		{"https://shop.LOCALHOST./", false, true},
		{"https://user:secret@shop.example/", false, false},
		{"https://user@shop.example/", false, false},
		{"https://shop.example/#part", false, false},
		{"https://shop.example/#", false, false},
		{"ftp://shop.example/", false, false},
		{"shop.example/hooks", false, false},
		{"/hooks", false, false},
		{"https://", false, false},
		{"https://:443/", false, false},
		{"", false, false},
		{"https://shop.example/\n", false, false},
		{"https://shop.example/" + strings.Repeat("x", 480), false, false},
	} {
		for _, mode := range []struct {
			Config
			allowed bool
		}{{Config{}, c.strict}, {Config{AllowPrivate: true}, c.relaxed}} {
			err := mode.checkURL(c.url)
			if (err == nil) != mode.allowed || err != nil && !fault.Has(err, fault.DeliveryNotAllowed) {
				t.Errorf("%+v %q: %v", mode.Config, c.url, err)
			}
		}
	}
}

func TestCreatedEndpointIsGivenAgainForItsKey(t *testing.T) {
	c := newTown(t)
	key, in := c.key(), wire.NewWebhookEndpoint{URL: "https://shop.example/", Types: []string{"request.paid", "payment.failed", "request.paid"}}
	made, replayed, err := c.endpoints.Create(c.ctx, c.merchant.ID, key, in)
	c.ok(err)
	if replayed || len(made.Secrets) != 1 || !slices.Equal(made.Types, []string{"payment.failed", "request.paid"}) || made.ID.Bucket() != c.merchant.ID.Bucket() {
		t.Errorf("made %+v", made)
	}
	again, replayed, err := c.endpoints.Create(c.ctx, c.merchant.ID, key, in)
	c.ok(err)
	if !replayed || again.ID != made.ID || again.Secrets[0] != made.Secrets[0] {
		t.Errorf("the same key made %+v", again)
	}
	in.URL = "https://other.example/"
	if _, _, err := c.endpoints.Create(c.ctx, c.merchant.ID, key, in); !fault.Has(err, fault.IdempotencyReused) {
		t.Errorf("the same key with another body: %v", err)
	}
	other, _, err := c.endpoints.Create(c.ctx, c.newMerchant("Shop B").ID, key, in)
	c.ok(err)
	if other.ID == made.ID || other.Secrets[0] == made.Secrets[0] {
		t.Error("another merchant's key of the same name gave the same endpoint")
	}
}

func TestUnknownTypesAndTooManyEndpointsAreRefused(t *testing.T) {
	c := newTown(t)
	in := wire.NewWebhookEndpoint{URL: "https://shop.example/", Types: []string{"payment.vanished"}}
	if _, _, err := c.endpoints.Create(c.ctx, c.merchant.ID, c.key(), in); !fault.Has(err, fault.InvalidRequest) || fault.From(err).Param != "types" {
		t.Errorf("an unknown type: %v", err)
	}
	var last store.Endpoint
	for range MostEndpoints {
		last = c.listen("https://shop.example/")
	}
	in.Types = nil
	if _, _, err := c.endpoints.Create(c.ctx, c.merchant.ID, c.key(), in); !fault.Has(err, fault.InvalidRequest) {
		t.Errorf("one too many: %v", err)
	}
	_, err := c.endpoints.Disable(c.ctx, c.merchant.ID, string(last.ID))
	c.ok(err)
	c.listen("https://shop.example/")
}

func TestRepeatedRotationIsOne(t *testing.T) {
	c := newTown(t)
	e := c.listen("https://shop.example/")
	key := c.key()
	first, replayed, err := c.endpoints.Rotate(c.ctx, c.merchant.ID, key, string(e.ID))
	c.ok(err)
	if replayed || len(first.Secrets) != 2 || first.Secrets[1] != e.Secrets[0] || first.Secrets[0] == e.Secrets[0] {
		t.Fatalf("rotated to %v", first.Secrets)
	}
	again, replayed, err := c.endpoints.Rotate(c.ctx, c.merchant.ID, key, string(e.ID))
	c.ok(err)
	if !replayed || !slices.Equal(again.Secrets, first.Secrets) {
		t.Errorf("the same key rotated again, to %v", again.Secrets)
	}
	next, replayed, err := c.endpoints.Rotate(c.ctx, c.merchant.ID, c.key(), string(e.ID))
	c.ok(err)
	if replayed || len(next.Secrets) != 2 || next.Secrets[1] != first.Secrets[0] {
		t.Errorf("rotated on to %v", next.Secrets)
	}
}

// TestRotatedSecretsStayRandom holds that the mark of the key leaves enough that nobody can guess.
func TestRotatedSecretsStayRandom(t *testing.T) {
	c := newTown(t)
	e := c.listen("https://shop.example/")
	a, err := c.endpoints.secret(e.ID, "key")
	c.ok(err)
	b, err := c.endpoints.secret(e.ID, "key")
	c.ok(err)
	if a == b || !marked(a, markOf(e.ID, "key")) || marked(a, markOf(e.ID, "other")) || marked(a, markOf("wh_other", "key")) {
		t.Errorf("%s and %s", a, b)
	}
}

func TestForeignEndpointsAreNotFound(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e, other := c.listen(box.URL), c.newMerchant("Shop B").ID
	d, err := c.endpoints.Test(c.ctx, c.merchant.ID, string(e.ID))
	c.ok(err)
	absent := string(id.New(id.Endpoint, epoch, 1, id.Random{9}))
	for name, call := range map[string]func(merchant id.ID, endpoint string) error{
		"get":     func(m id.ID, e string) error { _, err := c.endpoints.Get(c.ctx, m, e); return err },
		"disable": func(m id.ID, e string) error { _, err := c.endpoints.Disable(c.ctx, m, e); return err },
		"rotate": func(m id.ID, e string) error {
			_, _, err := c.endpoints.Rotate(c.ctx, m, flow.Idempotency{}, e)
			return err
		},
		"test": func(m id.ID, e string) error { _, err := c.endpoints.Test(c.ctx, m, e); return err },
		"log":  func(m id.ID, e string) error { _, _, err := c.endpoints.Deliveries(c.ctx, m, e, "", 10); return err },
	} {
		for merchant, endpoint := range map[id.ID]string{other: string(e.ID), c.merchant.ID: absent, "": "nonsense"} {
			if err := call(merchant, endpoint); !fault.Has(err, fault.NotFound) {
				t.Errorf("%s of %s: %v", name, endpoint, err)
			}
		}
	}
	for merchant, delivery := range map[id.ID]string{other: string(d.ID), c.merchant.ID: "wd_nonsense", "": string(id.New(id.Delivery, epoch, 1, id.Random{}))} {
		if _, err := c.endpoints.Redeliver(c.ctx, merchant, delivery); !fault.Has(err, fault.NotFound) {
			t.Errorf("redeliver %s: %v", delivery, err)
		}
	}
	if rows, _, err := c.endpoints.List(c.ctx, other, "", 10); err != nil || len(rows) != 0 {
		t.Errorf("another merchant sees %d endpoints, %v", len(rows), err)
	}
}

func TestTestEventTriesAnEndpointOut(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	d, err := c.endpoints.Test(c.ctx, c.merchant.ID, string(e.ID))
	c.ok(err)
	if d.Status != store.DeliveryDelivered || d.HTTPStatus != 204 || d.EventType != "webhook.test" || d.Attempts != 1 || c.log(e)[0] != d {
		t.Errorf("%+v", d)
	}
	l := box.got()[0]
	verify(t, l, e.Secrets[0])
	object, _ := l.event.Data.Object.(map[string]any)
	if l.event.Type != "webhook.test" || l.event.ID != string(d.Fact) || object["id"] != string(e.ID) || strings.Contains(string(l.body), "whsec_") {
		t.Errorf("it said %s", l.body)
	}
	box.answer = always(500)
	d, err = c.endpoints.Test(c.ctx, c.merchant.ID, string(e.ID))
	c.ok(err)
	if d.Status != store.DeliveryFailed || d.HTTPStatus != 500 || !d.NextAt.IsZero() {
		t.Errorf("%+v", d)
	}
	if _, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(d.ID)); !fault.Has(err, fault.InvalidRequest) {
		t.Errorf("a test event was redelivered: %v", err)
	}
	if len(c.feed()) != 0 {
		t.Error("a test event is in the feed")
	}
}

func TestRedeliveryRepeatsTheMessage(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	r := c.ask(100)
	c.pay(r, 100)
	c.pass(e)
	c.ok(c.teller.Ack(c.ctx, c.merchant.ID, box.got()[0].event.ID))
	c.ack(c.refund(c.succeeded(r), 50), "credited", "")
	d, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(c.log(e)[0].ID))
	c.ok(err)
	if d.Status != store.DeliveryPending {
		t.Errorf("%+v", d)
	}
	c.pass(e)
	got := box.got()
	if len(got) != 2 || string(got[0].body) != string(got[1].body) || got[0].header.Get("webhook-id") != got[1].header.Get("webhook-id") {
		t.Errorf("%d webhooks came, the last is %s", len(got), got[len(got)-1].body)
	}
	if d = c.delivery(d.ID); d.Status != store.DeliveryDelivered || d.Attempts != 2 {
		t.Errorf("%+v", d)
	}
	_, err = c.endpoints.Disable(c.ctx, c.merchant.ID, string(e.ID))
	c.ok(err)
	if _, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(d.ID)); !fault.Has(err, fault.InvalidRequest) {
		t.Errorf("redelivered to a disabled endpoint: %v", err)
	}
}

func TestDisabledEndpointGivesUpWhatWasPending(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	box.answer = always(500)
	c.pay(c.ask(100), 100)
	for c.pass(e).More {
	}
	if n := len(pending(c.log(e))); n != 2 {
		t.Fatalf("%d deliveries are to be tried again", n)
	}
	own, err := c.endpoints.Disable(c.ctx, c.merchant.ID, string(e.ID))
	c.ok(err)
	for _, d := range c.log(e) {
		if d.Status != store.DeliveryFailed || d.Error != "the endpoint was disabled" {
			t.Errorf("%+v", d)
		}
	}
	rows, more, err := c.endpoints.List(c.ctx, c.merchant.ID, "", 10)
	if err != nil || more || len(rows) != 1 || !rows[0].Disabled || !own.Disabled {
		t.Errorf("%v %v %v", rows, more, err)
	}
}

func TestListsComeInPages(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	for range 5 {
		c.listen(box.URL)
	}
	var ids []id.ID
	for after, more := id.ID(""), true; more; {
		var rows []store.Endpoint
		var err error
		rows, more, err = c.endpoints.List(c.ctx, c.merchant.ID, after, 2)
		c.ok(err)
		for _, e := range rows {
			ids, after = append(ids, e.ID), e.ID
		}
	}
	if len(ids) != 5 || !slices.IsSorted(ids) {
		t.Errorf("endpoints %v", ids)
	}
	for range 3 {
		c.tick()
		_, err := c.endpoints.Test(c.ctx, c.merchant.ID, string(ids[0]))
		c.ok(err)
	}
	first, more, err := c.endpoints.Deliveries(c.ctx, c.merchant.ID, string(ids[0]), "", 2)
	if err != nil || !more || len(first) != 2 || first[0].ID < first[1].ID {
		t.Fatalf("%v %v %v", first, more, err)
	}
	rest, more, err := c.endpoints.Deliveries(c.ctx, c.merchant.ID, string(ids[0]), first[1].ID, 2)
	if err != nil || more || len(rest) != 1 || rest[0].ID > first[1].ID {
		t.Errorf("%v %v %v", rest, more, err)
	}
}

func TestStoresThatDoNotAnswerAreToldAsUnavailable(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	c.memory.Fault = func(store.Point) error { return errors.New("no power") }
	_, _, created := c.endpoints.Create(c.ctx, c.merchant.ID, c.key(), wire.NewWebhookEndpoint{URL: box.URL})
	_, _, listed := c.endpoints.List(c.ctx, c.merchant.ID, "", 10)
	_, got := c.endpoints.Get(c.ctx, c.merchant.ID, string(e.ID))
	_, _, told := c.teller.Events(c.ctx, c.merchant.ID, 0, false, 10)
	for name, err := range map[string]error{"create": created, "list": listed, "get": got, "events": told} {
		if !fault.Has(err, fault.OutOfService) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsAreShownOnlyWhenMade(t *testing.T) {
	e := store.Endpoint{ID: someID(id.Endpoint), URL: "https://shop.example/", Secrets: []string{"whsec_new", "whsec_old"}, CreatedAt: born}
	same(t, "with", EndpointOf(e, true), wire.WebhookEndpoint{ID: string(e.ID), URL: e.URL, Types: []string{}, Secret: "whsec_new", PublicKeys: []string{}, CreatedAt: wire.At(born)})
	same(t, "without", EndpointOf(e, false), wire.WebhookEndpoint{ID: string(e.ID), URL: e.URL, Types: []string{}, PublicKeys: []string{}, CreatedAt: wire.At(born)})
}
