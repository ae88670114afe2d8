package web

import (
	"bytes"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"tolom/web/locale"
	"tolom/web/view"
)

// visit is one call of a page: who asks, in which language, and the answer.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	text locale.Text
	p    *pages
}

// page makes a handler of a page. An error that it returns becomes an error page,
// unless the browser has left: then nobody is there to read it, and nothing failed.
func (p *pages) page(show func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, p: p, text: p.language(w, r)}
		if err := show(v); err != nil && r.Context().Err() == nil {
			v.problem(err)
		}
	})
}

// languageCookie keeps the language that was chosen by hand.
const languageCookie = "tolom_lang"

func (p *pages) language(w http.ResponseWriter, r *http.Request) locale.Text {
	asked, earlier := r.URL.Query().Get("lang"), ""
	if c, err := r.Cookie(languageCookie); err == nil {
		earlier = c.Value
	}
	if locale.Known(asked) && asked != earlier {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: asked, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
			HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode,
		})
	}
	return locale.In(locale.Choose(asked, earlier, r.Header.Get("Accept-Language")))
}

// frame starts a page that can be asked for again by the address it was asked with.
func (v *visit) frame(title string, scripts ...string) view.Frame {
	return v.frameAt(v.r.URL.RequestURI(), title, scripts...)
}

// frameAt starts a page that answers a form: the language switch leads to path.
func (v *visit) frameAt(path, title string, scripts ...string) view.Frame {
	return view.Frame{Text: v.text, Title: title, Path: path, Scripts: scripts}
}

// show writes a page. It is drawn whole before the first byte leaves, so that a
// failure can still become an error page.
func (v *visit) show(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(v.r.Context(), &b); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.text.Lang))
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language, Cookie")
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		v.w.Write(b.Bytes())
	}
	return nil
}

// then answers a form with the page to see next.
func (v *visit) then(path string) error {
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// formLimit is the most that a form of ours can hold, in bytes.
const formLimit = 16 << 10

// form reads the fields of a form; what is too large or malformed is refused.
func (v *visit) form() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, formLimit)
	if err := v.r.ParseForm(); err != nil {
		return badForm(err)
	}
	return nil
}

func (v *visit) now() time.Time { return v.p.World.Clock.Now() }
