package wire_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/wire"
)

// texts are of the letters that matter to JSON, beside ordinary ones.
var texts = rapid.OneOf(
	rapid.StringOfN(rapid.SampledFrom([]rune("abc 019-_.:<>&\"\\/\n\t\x00\x1f\x7f өүң–\u2028\u2029\ufffd😀")), 0, 12, -1),
	rapid.SampledFrom([]string{"", "", "pay_01kar9gfc0c4r5s6t7v8w9xyzb", "\xff", "a\xe2\x80", "\xc3", "\xe2\x80\xa8", "Кофе"}),
)

var times = rapid.Custom(func(t *rapid.T) wire.Time {
	if rapid.Bool().Draw(t, "never") {
		return wire.Time{}
	}
	at := time.UnixMilli(rapid.Int64Range(-70_000_000_000_000, 300_000_000_000_000).Draw(t, "ms"))
	return wire.At(at.In(time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)))
})

// any fills every field of a struct at random; half of them stay zero.
func anyOf[T any](t *rapid.T) (out T) {
	draw(t, reflect.ValueOf(&out).Elem())
	return out
}

func draw(t *rapid.T, v reflect.Value) {
	if v.Kind() != reflect.Struct && rapid.IntRange(0, 3).Draw(t, "zero") == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts.Draw(t, "text"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64Range(-1000, 1<<53).Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "truth"))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		draw(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 2).Draw(t, "length"), 2))
		for i := range v.Len() {
			draw(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(rapid.MapOfN(texts, texts, 0, 3).Draw(t, "map")))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[wire.Time]() {
			v.Set(reflect.ValueOf(times.Draw(t, "time")))
			return
		}
		for i := range v.NumField() {
			draw(t, v.Field(i))
		}
	}
}

// encoded is an answer as the doors wrote it before they had writers of their own.
func encoded(t *rapid.T, v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// TestAnswersAreWrittenAsEncodingJSONWritesThem holds the writers of the hot calls to the reference, byte for byte.
func TestAnswersAreWrittenAsEncodingJSONWritesThem(t *testing.T) {
	same := func(t *rapid.T, got []byte, want string) {
		if string(got) != "before:"+want {
			t.Fatalf("written as\n%s\nwant\n%s", got, want)
		}
	}
	before := []byte("before:")
	rapid.Check(t, func(t *rapid.T) {
		request := anyOf[wire.PaymentRequest](t)
		same(t, request.AppendJSON(before), encoded(t, request))
		checked := anyOf[wire.Checked](t)
		same(t, checked.AppendJSON(before), encoded(t, checked))
		payment := anyOf[wire.PSPPayment](t)
		same(t, payment.AppendJSON(before), encoded(t, payment))
		create := anyOf[wire.NewPSPPayment](t)
		text, err := json.Marshal(create)
		if err != nil {
			t.Fatal(err)
		}
		same(t, create.AppendMarshal(before), string(text))
	})
}

// body is one that can be read plainly.
type body interface{ ReadPlain(raw []byte) bool }

// bodies makes the kinds of bodies, twice each: one to be read plainly, one by the reference.
var bodies = []func() (body, any){
	func() (body, any) { return &wire.NewPaymentRequest{}, &wire.NewPaymentRequest{} },
	func() (body, any) { return &wire.Check{}, &wire.Check{} },
	func() (body, any) { return &wire.NewPSPPayment{}, &wire.NewPSPPayment{} },
}

// agrees holds what was read plainly to what encoding/json reads, and says whether it was.
func agrees(t testing.TB, raw []byte, of func() (body, any)) bool {
	quick, slow := of()
	if !quick.ReadPlain(raw) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(slow); err != nil || d.More() {
		t.Fatalf("%T took %q, which is refused: %v", quick, raw, err)
	}
	if !reflect.DeepEqual(quick, slow) {
		t.Fatalf("%T read %q as %+v, want %+v", quick, raw, quick, slow)
	}
	return true
}

func TestPlainBodiesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	for n, texts := range [][]string{
		{
			`{}`, `{"amount":150000}`, " {\t\"amount\" : 1 ,\r\n\"description\":\"Кофе & торт\" } ",
			`{"kind":"static","amount":999999999999999,"currency":"KGS","amount_editable":true,"description":"a","order_id":"b","expires_in":900,"store_id":"c","till_id":"d","success_url":"https://a/b"}`,
			`{"amount_editable":false}`,
		},
		{`{"payload":"0002"}`, `{"link":"https://a/#0002","amount":5,"payer":{"kind":"person"}}`, `{"payer":{}}`},
		{
			`{"psp_payment_id":"a","link":"l","payload":"p","amount":1,"currency":"KGS","payer":{"key":"k","name_masked":"P*** 1","kind":"company","bic":"DEMOKG22"},"receipt_id":"r"}`,
			`{"payer":{ },"amount":2}`,
		},
	} {
		for _, text := range texts {
			if !agrees(t, []byte(text), bodies[n]) {
				t.Errorf("%s was not read plainly", text)
			}
		}
	}
}

// TestOddBodiesAreLeftToOthers lists what is not plain, valid or not: every one is for the readers that can say why.
func TestOddBodiesAreLeftToOthers(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `[]`, `null`, `"a"`, `{}x`, `{}{}`, `{"amount":1}}`, `{"amount":1,}`, `{,"amount":1}`, `{"amount" 1}`, `{"amount":1 "kind":"static"}`,
		`{"amount":0}`, `{"amount":-1}`, `{"amount":01}`, `{"amount":1.0}`, `{"amount":1e3}`, `{"amount":9999999999999999}`, `{"amount":"1"}`, `{"amount":null}`, `{"amount":}`,
		`{"amount":1,"amount":1}`, `{"Amount":1}`, `{"unknown":1}`, `{"":1}`, `{"description":"a\nb"}`, "{\"description\":\"a\nb\"}", "{\"description\":\"\xff\"}", "{\"description\":\"\x00\"}",
		`{"description":"a`, `{"description":"\u0061"}`, `{"descr\u0069ption":"a"}`, `{"amount_editable":TRUE}`, `{"amount_editable":"true"}`, `{"amount_editable":truex}`, `{"amount_editable":true`,
		`{"metadata":{"a":"b"}}`, `{"extra":[]}`, "\ufeff{}", `{"payer":{"kind":"a","kind":"b"}}`, `{"payer":{"key":1}}`, `{"payer":null}`, `{"payer":[]}`, `{"payload":1}`,
		`{"description":"` + strings.Repeat("a", 4096) + `"}`,
	} {
		for _, of := range bodies {
			if agrees(t, []byte(text), of) {
				t.Errorf("%.60q was read plainly", text)
			}
		}
	}
}

// FuzzPlain finds no body that is read plainly and otherwise than by encoding/json.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{
		`{"amount":1,"amount_editable":true,"kind":"static"}`, `{"payload":"a","payer":{"kind":"person"}}`, `{"psp_payment_id":"a","payer":{"key":"k"},"amount":12}`, `{"amount":1}x`, `{"description":"\\"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, of := range bodies {
			agrees(t, raw, of)
		}
	})
}
