// Package fault is the one error of the platform: a stable code, a kind that a
// door maps to its own status, a message that is safe to show in Kyrgyz, Russian
// and English, and whether trying again can help. The catalogue holds them all.
package fault

import "errors"

// Kind groups codes by what the caller can do about them. Only the doors know
// the HTTP status of a kind.
type Kind uint8

// The kinds, from the caller's mistake to ours.
const (
	Invalid         Kind = iota + 1 // the input breaks a rule that needs no state
	Unauthenticated                 // nobody we know is calling
	Denied                          // the caller is known and may not
	Missing                         // there is no such object, or it is another's
	Conflict                        // the state of the object forbids it
	Mismatch                        // the same name came with another body
	TooLarge                        // the input is over a size
	TooMany                         // the caller is over a rate
	Unavailable                     // we cannot now; try again
	Internal                        // our mistake
)

// Error is a refusal. It is a value of the domain, not an accident: decisions
// return it, doors render it.
type Error struct {
	Code  Code
	Param string // the input field or payload tag at fault, "" when none
	// Detail is a sentence in English for the developer who reads the answer:
	// what was wrong, where, what to do. It never holds secrets or foreign data.
	Detail string
	cause  error
}

// New makes an error of the catalogue. The code must be listed there.
func New(code Code) *Error { return &Error{Code: code} }

// On names the input field at fault.
func (e *Error) On(param string) *Error { e.Param = param; return e }

// Because adds the developer's sentence.
func (e *Error) Because(detail string) *Error { e.Detail = detail; return e }

// Wrap keeps the cause for the log; it is never shown to a caller.
func Wrap(code Code, cause error) *Error { return &Error{Code: code, cause: cause} }

// Error gives the code, the field and the cause, for logs.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Param != "" {
		s += " (" + e.Param + ")"
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Kind says what the caller can do about it.
func (e *Error) Kind() Kind { return e.entry().Kind }

// Retryable says that the same call, sent again later, may succeed.
func (e *Error) Retryable() bool { return e.entry().Retryable }

// NationalCode is the refusal code of the interaction protocol, 452 to 524.
func (e *Error) NationalCode() int { return e.entry().National }

// Message is the safe text in the language ("ky", "ru" or "en"; others get English).
func (e *Error) Message(lang string) string {
	entry := e.entry()
	switch lang {
	case "ky":
		return entry.Ky
	case "ru":
		return entry.Ru
	}
	return entry.En
}

func (e *Error) entry() Entry {
	if entry, ok := catalogue[e.Code]; ok {
		return entry
	}
	return catalogue[InternalError]
}

// From finds the Error inside err, or wraps err as an internal one. nil stays nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Wrap(InternalError, err)
}

// Has says whether err is, or holds, an Error with the code.
func Has(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
