package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/wire"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestATimeReadsBackToTheMillisecond(t *testing.T) {
	const latest = 253_402_300_799_999 // the last millisecond of the year 9999
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, latest).Draw(t, "ms"))
		zone := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(t, "zone"))
		text, err := json.Marshal(wire.At(at.In(zone)))
		if err != nil || len(text) != len(`"2026-11-24T05:40:00.000Z"`) {
			t.Fatalf("%s, %v", text, err)
		}
		var back wire.Time
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(at) || back.Location() != time.UTC {
			t.Fatalf("%s reads back as %v, %v", text, back, err)
		}
	})
}

func TestTimesAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-11-24T05:40:00Z"`:           `"2026-11-24T05:40:00.000Z"`,
		`"2026-11-24T11:40:00+06:00"`:      `"2026-11-24T05:40:00.000Z"`,
		`"2026-11-24T05:40:00.123456789Z"`: `"2026-11-24T05:40:00.123Z"`,
		`null`:                             `null`,
	} {
		var at wire.Time
		if err := json.Unmarshal([]byte(text), &at); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := json.Marshal(at); err != nil || string(got) != want {
			t.Errorf("%s is written as %s, %v; want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{`""`, `"`, `1764000000`, `"yesterday"`, `"2026-11-24"`, `"2026-11-24 05:40:00"`, `"2026-11-24T05:40:00"`, `"2026-13-24T05:40:00Z"`, `{}`, `true`} {
		if err := new(wire.Time).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was read as a time", bad)
		}
	}
}
