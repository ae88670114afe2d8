package sim

import (
	"fmt"
	"testing"
)

// Every fourth message is damaged, lists of refunds too, which are spared only on
// their way to banks that do not sign. That the client refuses what is damaged is
// held by its own tests; here the bank's books must come out right all the same.
func TestABankThatSignsGetsAlongWithDamagedAnswers(t *testing.T) {
	for onSQLite, payments := range map[bool]int{false: 600, true: 100} {
		t.Run(fmt.Sprint("SQLite ", onSQLite), func(t *testing.T) {
			rough := Rough()
			rough.Banks.Corrupt, rough.Signs = .25, 1
			r := result(t, Config{Seed: 5, Payments: payments, WorldSize: 200, Profile: rough, SQLite: onSQLite})
			if r.Counts["bank that signs"] == 0 || r.Counts["damaged although signed"] < int64(payments/30) {
				t.Errorf("no bank that signs met damaged answers: %v", r.Counts)
			}
		})
	}
}
