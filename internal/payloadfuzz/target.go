package payloadfuzz

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"

	"tolom/elqr"
)

// Target is one execution: it has elqr.Read read an input, and returns what is wrong with what that says.
func Target(input string) error { return Held(elqr.Read, input) }

// Held holds a reader to the second opinion. What it accepts, the second opinion must accept by the same checksum, and
// it must be what the input says; what it refuses must be refused in the known form, and must be no payload in the
// second opinion either.
func Held(read func(string) (elqr.Code, error), input string) error {
	code, err := read(input)
	if err != nil {
		return refusal(input, err)
	}
	fit := Judge(code.Text)
	if code.Checksum == "sha256" && fit&SHA256 == 0 || code.Checksum == "crc16" && fit&CRC16 == 0 || fit == 0 {
		return fmt.Errorf("%q was accepted as %q by %s; the second opinion finds %b", input, code.Text, code.Checksum, fit)
	}
	if err := said(input, code.Text); err != nil {
		return err
	}
	if amount, ok := code.Amount(); ok != (amount > 0) {
		return fmt.Errorf("%q has the amount %d, %v", code.Text, amount, ok)
	}
	// The rest costs ten times as much and is done for one text in sixteen, by the text itself, so that an input
	// found once is always found.
	if crc16(code.Text)&15 == 0 {
		return Deep(code)
	}
	return nil
}

func refusal(input string, err error) error {
	var bad *elqr.ReadError
	if !errors.As(err, &bad) || bad.Code == "" || bad.Message == "" {
		return fmt.Errorf("%q was refused with %w", input, err)
	}
	if bad.At < 0 || bad.At > utf8.RuneCountInString(input) {
		return fmt.Errorf("%q: the position %d is outside", input, bad.At)
	}
	bare := strings.HasPrefix(input, "000201")
	if bare && Judge(input) != 0 {
		return fmt.Errorf("%q is a payload and was refused: %w", input, err)
	}
	if _, fragment, found := strings.Cut(input, "#"); found && !bare {
		if plain, lone := url.PathUnescape(fragment); lone == nil && Judge(plain) != 0 {
			return fmt.Errorf("%q is the link of a payload and was refused: %w", input, err)
		}
	}
	return nil
}

// said checks that the text is one of the ways to read the input.
func said(input, text string) error {
	if input == text {
		return nil
	}
	fragment := input
	if !strings.HasPrefix(input, "000201") {
		if _, after, found := strings.Cut(input, "#"); found {
			fragment = after
		}
	}
	plain, err1 := url.PathUnescape(fragment)
	form, err2 := url.QueryUnescape(fragment)
	if err1 != nil || err2 != nil || plain == text || form == text {
		return nil // net/url refuses a lone %, which the reader takes for text.
	}
	return fmt.Errorf("%q was read as %q", input, text)
}

// Deep asks an accepted code everything there is to ask: its fields are JSON, and what has no problems is written and
// read back as the same, or cannot be written as strictly as we write.
func Deep(code elqr.Code) error {
	var fields map[string]any
	if err := json.Unmarshal(code.MarshalFields(), &fields); err != nil || fields["00"] == nil || fields["63"] == nil {
		return fmt.Errorf("%q has the fields %v, %w", code.Text, fields, err)
	}
	problems := code.Problems()
	payload, err := code.Payload()
	if err != nil {
		if code.Dialect == elqr.ELQR && problems == nil {
			return fmt.Errorf("%q has no problem, but is no payload: %w", code.Text, err)
		}
		return nil
	}
	if problems != nil {
		return nil
	}
	text, err := payload.Encode()
	if err != nil {
		return nil
	}
	again, err := elqr.Read(text)
	if err != nil {
		return fmt.Errorf("%q is written as %q, which is refused: %w", code.Text, text, err)
	}
	if back, err := again.Payload(); err != nil || !reflect.DeepEqual(back, payload) {
		return fmt.Errorf("%q is read back as %+v, %w; it was %+v", text, back, err, payload)
	}
	return nil
}
