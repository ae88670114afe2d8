package world

import (
	"testing"
	"time"
)

func TestTheMachineMeasuresByItself(t *testing.T) {
	passed := Stopwatch()
	time.Sleep(2 * time.Millisecond)
	if took := passed(); took < 2*time.Millisecond || passed() < took {
		t.Errorf("2 ms took %v, and then %v", took, passed())
	}
	if left := time.Until(Deadline(time.Hour)); left > time.Hour || left < 59*time.Minute {
		t.Errorf("an hour from now is in %v", left)
	}
}
