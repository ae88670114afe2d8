package elqr

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Dialect says whose rules a code follows.
type Dialect string

// ELQR is the national payment QR, EMVCo the merchant-presented codes of other
// countries. The checksum tells them apart.
const (
	ELQR  Dialect = "elqr"
	EMVCo Dialect = "emvco"
)

// Code is a verified code. It holds nothing but the decoded text: a payload is
// short, so every look-up walks it again, which costs less than keeping a tree.
// Only [Read] makes one; the zero Code has no fields.
type Code struct {
	Dialect  Dialect
	Checksum Checksum // the algorithm that verified it
	Text     string   // the payload as decoded, tag 00 to tag 63
}

// Field returns a root element as text, "54" or a whole template "32".
func (c Code) Field(tag string) (string, bool) { return lookup(c.Text, tag) }

// Sub returns an element inside a template: Sub("32", "10") is the account.
// If banks wrote it twice, the last one counts, and Problems tells.
func (c Code) Sub(tag, sub string) (string, bool) {
	value, found := lookup(c.Text, tag)
	if !found || !c.nests("", tag) || !wellNested(value) {
		return "", false
	}
	return lookup(value, sub)
}

// Amount returns tag 54 in tyiyn, where that is exact: national codes carry
// tyiyn, EMVCo codes in currency 417 som with up to two decimals. It is not ok
// for an absent or zero amount, another currency, more than 13 characters, or
// anything that is not a plain number.
func (c Code) Amount() (tyiyn int64, ok bool) {
	text, found := c.Field("54")
	currency, hasCurrency := c.Field("53")
	if !found || (hasCurrency && currency != Currency417) {
		return 0, false
	}
	if c.Dialect == ELQR {
		tyiyn, ok = parseTyiyn(text)
	} else if hasCurrency {
		tyiyn, ok = parseSom(text)
	}
	return tyiyn, ok && tyiyn > 0
}

// parseTyiyn reads an amount of a national code. Leading zeros are fine; signs,
// spaces and underscores are not.
func parseTyiyn(text string) (tyiyn int64, ok bool) {
	if text == "" || len(text) > 13 || !digits.fits(text) {
		return 0, false
	}
	for i := range len(text) {
		tyiyn = tyiyn*10 + int64(text[i]-'0')
	}
	return tyiyn, true
}

// parseSom reads som with up to two decimals, without a float in between.
func parseSom(text string) (tyiyn int64, ok bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(text) > 13 || len(fraction) > 2 || !isDecimal(text) {
		return 0, false
	}
	for i := range whole {
		tyiyn = tyiyn*10 + int64(whole[i]-'0')
	}
	tyiyn *= 100
	scale := int64(10)
	for i := range fraction {
		tyiyn += int64(fraction[i]-'0') * scale
		scale /= 10
	}
	return tyiyn, true
}

// nests reports whether an element may hold elements. Tag 34 is plain text in
// national codes, even if it looks like elements. EMVCo has one template deeper
// down, for payment systems: 62.50 to 62.99.
func (c Code) nests(parent, tag string) bool {
	switch {
	case parent == "62":
		return c.Dialect == EMVCo && tag >= "50"
	case parent != "":
		return false
	case tag == "34":
		return c.Dialect == EMVCo
	}
	return (tag >= "26" && tag <= "51") || tag == "62" || tag == "64" || tag >= "80"
}

// MarshalFields returns the fields as a JSON object in the order of the code:
// a template as an object, everything else as text. A template whose inside is
// not made of elements stays text, so that nothing is read past its end.
func (c Code) MarshalFields() json.RawMessage {
	return c.appendObject(nil, c.Text, "")
}

func (c Code) appendObject(dst []byte, text, parent string) []byte {
	dst = append(dst, '{')
	open := len(dst)
	w := walker{text: text}
	for w.advance() {
		if _, later := lookup(text[w.next:], w.tag); later {
			continue
		}
		if len(dst) > open {
			dst = append(dst, ',')
		}
		dst = append(dst, '"', w.tag[0], w.tag[1], '"', ':')
		if c.nests(parent, w.tag) && wellNested(w.value) {
			dst = c.appendObject(dst, w.value, w.tag)
		} else {
			dst = appendJSONText(dst, w.value)
		}
	}
	return append(dst, '}')
}

// appendJSONText quotes a value and leaves <, > and & readable: the JSON goes
// to programs and terminals, not into HTML.
func appendJSONText(dst []byte, value string) []byte {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // text into a buffer cannot fail
	return append(dst, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}
