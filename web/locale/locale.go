// Package locale speaks to people: the words of the pages in Kyrgyz, Russian and
// English, and amounts, days and hours as each language writes them. The words
// live in ky.json, ru.json and en.json, one message a line.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Lang is a language of the pages, by its two letters.
type Lang string

// The languages.
const (
	Kyrgyz  Lang = "ky"
	Russian Lang = "ru"
	English Lang = "en"
)

// Langs lists the languages in the order that the switch shows them.
var Langs = []Lang{Kyrgyz, Russian, English}

//go:embed *.json
var files embed.FS

// speakers holds one ready localizer a language; a page does not build its own.
var speakers = func() map[Lang]*i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	out := map[Lang]*i18n.Localizer{}
	for _, lang := range Langs {
		if _, err := bundle.LoadMessageFileFS(files, string(lang)+".json"); err != nil {
			panic(fmt.Sprintf("locale: %s.json, which is built in: %v", lang, err))
		}
	}
	for _, lang := range Langs {
		out[lang] = i18n.NewLocalizer(bundle, string(lang))
	}
	return out
}()

// Text writes in one language.
type Text struct{ Lang Lang }

// In gives the writer of a language; unknown ones get English.
func In(lang Lang) Text {
	if _, ok := speakers[lang]; !ok {
		lang = English
	}
	return Text{lang}
}

// Say gives a message. Values come in pairs, name and value, and fill {{.Name}}.
// A message that does not exist shows its own name: a page with one odd word is
// better than none, and a test keeps that from happening.
func (t Text) Say(message string, values ...any) string {
	said, err := speakers[t.Lang].Localize(&i18n.LocalizeConfig{MessageID: message, TemplateData: pairs(values)})
	if err != nil {
		return message
	}
	return said
}

func pairs(values []any) map[string]any {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]any, len(values)/2)
	for i := 0; i+1 < len(values); i += 2 {
		out[fmt.Sprint(values[i])] = values[i+1]
	}
	return out
}
