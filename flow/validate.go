package flow

import (
	"fmt"
	"net/url"
	"unicode"
	"unicode/utf8"

	"tolom/fault"
	"tolom/money"
	"tolom/payment"
)

// named checks a text that must be there.
func named(param, text string, most int) error {
	if text == "" {
		return fault.New(fault.InvalidRequest).On(param).Because(param + " is needed")
	}
	return short(param, text, most)
}

// short checks a text of at most so many characters, without control characters.
func short(param, text string, most int) error {
	if n := utf8.RuneCountInString(text); n > most || !utf8.ValidString(text) {
		return fault.New(fault.InvalidRequest).On(param).Because(fmt.Sprintf("%s has %d characters, at most %d are allowed", param, n, most))
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return fault.New(fault.InvalidRequest).On(param).Because(param + " holds a control character")
		}
	}
	return nil
}

// sum checks an amount from outside: 1 tyiyn to the largest payment.
func sum(param string, amount int64) error {
	switch {
	case amount == 0:
		return fault.New(fault.AmountRequired).On(param).Because("the least amount is 1 tyiyn")
	case amount < 0 || amount > int64(money.Max):
		return fault.New(fault.AmountInvalid).On(param).Because("an amount is a whole number of tyiyn, 1 to 9007199254740991")
	case amount > int64(payment.MaxPayment):
		return fault.New(fault.AmountTooLarge).On(param).Because(fmt.Sprintf("the greatest amount is %d tyiyn", payment.MaxPayment))
	}
	return nil
}

// currency checks the currency; an absent one is som.
func currency(code string) error {
	if code != "" && code != money.KGS {
		return fault.New(fault.CurrencyUnknown).On("currency").Because("the only currency is KGS")
	}
	return nil
}

// externalURL checks an address that a browser is sent to.
func externalURL(param, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || len(text) > 500 {
		return fault.New(fault.InvalidRequest).On(param).Because(param + " is a whole http or https address of at most 500 characters")
	}
	return nil
}

// isPSPPaymentID says whether a text is 1 to 50 of A-Z a-z 0-9 . _ -, written out
// because a regular expression took longer than all else that a create checks.
func isPSPPaymentID(text string) bool {
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return text != "" && len(text) <= 50
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// first gives the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
