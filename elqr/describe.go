package elqr

import (
	"bytes"
	"encoding/json"
)

// Description is what a reading says in one JSON object: either valid with
// dialect, fields and checksum, or not valid with error, at and message.
type Description struct {
	Valid    bool            `json:"valid"`
	Dialect  Dialect         `json:"dialect,omitempty"`
	Fields   json.RawMessage `json:"fields,omitempty"` // see [Code.MarshalFields]
	Amount   int64           `json:"amount,omitempty"` // tyiyn; absent unless exact, see [Code.Amount]
	Checksum Checksum        `json:"checksum,omitempty"`
	Error    string          `json:"error,omitempty"` // a code of [ReadError]
	At       *int            `json:"at,omitempty"`    // characters; set when not valid, also if 0
	Message  string          `json:"message,omitempty"`
}

// Describe reads a link or payload and tells the outcome; bad input is an
// outcome, not an error.
func Describe(input string) Description {
	code, err := Read(input)
	if bad, ok := err.(*ReadError); ok {
		return Description{Error: bad.Code, At: &bad.At, Message: bad.Message}
	}
	amount, _ := code.Amount()
	return Description{
		Valid:    true,
		Dialect:  code.Dialect,
		Fields:   code.MarshalFields(),
		Amount:   amount,
		Checksum: code.Checksum,
	}
}

// Line returns the description as one line of JSON with a line feed.
func (d Description) Line() ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(d)
	return line.Bytes(), err
}
