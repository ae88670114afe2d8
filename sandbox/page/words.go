package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"tolom/money"
)

// Languages are the languages of the phone, as the switch shows them.
var Languages = []string{"ky", "ru", "en"}

//go:embed locale/*.json
var locales embed.FS

var speakers = func() map[string]*i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	out := map[string]*i18n.Localizer{}
	for _, name := range Languages {
		if _, err := bundle.LoadMessageFileFS(locales, "locale/"+name+".json"); err != nil {
			panic(fmt.Sprintf("page: the words of %q are built in: %v", name, err))
		}
		out[name] = i18n.NewLocalizer(bundle, name)
	}
	return out
}()

// Words speaks one language: "ky", "ru" or "en".
type Words struct{ Language string }

// Speaks says whether the phone has a language.
func Speaks(name string) bool { return speakers[name] != nil }

// Say gives a message. Values come in pairs, name and value, for {{.Name}}. A message that does not exist shows its
// own name; a test keeps that from happening.
func (w Words) Say(message string, values ...any) string {
	said, known := w.Find(message, values...)
	if !known {
		return message
	}
	return said
}

// Find gives a message if there is one.
func (w Words) Find(message string, values ...any) (string, bool) {
	data := map[string]any{}
	for i := 0; i+1 < len(values); i += 2 {
		data[fmt.Sprint(values[i])] = values[i+1]
	}
	speaker := speakers[w.Language]
	if speaker == nil {
		speaker = speakers["en"]
	}
	said, err := speaker.Localize(&i18n.LocalizeConfig{MessageID: message, TemplateData: data})
	return said, err == nil
}

// Money writes an amount with its currency.
func (w Words) Money(a money.Amount) string { return a.String() + "\u00a0" + w.Say("som") }

// bishkek has had one offset since 2005.
var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// When writes a time on the clocks of Kyrgyzstan.
func (w Words) When(t time.Time) string { return t.In(bishkek).Format("02.01.2006, 15:04") }
