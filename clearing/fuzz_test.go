package clearing_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"tolom/clearing"
)

// FuzzXML throws anything at every reader of XML. None may panic; each says ErrFile or accepts; and what is accepted and can be
// written again is read back as the same.
func FuzzXML(f *testing.F) {
	for _, m := range []writer{transfers(f, clearing.Style{}), credits(f, clearing.Style{}), statement(), answer()} {
		f.Add(written(f, m))
	}
	for _, name := range []string{"pain002.xml", "camt053_bank.xml", "camt053_2009.xml"} {
		f.Add(testdata(f, name))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		again(t, file, clearing.ReadTransfers)
		again(t, file, clearing.ReadCredits)
		again(t, file, clearing.ReadAnswer)
		again(t, file, clearing.ReadStatement)
	})
}

func again[M writer](t *testing.T, file []byte, read func(io.Reader) (M, error)) {
	t.Helper()
	m, err := read(bytes.NewReader(file))
	if err != nil {
		if !errors.Is(err, clearing.ErrFile) {
			t.Fatalf("%T: the error is no ErrFile: %v", m, err)
		}
		return
	}
	var out bytes.Buffer
	if m.Write(&out) != nil {
		return // Others may write what we do not.
	}
	twice, err := read(&out)
	var whole bytes.Buffer
	if err != nil || twice.Write(&whole) != nil {
		t.Fatalf("%T: what was written again cannot be read: %v\n%s", m, err, out.Bytes())
	}
	thrice, err := read(&whole)
	if err != nil || !reflect.DeepEqual(twice, thrice) {
		t.Fatalf("%T: writing does not settle: %+v, then %+v, %v", m, twice, thrice, err)
	}
}

// FuzzRecords throws anything at the reader of clearing records.
func FuzzRecords(f *testing.F) {
	f.Add(recordsFile(f, records()))
	f.Add(recordsFile(f, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := readRecords(file)
		if err != nil {
			if !errors.Is(err, clearing.ErrFile) {
				t.Fatalf("the error is no ErrFile: %v", err)
			}
			return
		}
		if got, err := readRecords(recordsFile(t, rows)); err != nil || !reflect.DeepEqual(got, rows) {
			t.Fatalf("accepted %+v, read back %+v, %v", rows, got, err)
		}
	})
}
