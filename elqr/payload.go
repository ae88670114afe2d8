package elqr

import (
	"fmt"
	"strings"
)

// Kind is tag 01: how often a code may be paid.
type Kind string

// The two kinds of the national QR regulation.
const (
	Static  Kind = "11" // many payments
	Dynamic Kind = "12" // one payment
)

// Currency417 is the som, the only currency of national codes.
const Currency417 = "417"

// DefaultProvider is the provider id of the main operator, tag 32.00.
const DefaultProvider = "elcart.kg"

// Payload is a national payload as fields. Empty text and a zero amount mean
// that the field is absent. Lengths are in characters.
type Payload struct {
	Kind            Kind    `json:"kind"`                   // 01
	Provider        string  `json:"provider"`               // 32.00, the routing key, up to 32
	Service         string  `json:"service,omitempty"`      // 32.01, up to 10 digits; this or Merchant is needed
	Account         string  `json:"account,omitempty"`      // 32.10, the payer's account in the service, up to 32
	Transaction     string  `json:"transaction,omitempty"`  // 32.11, the supplier's own id, up to 32
	AmountEditable  bool    `json:"amount_editable"`        // 32.12; absent in a code means true
	AccountEditable bool    `json:"account_editable"`       // 32.13; absent in a code means true
	Merchant        string  `json:"merchant,omitempty"`     // 33.00, up to 32
	ServiceName     string  `json:"service_name,omitempty"` // 33.01, up to 32
	Comment         string  `json:"comment,omitempty"`      // 34, up to 32
	Extra           []Extra `json:"extra,omitempty"`        // 35–39, up to five
	MCC             string  `json:"mcc"`                    // 52, four digits of ISO 18245
	Currency        string  `json:"currency"`               // 53, "417"
	Amount          int64   `json:"amount,omitempty"`       // 54, tyiyn, up to 13 digits
	Name            string  `json:"name"`                   // 59, up to 25 Latin letters; see Transliterate
}

// Extra is one further field, written as "key:label:value:title:11". No part
// may hold a colon; key and value may not be empty.
type Extra struct {
	Key     string `json:"key"`
	Label   string `json:"label,omitempty"`
	Value   string `json:"value"`
	Title   string `json:"title,omitempty"`
	Visible bool   `json:"visible"` // 11 shown to the payer, 12 hidden
}

// FieldError names the field that cannot be written, or whose text has no
// meaning when read.
type FieldError struct {
	Tag     string // such as "32.10"
	Problem string // what is wrong and what is expected
}

// Error joins tag and problem.
func (e *FieldError) Error() string { return fmt.Sprintf("elqr: tag %s: %s", e.Tag, e.Problem) }

// Encode returns the payload as text, or a [*FieldError] for the first field in
// written order that the national QR regulation does not allow. It always
// writes 32.12 and 32.13, so that no reader has to know the defaults.
func (p Payload) Encode() (string, error) {
	dst, err := p.Append(make([]byte, 0, 256))
	if err != nil {
		return "", err
	}
	return string(dst), nil
}

// Append adds the payload text to dst, as Encode writes it. On an error dst
// comes back as it was.
func (p Payload) Append(dst []byte) ([]byte, error) {
	w := writer{dst: dst}
	w.payload(&p)
	if w.err != nil {
		return dst, w.err
	}
	w.text("6304")
	body := w.dst[len(dst) : len(w.dst)-4]
	return appendHex16(w.dst, sumSHA(body)), nil
}

// Link returns the payload as a link on base, such as [NationalBase]. An
// unusable base is an error, too.
func (p Payload) Link(base string) (string, error) {
	if err := checkBase(base); err != nil {
		return "", err
	}
	dst := append(make([]byte, 0, 512), strings.TrimSuffix(base, "#")...)
	dst = append(dst, '#')
	link, err := p.Append(dst)
	if err != nil {
		return "", err
	}
	return string(escapeFrom(link, len(dst))), nil
}
