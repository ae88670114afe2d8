package gate

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"tolom/wire"
)

// The ids of the sample objects.
const (
	sampleRequest = "pr_01kar9g0t0c4r5s6t7v8w9xyza"
	samplePayment = "pay_01kar9gfc0c4r5s6t7v8w9xyzb"
	sampleToken   = "01kar9g0t0c4r5s6t7v8w9xyza"
	samplePayload = "00020101021232560010tolom.demo1126" + sampleToken + "12021213021252045411530341754061500005909DEMO SHOP63043097"
	sampleStatic  = "00020101021132560010tolom.demo1126" + sampleToken + "12021213021252045411530341754061500005909DEMO SHOP63049c8a"
	sampleBase    = "https://pay.payqr.kg/#"
)

// samples gives a value to each field by its JSON name; a name with its type before it goes first.
var samples = map[string]any{
	"id": sampleRequest, "payment_request_id": sampleRequest, "request_id": sampleRequest, "payment_id": samplePayment,
	"Payment.id": samplePayment, "PSPPayment.id": samplePayment, "Refund.id": "re_01kar9k2b0c4r5s6t7v8w9xyzc",
	"PSPRefund.id": "re_01kar9k2b0c4r5s6t7v8w9xyzc", "refund_id": "re_01kar9k2b0c4r5s6t7v8w9xyzc",
	"Event.id": "evt_01kar9gh30c4r5s6t7v8w9xyzd", "event_id": "evt_01kar9gh30c4r5s6t7v8w9xyzd",
	"WebhookEndpoint.id": "wh_01kar9f0a0c4r5s6t7v8w9xyze", "endpoint_id": "wh_01kar9f0a0c4r5s6t7v8w9xyze",
	"Delivery.id": "wd_01kar9gj10c4r5s6t7v8w9xyzf", "merchant_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg",
	"store_id": "st_01kar9e9a0c4r5s6t7v8w9xyzh", "till_id": "till_01kar9eaa0c4r5s6t7v8w9xyzj", "psp_id": "psp_01kar9eba0c4r5s6t7v8w9xyzk",
	"Participant.id": "par_01kar9eca0c4r5s6t7v8w9xyzm", "participant_id": "par_01kar9eca0c4r5s6t7v8w9xyzm",
	"Merchant.id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "Store.id": "st_01kar9e9a0c4r5s6t7v8w9xyzh", "Till.id": "till_01kar9eaa0c4r5s6t7v8w9xyzj",
	"PSP.id": "psp_01kar9eba0c4r5s6t7v8w9xyzk", "Key.id": "key_01kar9eda0c4r5s6t7v8w9xyzn", "owner_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg",
	"PSPKey.id": "pk_01kar9efa0c4r5s6t7v8w9xyzp", "Certificate.id": "cert_01kar9ega0c4r5s6t7v8w9xyzq", "PlatformKey.id": "plk_01kar9eha0c4r5s6t7v8w9xyzr",
	"algorithm": "ed25519", "public_key": "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=", "key_id": "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U",
	"fingerprint": "9b86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "not_before": at(0), "signs_from": at(0),
	"NewKey.owner_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "Key.hint": "x7qa",

	"kind": "dynamic", "status": "active", "Payment.status": "success", "PSPPayment.status": "created", "Payment.status_code": int64(50),
	"PSPPayment.status_code": int64(10), "Refund.status": "requested", "PSPRefund.status": "requested", "Delivery.status": "delivered",
	"amount": int64(150000), "PSPPayment.receipt": "", "Refund.reason": "One cake was returned", "refund_ref": "return-7", "Refund.amount": int64(50000), "PSPRefund.amount": int64(50000), "currency": "KGS", "min_amount": int64(150000),
	"max_amount": int64(150000), "Payment.fee": int64(1500), "net": int64(148500), "payable": int64(148500),
	"description": "Coffee and cake", "order_id": "1042", "payload": samplePayload, "link": linkOf(samplePayload),
	"page": "http://127.0.0.1:8080/p/" + sampleToken, "receipt": "http://127.0.0.1:8080/r/01kar9gfc0c4r5s6t7v8w9xyzb",
	"psp_payment_id": "demo-000017", "merchant": "Demo shop", "name": "Demo shop", "store": "Main store", "mcc": "5411",
	"type": "payment.succeeded", "Checked.type": "C2B", "type_code": int64(20), "payer_name": "Payer A.", "reason": "", "sequence": int64(17),
	"event_type": "payment.succeeded", "attempts": int64(1), "http_status": int64(200), "duration_ms": int64(43), "url": "https://shop.example/webhooks",
	"valid": true, "dialect": "elqr", "checksum": "sha256", "Verdict.payable": true, "provider": "tolom.demo",
	"created_at": at(0), "expires_at": at(900), "PSPPayment.expires_at": at(90), "as_of": at(120), "last_at": at(31), "Payment.ended_at": at(30),
	"Proposal.id": "prop_01kar9eja0c4r5s6t7v8w9xyzs", "action": "limits.set", "target": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "body": `{"daily":100000000}`,
	"digest": "9b86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "Actor.id": "op_01kar9eka0c4r5s6t7v8w9xyzt", "Actor.name": "operator",
	"Change.name": "daily", "before": "0", "after": "100000000", "as": "amount", "Proposal.status": "proposed", "proposed_at": at(0), "Proposal.expires_at": at(259200),
	"Payout.id": "po_01kar9ela0c4r5s6t7v8w9xyzv", "Payout.status": "made", "PSPSettlement.status": "settled", "Day.status": "closed", "day": "2026-11-24", "date": "2026-11-24",
	"bank_account": "1091820181160101", "payments": int64(150000), "payments_count": int64(1), "fees": int64(1500), "Payout.amount": int64(148500),
	"has_more": false, "hint": "x7qa", "name_latin": "DEMO SHOP", "bic": "DEMOKG22", "login": "operator", "tax_id": "01234567890123",
}

