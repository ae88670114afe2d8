package web

import (
	"errors"
	"net/http"

	"tolom/fault"
	"tolom/web/view"
)

// statuses says which status a page has for each kind of refusal.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusBadRequest, fault.Unauthenticated: http.StatusUnauthorized, fault.Denied: http.StatusForbidden,
	fault.Missing: http.StatusNotFound, fault.Conflict: http.StatusConflict, fault.Mismatch: http.StatusUnprocessableEntity,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.TooMany: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Internal: http.StatusInternalServerError,
}

// problem shows the error page of a refusal. Mistakes of ours are logged and
// named by the id of the request; their cause stays in the log.
func (v *visit) problem(err error) {
	f := fault.From(err)
	status := statuses[f.Kind()]
	page := view.Problem{Status: status, Heading: f.Message(string(v.text.Lang))}
	switch {
	case status >= http.StatusInternalServerError:
		page.RequestID = v.w.Header().Get(requestIDHeader)
		v.p.Log.Error("a page failed", "path", v.r.URL.Path, "request_id", page.RequestID, "error", err)
		page.Advice = v.text.Say("problem_500_hint")
		if f.Kind() != fault.Unavailable {
			page.Heading = v.text.Say("problem_500")
		}
	case f.Code == fault.WrongMethod:
		// To a person it is the same: an address that was meant for a button shows no page.
		status, page.Status = http.StatusMethodNotAllowed, http.StatusMethodNotAllowed
		page.Heading, page.Advice = v.text.Say("problem_404"), v.text.Say("problem_404_hint")
	case f.Code == fault.NotFound:
		page.Heading, page.Advice = v.text.Say("problem_404"), v.text.Say("problem_404_hint")
	case f.Code == fault.InvalidRequest:
		page.Heading, page.Advice = v.text.Say("problem_400"), v.text.Say("problem_400_hint")
	case f.Code == fault.Forbidden && f.Param == fromElsewhere:
		page.Heading, page.Advice = v.text.Say("problem_403"), v.text.Say("problem_403_hint")
	case f.Code == fault.Forbidden:
		page.Heading, page.Advice = v.text.Say("problem_403"), v.text.Say("problem_403_role")
	case f.Code == fault.RateLimited:
		page.Advice = v.text.Say("problem_429_hint")
	default:
		page.Advice = v.text.Say("problem_400_hint")
	}
	page.Frame = v.frameAt(v.again(), page.Heading).ForPayers()
	if err := v.show(status, view.ProblemPage(page)); err != nil {
		v.p.Log.Error("an error page failed", "error", err)
		http.Error(v.w, http.StatusText(status), status)
	}
}

// again is where the language switch of an error page leads: to the same
// address, or to the front page when the error came of a form.
func (v *visit) again() string {
	if v.r.Method != http.MethodGet {
		return "/"
	}
	return v.r.URL.RequestURI()
}

// missing is the page of every address that nobody serves.
func (p *pages) missing(*visit) error { return fault.New(fault.NotFound) }

// unserved tells an address that nobody serves from one that takes another method,
// which it names in the header Allow. A catch-all hides that from the mux.
func (p *pages) unserved(mux *http.ServeMux, v *visit) error {
	other := *v.r
	for _, other.Method = range []string{http.MethodGet, http.MethodPost} {
		if _, pattern := mux.Handler(&other); pattern != "/" {
			v.w.Header().Add("Allow", other.Method)
		}
	}
	if v.w.Header().Get("Allow") == "" {
		return fault.New(fault.NotFound)
	}
	return fault.New(fault.WrongMethod)
}

// crossed is the page of a form that another site sent in the name of its visitor.
func (p *pages) crossed(*visit) error { return fault.New(fault.Forbidden).On(fromElsewhere) }

// fromElsewhere marks the refusal of a form for where it comes from, beside that of a person for the role.
const fromElsewhere = "origin"

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.Wrap(fault.BodyTooLarge, err)
	}
	return fault.Wrap(fault.InvalidRequest, err)
}
