//go:build flaws

package flow_test

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tolom/flaw"
)

// judged is a test that only notes how it went.
type judged struct {
	testing.TB
	said string
}

// Errorf notes the failure.
func (j *judged) Errorf(format string, args ...any) { j.said += fmt.Sprintf(format, args...) }

// Fatalf notes the failure and ends the run.
func (j *judged) Fatalf(format string, args ...any) {
	j.Errorf(format, args...)
	runtime.Goexit()
}

// FailNow ends the run.
func (j *judged) FailNow() {
	j.Errorf("failed")
	runtime.Goexit()
}

// Failed says whether anything went wrong.
func (j *judged) Failed() bool { return j.said != "" }

// Logf says nothing: a run that fails is what is wanted.
func (j *judged) Logf(string, ...any) {}

// unseen are flaws of these rooms that the model cannot see, each for a reason.
var unseen = map[flaw.Name]string{
	flaw.FactForgotten: "it reads no feed; the invariants do", flaw.AnswerEarly: "no commit fails here", flaw.UnknownIsSuccess: "no commit fails here",
	flaw.OutboxApart: "no commit fails here", flaw.ClaimsLostOnRetry: "nothing runs twice here", flaw.SliceIgnored: "one node has one slice",
	flaw.NodeClock: "the memory's clock is the node's", flaw.OrderUnclaimed: "its orders have no names",
}

// TestTheModelSeesPlantedFlaws brings each flaw of the rules, the books and the use cases to life, and wants the plain
// model to disagree. It runs with the build tag flaws.
func TestTheModelSeesPlantedFlaws(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "400", "rapid.nofailfile": "true", "rapid.shrinktime": "1ms"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	for _, f := range flaw.Table {
		if !slices.Contains([]string{"payment", "books", "flow", "engine", "ledger"}, f.Room) {
			continue
		}
		flaw.Choose("")
		k := newKit(t, memory(t), false)
		flaw.Choose(f.Name)
		j := &judged{TB: t}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			rapid.Check(j, func(rt *rapid.T) { rt.Repeat(newModelRun(k, rt).actions()) })
		}()
		<-ended
		asked := flaw.Asked()
		flaw.Choose("")
		if j.Failed() {
			seen = append(seen, string(f.Name))
		} else if unseen[f.Name] == "" {
			t.Errorf("%s (%s) is not seen by the model; its place was passed %d times", f.Name, f.Breaks, asked)
		}
	}
	t.Logf("seen: %d: %s", len(seen), strings.Join(seen, " "))
}