// at is a time of the samples, some seconds after the first.
func at(second int) wire.Time {
	return wire.At(time.Date(2026, 11, 24, 5, 40, second, 0, time.UTC))
}

func linkOf(payload string) string { return sampleBase + strings.ReplaceAll(payload, " ", "%20") }

// SampleEnd is when what an example shows ended.
var SampleEnd = at(30)

// Ended is what the example of an answer shows of an object that the call has ended, beside its status.
func Ended(status string) Shown { return Shown{"status": status, "ended_at": SampleEnd} }

// Static is what the example of an answer shows of a static payment request.
func Static(status string) Shown {
	return Shown{"kind": "static", "status": status, "payload": sampleStatic, "link": linkOf(sampleStatic),
		"paid_amount": int64(450000), "payments_count": int64(3), "expires_at": wire.Time{}}
}

// Shown is what an example shows otherwise than the object as it was made: values by their JSON names.
type Shown map[string]any

// With adds a value.
func (s Shown) With(name string, value any) Shown {
	s[name] = value
	return s
}

// Sample makes an example of a type of the wire, as JSON in the order of its fields. The documents show it.
func Sample(t reflect.Type, shows Shown) (json.RawMessage, error) {
	v := sample(t, "", "")
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if shown, ok := shows[name]; ok {
			fit(v.Field(i), shown)
		}
	}
	return json.Marshal(v.Interface())
}

func sample(t reflect.Type, owner, name string) reflect.Value {
	v := reflect.New(t).Elem()
	for _, key := range []string{owner + "." + name, name} {
		if s, ok := samples[key]; ok && reflect.TypeOf(s).ConvertibleTo(base(t)) {
			return fit(v, s)
		}
	}
	switch t.Kind() {
	case reflect.Struct:
		if t != reflect.TypeFor[wire.Time]() {
			fillStruct(v)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 0, 1))
		if t.Elem().Kind() == reflect.Struct && name == "data" {
			v.Set(reflect.Append(v, sample(t.Elem(), "", "")))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
	case reflect.Interface:
		if name == "object" {
			v.Set(sample(reflect.TypeFor[wire.Payment](), "", ""))
		}
	}
	return v
}

func base(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func fit(v reflect.Value, s any) reflect.Value {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v.Elem().Set(reflect.ValueOf(s).Convert(v.Type().Elem()))
		return v
	}
	v.Set(reflect.ValueOf(s).Convert(v.Type()))
	return v
}

func fillStruct(v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		v.Field(i).Set(sample(t.Field(i).Type, t.Name(), name))
	}
}
