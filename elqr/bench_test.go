package elqr_test

import (
	"testing"

	"tolom/elqr"
)

// usual is a dynamic request with a token, a merchant and a Kyrgyz comment; its
// payload has 200 characters.
var usual = elqr.Payload{
	Kind:           elqr.Dynamic,
	Provider:       "pay.example.kg",
	Service:        "1001",
	Transaction:    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
	Merchant:       "mer_01ARZ3NDEKTSV4RRFFQ69G5FAV",
	Comment:        "Дүкөн № 4",
	Extra:          []elqr.Extra{{Key: "n", Label: "N", Value: "1"}},
	MCC:            "5411",
	Currency:       elqr.Currency417,
	Amount:         123450,
	Name:           "KAFE ALATOO",
	AmountEditable: false,
}

func BenchmarkRead(b *testing.B) {
	text := mustEncode(b, usual)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := elqr.Read(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadLink(b *testing.B) {
	link := elqr.Link(elqr.NationalBase, mustEncode(b, usual))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := elqr.Read(link); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadEMVCo(b *testing.B) {
	const text = "00020101021226300010kg.example0112MERCHANT00015204581253034175802KG5925NNNNNNNNNNNNNNNNNNNNNNNNN6015CCCCCCCCCCCCCCC6110PPPPPPPPPP6304344E"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := elqr.Read(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadFields(b *testing.B) {
	text := mustEncode(b, usual)
	b.ReportAllocs()
	for b.Loop() {
		code, err := elqr.Read(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := code.Payload(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProblems(b *testing.B) {
	code, err := elqr.Read(mustEncode(b, usual))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(code.Problems()) != 0 {
			b.Fatal(code.Problems())
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := usual.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	dst := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := usual.Append(dst[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLink(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := usual.Link(elqr.NationalBase); err != nil {
			b.Fatal(err)
		}
	}
}

// TestUsualHas200Characters keeps the benchmarks on the size the goals name.
func TestUsualHas200Characters(t *testing.T) {
	if got := len([]rune(mustEncode(t, usual))); got != 200 {
		t.Fatalf("the benchmarked payload has %d characters, want 200", got)
	}
}

// TestAllocations holds the goals that do not depend on the machine: two
// allocations to read, three to write.
func TestAllocations(t *testing.T) {
	text := mustEncode(t, usual)
	link := elqr.Link(elqr.NationalBase, text)
	for name, c := range map[string]struct {
		limit float64
		run   func()
	}{
		"read payload": {2, func() { _, _ = elqr.Read(text) }},
		"read link":    {2, func() { _, _ = elqr.Read(link) }},
		"encode":       {3, func() { _, _ = usual.Encode() }},
	} {
		if got := testing.AllocsPerRun(100, c.run); got > c.limit {
			t.Errorf("%s: %v allocations, want at most %v", name, got, c.limit)
		}
	}
}

func mustEncode(t testing.TB, p elqr.Payload) string {
	t.Helper()
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
