//go:build flaws

package sim_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tolom/flaw"
	"tolom/sim"
)

// death is how a flaw was noticed.
type death struct {
	flaw.Flaw
	result sim.Result
	asked  int64
	took   time.Duration
}

func (d death) survived() bool { return len(d.result.Violations) == 0 }

// String is a row of docs/flaws.md.
func (d death) String() string {
	name := strings.TrimPrefix(string(d.Name), "flaw:")
	if d.survived() {
		return fmt.Sprintf("| %s | %s | %s | SURVIVED | %d | %d, passed %d times |", d.Room, name, d.Breaks, d.result.Worlds, d.result.Payments, d.asked)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %d | %d |", d.Room, name, d.Breaks, d.result.Violations[0].Rule, d.result.Worlds, d.result.Payments)
}

// number reads a number that the caller of the test may set.
func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestEveryFlawDies brings one planted flaw after another to life and lets worlds
// run until one of them notices. TOLOM_FLAWS_PAYMENTS bounds how many payments a
// flaw may survive, TOLOM_FLAWS_SEED begins elsewhere, TOLOM_FLAWS names some alone.
func TestEveryFlawDies(t *testing.T) {
	defer flaw.Choose("")
	most, seed, some := number("TOLOM_FLAWS_PAYMENTS", 20_000), number("TOLOM_FLAWS_SEED", 1), os.Getenv("TOLOM_FLAWS")
	dead := 0
	fmt.Println("| room | flaw | what it breaks | killed by the rule | worlds | payments |\n|---|---|---|---|---|---|")
	for _, f := range flaw.Table {
		if some != "" && !strings.Contains(","+some+",", ","+strings.TrimPrefix(string(f.Name), "flaw:")+",") {
			continue
		}
		d := live(t, f, uint64(seed), most)
		fmt.Println(d)
		if dead++; d.survived() {
			dead--
			t.Errorf("%s survived %d payments in %d worlds; its places were passed %d times", f.Name, d.result.Payments, d.result.Worlds, d.asked)
		} else if testing.Verbose() {
			fmt.Printf("    %v, %s\n", d.took.Round(time.Millisecond), d.result.Violations[0])
		}
	}
	fmt.Printf("\n%d flaws died\n", dead)
}

// live runs worlds with one flaw alive until something is noticed.
func live(t *testing.T, f flaw.Flaw, seed uint64, most int) death {
	t.Helper()
	flaw.Choose(f.Name)
	begun := time.Now()
	result, err := sim.Run(context.Background(), sim.Config{Seed: seed, Payments: most, WorldSize: 200, Workers: 1})
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return death{f, result, flaw.Asked(), time.Since(begun)}
}

// TestAWorldWithoutAFlawIsSound, or the deaths of the others would say nothing.
func TestAWorldWithoutAFlawIsSound(t *testing.T) {
	flaw.Choose("")
	result, err := sim.Run(context.Background(), sim.Config{Seed: uint64(number("TOLOM_FLAWS_SEED", 1)), Payments: 2000, WorldSize: 200, Workers: 1})
	if err != nil || len(result.Violations) > 0 {
		t.Fatalf("%v, %v", err, result.Violations)
	}
}
