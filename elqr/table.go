package elqr

import (
	"fmt"
	"strconv"
)

// presence says whether the regulation wants a field.
type presence string

const (
	mandatory   presence = "M"
	conditional presence = "C" // the condition stands in write.go and problems.go
	optional    presence = "O"
)

// span is a length in characters, both ends allowed.
type span struct{ min, max int }

// String renders a span as "4" or "1 to 32".
func (s span) String() string {
	if s.min == s.max {
		return strconv.Itoa(s.min)
	}
	return fmt.Sprintf("%d to %d", s.min, s.max)
}

// rule is one row of the format: what a field may hold when we write it, and
// what we still take when a bank wrote it.
type rule struct {
	tag      string // "54", or "32.10" for tag 10 inside template 32
	name     string
	presence presence
	write    span
	writeAs  pattern
	read     span
	readAs   pattern
}

// judge measures a value against one side of a row. It returns which rule is
// broken, and the message, both empty when the value fits.
func (r *rule) judge(value string, length int, within span, as pattern) (broken, message string) {
	if length < within.min || length > within.max {
		return RuleLength, fmt.Sprintf("%s has %d characters, but must have %s", r.name, length, within)
	}
	if !as.fits(value) {
		return RulePattern, fmt.Sprintf("%s %q must be %s", r.name, value, as.name)
	}
	return "", ""
}

// national is the field table of the national QR regulation, in the order in
// which fields are written. The read columns are wider where codes of real
// banks are: 32.01 carries letters, a comment fills its whole element, nested
// elements may be empty (that means: absent).
var national = []rule{
	// tag, name, presence, written length and pattern, read length and pattern
	{"00", "payload format", mandatory, span{2, 2}, format01, span{2, 2}, format01},
	{"01", "kind", mandatory, span{2, 2}, elevenOrTwelve, span{2, 2}, elevenOrTwelve},
	{"32", "provider template", mandatory, span{1, 99}, nestedText, span{1, 99}, nestedText},
	{"32.00", "provider", mandatory, span{1, 32}, asciiWord, span{1, 32}, anyText},
	{"32.01", "service code", conditional, span{1, 10}, digits, span{0, 32}, anyText},
	{"32.10", "account", optional, span{1, 32}, printable, span{0, 32}, anyText},
	{"32.11", "transaction", conditional, span{1, 32}, asciiText, span{0, 32}, anyText},
	{"32.12", "amount editable", conditional, span{2, 2}, elevenOrTwelve, span{0, 2}, elevenOrTwelve},
	{"32.13", "account editable", conditional, span{2, 2}, elevenOrTwelve, span{0, 2}, elevenOrTwelve},
	{"33", "merchant template", optional, span{1, 99}, nestedText, span{1, 99}, nestedText},
	{"33.00", "merchant", conditional, span{1, 32}, printable, span{0, 32}, anyText},
	{"33.01", "service name", optional, span{1, 32}, printable, span{0, 32}, anyText},
	{"34", "comment", optional, span{1, 32}, printable, span{1, 99}, anyText},
	{extraTag, "extra field", optional, span{1, 99}, nestedText, span{1, 99}, nestedText},
	{"52", "merchant category", mandatory, span{4, 4}, digits, span{4, 4}, digits},
	{"53", "currency", mandatory, span{3, 3}, som417, span{3, 3}, som417},
	{"54", "amount in tyiyn", conditional, span{1, 13}, digits, span{1, 13}, digits},
	{"59", "name", mandatory, span{1, 25}, asciiText, span{1, 25}, asciiText},
	{"63", "checksum", mandatory, span{4, 4}, hexadecimal, span{4, 4}, hexadecimal},
}

// extraTag stands for the five templates of extra fields, which are alike.
const extraTag = "35-39"

// rowFrom finds the row of a tag at or after a position. The writer goes on from
// the row before, which is quick and keeps it in the order of the table.
func rowFrom(at int, tag string) int {
	for national[at].tag != tag {
		at++
	}
	return at
}

// foreign is the field table of EMVCo merchant-presented codes. We only read
// them, so the write columns stay empty. A mandatory row inside a template
// counts only where the template is present.
var foreign = []rule{
	reads("00", "payload format", mandatory, span{2, 2}, format01),
	reads("01", "kind", optional, span{2, 2}, elevenOrTwelve),
	reads("52", "merchant category", mandatory, span{4, 4}, digits),
	reads("53", "currency", mandatory, span{3, 3}, digits),
	reads("54", "amount", conditional, span{1, 13}, positive),
	reads("55", "tip indicator", optional, span{2, 2}, oneTwoThree),
	reads("56", "fixed fee", conditional, span{1, 13}, positive),
	reads("57", "fee in percent", conditional, span{1, 5}, positive),
	reads("58", "country", mandatory, span{2, 2}, capitals),
	reads("59", "name", mandatory, span{1, 25}, asciiText),
	reads("60", "city", mandatory, span{1, 15}, asciiText),
	reads("61", "postal code", optional, span{1, 10}, asciiText),
	reads("62", "additional data", optional, span{1, 99}, nestedText),
	reads("62.01", "bill number", optional, span{1, 25}, anyText),
	reads("62.02", "mobile number", optional, span{1, 25}, anyText),
	reads("62.03", "store", optional, span{1, 25}, anyText),
	reads("62.04", "loyalty number", optional, span{1, 25}, anyText),
	reads("62.05", "reference", optional, span{1, 25}, anyText),
	reads("62.06", "customer", optional, span{1, 25}, anyText),
	reads("62.07", "terminal", optional, span{1, 25}, anyText),
	reads("62.08", "purpose", optional, span{1, 25}, anyText),
	reads("62.09", "asked of the payer", optional, span{1, 3}, anyText),
	reads("62.10", "merchant tax number", optional, span{1, 20}, anyText),
	reads("62.11", "channel", optional, span{3, 3}, anyText),
	reads("64", "language template", optional, span{1, 99}, nestedText),
	reads("64.00", "language", mandatory, span{2, 2}, anyText),
	reads("64.01", "name in that language", mandatory, span{1, 25}, anyText),
	reads("64.02", "city in that language", optional, span{1, 15}, anyText),
	reads("63", "checksum", mandatory, span{4, 4}, hexadecimal),
}

func reads(tag, name string, p presence, length span, as pattern) rule {
	return rule{tag: tag, name: name, presence: p, read: length, readAs: as}
}

// rulesOf returns the table a readable code is measured against.
func rulesOf(d Dialect) []rule {
	if d == ELQR {
		return national
	}
	return foreign
}
