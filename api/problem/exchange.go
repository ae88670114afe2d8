package problem

import (
	"context"

	"golang.org/x/text/language"

	"tolom/fault"
)

// Exchange is one request and its answer, as far as errors and the log need to know. The gate makes it; it belongs
// to the goroutine that serves the request.
type Exchange struct {
	RequestID string
	Base      string // the address of the platform, without a slash at the end
	National  bool   // problems carry the national code
	Challenge string // of WWW-Authenticate
	Accept    string // Accept-Language as it came
	Caller    string // id of who calls, "" while nobody is known
	Fault     *fault.Error
	language  string
}

type exchangeKey struct{}

// Begin puts an exchange into the context.
func Begin(ctx context.Context, x *Exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// Of gives the exchange of the context, or an empty one outside of any.
func Of(ctx context.Context) *Exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*Exchange); ok {
		return x
	}
	return &Exchange{}
}

// The languages that faults speak; the first is for everybody else.
var (
	languages = []string{"en", "ky", "ru"}
	matcher   = language.NewMatcher([]language.Tag{language.English, language.Make("ky"), language.Russian})
)

// maxAccept is more than any browser sends; a longer list is not worth reading.
const maxAccept = 512

// Language gives the caller's language of "ky", "ru" and "en", by Accept-Language. It is found once, and only when
// something is refused.
func (x *Exchange) Language() string {
	if x.language == "" {
		x.language = Negotiate(x.Accept)
	}
	return x.language
}

// Negotiate picks the best of our languages for an Accept-Language header.
func Negotiate(accept string) string {
	if accept == "" || len(accept) > maxAccept {
		return languages[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return languages[0]
	}
	_, at, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return languages[0]
	}
	return languages[at]
}
