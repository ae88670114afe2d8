//go:build flaws

package sim

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tolom/flaw"
)

// death is how a flaw was noticed, from one seed after another.
type death struct {
	flaw.Flaw
	worlds, payments []int // of each seed
	rules            []string
	first            Violation // of the first seed
	survivals        int
	asked            int64
}

// String is a row of docs/flaws.md.
func (d death) String() string {
	slices.Sort(d.worlds)
	slices.Sort(d.payments)
	slices.Sort(d.rules)
	rules := strings.Join(slices.Compact(d.rules), "; ")
	if d.survivals > 0 {
		rules = fmt.Sprintf("SURVIVED %d of %d seeds, its places were passed %d times; %s", d.survivals, len(d.worlds), d.asked, rules)
	}
	most, middle := len(d.payments)-1, len(d.payments)/2
	return fmt.Sprintf("| `%s/` | %s | %s | %s | %d, %d | %d, %d |", d.Room, strings.TrimPrefix(string(d.Name), "flaw:"), d.Breaks, rules,
		d.worlds[middle], d.worlds[most], d.payments[middle], d.payments[most])
}

// fromOutside reads a number that the caller of the test may set.
func fromOutside(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestEveryFlawDies brings one planted flaw after another to life and lets worlds
// run until one of them notices. TOLOM_FLAWS_PAYMENTS bounds how many payments a
// flaw may survive, TOLOM_FLAWS_SEEDS says with how many seeds it is tried,
// TOLOM_FLAWS_SEED where these begin, and TOLOM_FLAWS names some flaws alone.
func TestEveryFlawDies(t *testing.T) {
	defer flaw.Choose("")
	some, c, dead := os.Getenv("TOLOM_FLAWS"), castFor(t), 0
	fmt.Println("| room | flaw | what it breaks | killed by the rule | worlds: median, most | payments: median, most |\n|---|---|---|---|---|---|")
	for _, f := range flaw.Table {
		if some != "" && !strings.Contains(","+some+",", ","+strings.TrimPrefix(string(f.Name), "flaw:")+",") {
			continue
		}
		d := death{Flaw: f}
		for n := range fromOutside("TOLOM_FLAWS_SEEDS", 1) {
			d.live(t, uint64(fromOutside("TOLOM_FLAWS_SEED", 1)+n), fromOutside("TOLOM_FLAWS_PAYMENTS", 20_000), c)
		}
		fmt.Println(d)
		if d.survivals > 0 {
			t.Errorf("%s survives: %s", f.Name, d)
			continue
		}
		dead++
	}
	fmt.Printf("\n%d flaws died\n", dead)
}

// live lets worlds of a seed run with the flaw alive until one of them notices.
func (d *death) live(t *testing.T, seed uint64, most int, c *cast) {
	t.Helper()
	flaw.Choose(d.Name)
	worlds, payments := 0, 0
	var noticed []Violation
	for ; payments < most && len(noticed) == 0; worlds++ {
		w, err := newWorld(seedOf(seed, worlds), Rough(), flawedWorld, false, c)
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		w.live()
		noticed, payments = w.violations, payments+w.started
	}
	d.worlds, d.payments, d.asked = append(d.worlds, worlds), append(d.payments, payments), d.asked+flaw.Asked()
	if len(noticed) == 0 {
		d.survivals++
		return
	}
	if d.rules = append(d.rules, noticed[0].Rule); d.first.Rule == "" {
		d.first = noticed[0]
	}
}

// flawedWorld is how many payments a world has in which a flaw lives.
const flawedWorld = 200

// TestWorldsWithoutAFlawAreSound, or the deaths of the others would say nothing.
func TestWorldsWithoutAFlawAreSound(t *testing.T) {
	d := death{}
	if d.live(t, uint64(fromOutside("TOLOM_FLAWS_SEED", 1)), 1000, castFor(t)); d.survivals != 1 {
		t.Fatal(d.first)
	}
}
