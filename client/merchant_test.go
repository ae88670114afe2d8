package client_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/client"
	"tolom/wire"
)

func TestMerchantCallsGoWhereTheyBelong(t *testing.T) {
	p := answering(t, ok(map[string]any{}))
	m, ctx := p.client().Merchant(), t.Context()
	day := time.Date(2026, 3, 1, 6, 0, 0, 0, time.FixedZone("Asia/Bishkek", 6*3600))
	for i, c := range []struct {
		do   func() error
		want string
	}{
		{func() error { _, err := m.Request(ctx, "pr_1"); return err }, "GET /v1/payment-requests/pr_1"},
		{func() error { _, err := m.Requests(ctx, client.Filter{OrderID: "7", Limit: 5}); return err }, "GET /v1/payment-requests?limit=5&order_id=7"},
		{func() error { _, err := m.CancelRequest(ctx, "pr_1"); return err }, "POST /v1/payment-requests/pr_1/cancel"},
		{func() error { _, err := m.PauseRequest(ctx, "pr_1"); return err }, "POST /v1/payment-requests/pr_1/pause"},
		{func() error { _, err := m.ResumeRequest(ctx, "pr_1"); return err }, "POST /v1/payment-requests/pr_1/resume"},
		{func() error { _, err := m.Picture(ctx, "pr_1", client.PictureOptions{Size: 300}); return err }, "GET /v1/payment-requests/pr_1/qr.png?size=300"},
		{func() error { _, err := m.Payment(ctx, "pay_1"); return err }, "GET /v1/payments/pay_1"},
		{func() error { _, err := m.Payments(ctx, client.Filter{From: day, After: "c"}); return err }, "GET /v1/payments?after=c&created_from=2026-03-01T00%3A00%3A00.000Z"},
		{func() error { _, err := m.Refund(ctx, "re_1"); return err }, "GET /v1/refunds/re_1"},
		{func() error { _, err := m.Refunds(ctx, client.Filter{PaymentID: "pay_1"}); return err }, "GET /v1/refunds?payment_id=pay_1"},
		{func() error { _, err := m.Events(ctx, client.EventFilter{After: 3, Unacked: true}); return err }, "GET /v1/events?after=3&unacked=true"},
		{func() error { return m.AckEvent(ctx, "evt_1") }, "POST /v1/events/evt_1/ack"},
		{func() error { _, err := m.Decode(ctx, wire.Decode{Payload: "00"}); return err }, "POST /v1/decode"},
		{func() error { _, err := m.Balance(ctx); return err }, "GET /v1/balance"},
		{func() error { _, err := m.Statement(ctx, day, time.Time{}); return err }, "GET /v1/statements?format=json&from=2026-03-01T00%3A00%3A00.000Z"},
		{func() error { _, err := m.StatementFile(ctx, time.Time{}, day, "csv"); return err }, "GET /v1/statements?format=csv&to=2026-03-01T00%3A00%3A00.000Z"},
		{func() error { _, err := m.CreateEndpoint(ctx, wire.NewWebhookEndpoint{}); return err }, "POST /v1/webhook-endpoints"},
		{func() error { _, err := m.Endpoints(ctx); return err }, "GET /v1/webhook-endpoints"},
		{func() error { _, err := m.Endpoint(ctx, "wh_1"); return err }, "GET /v1/webhook-endpoints/wh_1"},
		{func() error { return m.DeleteEndpoint(ctx, "wh_1") }, "DELETE /v1/webhook-endpoints/wh_1"},
		{func() error { _, err := m.RotateEndpoint(ctx, "wh_1"); return err }, "POST /v1/webhook-endpoints/wh_1/rotate"},
		{func() error { _, err := m.TestEndpoint(ctx, "wh_1"); return err }, "POST /v1/webhook-endpoints/wh_1/test"},
		{func() error { _, err := m.Deliveries(ctx, "wh_1", client.Filter{}); return err }, "GET /v1/webhook-endpoints/wh_1/deliveries"},
		{func() error { _, err := m.Redeliver(ctx, "wd_1"); return err }, "POST /v1/deliveries/wd_1/redeliver"},
		{func() error { _, err := m.ResumeEndpoint(ctx, "wh_1"); return err }, "POST /v1/webhook-endpoints/wh_1/resume"},
		{func() error { _, err := m.RecoverEndpoint(ctx, "wh_1", day); return err }, "POST /v1/webhook-endpoints/wh_1/recover"},
		{func() error { _, err := m.AckThrough(ctx, 16); return err }, "POST /v1/events/ack"},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		got := p.calls()[i]
		if got.method+" "+got.target != c.want {
			t.Errorf("got  %s %s\nwant %s", got.method, got.target, c.want)
		}
		if (got.method == http.MethodPost) != (got.key != "") {
			t.Errorf("%s: idempotency key %q", c.want, got.key)
		}
	}
}

func TestAListIsWalkedToItsEnd(t *testing.T) {
	page := func(after string, ids ...string) http.HandlerFunc {
		list := wire.List[wire.Payment]{HasMore: after != "", After: after}
		for _, id := range ids {
			list.Data = append(list.Data, wire.Payment{ID: id})
		}
		return ok(list)
	}
	p := answering(t, page("c1", "1", "2"), lost, page("c2", "3"), page("", "4"))
	var got []string
	for payment, err := range client.All(t.Context(), client.Filter{}, p.client().Merchant().Payments) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, payment.ID)
	}
	if !slices.Equal(got, []string{"1", "2", "3", "4"}) || p.calls()[3].target != "/v1/payments?after=c2" {
		t.Errorf("got %v, last asked %s", got, p.calls()[3].target)
	}
}

