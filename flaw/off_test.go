//go:build !flaws

package flaw_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tolom/flaw"
)

// TestNothingOfAFlawIsInTheBinary builds the program as it is shipped and looks
// for the names of flaws and for the package that asks for them.
func TestNothingOfAFlawIsInTheBinary(t *testing.T) {
	if flaw.Alive || flaw.Has(flaw.NoTombstone) {
		t.Fatal("flaws are alive without the tag")
	}
	binary := filepath.Join(t.TempDir(), "tolom")
	if said, err := exec.Command("go", "build", "-o", binary, "tolom/cmd/tolom").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	symbols, err := exec.Command("go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(symbols, []byte("tolom/payment.Decide")) {
		t.Fatal("the binary names none of its functions, so their absence would say nothing")
	}
	for _, function := range []string{"tolom/flaw.", "forgetClaims", "engine.(*lane).apart", "engine.(*attempt).early", "notify.(*Courier).stray"} {
		if bytes.Contains(symbols, []byte(function)) {
			t.Errorf("the binary has %q in it", function)
		}
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flaw.Table {
		if bytes.Contains(program, []byte(f.Name)) {
			t.Errorf("the binary names %s", f.Name)
		}
	}
}
