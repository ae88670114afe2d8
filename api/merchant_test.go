package api_test

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tolom/qrimage"
	"tolom/wire"
)

// serveSlowly is a receiver of webhooks that answers when it is released.
func serveSlowly(t *testing.T, arrived chan<- struct{}, release <-chan struct{}) string {
	t.Helper()
	var once bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !once {
			once = true
			close(arrived)
		}
		<-release
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheLifeOfAPaymentAtTheDoor(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":150000,"currency":"KGS","description":"Coffee and cake","order_id":"1042","till_id":"` + string(k.till.ID) + `","extra":[{"key":"table","label":"Table","value":"4"}],"metadata":{"waiter":"2"}}`)
	if r.Status != "active" || r.StoreID != string(k.place.ID) || !strings.HasPrefix(r.Link, base+"/#00020101") || r.Page != base+"/p/"+r.ID[3:] {
		t.Errorf("made %+v", r)
	}
	checked := decode[wire.Checked](t, k.want(http.StatusOK, post("/psp/v1/check", jsonOf(wire.Check{Link: r.Link})).as(k.pspKey)).body)
	if checked.RequestID != r.ID || checked.Merchant.Name != "Demo shop" || checked.Amount != 150000 || checked.AmountEditable || checked.Extra[0].Value != "4" {
		t.Errorf("checked %+v", checked)
	}
	opened := k.open(r, "demo-1", 150000)
	done := k.execute(*opened.ID)
	if opened.Status != "created" || done.Status != "success" || done.Merchant != "Demo shop" || done.Receipt != base+"/r/"+(*done.ID)[4:] {
		t.Errorf("opened %+v, done %+v", opened, done)
	}
	seen := decode[wire.PaymentRequest](t, k.want(http.StatusOK, get("/v1/payment-requests/"+r.ID).as(k.merchantKey)).body)
	if seen.Status != "paid" || seen.PaidAmount != 150000 || seen.PaymentsCount != 1 || seen.ScannedAt.IsZero() || seen.EndedAt.IsZero() {
		t.Errorf("seen %+v", seen)
	}
	if got := k.balance(); got != 148500 {
		t.Errorf("the balance is %d", got)
	}
	k.refused(http.StatusConflict, "already_paid", "", post("/v1/payment-requests/"+r.ID+"/cancel", ``).as(k.merchantKey).keyed(fresh()))
}

func TestListsArePagedAndNarrowed(t *testing.T) {
	k := newKit(t)
	var made []string
	for range 5 {
		made = append([]string{k.sell(`{"amount":100}`).ID}, made...)
		k.clock.Advance(time.Second)
	}
	var got []string
	for after := ""; ; {
		list := decode[wire.List[wire.PaymentRequest]](t, k.want(http.StatusOK, get("/v1/payment-requests?limit=2&after="+after).as(k.merchantKey)).body)
		for _, r := range list.Data {
			got = append(got, r.ID)
		}
		if after = list.After; !list.HasMore {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(made, " ") {
		t.Errorf("listed %v, made %v", got, made)
	}
	k.sell(`{"amount":100,"order_id":"a b/ü","kind":"static"}`)
	for query, want := range map[string]int{
		"order_id=" + url.QueryEscape("a b/ü"): 1, "kind=static": 1, "status=paid": 0, "created_from=2026-11-24&created_to=2026-11-24": 6,
		"created_to=2026-11-24T05:40:01Z": 1, "created_from=2026-11-24T05:40:04Z": 2, "till_id=till_x": 0,
	} {
		list := decode[wire.List[wire.PaymentRequest]](t, k.want(http.StatusOK, get("/v1/payment-requests?"+query).as(k.merchantKey)).body)
		if len(list.Data) != want {
			t.Errorf("%s lists %d, want %d", query, len(list.Data), want)
		}
	}
	if list := k.want(http.StatusOK, get("/v1/payment-requests").as(k.otherKey)); !strings.Contains(string(list.body), `"data":[]`) {
		t.Errorf("another merchant sees %s", list.body)
	}
}

func TestPicturesOfARequest(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":2200,"till_id":"` + string(k.till.ID) + `"}`)
	path := "/v1/payment-requests/" + r.ID + "/qr"
	picture := k.want(http.StatusOK, get(path+".png?size=600&level=Q&label=Table%204").as(k.merchantKey))
	if image, err := png.Decode(bytes.NewReader(picture.body)); err != nil || image.Bounds().Dx() != 600 {
		t.Errorf("the PNG is %v, %v", image.Bounds(), err)
	}
	if says, err := qrimage.Read(bytes.NewReader(picture.body)); err != nil || says != r.Link {
		t.Errorf("the PNG says %q, %v", says, err)
	}
	bare := k.want(http.StatusOK, get(path+".png?holds=payload").as(k.merchantKey))
	if says, err := qrimage.Read(bytes.NewReader(bare.body)); err != nil || says != r.Payload {
		t.Errorf("the bare PNG says %q, %v", says, err)
	}
	for suffix, c := range map[string]struct{ contentType, begins string }{
		".png": {"image/png", "\x89PNG"}, ".svg": {"image/svg+xml", "<svg"}, ".pdf": {"application/pdf", "%PDF"},
	} {
		got := k.want(http.StatusOK, get(path+suffix).as(k.merchantKey))
		if got.header.Get("Content-Type") != c.contentType || !bytes.HasPrefix(got.body, []byte(c.begins)) {
			t.Errorf("%s is %s, %.8q", suffix, got.header.Get("Content-Type"), got.body)
		}
		same := k.do(get(path+suffix).as(k.merchantKey).with("If-None-Match", `"x", W/`+got.header.Get("ETag")))
		if same.status != http.StatusNotModified || len(same.body) > 0 {
			t.Errorf("%s with its ETag gives %d, %d bytes", suffix, same.status, len(same.body))
		}
	}
	for query, param := range map[string]string{"size=63": "size", "size=2001": "size", "size=x": "size", "level=Z": "level", "label=" + strings.Repeat("a", 201): "label", "size=70": "size"} {
		k.refused(http.StatusBadRequest, "invalid_request", param, get(path+".png?"+query).as(k.merchantKey))
	}
}

func TestAStatementOfADay(t *testing.T) {
	k := newKit(t)
	_, p := k.paid(150000)
	k.want(http.StatusCreated, post("/v1/payments/"+*p.ID+"/refunds", `{"amount":50000,"reason":"=cmd()"}`).as(k.merchantKey).keyed(fresh()))
	for _, query := range []string{"", "?from=2026-11-24", "?from=2026-11-24&to=2026-11-24", "?to=2026-11-24", "?from=2026-11-23T18:00:00Z&to=2026-11-24T18:00:00Z"} {
		s := decode[wire.Statement](t, k.want(http.StatusOK, get("/v1/statements"+query).as(k.merchantKey)).body)
		if s.Opening != 0 || s.Closing != 98500 || s.Closing != k.balance() || len(s.Lines) != 2 || s.Totals.Fees != 1500 || s.Merchant != "Demo shop" {
			t.Errorf("%s: %+v", query, s)
		}
		if !s.From.Equal(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)) || s.To.Sub(s.From.Time) != 24*time.Hour {
			t.Errorf("%s covers %v to %v", query, s.From, s.To)
		}
	}
	table := k.want(http.StatusOK, get("/v1/statements?from=2026-11-24&format=csv").as(k.merchantKey))
	rows, err := csv.NewReader(bytes.NewReader(table.body)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%v: %q", err, table.body)
	}
	if want := "2026-11-25T00:00:00.000+06:00 closing_balance 985.00 98500 KGS"; strings.Join(strings.Fields(strings.Join(rows[4], " ")), " ") != want {
		t.Errorf("the last row is %q", rows[4])
	}
	if got := table.header.Get("Content-Disposition"); got != `attachment; filename="statement-2026-11-24.csv"` {
		t.Errorf("the file is %s", got)
	}
	yesterday := decode[wire.Statement](t, k.want(http.StatusOK, get("/v1/statements?from=2026-11-23&to=2026-11-23").as(k.merchantKey)).body)
	if len(yesterday.Lines) != 0 || yesterday.Closing != 0 {
		t.Errorf("yesterday was %+v", yesterday)
	}
}

func TestTheFeed(t *testing.T) {
	k := newKit(t)
	k.paid(1000)
	k.paid(2000)
	k.tell()
	list := decode[wire.List[wire.Event]](t, k.want(http.StatusOK, get("/v1/events?limit=3").as(k.merchantKey)).body)
	if len(list.Data) != 3 || !list.HasMore || list.After != "3" || list.Data[0].Type != "payment.succeeded" || list.Data[1].Type != "request.paid" {
		t.Fatalf("got %+v", list)
	}
	rest := decode[wire.List[wire.Event]](t, k.want(http.StatusOK, get("/v1/events?after="+list.After).as(k.merchantKey)).body)
	if len(rest.Data) != 1 || rest.HasMore || rest.Data[0].Sequence != 4 {
		t.Errorf("the rest is %+v", rest)
	}
	e := list.Data[1]
	for range 2 {
		acked := decode[wire.Event](t, k.want(http.StatusOK, post("/v1/events/"+e.ID+"/ack", ``).as(k.merchantKey).keyed(fresh())).body)
		if !acked.Acked || acked.ID != e.ID {
			t.Errorf("acked %+v", acked)
		}
	}
	open := decode[wire.List[wire.Event]](t, k.want(http.StatusOK, get("/v1/events?unacked=true").as(k.merchantKey)).body)
	if len(open.Data) != 3 || open.Data[1].Sequence != 3 {
		t.Errorf("open are %+v", open.Data)
	}
	k.refused(http.StatusNotFound, "event_not_found", "", post("/v1/events/"+e.ID+"/ack", ``).as(k.otherKey).keyed(fresh()))
	k.refused(http.StatusNotFound, "event_not_found", "", post("/v1/events/evt_1/ack", ``).as(k.merchantKey).keyed(fresh()))
}

func TestPauseAndResume(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"kind":"static"}`)
	paused := decode[wire.PaymentRequest](t, k.want(http.StatusOK, post("/v1/payment-requests/"+r.ID+"/pause", ``).as(k.merchantKey).keyed(fresh())).body)
	k.refused(http.StatusConflict, "request_paused", "", post("/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload})).as(k.pspKey))
	resumed := decode[wire.PaymentRequest](t, k.want(http.StatusOK, post("/v1/payment-requests/"+r.ID+"/resume", ``).as(k.merchantKey).keyed(fresh())).body)
	if paused.Status != "paused" || resumed.Status != "active" {
		t.Errorf("paused %s, resumed %s", paused.Status, resumed.Status)
	}
	k.refused(http.StatusConflict, "request_not_pausable", "", post("/v1/payment-requests/"+k.sell(`{"amount":1}`).ID+"/pause", ``).as(k.merchantKey).keyed(fresh()))
}

func TestAKeyOfATillSellsAtItsTill(t *testing.T) {
	k := newKit(t)
	r := decode[wire.PaymentRequest](t, k.want(http.StatusCreated, post("/v1/payment-requests", `{"amount":100}`).as(k.tillKey).keyed(fresh())).body)
	if r.TillID != string(k.till.ID) || r.StoreID != string(k.place.ID) {
		t.Errorf("made %+v", r)
	}
	k.refused(http.StatusForbidden, "forbidden", "till_id", post("/v1/payment-requests", `{"amount":100,"till_id":"till_06h0r4bkg1a4r2mqpwk4m5634g"}`).as(k.tillKey).keyed(fresh()))
}

func TestRefundsAreLimited(t *testing.T) {
	k := newKit(t)
	_, p := k.paid(1000)
	path := "/v1/payments/" + *p.ID + "/refunds"
	k.refused(http.StatusConflict, "refund_exceeds_payment", "amount", post(path, `{"amount":1001}`).as(k.merchantKey).keyed(fresh()))
	k.refused(http.StatusBadRequest, "amount_invalid", "amount", post(path, `{"amount":-1}`).as(k.merchantKey).keyed(fresh()))
	// 0 must not pass for an absent amount, which means all that is left.
	k.refused(http.StatusBadRequest, "amount_invalid", "amount", post(path, `{"amount":0}`).as(k.merchantKey).keyed(fresh()))
	k.refused(http.StatusConflict, "insufficient_balance", "amount", post(path, `{}`).as(k.merchantKey).keyed(fresh()))
	k.paid(1000)
	back := decode[wire.Refund](t, k.want(http.StatusCreated, post(path, `{"refund_ref":"r1"}`).as(k.merchantKey).keyed(fresh())).body)
	if back.Amount != 1000 || back.Status != "requested" {
		t.Errorf("made %+v", back)
	}
	k.refused(http.StatusUnprocessableEntity, "refund_ref_reused", "refund_ref", post(path, `{"amount":5,"refund_ref":"r1"}`).as(k.merchantKey).keyed(fresh()))
	list := decode[wire.List[wire.Refund]](t, k.want(http.StatusOK, get("/v1/refunds?payment_id="+*p.ID).as(k.merchantKey)).body)
	one := decode[wire.Refund](t, k.want(http.StatusOK, get("/v1/refunds/"+back.ID).as(k.merchantKey)).body)
	if len(list.Data) != 1 || list.Data[0] != one || one != back {
		t.Errorf("listed %+v, read %+v", list.Data, one)
	}
}

func TestDecodeSaysWhatACodeHolds(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":2200}`)
	d := decode[wire.Decoded](t, k.want(http.StatusOK, post("/v1/decode", jsonOf(wire.Decode{Link: r.Link})).as(k.merchantKey).keyed(fresh())).body)
	if !d.Valid || d.Dialect != "elqr" || d.Amount != 2200 || d.Checksum != "sha256" || !d.Verdict.Payable {
		t.Errorf("got %+v", d)
	}
	bad := decode[wire.Decoded](t, k.want(http.StatusOK, post("/v1/decode", `{"payload":"0002"}`).as(k.merchantKey).keyed(fresh())).body)
	if bad.Valid || bad.Error == "" || bad.Verdict.Payable {
		t.Errorf("got %+v", bad)
	}
}

