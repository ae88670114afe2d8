package elqr

import (
	"strings"
	"unicode/utf8"
)

// Read decodes a link of any scheme and host, or a bare payload, and verifies
// its structure and checksum. The error is always a [*ReadError].
//
// A link is split at its first "#", except when the input itself starts like a
// payload, which may hold a raw "#". A bare payload is tried as it stands first.
// Then the text is percent-decoded, and only if that fails the checksum is "+"
// taken as a space: two banks write links that way, while a raw "+" is legal.
// White space around the input is not trimmed; it is part of what was scanned.
func Read(input string) (Code, error) {
	fragment, bare := split(input)
	if !bare {
		return readEncoded(fragment)
	}
	code, bad := inspect(fragment)
	if bad.code == "" {
		return code, nil
	}
	if !strings.ContainsAny(fragment, "%+") {
		return Code{}, bad.report(fragment)
	}
	decoded, err := readEncoded(fragment)
	if err == nil || err.(*ReadError).Code == ChecksumMismatch {
		return decoded, err
	}
	return Code{}, bad.report(fragment)
}

// payloadStart opens every payload: tag 00, two characters, format 01.
const payloadStart = "000201"

func split(input string) (fragment string, bare bool) {
	if strings.HasPrefix(input, payloadStart) {
		return input, true
	}
	if _, fragment, found := strings.Cut(input, "#"); found {
		return fragment, false
	}
	return input, true
}

// readEncoded reads percent-encoded text, with the second attempt for "+".
// The error that counts is the first one: it is about the text as the rules
// have it.
func readEncoded(fragment string) (Code, error) {
	text := unescape(fragment, false)
	code, bad := inspect(text)
	if bad.code == ChecksumMismatch && strings.Contains(fragment, "+") {
		if second, worse := inspect(unescape(fragment, true)); worse.code == "" {
			return second, nil
		}
	}
	if bad.code != "" {
		return Code{}, bad.report(text)
	}
	return code, nil
}

// inspect verifies decoded text. Codes of refusal come in a fixed order:
// characters, elements one after another, then what must be first and last,
// then the checksum.
func inspect(text string) (Code, flaw) {
	if text == "" {
		return Code{}, flaw{code: Empty}
	}
	if !utf8.ValidString(text) {
		return Code{}, flaw{code: InvalidUTF8, at: firstInvalid(text)}
	}
	plan, bad := survey(text)
	if bad.code != "" {
		return Code{}, bad
	}
	if bad = plan.ends(text); bad.code != "" {
		return Code{}, bad
	}
	return plan.verify(text)
}

// outline is what one walk over the root elements finds out.
type outline struct {
	first      string // tag of the first element
	sum        string // value of 63, the checksum
	sumAt      int    // byte offset of tag 63, -1 without one
	last       string // tag and …
	lastAt     int    // … byte offset of the last element
	national   bool   // template 32 is present
	hasCountry bool   // tag 58 is present
}

func survey(text string) (outline, flaw) {
	plan := outline{first: text[:min(2, len(text))], sumAt: -1}
	var seen [100]bool
	w := walker{text: text}
	for w.advance() {
		if w.value == "" {
			return plan, flaw{code: ZeroLength, tag: w.tag, at: w.at + 2}
		}
		n := tagNumber(w.tag)
		if seen[n] {
			return plan, flaw{code: DuplicateTag, tag: w.tag, at: w.at}
		}
		seen[n] = true
		if n == 63 {
			plan.sum, plan.sumAt = w.value, w.at
		}
		plan.last, plan.lastAt = w.tag, w.at
	}
	plan.national, plan.hasCountry = seen[32], seen[58]
	return plan, w.flaw
}

// ends judges the first and last element and the shape of the checksum.
func (o outline) ends(text string) flaw {
	switch {
	case o.first != "00":
		return flaw{code: FirstNot00, tag: o.first}
	case o.sumAt < 0:
		return flaw{code: ChecksumMissing, tag: "63", at: len(text)}
	case o.last != "63":
		return flaw{code: LastNot63, tag: o.last, at: o.lastAt}
	case utf8.RuneCountInString(o.sum) != 4:
		return flaw{code: ChecksumLength, tag: "63", at: o.sumAt + 2}
	}
	return flaw{}
}

// verify compares the checksum and so finds the dialect. Once in 65,536 codes
// both algorithms give the same four digits. Then the shape decides, so that
// every reading of a code answers alike: template 32 or a missing country make
// it national, because an EMVCo code may not lack tag 58.
func (o outline) verify(text string) (Code, flaw) {
	want, ok := parseHex16(o.sum)
	if !ok {
		return Code{}, flaw{code: ChecksumFormat, tag: "63", at: o.sumAt + 4}
	}
	looksNational := o.national || !o.hasCountry
	isNational := sumSHA([]byte(text[:o.sumAt])) == want
	if isNational && looksNational {
		return Code{ELQR, SHA256, text}, flaw{}
	}
	if sumCRC(text[:o.sumAt+4]) == want {
		return Code{EMVCo, CRC16, text}, flaw{}
	}
	if isNational {
		return Code{ELQR, SHA256, text}, flaw{}
	}
	return Code{}, flaw{code: ChecksumMismatch, tag: "63", at: o.sumAt + 4}
}

func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return len(text)
}
