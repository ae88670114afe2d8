// Package wire is the frozen JSON of the platform's APIs and webhooks. Its
// structs are the contract: doors fill them, clients read them, golden files
// hold them still. Amounts are whole tyiyn, times RFC 3339 UTC with milliseconds.
package wire

import (
	"bytes"
	"errors"
	"time"
)

// Time is a moment on the wire: "2026-11-24T05:40:00.000Z", or null when zero.
type Time struct{ time.Time }

// layout writes UTC with milliseconds, always three digits.
const layout = "2006-01-02T15:04:05.000Z"

// At makes a wire time.
func At(t time.Time) Time { return Time{t} }

// MarshalJSON writes null for the zero time.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.append(make([]byte, 0, 26)), nil
}

// ErrTime says that a text is not a time of the wire.
var ErrTime = errors.New(`wire: a time is RFC 3339, such as "2026-11-24T05:40:00.000Z"`)

// UnmarshalJSON reads RFC 3339 or null.
func (t *Time) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*t = Time{}
		return nil
	}
	if len(b) < 2 || b[0] != '"' {
		return ErrTime
	}
	at, err := time.Parse(time.RFC3339, string(b[1:len(b)-1]))
	if err != nil {
		return ErrTime
	}
	*t = Time{at.UTC()}
	return nil
}

// List is a page of a list. After is the cursor of the next page when HasMore.
type List[T any] struct {
	Data    []T    `json:"data"`
	HasMore bool   `json:"has_more"`
	After   string `json:"after,omitempty" doc:"Cursor of the next page; give it back as ?after="`
}

// Problem is an error, RFC 9457. Payment is set where the PSP must learn the
// state of its payment from the refusal.
type Problem struct {
	Type         string      `json:"type" doc:"A link to the description of the code"`
	Title        string      `json:"title" doc:"What was wrong, in the language of Accept-Language (ky, ru, en)"`
	Status       int         `json:"status"`
	Detail       string      `json:"detail,omitempty" doc:"What was wrong, where, and what to do; English, for developers"`
	Code         string      `json:"code" doc:"Stable name of the error"`
	Param        string      `json:"param,omitempty" doc:"The field at fault"`
	Retryable    bool        `json:"retryable" doc:"The same call may succeed later"`
	NationalCode int         `json:"national_code,omitempty" doc:"Refusal code of the interaction protocol, 452 to 524; PSP API only"`
	RequestID    string      `json:"request_id" doc:"Name this when you ask for help"`
	Payment      *PSPPayment `json:"payment,omitempty"`
}
