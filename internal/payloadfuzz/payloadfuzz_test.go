package payloadfuzz_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tolom/elqr"
	"tolom/internal/payloadfuzz"
)

const golden = "00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO SHOP63048dae"

const foreign = "00020101021226310011com.example0112123456789012520458125303840540512.345802US5910DEMO STORE6008New York63049F86"

// TestTheLoopFindsNothing is the short form of make fuzz-payload.
func TestTheLoopFindsNothing(t *testing.T) {
	m, accepted := payloadfuzz.New(1, []string{golden, foreign}), 0
	for range 100_000 {
		input := m.Next()
		if err := payloadfuzz.Target(input); err != nil {
			t.Fatal(err)
		}
		if _, err := elqr.Read(input); err == nil {
			accepted++
		}
	}
	if accepted < 25_000 || accepted > 90_000 {
		t.Errorf("%d of 100,000 inputs are payloads: the maker is too tame or too wild", accepted)
	}
}

// TestPlantedFlawsAreFound gives the loop readers that are wrong in one way.
func TestPlantedFlawsAreFound(t *testing.T) {
	for about, read := range map[string]func(string) (elqr.Code, error){
		"a checksum that is not looked at": func(input string) (elqr.Code, error) {
			code, err := elqr.Read(input)
			if err != nil && strings.Contains(err.Error(), elqr.ChecksumMismatch) {
				return elqr.Code{Text: input, Checksum: "sha256"}, nil
			}
			return code, err
		},
		"the other checksum is named": func(input string) (elqr.Code, error) {
			code, err := elqr.Read(input)
			if code.Checksum == "sha256" {
				code.Checksum = "crc16"
			}
			return code, err
		},
		"a letter that is lost": func(input string) (elqr.Code, error) {
			return elqr.Read(strings.Replace(input, "DEMO S", "DEMO Z", 1))
		},
		"capitals in the checksum are refused": func(input string) (elqr.Code, error) {
			if strings.HasSuffix(input, "DAE") {
				return elqr.Code{}, &elqr.ReadError{Code: elqr.ChecksumFormat, Message: "small letters"}
			}
			return elqr.Read(input)
		},
		"a plus in a link is always a space": func(input string) (elqr.Code, error) {
			if base, fragment, found := strings.Cut(input, "#"); found && !strings.HasPrefix(input, "000201") {
				input = base + "#" + strings.ReplaceAll(fragment, "+", "%20")
			}
			return elqr.Read(input)
		},
		"a position behind the end": func(input string) (elqr.Code, error) {
			code, err := elqr.Read(input)
			if bad, is := err.(*elqr.ReadError); is {
				bad.At++
			}
			return code, err
		},
		"lengths count bytes": func(input string) (elqr.Code, error) {
			if strings.Contains(input, "өүң") {
				return elqr.Code{}, &elqr.ReadError{Code: elqr.TruncatedValue, Message: "too short"}
			}
			return elqr.Read(input)
		},
	} {
		t.Run(about, func(t *testing.T) {
			m := payloadfuzz.New(1, []string{golden, foreign})
			for n := range 500_000 {
				if err := payloadfuzz.Held(read, m.Next()); err != nil {
					t.Logf("found after %d: %v", n, err)
					return
				}
			}
			t.Error("not found")
		})
	}
}

func TestTheLedgerAddsUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.txt")
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, e := range []payloadfuzz.Entry{
		{At: at, Commit: "abc", Target: "elqr.FuzzRead", By: "loop", Executions: 10, Took: time.Minute},
		{At: at, Commit: "abd", Target: "elqr.FuzzRead", By: "loop", Executions: 5, Findings: 1},
		{At: at, Commit: "abd", Target: "elqr.FuzzRead", By: "engine", Executions: 7},
	} {
		if err := payloadfuzz.Append(path, e); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := payloadfuzz.WriteTotals(&out, path); err != nil {
		t.Fatal(err)
	}
	want := "fuzz: elqr.FuzzRead by engine: 7 executions in 1 runs, 0 findings\nfuzz: elqr.FuzzRead by loop: 15 executions in 2 runs, 1 findings\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if err := os.WriteFile(path, []byte("# people\n\n2026-11-24T10:00 abc x loop many 1 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := payloadfuzz.WriteTotals(&out, path); err == nil {
		t.Error("a damaged line was read")
	}
}

func BenchmarkTarget(b *testing.B) {
	m := payloadfuzz.New(1, []string{golden, foreign})
	b.ReportAllocs()
	for b.Loop() {
		if err := payloadfuzz.Target(m.Next()); err != nil {
			b.Fatal(err)
		}
	}
}
