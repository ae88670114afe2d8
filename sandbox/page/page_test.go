package page

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

func messages(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := locales.ReadFile("locale/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheLanguagesSayTheSameThings(t *testing.T) {
	english := messages(t, "en")
	values := regexp.MustCompile(`\{\{\.\w+\}\}`)
	for _, language := range Languages {
		all := messages(t, language)
		if !slices.Equal(slices.Sorted(maps.Keys(all)), slices.Sorted(maps.Keys(english))) {
			t.Errorf("%s.json and en.json name different messages", language)
		}
		for name, text := range all {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s says nothing for %s", language, name)
			}
			want, got := values.FindAllString(english[name], -1), values.FindAllString(text, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s: %s has the values %v, English %v", language, name, got, want)
			}
		}
	}
}

// TestEveryMessageIsThereAndUsed looks through the sources: names in quotes are messages, and names that are put
// together begin with one of the families.
func TestEveryMessageIsThereAndUsed(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"*.go", "*.templ", "../*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	english := messages(t, "en")
	families := regexp.MustCompile(`^(state|reason|fault)_`)
	for name := range english {
		if !families.MatchString(name) && !strings.Contains(sources.String(), `"`+name+`"`) {
			t.Errorf("no screen says %q", name)
		}
	}
	for _, call := range regexp.MustCompile(`Say\("(\w+)"[,)]`).FindAllStringSubmatch(sources.String(), -1) {
		if english[call[1]] == "" {
			t.Errorf("a screen says %q, which is no message", call[1])
		}
	}
	for _, state := range []State{Offered, Waiting, Running, Success, Failed, Declined} {
		if english["state_"+string(state)] == "" {
			t.Errorf("there are no words for the state %s", state)
		}
	}
}

func TestTheReceiptUsesTheWordsOfTheRegulation(t *testing.T) {
	for language, want := range map[string][3]string{
		"ky": {"Иштетилүүдө", "Ийгиликтүү", "Ката"},
		"ru": {"В обработке", "Успешно", "Ошибка"},
	} {
		w := Words{Language: language}
		if got := [3]string{w.Say("state_running"), w.Say("state_success"), w.Say("state_failed")}; got != want {
			t.Errorf("%s says %q, want %q", language, got, want)
		}
	}
}

func TestMoneyAndTimesAreWrittenForPeople(t *testing.T) {
	w := Words{Language: "ru"}
	if got := w.Money(money.Amount(1_234_567_89)); got != "1\u00a0234\u00a0567,89\u00a0сом" {
		t.Errorf("money: %q", got)
	}
	if got := w.When(time.Date(2026, 11, 24, 19, 5, 0, 0, time.UTC)); got != "25.11.2026, 01:05" {
		t.Errorf("time: %q", got)
	}
}

func TestAScreenIsLight(t *testing.T) {
	entries, err := assets.ReadDir("asset")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, e := range entries {
		content, err := assets.ReadFile("asset/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		total += len(content)
	}
	if total > 24<<10 {
		t.Errorf("style, script and icon have %d bytes", total)
	}
}
