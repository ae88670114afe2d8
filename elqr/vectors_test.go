package elqr_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"

	"tolom/elqr"
)

// vector is one line of the shared test vectors.
type vector struct {
	ID       string         `json:"id"`
	Profile  string         `json:"profile"`
	Payload  string         `json:"payload"`
	Raw      []byte         `json:"payload_b64"` // instead of Payload where it is not UTF-8
	Valid    bool           `json:"valid"`
	Error    string         `json:"error"`
	Why      string         `json:"why"`
	Fields   map[string]any `json:"fields"`
	Checksum []string       `json:"checksum"` // every algorithm that fits
	Decoded  *string        `json:"decoded"`  // the payload inside a link
}

func (v vector) input() string {
	if v.Raw != nil {
		return string(v.Raw)
	}
	return v.Payload
}

func vectors(t testing.TB) (all []vector) {
	t.Helper()
	for _, name := range []string{"testdata/elqr.jsonl", "testdata/emvco.jsonl"} {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			var v vector
			if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, v)
		}
	}
	if len(all) != 114 {
		t.Fatalf("read %d vectors, want 114", len(all))
	}
	return all
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			code, err := elqr.Read(v.input())
			if !v.Valid {
				wantRefusal(t, v, err)
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", v.Why, err)
			}
			wantReading(t, v, code)
		})
	}
}

func wantRefusal(t *testing.T, v vector, err error) {
	t.Helper()
	var bad *elqr.ReadError
	if !errors.As(err, &bad) || bad.Code != v.Error {
		t.Fatalf("%s: got %v, want %s", v.Why, err, v.Error)
	}
	if bad.Message == "" || bad.At < 0 || bad.At > len([]rune(v.input())) {
		t.Errorf("%s: position %d, message %q", v.Why, bad.At, bad.Message)
	}
}

func wantReading(t *testing.T, v vector, code elqr.Code) {
	t.Helper()
	want := v.Payload
	if v.Decoded != nil {
		want = *v.Decoded
	}
	if code.Text != want {
		t.Errorf("%s: read %q, want %q", v.Why, code.Text, want)
	}
	if string(code.Dialect) != v.Profile || !slices.Contains(v.Checksum, string(code.Checksum)) {
		t.Errorf("%s: %s by %s, want %s by %v", v.Why, code.Dialect, code.Checksum, v.Profile, v.Checksum)
	}
	var fields map[string]any
	if err := json.Unmarshal(code.MarshalFields(), &fields); err != nil {
		t.Fatalf("%s: fields: %v", v.Why, err)
	}
	if !reflect.DeepEqual(fields, v.Fields) {
		t.Errorf("%s: fields %v, want %v", v.Why, fields, v.Fields)
	}
}

// TestJudgeAgreesWithVectors keeps the second opinion honest, too: it must find
// exactly the checksums the vectors list.
func TestJudgeAgreesWithVectors(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Decoded != nil {
			v.Payload = *v.Decoded
		}
		got, want := judge(v.input()), slices.Clone(v.Checksum)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s (%s): the judge finds %v, want %v", v.ID, v.Why, got, want)
		}
	}
}

// TestAmounts shows which amounts are exact enough to be shown to a payer.
func TestAmounts(t *testing.T) {
	want := map[string]int64{
		"elqr-0263": 2200, "elqr-0271": 10053, "elqr-0273": 800, "elqr-0277": 15050, "elqr-0285": 9999999999999,
		"elqr-0331": 100, "elqr-0333": 100, "elqr-0337": 100, "elqr-0341": 100,
		"emvco-0343": 9800, "emvco-0345": 999999999999, "emvco-0425": 9873,
	}
	for _, v := range vectors(t) {
		code, err := elqr.Read(v.input())
		if err != nil {
			continue
		}
		amount, ok := code.Amount()
		if amount != want[v.ID] && ok || ok != (want[v.ID] != 0) {
			t.Errorf("%s (%s): amount %d %v, want %d", v.ID, v.Why, amount, ok, want[v.ID])
		}
	}
}
