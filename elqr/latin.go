package elqr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the length of tag 59.
const maxName = 25

// Transliterate turns a Kyrgyz or Russian name into the Latin text tag 59 may
// hold: letter for letter, capitals kept, signs without a Latin form dropped,
// spaces joined, cut to 25 characters. A Latin name that is short enough stays
// as it is. The result is empty when nothing is left.
func Transliterate(name string) string {
	latin := Latin(name)
	return strings.TrimSpace(latin[:min(maxName, len(latin))])
}

// Latin is Transliterate without the cut, for texts that are no names of tag 59:
// what banks are told in files.
func Latin(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = latinWord([]rune(word))
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func latinWord(word []rune) string {
	var out strings.Builder
	for i, r := range word {
		lower := unicode.ToLower(r)
		switch {
		case r > ' ' && r <= '~':
			out.WriteRune(r)
		case !unicode.IsUpper(r):
			out.WriteString(latinLetters[r])
		case lower < utf8.RuneSelf: // the Turkish İ
			out.WriteRune(unicode.ToUpper(lower))
		default:
			out.WriteString(capital(latinLetters[lower], shouted(word, i)))
		}
	}
	return out.String()
}

// capital writes a capital that may have become two letters: ШАХ gives SHAKH,
// Шах gives Shakh.
func capital(latin string, all bool) string {
	if all || latin == "" {
		return strings.ToUpper(latin)
	}
	return strings.ToUpper(latin[:1]) + latin[1:]
}

// shouted reports whether the letter at i stands beside another capital.
func shouted(word []rune, i int) bool {
	return (i+1 < len(word) && unicode.IsUpper(word[i+1])) ||
		(i+1 == len(word) && i > 0 && unicode.IsUpper(word[i-1]))
}

// latinLetters covers Kyrgyz and Russian, the other Cyrillic letters of the
// neighbours, the accented Latin letters of Turkish and German names, and
// common signs of shop names.
var latinLetters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z",
	'и': "i", 'й': "i", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "ng", 'о': "o", 'ө': "o",
	'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ү': "u", 'ф': "f", 'х': "kh", 'ц': "ts",
	'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'ә': "a", 'ғ': "g", 'қ': "k", 'ұ': "u", 'һ': "h", 'і': "i", 'ї': "i", 'є': "e", 'ґ': "g",
	'ў': "u", 'ҳ': "kh", 'ҷ': "j", 'ӣ': "i", 'ӯ': "u",
	'ç': "c", 'ğ': "g", 'ı': "i", 'ö': "o", 'ş': "s", 'ü': "u", 'ä': "a", 'ß': "ss", 'é': "e",
	'è': "e", 'ê': "e", 'á': "a", 'à': "a", 'â': "a", 'ñ': "n", 'í': "i", 'î': "i", 'ó': "o", 'ú': "u",
	'№': "No", '–': "-", '—': "-", '’': "'", '‘': "'",
}
