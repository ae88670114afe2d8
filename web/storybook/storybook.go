// Package storybook holds every screen of the pages, filled with sample data, so
// that each can be looked at and tested without a database. `go run
// ./internal/storybook` serves it.
package storybook

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"tolom/web/asset"
	"tolom/web/locale"
)

// Screen is one page in one state.
type Screen struct {
	Name string // such as "checkout-paid"
	Draw func(locale.Text) templ.Component
}

// Screens lists all of them.
func Screens() []Screen {
	var all []Screen
	for _, part := range [][]Screen{payerScreens(), tillScreens(), paperScreens(), proposalScreens(), reconScreens(), dayScreens(), centreScreens(), peopleScreens(), keyScreens()} {
		all = append(all, part...)
	}
	return all
}

// Handler serves each screen at /NAME?lang=, and a list of them at /.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(asset.Prefix, asset.Serve(http.NotFoundHandler()))
	for _, s := range Screens() {
		mux.HandleFunc("/"+s.Name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			t := locale.In(locale.Choose(r.FormValue("lang"), "", r.Header.Get("Accept-Language")))
			s.Draw(t).Render(r.Context(), w)
		})
	}
	mux.HandleFunc("/{$}", list)
	return mux
}

func list(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><title>Tölöm storybook</title><ul>")
	for _, s := range Screens() {
		fmt.Fprintf(&b, "<li>%s", html.EscapeString(s.Name))
		for _, lang := range locale.Langs {
			fmt.Fprintf(&b, ` <a href="/%s?lang=%s">%[2]s</a>`, s.Name, lang)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, b.String())
}
