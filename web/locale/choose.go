package locale

import "golang.org/x/text/language"

// matcher knows that a Kazakh reader, say, is better served in Russian than in English.
var matcher = language.NewMatcher([]language.Tag{language.English, language.Kirghiz, language.Russian})

var matched = [...]Lang{English, Kyrgyz, Russian}

// Choose picks the language: what was asked for by name first, then what was
// chosen earlier, then what the browser accepts. Without any hint it is Kyrgyz,
// the state language.
func Choose(asked, earlier, accept string) Lang {
	for _, want := range []string{asked, earlier} {
		for _, lang := range Langs {
			if want == string(lang) {
				return lang
			}
		}
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Kyrgyz
	}
	_, index, sure := matcher.Match(tags...)
	if sure == language.No {
		return Kyrgyz
	}
	return matched[index]
}

// Known says whether a text names a language of the pages.
func Known(text string) bool {
	for _, lang := range Langs {
		if text == string(lang) {
			return true
		}
	}
	return false
}