func TestAListThatFailsSaysSo(t *testing.T) {
	p := answering(t, problem(wire.Problem{Status: 401, Code: "unauthorized"}))
	count := 0
	for _, err := range client.All(t.Context(), client.Filter{}, p.client().Merchant().Refunds) {
		count++
		if asProblem(t, err).Code != "unauthorized" {
			t.Error(err)
		}
	}
	if count != 1 {
		t.Errorf("the error came %d times", count)
	}
}

func TestAnEventGivesItsObjectWithAllDigits(t *testing.T) {
	p := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"id":"evt_1","type":"payment.succeeded","sequence":1,"data":{"object":{"id":"pay_1","amount":9007199254740991,"net":9223372036854775807}}}],"has_more":false}`)
	})
	list, err := p.client().Merchant().Events(t.Context(), client.EventFilter{})
	if err != nil {
		t.Fatal(err)
	}
	payment, err := client.Object[wire.Payment](list.Data[0])
	if err != nil || payment.Amount != 1<<53-1 || payment.Net != 1<<63-1 {
		t.Errorf("got %+v, %v", payment, err)
	}
}

func TestAPictureIsTakenAsItIs(t *testing.T) {
	p := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\x89PNG…") })
	got, err := p.client().Merchant().Picture(t.Context(), "pr_1", client.PictureOptions{Format: "png", Level: "H", Label: "a b"})
	if err != nil || string(got) != "\x89PNG…" || p.calls()[0].accept != "*/*" {
		t.Errorf("got %q, %v; accepts %q", got, err, p.calls()[0].accept)
	}
	if want := "/v1/payment-requests/pr_1/qr.png?label=a+b&level=H"; p.calls()[0].target != want {
		t.Errorf("asked %s, want %s", p.calls()[0].target, want)
	}
}

func stream(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = io.WriteString(w, strings.Join(lines, "\n")+"\n")
	}
}

func TestAStreamIsResumedWhereItBroke(t *testing.T) {
	event := func(n int) string {
		return fmt.Sprintf("id: e%d\ndata: {\"id\":\"evt_%d\",\ndata: \"sequence\":%d}\n", n, n, n)
	}
	over := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	p := answering(t, lost, stream("retry: 1500", ": keep-alive", "", event(1), "id: e2", "data: {\"cut"),
		problem(wire.Problem{Status: 503, Code: "unavailable", Retryable: true}), stream(event(2), event(3)), over)
	var got []string
	for e, err := range p.client().Merchant().Watch(t.Context(), "pr_1", "e0") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.ID)
	}
	if !slices.Equal(got, []string{"evt_1", "evt_2", "evt_3"}) {
		t.Errorf("got %v", got)
	}
	var resumed []string
	for _, s := range p.calls() {
		resumed = append(resumed, s.resume)
	}
	if want := []string{"e0", "e0", "e1", "e1", "e3"}; !slices.Equal(resumed, want) {
		t.Errorf("resumed after %v, want %v", resumed, want)
	}
	if p.waits[1] != 1500*time.Millisecond {
		t.Errorf("waited %v, but the platform asked for 1.5 s", p.waits[1])
	}
}

func TestAStreamThatCannotBeMadeEndsWithTheReason(t *testing.T) {
	for code, answers := range map[string]struct {
		answer http.HandlerFunc
		times  int
	}{
		"not_found":     {problem(wire.Problem{Status: 404, Code: "not_found"}), 1},
		client.NoAnswer: {lost, 2},
	} {
		p := answering(t, answers.answer)
		for _, err := range p.client(client.WithAttempts(2)).Merchant().Watch(t.Context(), "pr_1", "") {
			if got := asProblem(t, err); got.Code != code {
				t.Errorf("got %v, want %s", err, code)
			}
		}
		if len(p.calls()) != answers.times {
			t.Errorf("%s: %d connections, want %d", code, len(p.calls()), answers.times)
		}
	}
}

func TestAReaderMayLeaveAStream(t *testing.T) {
	p := answering(t, stream("data: {\"id\":\"evt_1\"}\n", "data: {\"id\":\"evt_2\"}\n"))
	for e := range p.client().Merchant().Watch(t.Context(), "pr_1", "") {
		if e.ID == "evt_1" {
			break
		}
	}
	if len(p.calls()) != 1 {
		t.Errorf("%d connections for a reader who left", len(p.calls()))
	}
}

func TestDirectReachesAHandlerWithoutASocket(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, `{"id":%q,"description":%q}`, r.Host+r.RequestURI, body)
	})
	c := client.New("http://platform", "sk", client.WithHTTP(client.Direct(handler)))
	got, err := c.Merchant().CreateRequest(t.Context(), wire.NewPaymentRequest{Amount: 5})
	if err != nil || got.ID != "platform/v1/payment-requests" || got.Description != `{"amount":5}` {
		t.Errorf("got %+v, %v", got, err)
	}
}
