package gate

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"tolom/elqr"
	"tolom/wire"
)

func TestSamplesAreWhatTheyShow(t *testing.T) {
	if code, err := elqr.Read(samplePayload); err != nil || code.Dialect != elqr.ELQR {
		t.Errorf("the payload of the samples cannot be read: %v", err)
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

func sampleText(t *testing.T, of any) string {
	t.Helper()
	text, err := Sample(reflect.TypeOf(of))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
