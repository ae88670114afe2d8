package gate

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"tolom/elqr"
	"tolom/wire"
)

func TestSamplesAreWhatTheyShow(t *testing.T) {
	for _, payload := range []string{samplePayload, sampleStatic} {
		if code, err := elqr.Read(payload); err != nil || code.Dialect != elqr.ELQR {
			t.Errorf("the payload of the samples cannot be read: %v", err)
		}
	}
	var r wire.PaymentRequest
	if err := json.Unmarshal([]byte(sampleText(t, r)), &r); err != nil || r.Payload != samplePayload || r.Amount != 150000 {
		t.Errorf("got %+v, %v", r, err)
	}
	list := sampleText(t, wire.List[wire.PSPPayment]{})
	if !strings.HasPrefix(list, `{"data":[{"id":"pay_`) || !strings.Contains(list, `"status":"created","status_code":10`) {
		t.Errorf("got %s", list)
	}
}

func TestASampleShowsWhatTheCallDid(t *testing.T) {
	text, err := Sample(reflect.TypeFor[wire.PSPPayment](), Ended("success").With("status_code", 50))
	var p wire.PSPPayment
	if err := errors.Join(err, json.Unmarshal(text, &p)); err != nil || p.Status != "success" || p.StatusCode != 50 || p.EndedAt != SampleEnd {
		t.Errorf("got %s, %v", text, err)
	}
	text, err = Sample(reflect.TypeFor[wire.PaymentRequest](), Static("paused"))
	var r wire.PaymentRequest
	if err := errors.Join(err, json.Unmarshal(text, &r)); err != nil || r.Kind != "static" || r.Status != "paused" || r.ExpiresAt != (wire.Time{}) {
		t.Errorf("got %s, %v", text, err)
	}
}

func sampleText(t *testing.T, of any) string {
	t.Helper()
	text, err := Sample(reflect.TypeOf(of), nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
