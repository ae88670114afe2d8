package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestFilesThatAreNoSettings(t *testing.T) {
	for text, want := range map[string]string{
		``: "not a JSON object", `[]`: "not a JSON object", `{"lanes":1`: "not a JSON object", `{"lane":1}`: "is no setting", `{"lanes":1,"lanes":2}`: "twice",
		`{"lanes":1}{"lanes":2}`: "more behind", `{"lanes":[1]}`: "for \"lanes\"", `{"lanes":{"a":1}}`: "for \"lanes\"", `{"Lanes":1}`: "is no setting",
	} {
		if _, err := fileValues(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzSettings reads any file of settings as `tolom config --config FILE` does: it is refused, or every value in it is
// what the settings then say, and writing them down gives a file that says the same.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{`{"lanes":2,"listen":":1","log_format":"json","private_webhooks":true}`, `{"max_batch":"7"}`, `{"db":"postgres://a:b@c/d"}`, `{"lanes":1e0}`, `{"lanes":1,"lanes":2}`, `{"listen":null}`, `{"provider":"${x}"}`, `{}x`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := settled(text)
		if err != nil {
			return
		}
		var given map[string]any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&given); err != nil || d.More() {
			t.Fatalf("%q was taken and is no JSON object: %v", text, err)
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := settled(written)
		if err != nil || again != s {
			t.Fatalf("%q was read as %s, which is read as %+v, %v", text, written, again, err)
		}
		if want, is := given["listen"].(string); is && s.Listen != want {
			t.Fatalf("%q: listens on %q", text, s.Listen)
		}
		for name := range given {
			if !slices.Contains(names(t), name) {
				t.Fatalf("%q has %q, which is no setting", text, name)
			}
		}
	})
}

// settled reads settings through the command line's own parser.
func settled(text []byte) (settings, error) {
	values, err := fileValues(bytes.NewReader(text))
	if err != nil {
		return settings{}, err
	}
	var c struct {
		Config configCmd `cmd:""`
	}
	parser, err := kong.New(&c, vars, kong.Resolvers(values))
	if err != nil {
		return settings{}, err
	}
	if _, err := parser.Parse([]string{"config"}); err != nil {
		return settings{}, err
	}
	return c.Config.settings, c.Config.check()
}

func names(t *testing.T) (out []string) {
	known, err := knownNames()
	if err != nil {
		t.Fatal(err)
	}
	for name := range known {
		out = append(out, name)
	}
	return out
}
