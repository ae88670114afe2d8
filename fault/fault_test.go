package fault

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
)

func TestEveryCodeSpeaksThreeLanguages(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	for _, code := range Codes() {
		e, _ := Lookup(code)
		if !shape.MatchString(string(code)) {
			t.Errorf("%s is not words joined by _", code)
		}
		if e.Ky == "" || e.Ru == "" || e.En == "" || e.Ky == e.Ru || e.Ru == e.En {
			t.Errorf("%s lacks a language: %q %q %q", code, e.Ky, e.Ru, e.En)
		}
		if e.Kind < Invalid || e.Kind > Internal {
			t.Errorf("%s has no kind", code)
		}
		switch e.National {
		case 452, 453, 454, 455, 456, 523, 524:
		default:
			t.Errorf("%s has national code %d, which the protocol does not know", code, e.National)
		}
	}
}

func TestAnErrorKeepsItsCodeThroughWrapping(t *testing.T) {
	e := New(AmountTooSmall).On("amount").Because("the least amount is 1 tyiyn")
	wrapped := fmt.Errorf("check: %w", e)
	if !Has(wrapped, AmountTooSmall) || Has(wrapped, AmountTooLarge) || !errors.Is(wrapped, New(AmountTooSmall)) {
		t.Error("the code is not found in the chain")
	}
	if got := From(wrapped); got.NationalCode() != 455 || got.Param != "amount" || got.Kind() != Invalid || got.Retryable() {
		t.Errorf("From lost something: %+v", got)
	}
}

func TestForeignErrorsAreOursInside(t *testing.T) {
	cause := errors.New("disk on fire, password=hunter2")
	e := From(cause)
	if e.Code != InternalError || !errors.Is(e, cause) {
		t.Errorf("got %v", e)
	}
	for _, lang := range []string{"ky", "ru", "en", "fr"} {
		if e.Message(lang) == "" || regexp.MustCompile("fire|hunter2").MatchString(e.Message(lang)) {
			t.Errorf("the message in %s is %q", lang, e.Message(lang))
		}
	}
	if From(nil) != nil {
		t.Error("no error became one")
	}
}