func TestWebhookEndpointsAndDeliveries(t *testing.T) {
	k := newKit(t)
	got := make(chan http.Header, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header }))
	defer s.Close()
	e := decode[wire.WebhookEndpoint](t, k.want(http.StatusCreated, post("/v1/webhook-endpoints", `{"url":"`+s.URL+`"}`).as(k.merchantKey).keyed(fresh())).body)
	if !strings.HasPrefix(e.Secret, "whsec_") {
		t.Errorf("made %+v", e)
	}
	path := "/v1/webhook-endpoints/" + e.ID
	sent := decode[wire.Delivery](t, k.want(http.StatusOK, post(path+"/test", ``).as(k.merchantKey).keyed(fresh())).body)
	if h := <-got; sent.Status != "delivered" || sent.HTTPStatus != 200 || h.Get("Webhook-Signature") == "" {
		t.Errorf("sent %+v with %v", sent, h)
	}
	list := decode[wire.List[wire.Delivery]](t, k.want(http.StatusOK, get(path+"/deliveries").as(k.merchantKey)).body)
	if len(list.Data) != 1 || list.Data[0] != sent {
		t.Errorf("listed %+v", list.Data)
	}
	k.refused(http.StatusBadRequest, "invalid_request", "", post("/v1/deliveries/"+sent.ID+"/redeliver", ``).as(k.merchantKey).keyed(fresh()))
	if len(e.PublicKeys) != 1 || !strings.HasPrefix(e.PublicKeys[0], "whpk_") || !strings.Contains(sent.Request, "webhook-signature: v1,") {
		t.Errorf("made %+v, sent %q", e, sent.Request)
	}
	since := `{"since":"2020-01-01T00:00:00Z"}`
	if r := decode[wire.Recovered](t, k.want(http.StatusOK, post(path+"/recover", since).as(k.merchantKey).keyed(fresh())).body); r != (wire.Recovered{}) {
		t.Errorf("recovered %+v, though nothing was lost", r)
	}
	k.refused(http.StatusBadRequest, "invalid_request", "since", post(path+"/recover", `{"since":"yesterday"}`).as(k.merchantKey).keyed(fresh()))
	k.refused(http.StatusNotFound, "not_found", "", post(path+"/recover", since).as(k.otherKey).keyed(fresh()))
	k.refused(http.StatusNotFound, "not_found", "", post(path+"/resume", ``).as(k.otherKey).keyed(fresh()))
	if r := decode[wire.WebhookEndpoint](t, k.want(http.StatusOK, post(path+"/resume", ``).as(k.merchantKey).keyed(fresh())).body); !r.PausedAt.IsZero() {
		t.Errorf("resumed %+v", r)
	}
	k.refused(http.StatusNotFound, "not_found", "", post("/v1/deliveries/"+sent.ID+"/redeliver", ``).as(k.otherKey).keyed(fresh()))
	rotated := decode[wire.WebhookEndpoint](t, k.want(http.StatusOK, post(path+"/rotate", ``).as(k.merchantKey).keyed(fresh())).body)
	if rotated.Secret == e.Secret || rotated.Secret == "" {
		t.Errorf("rotated to %q", rotated.Secret)
	}
	k.want(http.StatusNoContent, ask{method: http.MethodDelete, path: path}.as(k.merchantKey))
	if seen := decode[wire.WebhookEndpoint](t, k.want(http.StatusOK, get(path).as(k.merchantKey)).body); !seen.Disabled || seen.Secret != "" {
		t.Errorf("seen %+v", seen)
	}
	k.refused(http.StatusBadRequest, "url_not_allowed", "url", post("/v1/webhook-endpoints", `{"url":"ftp://x"}`).as(k.merchantKey).keyed(fresh()))
	k.refused(http.StatusNotFound, "not_found", "", get(path).as(k.otherKey))
}
