package sandbox

import (
	"errors"
	"net/http"

	"golang.org/x/text/language"

	"tolom/client"
	"tolom/fault"
	"tolom/qrimage"
	"tolom/sandbox/page"
)

// cookie remembers the language; the pages of the platform use the same name, so a choice counts for both.
const cookie = "tolom_lang"

var speakers = language.NewMatcher([]language.Tag{language.Kirghiz, language.Russian, language.English})

// words picks the language: asked for in the address, chosen earlier, or accepted by the browser; Kyrgyz, the state
// language, without a hint.
func words(w http.ResponseWriter, r *http.Request) page.Words {
	if asked := r.URL.Query().Get("lang"); page.Speaks(asked) {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return page.Words{Language: asked}
	}
	if earlier, err := r.Cookie(cookie); err == nil && page.Speaks(earlier.Value) {
		return page.Words{Language: earlier.Value}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	_, index, sure := speakers.Match(tags...)
	if err != nil || sure == language.No {
		index = 0
	}
	return page.Words{Language: page.Languages[index]}
}

// messages are the words for the errors of the bank and of reading pictures.
var messages = []struct {
	err     error
	message string
	status  int
}{
	{ErrPayer, "error_payer", http.StatusNotFound},
	{ErrPurchase, "error_purchase", http.StatusNotFound},
	{ErrFunds, "poor", http.StatusConflict},
	{ErrAmount, "error_amount", http.StatusUnprocessableEntity},
	{ErrTooLate, "error_too_late", http.StatusConflict},
	{ErrDeclined, "error_declined", http.StatusConflict},
	{ErrTrouble, "error_trouble", http.StatusUnprocessableEntity},
	{errEmpty, "error_empty", http.StatusUnprocessableEntity},
	{errNowhere, "error_nowhere", http.StatusNotFound},
	{qrimage.ErrNoCode, "error_no_code", http.StatusUnprocessableEntity},
	{qrimage.ErrNotPicture, "error_picture", http.StatusUnprocessableEntity},
	{qrimage.ErrTooLarge, "error_large", http.StatusRequestEntityTooLarge},
}

// explained says an error in words and gives its HTTP status. Nothing of an error that is not expected is shown.
func explained(say page.Words, err error) (text string, status int) {
	for _, m := range messages {
		if errors.Is(err, m.err) {
			return say.Say(m.message), m.status
		}
	}
	var problem *client.Problem
	if !errors.As(err, &problem) {
		return say.Say("error_inside"), http.StatusInternalServerError
	}
	if refusal, known := refused(say, problem.Code); known && problem.Status < 500 {
		return refusal, http.StatusUnprocessableEntity
	}
	return say.Say("error_network"), http.StatusBadGateway
}

// refused says a refusal of the platform by its code: the catalogue is public and in three languages.
func refused(say page.Words, code string) (string, bool) {
	if _, known := fault.Lookup(fault.Code(code)); !known {
		return "", false
	}
	return fault.New(fault.Code(code)).Message(say.Language) + ".", true
}

// reason says why a purchase came to nothing; "" when there is no word for it.
func reason(say page.Words, code string) string {
	if said, known := say.Find("reason_" + code); known && code != "" {
		return said
	}
	said, _ := refused(say, code)
	return said
}
