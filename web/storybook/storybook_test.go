package storybook

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tolom/web/asset"
	"tolom/web/locale"
	"tolom/web/view"
)

// drawn calls look with every screen in every language.
func drawn(t *testing.T, look func(t *testing.T, s Screen, lang locale.Lang, page string)) {
	for _, s := range Screens() {
		for _, lang := range locale.Langs {
			t.Run(s.Name+"/"+string(lang), func(t *testing.T) {
				var b strings.Builder
				if err := s.Draw(locale.In(lang)).Render(t.Context(), &b); err != nil {
					t.Fatal(err)
				}
				look(t, s, lang, b.String())
			})
		}
	}
}

var void = map[string]bool{"meta": true, "link": true, "input": true, "br": true, "img": true}

// TestScreensAreWellFormed holds every element to its end and every id to one use.
func TestScreensAreWellFormed(t *testing.T) {
	drawn(t, func(t *testing.T, _ Screen, _ locale.Lang, page string) {
		var open []string
		ids := map[string]bool{}
		for z := html.NewTokenizer(strings.NewReader(page)); ; {
			kind := z.Next()
			token := z.Token()
			switch {
			case kind == html.ErrorToken:
				if z.Err() != io.EOF || len(open) > 0 {
					t.Errorf("it ends with %v, open: %v", z.Err(), open)
				}
				return
			case kind == html.StartTagToken && !void[token.Data]:
				open = append(open, token.Data)
			case kind == html.EndTagToken:
				if len(open) == 0 || open[len(open)-1] != token.Data {
					t.Fatalf("</%s> closes %v", token.Data, open)
				}
				open = open[:len(open)-1]
			}
			if id := attribute(token, "id"); id != "" {
				if ids[id] {
					t.Errorf("two elements have the id %q", id)
				}
				ids[id] = true
			}
		}
	})
}

func attribute(token html.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestScreensServeThoseWhoDoNotSee asks for a language, a way past the header, and
// a status that is announced; TestScreensAreReadAloud for the rest.
func TestScreensServeThoseWhoDoNotSee(t *testing.T) {
	drawn(t, func(t *testing.T, s Screen, lang locale.Lang, page string) {
		if !strings.Contains(page, `<html lang="`+string(lang)+`">`) {
			t.Error("the page does not name its language")
		}
		if strings.Count(page, `id="main"`) != 1 || !strings.Contains(page, `href="#main"`) {
			t.Error("there is no way to skip the header")
		}
		if strings.Contains(s.Name, "checkout") && !strings.Contains(page, `role="status" aria-live="polite"`) {
			t.Error("the live status is not announced")
		}
	})
}

// TestScreensSpeakInFull finds messages that a language lacks, by their names, and
// files of the page that do not exist.
func TestScreensSpeakInFull(t *testing.T) {
	body, err := os.ReadFile("../locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	if err := json.Unmarshal(body, &names); err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`[a-z]+(_[a-z0-9]+)+`)
	drawn(t, func(t *testing.T, _ Screen, _ locale.Lang, page string) {
		for _, text := range regexp.MustCompile(`>[^<]+<`).FindAllString(page, -1) {
			for _, word := range words.FindAllString(text, -1) {
				if _, ok := names[word]; ok {
					t.Errorf("the page shows the name of a message: %s", word)
				}
			}
		}
		if strings.Contains(page, `href=""`) || strings.Contains(page, `src=""`) || strings.Contains(page, "{{") || strings.Contains(page, "about:invalid") {
			t.Error("a link leads nowhere, or a blank was not filled")
		}
	})
}

func TestTheLivePartOfAPageIsTheStreamsPart(t *testing.T) {
	in := locale.In(locale.English)
	c := Checkout(in, view.Waiting)
	var page, part strings.Builder
	if err := view.CheckoutPage(c).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	if err := view.LiveStatus(c.Live).Render(t.Context(), &part); err != nil {
		t.Fatal(err)
	}
	if part.Len() == 0 || !strings.Contains(page.String(), part.String()) {
		t.Error("a browser that gets the part again would change the page")
	}
}

func TestTheStorybookServesItsScreens(t *testing.T) {
	h := Handler()
	for _, path := range []string{"/", "/checkout-waiting?lang=ky", asset.Path("style.css")} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || w.Body.Len() < 500 {
			t.Errorf("%s: status %d, %d bytes", path, w.Code, w.Body.Len())
		}
	}
}
