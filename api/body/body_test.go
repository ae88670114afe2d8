package body_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"tolom/api/body"
	"tolom/wire"
)

var shapes = map[string]*body.Shape{
	"request": shapeOf[wire.NewPaymentRequest](),
	"payment": shapeOf[wire.NewPSPPayment](),
	"status":  shapeOf[wire.StatusQuery](),
	"check":   shapeOf[wire.Check](),
	"nothing": body.Empty,
}

func shapeOf[T any]() *body.Shape {
	s, err := body.ShapeOf(reflect.TypeFor[T]())
	if err != nil {
		panic(err)
	}
	return s
}

// TestWhatFitsItsShape is about bodies that are taken; what is refused, and how, the tests of the door show.
func TestWhatFitsItsShape(t *testing.T) {
	for _, c := range []struct{ shape, text string }{
		{"nothing", `{}`},
		{"nothing", " \r\n\t{ } \n"},
		{"request", `{"amount":9007199254740991,"metadata":{"":"","amount":"1.5","A":"","a":""}}`},
		{"request", `{"extra":[],"amount_editable":false,"expires_in":null}`},
		{"request", `{"description":"\u04e9\ud83d\ude00\\u0000\"{[","order_id":"null"}`},
		{"request", `{"extra":[{"key":"a","visible":true},{"key":"a"}]}`},
		{"payment", `{"psp_payment_id":"a","payer":{"key":"a","kind":null}}`},
		{"payment", `{"payer":null}`},
		{"status", `{"ids":["a","b"]}`},
	} {
		if refusal := body.Check([]byte(c.text), shapes[c.shape]); refusal != nil {
			t.Errorf("%s %s: %v", c.shape, c.text, refusal)
		}
	}
}

func TestTheDeepestBody(t *testing.T) {
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if refusal := body.Check(deep(17), body.Empty); refusal == nil || !strings.Contains(refusal.Detail, "nested") {
		t.Errorf("17 deep: %v", refusal)
	}
	if refusal := body.Check(deep(16), body.Empty); refusal == nil || strings.Contains(refusal.Detail, "nested") {
		t.Errorf("16 deep: %v", refusal)
	}
	if refusal := body.Check([]byte(`{"description":"`+strings.Repeat("[{", 40)+`"}`), shapes["request"]); refusal != nil {
		t.Errorf("brackets in a text: %v", refusal)
	}
}

func TestShapesThatNoBodyHas(t *testing.T) {
	for name, of := range map[string]reflect.Type{
		"a fraction": reflect.TypeFor[struct {
			A float64 `json:"a"`
		}](),
		"a field without a name": reflect.TypeFor[struct{ A string }](),
	} {
		if _, err := body.ShapeOf(of); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// FuzzCheck holds the gate to its promise: what it lets through, the decoder reads without an error, without a name
// that it does not know, and as everybody else reads it.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"amount":1}`, `{"amount":1e3,"amount":2}`, `{"metadata":{"a":"\ud800"}}`, `{"extra":[{"key":"\u0000"}]}`, `[[[[`, `{"a`, "\\u12", `{"amount":-0}`,
		`{"amount":15,"kind":"static","amount_editable":true,"expires_in":900}`, `{"payload":"a","amount":1,"payer":{"kind":"person"}}`, `{"psp_payment_id":"a","amount":1,"payer":{"key":"k"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		plain(t, raw)
		if body.Check(raw, shapes["request"]) != nil {
			return
		}
		var in wire.NewPaymentRequest
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil || d.More() {
			t.Fatalf("%q was let through: %v", raw, err)
		}
		again, err := json.Marshal(in)
		if err != nil || body.Check(again, shapes["request"]) != nil || in.Amount < 0 || in.Amount > body.MaxInteger {
			t.Fatalf("%q became %s, %v", raw, again, err)
		}
		if strings.ContainsRune(string(again), '\uFFFD') && !bytes.ContainsRune(raw, '\uFFFD') && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
			t.Fatalf("%q lost a character: %s", raw, again)
		}
	})
}

// plain holds the plain readers to the gate: what they take, it lets through.
func plain(t *testing.T, raw []byte) {
	for name, took := range map[string]bool{
		"request": new(wire.NewPaymentRequest).ReadPlain(raw), "check": new(wire.Check).ReadPlain(raw), "payment": new(wire.NewPSPPayment).ReadPlain(raw),
	} {
		if refusal := body.Check(raw, shapes[name]); took && refusal != nil {
			t.Fatalf("%q is read plainly as a %s, and refused: %v", raw, name, refusal)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	raw := []byte(`{"psp_payment_id":"demo-000017","payload":"` + strings.Repeat("0", 200) + `","amount":150000,"currency":"KGS","payer":{"key":"customer-41","name_masked":"Payer A.","kind":"person","bic":"DEMOKG22"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if refusal := body.Check(raw, shapes["payment"]); refusal != nil {
			b.Fatal(refusal)
		}
	}
}
