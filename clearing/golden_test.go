package clearing_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"tolom/clearing"
	"tolom/internal/iso20022"
	"tolom/settlement"
)

func TestFilesAreAsTheyWere(t *testing.T) {
	for name, m := range map[string]writer{
		"transfers.xml":       transfers(t, clearing.Style{}),
		"transfers_latin.xml": transfers(t, clearing.Style{Latin: true}),
		"credits.xml":         credits(t, clearing.Style{}),
		"credits_latin.xml":   credits(t, clearing.Style{Latin: true}),
		"statement.xml":       statement(),
		"answer.xml":          answer(),
	} {
		t.Run(name, func(t *testing.T) {
			file := written(t, m)
			golden(t, name, file)
			if err := iso20022.Check(file); err != nil {
				t.Error(err)
			}
		})
	}
	golden(t, "records.json", recordsFile(t, records()))
	golden(t, "records_none.json", recordsFile(t, nil))
}

// TestExamplesThatAreOnlyReadKeepTheirSchema sees that the readers' examples are such as banks may send.
func TestExamplesThatAreOnlyReadKeepTheirSchema(t *testing.T) {
	for _, name := range []string{"pain002.xml", "camt053_bank.xml"} {
		if err := iso20022.Check(testdata(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLatinFilesHoldOnlyWhatEverySystemTakes(t *testing.T) {
	for _, m := range []writer{transfers(t, clearing.Style{Latin: true}), credits(t, clearing.Style{Latin: true})} {
		for _, c := range string(written(t, m)) {
			if c > '~' {
				t.Fatalf("%q is in a file of Latin letters", c)
			}
		}
	}
	if got := (clearing.Style{Latin: true}).Fit("Дүкөн «Ош» №5_&\t\u202Eаяк", 140); got != "Dukon Osh No5 ayak" {
		t.Errorf("got %q", got)
	}
	if got := (clearing.Style{}).Fit("  Ысык\u00a0 көл\x00\n"+strings.Repeat("ө", 200), 12); got != "Ысык көл өөө" {
		t.Errorf("got %q", got)
	}
}

func TestTotalsOfFilesAreTotalsOfTheDay(t *testing.T) {
	var in, out int64
	for _, l := range transfers(t, clearing.Style{}).Legs {
		if l.From == centre {
			out += int64(l.Amount)
		} else {
			in += int64(l.Amount)
		}
	}
	if in-out != 1_700 { // What stays is the centre's position.
		t.Errorf("%d come in, %d go out; the centre's position is 1700", in, out)
	}
	unbalanced := positions()
	unbalanced[0].Net++
	if _, err := clearing.TransfersOf(header("N1", rtgs), unbalanced, clearing.Style{}); err == nil {
		t.Error("positions that do not sum to zero became a file")
	}
}

func recordsFile(t fataler, rows []settlement.Record) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := clearing.WriteRecords(&out, each(rows)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func each(rows []settlement.Record) func(func(settlement.Record, error) bool) {
	return func(yield func(settlement.Record, error) bool) {
		for _, r := range slices.Clone(rows) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// fataler is a test, a fuzz target or a property.
type fataler interface {
	Helper()
	Fatal(...any)
}
