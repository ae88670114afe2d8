package clearing

import (
	"strconv"
	"strings"
	"time"

	"tolom/money"
)

// amountOf reads som from XML, "1234.5", exactly: what is below a tyiyn must be zero.
// Signs and exponents are not of the format.
func amountOf(field, text string) (money.Amount, error) {
	whole, part, _ := strings.Cut(text, ".")
	tail := ""
	if len(part) > 2 {
		part, tail = part[:2], part[2:]
	}
	part += strings.Repeat("0", 2-len(part))
	digits := whole + part
	if len(text) > 24 || !decimal(digits) || strings.Trim(tail, "0") != "" {
		return 0, bad("%s is an amount of som and tyiyn such as 1500.00, not %q", field, text)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || money.Amount(n) > money.Max {
		return 0, bad("%s is too large: %q", field, text)
	}
	return money.Amount(n), nil
}

func decimal(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// sumOf adds amounts, all of which must be above zero.
func sumOf(field string, amounts ...money.Amount) (sum money.Amount, err error) {
	for _, a := range amounts {
		if a <= 0 || a > money.Max {
			return 0, bad("each amount of %s is above zero and at most %d tyiyn, not %d", field, money.Max, a)
		}
		if sum, err = money.Add(sum, a); err != nil || sum > money.Max {
			return 0, bad("the total of %s is too large", field)
		}
	}
	return sum, nil
}

// moment writes a time as all files hold it: UTC, milliseconds.
const moment = "2006-01-02T15:04:05.000Z"

func at(t time.Time) string { return t.UTC().Format(moment) }

// timeOf reads a time of XML or JSON; one without a zone counts as UTC.
func timeOf(field, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, bad("%s is a time such as 2026-11-24T03:05:00.000Z, not %q", field, text)
}

// checkDate says what is wrong with a date of the calendar.
func checkDate(field, text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return bad("%s is a date such as 2026-11-24, not %q", field, text)
	}
	return nil
}
