package proposal

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/fault"
	"tolom/id"
)

var (
	morning = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	people  = map[string]Person{"A": person("A"), "B": person("B"), "C": person("C")}
)

func person(letter string) Person {
	return Person{ID: id.New(id.Operator, morning, 0, id.Random{letter[0]}), Name: "Operator " + letter}
}

func proposed(by string) Proposal {
	p, _ := New(Proposal{ID: id.New(id.Proposal, morning, 0, id.Random{1}), Action: "limits.set", Target: "mer_1", Body: `{"daily":5}`,
		Summary: []Line{{Name: "daily", Before: "0", After: "5", As: Amount}}, ProposedBy: people[by]}, morning, Proposed)
	p.Version = 1
	return p
}

// TestScenarios plays testdata/scenarios.txt: each paragraph is a proposal of operator A, each line what somebody does
// at an hour after it, and what comes of it.
func TestScenarios(t *testing.T) {
	text, err := os.ReadFile("testdata/scenarios.txt")
	if err != nil {
		t.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		title, story, _ := strings.Cut(strings.TrimSpace(paragraph), "\n")
		t.Run(strings.TrimPrefix(title, "# "), func(t *testing.T) { play(t, story) })
	}
}

func play(t *testing.T, story string) {
	p := proposed("A")
	for line := range strings.SplitSeq(story, "\n") {
		what, want, ok := strings.Cut(line, "->")
		if !ok {
			t.Fatalf("a line without ->: %q", line)
		}
		var hour int
		var verb, who string
		if n, err := fmt.Sscan(what, &hour, &verb, &who); n < 2 {
			t.Fatalf("%q: %v", what, err)
		}
		before := p
		next, event, err := Decide(p, command(p, verb, who), morning.Add(time.Duration(hour)*time.Hour))
		if event.Kind != "" {
			next.Version++ // As a store does.
			if event.Number != next.Version || event.Kind != string(next.Status) || event.Digest != before.Digest() {
				t.Errorf("%s: the event is %+v", line, event)
			}
		}
		p = next
		got := string(p.Status)
		var refusal *fault.Error
		if errors.As(err, &refusal) {
			got += " " + string(refusal.Code)
		}
		if got != strings.TrimSpace(want) {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

func command(p Proposal, verb, who string) Command {
	switch verb {
	case "approve":
		return Approve{By: people[who], Digest: p.Digest()}
	case "approve-other":
		p.Body = `{"daily":6}`
		return Approve{By: people[who], Digest: p.Digest()}
	case "reject":
		return Reject{By: people[who], Reason: "no"}
	case "withdraw":
		return Withdraw{By: people[who]}
	case "finish":
		return Finish{Outcome: "made"}
	case "fail":
		return Fail{Outcome: "broken"}
	}
	return Expire{}
}

// TestWhatNobodyCanDo tries any commands of anybody at any time: nothing is carried out that was not approved by
// another person in time, word for word, and nothing happens after an end.
func TestWhatNobodyCanDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, at := proposed("A"), morning
		var events []Event
		for range rapid.IntRange(1, 12).Draw(t, "commands") {
			at = at.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)
			verb := rapid.SampledFrom([]string{"approve", "approve-other", "reject", "withdraw", "finish", "fail", "expire"}).Draw(t, "verb")
			next, e, err := Decide(p, command(p, verb, rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "who")), at)
			if e.Kind == "" && next.Status != p.Status {
				t.Fatalf("%s changed %s to %s without an event", verb, p.Status, next.Status)
			}
			if p.Status.Final() && next.Status != p.Status {
				t.Fatalf("%s came after its end to %s", p.Status, next.Status)
			}
			if err != nil && e.Kind != "" && next.Status != Expired {
				t.Fatalf("%s was refused and came to %s", verb, next.Status)
			}
			if next.Digest() != p.Digest() {
				t.Fatal("what is decided on has changed")
			}
			if p = next; e.Kind != "" {
				p.Version++
				events = append(events, e)
			}
		}
		if p.Status == Approved || p.Status == Done {
			first := events[0]
			if first.Kind != string(Approved) || first.By.ID == p.ProposedBy.ID || !first.At.Before(p.ExpiresAt) || p.Sealed != p.Digest() {
				t.Fatalf("it is %s after %+v", p.Status, events)
			}
		}
	})
}

// TestTheDigestCoversEverything that an approver decides on: each field alone changes it.
func TestTheDigestCoversEverything(t *testing.T) {
	p := proposed("A")
	for name, change := range map[string]func(*Proposal){
		"id": func(p *Proposal) { p.ID += "x" }, "action": func(p *Proposal) { p.Action += "x" }, "target": func(p *Proposal) { p.Target += "x" },
		"body": func(p *Proposal) { p.Body += " " }, "reason": func(p *Proposal) { p.Reason = "x" }, "proposer": func(p *Proposal) { p.ProposedBy = people["B"] },
		"name": func(p *Proposal) { p.ProposedBy.Name += "x" }, "time": func(p *Proposal) { p.ProposedAt = p.ProposedAt.Add(time.Millisecond) },
		"end": func(p *Proposal) { p.ExpiresAt = p.ExpiresAt.Add(time.Millisecond) }, "before": func(p *Proposal) { p.Summary[0].Before = "1" },
		"after": func(p *Proposal) { p.Summary[0].After = "6" }, "line": func(p *Proposal) { p.Summary[0].Name = "x" }, "as": func(p *Proposal) { p.Summary[0].As = Text },
		"lines": func(p *Proposal) { p.Summary = append(p.Summary, Line{}) },
		"moved": func(p *Proposal) { p.Action, p.Target = p.Action+"m", p.Target[1:] },
	} {
		other := proposed("A")
		change(&other)
		if other.Digest() == p.Digest() {
			t.Errorf("%s is not covered", name)
		}
	}
}

func TestWhatNeedsNobodyIsApprovedAlready(t *testing.T) {
	for _, as := range []Status{Approved, Done} {
		p, e := New(Proposal{ID: "prop_1", ProposedBy: people["A"], Outcome: "made"}, morning, as)
		if p.Status != as || !p.AtOnce || p.Sealed != p.Digest() || e.Kind != string(as) || e.Number != 1 || (as == Done) == p.EndedAt.IsZero() {
			t.Errorf("%s: %+v, %+v", as, p, e)
		}
	}
}

func TestSameBefore(t *testing.T) {
	a := []Line{{Name: "daily", Before: "1", After: "2"}, {Name: "most", Before: "", After: "3"}}
	for _, c := range []struct {
		b    []Line
		want bool
	}{
		{[]Line{{Name: "daily", Before: "1", After: "9"}, {Name: "most", After: "9"}}, true},
		{[]Line{{Name: "daily", Before: "2", After: "2"}, {Name: "most", After: "3"}}, false},
		{[]Line{{Name: "daily", Before: "1", After: "2"}}, false},
		{[]Line{{Name: "daily", Before: "1"}, {Name: "least"}}, false},
		{nil, false},
	} {
		if got := SameBefore(a, c.b); got != c.want {
			t.Errorf("%v: %v", c.b, got)
		}
	}
}
