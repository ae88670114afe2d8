//go:build flaws

package flaw_test

import (
	"testing"

	"tolom/flaw"
)

func TestOneFlawLivesAtATime(t *testing.T) {
	defer flaw.Choose("")
	flaw.Choose(flaw.DeltaTwice)
	if !flaw.Has(flaw.DeltaTwice) || flaw.Has(flaw.NoTombstone) || flaw.Asked() != 1 {
		t.Errorf("asked %d times", flaw.Asked())
	}
	flaw.Choose(flaw.NoTombstone)
	if flaw.Has(flaw.DeltaTwice) || !flaw.Has(flaw.NoTombstone) || flaw.Asked() != 1 {
		t.Errorf("asked %d times", flaw.Asked())
	}
	flaw.Choose("")
	if flaw.Has(flaw.NoTombstone) || flaw.Has("") {
		t.Error("a flaw lives although none was chosen")
	}
}
