package locale

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/money"
)

func messages(t *testing.T, lang Lang) map[string]string {
	t.Helper()
	body, err := files.ReadFile(string(lang) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatalf("%s: %v", lang, err)
	}
	return out
}

var blank = regexp.MustCompile(`{{\.\w+}}`)

func blanks(text string) []string {
	found := blank.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

func TestTheLanguagesSayTheSame(t *testing.T) {
	english := messages(t, English)
	for _, lang := range []Lang{Kyrgyz, Russian} {
		here := messages(t, lang)
		if a, b := slices.Sorted(maps.Keys(here)), slices.Sorted(maps.Keys(english)); !slices.Equal(a, b) {
			t.Errorf("%s and English have different messages:\n%v\n%v", lang, a, b)
		}
		for name, text := range here {
			if !slices.Equal(blanks(text), blanks(english[name])) {
				t.Errorf("%s: %s fills other blanks than English: %q", lang, name, text)
			}
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s is empty or has loose spaces", lang, name)
			}
		}
	}
}

// said finds the messages that the pages ask for.
var said = regexp.MustCompile(`\.Say\("([^"]+)"[,)]|"((?:nav|error|figure|done)_\w+)"`)

// begun finds messages that are said by the beginning of their name and something else: all that begin so are used.
var begun = regexp.MustCompile(`\.Say\("(\w+_)" ?\+`)

func TestEveryMessageIsUsedAndEveryUseHasAMessage(t *testing.T) {
	used, prefixes := map[string]bool{}, []string{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "storybook") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
			return nil
		}
		body, err := os.ReadFile(path)
		for _, found := range said.FindAllStringSubmatch(string(body), -1) {
			used[found[1]+found[2]] = true
		}
		for _, found := range begun.FindAllStringSubmatch(string(body), -1) {
			prefixes = append(prefixes, found[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	english := messages(t, English)
	for name := range used {
		if _, ok := english[name]; !ok {
			t.Errorf("the pages say %q, which no file has", name)
		}
	}
	for name := range english {
		if !used[name] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			t.Errorf("nobody says %q", name)
		}
	}
}

func TestChoosingALanguage(t *testing.T) {
	for _, c := range []struct {
		asked, earlier, accept string
		want                   Lang
	}{
		{"", "", "", Kyrgyz},
		{"", "", "ru-RU,ru;q=0.9,en;q=0.8", Russian},
		{"", "", "en-GB", English},
		{"", "", "ky-KG, ru;q=0.5", Kyrgyz},
		{"", "", "fr-FR, en;q=0.3", English},
		{"", "", "zh", Kyrgyz},
		{"", "", ";;;", Kyrgyz},
		{"", "ru", "en", Russian},
		{"ky", "ru", "en", Kyrgyz},
		{"xx", "ru", "en", Russian},
		{"xx", "yy", "en", English},
	} {
		if got := Choose(c.asked, c.earlier, c.accept); got != c.want {
			t.Errorf("asked %q, earlier %q, accepts %q: %s, want %s", c.asked, c.earlier, c.accept, got, c.want)
		}
	}
}

func TestDaysAndSumsAsEachLanguageWritesThem(t *testing.T) {
	at := time.Date(2026, 11, 23, 20, 5, 9, 0, time.UTC) // past midnight in Bishkek
	const sum money.Amount = 123450
	for lang, want := range map[Lang][2]string{
		Kyrgyz:  {"2026\u2011ж., 24\u2011ноябрь, 02:05", "1\u00a0234,50\u00a0сом"},
		Russian: {"24\u00a0ноября 2026, 02:05", "1\u00a0234,50\u00a0сом"},
		English: {"24\u00a0November 2026, 02:05", "1\u00a0234,50\u00a0som"},
	} {
		if got := In(lang).Moment(at); got != want[0] {
			t.Errorf("%s writes the moment %q, want %q", lang, got, want[0])
		}
		if got := In(lang).Money(sum); got != want[1] {
			t.Errorf("%s writes the sum %q, want %q", lang, got, want[1])
		}
	}
	if got := In(English).When(at, at.Add(time.Hour)); got != "02:05" {
		t.Errorf("today is written %q", got)
	}
	if got := In(English).When(at, at.Add(24*time.Hour)); got != In(English).Moment(at) {
		t.Errorf("yesterday is written %q", got)
	}
	if got := In("xx").Lang; got != English {
		t.Errorf("an unknown language speaks %s", got)
	}
}
