package elqr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The codes of [ReadError], stable and part of the API.
const (
	Empty            = "EMPTY"             // nothing to read, or nothing after "#"
	BadTag           = "BAD_TAG"           // a tag is not two digits
	BadLength        = "BAD_LENGTH"        // a length is not two digits
	ZeroLength       = "ZERO_LENGTH"       // a root element is empty
	TruncatedHeader  = "TRUNCATED_HEADER"  // one to three characters where an element should start
	TruncatedValue   = "TRUNCATED_VALUE"   // a value ends before its length
	DuplicateTag     = "DUPLICATE_TAG"     // a root tag appears twice
	FirstNot00       = "FIRST_NOT_00"      // the first tag is not 00
	LastNot63        = "LAST_NOT_63"       // elements follow the checksum
	ChecksumMissing  = "CHECKSUM_MISSING"  // no tag 63
	ChecksumLength   = "CHECKSUM_LENGTH"   // tag 63 has not 4 characters
	ChecksumFormat   = "CHECKSUM_FORMAT"   // tag 63 is not hexadecimal
	ChecksumMismatch = "CHECKSUM_MISMATCH" // neither algorithm gives the value of tag 63
	InvalidUTF8      = "INVALID_UTF8"      // the decoded bytes are not UTF-8
)

// ReadError says why an input is not a code.
type ReadError struct {
	Code    string // one of the constants, such as [BadTag]
	At      int    // position in the decoded payload, in characters from 0
	Message string // in English, for a person
}

// Error joins code, position and message.
func (e *ReadError) Error() string {
	return fmt.Sprintf("elqr: %s at character %d: %s", e.Code, e.At, e.Message)
}

// report turns a flaw found in a text into the error a caller sees.
func (f flaw) report(text string) *ReadError {
	return &ReadError{Code: f.code, At: utf8.RuneCountInString(text[:f.at]), Message: f.message(text)}
}

func (f flaw) message(text string) string {
	switch f.code {
	case Empty:
		return "there is nothing to read; pass a payload, or a link with a payload after #"
	case BadTag:
		return "an element must start with a tag of two digits"
	case BadLength:
		return fmt.Sprintf("the length of tag %s must be two digits", f.tag)
	case ZeroLength:
		return fmt.Sprintf("tag %s is empty; leave the tag out instead", f.tag)
	case TruncatedHeader:
		return "the text ends inside a tag or length; it is cut, or has something behind its end"
	case TruncatedValue:
		return fmt.Sprintf("the value of tag %s should have %s characters, only %d are left",
			f.tag, strings.TrimPrefix(text[f.at-2:f.at], "0"), utf8.RuneCountInString(text[f.at:]))
	case DuplicateTag:
		return fmt.Sprintf("tag %s appears a second time", f.tag)
	case InvalidUTF8:
		return "the bytes from here are not UTF-8"
	}
	return f.endMessage()
}

func (f flaw) endMessage() string {
	switch f.code {
	case FirstNot00:
		return fmt.Sprintf("the first tag must be 00, here it is %s; this is no payment code", f.tag)
	case LastNot63:
		return fmt.Sprintf("tag %s follows the checksum; tag 63 must be the last", f.tag)
	case ChecksumMissing:
		return "the checksum, tag 63, is missing; the code may be cut"
	case ChecksumLength:
		return "the checksum must have 4 characters"
	case ChecksumFormat:
		return "the checksum must be hexadecimal digits"
	}
	return "the checksum does not fit the text; the code was damaged or changed"
}
