package clearing

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"tolom/elqr"
)

// Style says which letters the receiving systems take.
type Style struct {
	// Latin writes names and texts in the character set that every bank's system
	// takes (a-z A-Z 0-9 / - ? : ( ) . , ' + and space). Otherwise Kyrgyz and Russian
	// letters stay as they are.
	Latin bool
}

// Fit makes a text of people fit for a file: control characters and runs of spaces
// become one space, the style's letters, at most most characters. What is left of a
// text without any fit letter is empty.
func (s Style) Fit(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), unfit), " ")
	if s.Latin {
		text = strings.Join(strings.FieldsFunc(elqr.Latin(text), foreign), " ")
	}
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most])
	}
	return strings.TrimSpace(text)
}

// unfit are characters that part words and are not written: spaces of every kind, control characters and what XML
// cannot hold.
func unfit(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError
}

const everywhere = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+"

func foreign(r rune) bool { return !strings.ContainsRune(everywhere, r) }

var (
	worldBIC    = regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`)
	nationalBIC = regexp.MustCompile(`^[0-9]{6}$`)
	account     = regexp.MustCompile(`^[A-Za-z0-9]{5,34}$`)
	iban        = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)
	reference   = regexp.MustCompile(`^[A-Za-z0-9/?:().,'+_ -]{1,35}$`)
)

// CheckBIC says what is wrong with a bank's code: it is a BIC of ISO 9362 (8 or 11
// characters) or a national bank code of 6 digits.
func CheckBIC(code string) error {
	if worldBIC.MatchString(code) || nationalBIC.MatchString(code) {
		return nil
	}
	return bad("%q is no bank code: 8 or 11 characters by ISO 9362 such as DEMOKG22, or the 6 digits of a national code", code)
}

// CheckAccount says what is wrong with an account: 5 to 34 letters and digits (accounts
// of the country's banks have 16 digits); what looks like an IBAN has the right check
// digits. Whether it exists only its bank can say.
func CheckAccount(number string) error {
	if account.MatchString(number) && (!iban.MatchString(number) || ibanHolds(number)) {
		return nil
	}
	return bad("%q is no account: 5 to 34 letters and digits, an IBAN with its check digits", number)
}

// ibanHolds computes ISO 7064 MOD 97-10 over the number with its first four characters moved to the end.
func ibanHolds(number string) bool {
	rest := 0
	for _, c := range number[4:] + number[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// checkReference says what is wrong with an id that comes back in answers: 1 to 35 plain characters.
func checkReference(field, text string) error {
	if !reference.MatchString(text) {
		return bad("%s is 1 to 35 letters, digits or plain signs, not %q", field, text)
	}
	return nil
}
