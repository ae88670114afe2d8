package toxic

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"tolom/id"
	"tolom/invariant"
	"tolom/wire"
)

// overheard lets a witness hear what a bank asks for and what it is told.
type overheard struct {
	by      id.ID
	witness *invariant.Witness
	way     http.RoundTripper
}

// RoundTrip notes the question before it leaves, and the answer if it comes whole.
func (o overheard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := o.asks(r); err != nil {
		return nil, err
	}
	response, err := o.way.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text), failing{err}))
	if err == nil {
		o.hears(r, response.StatusCode, text)
	}
	return response, nil
}

// failing ends a body as the real one ended.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

func (o overheard) asks(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	var named struct {
		Name string `json:"psp_payment_id"`
	}
	// A call without a body names nothing.
	_ = json.NewDecoder(body).Decode(&named)
	path := strings.TrimPrefix(r.URL.Path, "/psp/v1/")
	payment, what, _ := strings.Cut(strings.TrimPrefix(path, "payments/"), "/")
	switch {
	case path == "payments":
		o.witness.Asks(o.by, invariant.AskPayment, named.Name)
	case path == "cancel":
		o.witness.Asks(o.by, invariant.AskCancel, named.Name)
	case what == "execute":
		o.witness.Asks(o.by, invariant.AskExecute, payment)
	case what == "cancel":
		o.witness.Asks(o.by, invariant.AskCancel, payment)
	}
	return nil
}

func (o overheard) hears(r *http.Request, status int, text []byte) {
	if !strings.HasPrefix(r.URL.Path, "/psp/v1/payments") && r.URL.Path != "/psp/v1/cancel" {
		return
	}
	var answer wire.PSPPayment
	var refusal wire.Problem
	switch {
	case status/100 == 2 && json.Unmarshal(text, &answer) == nil && answer.PSPPaymentID != "":
		o.witness.PSPPayment(o.by, answer)
	case status/100 == 4 && json.Unmarshal(text, &refusal) == nil && refusal.Payment != nil:
		o.witness.PSPPayment(o.by, *refusal.Payment)
	}
}
