package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"tolom/clearing"
	"tolom/courier"
	"tolom/id"
	"tolom/money"
	"tolom/sandbox"
	"tolom/store"
)

// post is the folders in which the platform lays files for the central bank and the
// banks, with those who read them there and answer.
type post struct {
	w        *World
	shelf    *courier.Shelf
	owners   []id.ID
	read     map[string]bool // files by where they lie
	verdicts map[string]clearing.Answer
	letters  map[string]letter // by message: the last answer to it, as it is meant
	credited map[id.ID]credit  // payouts by the files that banks have
	legs     map[string]money.Amount
	underWay int // letters that are not laid down yet

	refusing map[string]int // for scenarios: how many of the next messages of a kind are refused
	twice    bool           // for scenarios: every answer comes once more
}

// letter is an answer on paper.
type letter struct {
	owner   id.ID
	name    string
	content []byte
}

// credit is a payout as a bank reads it.
type credit struct {
	amount money.Amount
	file   string
}

var errFolder = errors.New("sim: the folder does not answer")

func (w *World) newPost() *post {
	p := &post{w: w, shelf: courier.NewShelf(), read: map[string]bool{}, verdicts: map[string]clearing.Answer{}, letters: map[string]letter{},
		credited: map[id.ID]credit{}, refusing: map[string]int{}, legs: map[string]money.Amount{}, owners: []id.ID{store.CentralBank}}
	p.shelf.Fault = func() error {
		if w.task == nil {
			return nil
		}
		w.sleep(w.within(time.Millisecond))
		w.maybeCrash()
		if w.trouble(w.profile.Folder) {
			w.count("folder failed")
			return errFolder
		}
		return nil
	}
	return p
}

// serve reads what lies there, again and again.
func (p *post) serve() {
	for {
		p.w.sleep(p.w.idly(2*time.Second) + p.w.within(2*time.Second))
		for _, owner := range p.owners {
			p.look(owner)
		}
	}
}

func (p *post) look(owner id.ID) {
	out := string(owner) + "/out"
	for _, name := range p.shelf.Names(out) {
		path := out + "/" + name
		if p.read[path] || !strings.HasSuffix(name, ".xml") {
			continue
		}
		content := p.shelf.Read(path)
		if word, _, _ := strings.Cut(string(p.shelf.Read(path+".sha256")), " "); word != digestOf(content) {
			p.w.violated("a file appears whole", name, "beside it the digest says %s", word)
			return
		}
		p.read[path] = true
		p.w.count("file read by a bank")
		p.w.record.note(p.w.now, "file", path, digestOf(content))
		p.copy(owner, name, content)
		p.reply(owner, name, content)
	}
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// copy is what the reader of a file writes into books of its own.
func (p *post) copy(owner id.ID, name string, content []byte) {
	if t, err := clearing.ReadTransfers(bytes.NewReader(content)); err == nil {
		for _, l := range t.Legs {
			p.legs[t.Header.Message+" "+l.ID] = l.Amount
		}
		return
	}
	c, err := clearing.ReadCredits(bytes.NewReader(content))
	if err != nil {
		p.w.violated("a file can be read", name, "%s: %v", owner, err)
	}
	for _, i := range c.Items {
		if before, twice := p.credited[id.ID(i.ID)]; twice {
			p.w.violated("a payout is credited once", i.ID, "by %s and by %s", before.file, name)
		}
		p.credited[id.ID(i.ID)] = credit{i.Amount, name}
	}
}

// reply lays the answer to a file into the inbox, in one of the ways in which answers come.
func (p *post) reply(owner id.ID, name string, content []byte) {
	w := p.w
	a, err := sandbox.AnswerTo(content, p.judge)
	if err != nil {
		w.violated("a file can be read", name, "%v", err)
		return
	}
	wait := w.within(2 * time.Second)
	if w.oddly(.1) { // it is heard of before it is decided
		w.count("answer that waits")
		early := a
		early.Verdict, early.Items, early.Message = clearing.Waiting, nil, "E"+a.Message[1:]
		p.lay(w.within(time.Second), letter{owner, "early_" + name, text(early)})
	}
	if w.oddly(.15) && a.Verdict == clearing.Partly { // money first, and back when the account does not take it
		w.count("answer with second thoughts")
		first := a
		first.Verdict, first.Items, first.Message = clearing.Settled, nil, "F"+a.Message[1:]
		p.lay(wait, letter{owner, "first_" + name, text(first)})
		wait += 5*time.Second + w.within(20*time.Second)
	}
	l := letter{owner, "answer_" + name, text(a)}
	p.letters[a.Original] = l
	p.sendAnswer(wait, l)
}

func text(a clearing.Answer) []byte {
	var out bytes.Buffer
	if err := a.Write(&out); err != nil {
		return []byte(err.Error())
	}
	return out.Bytes()
}

// sendAnswer lays an answer down late, twice, damaged at first, or before another's door.
func (p *post) sendAnswer(wait time.Duration, l letter) {
	w := p.w
	switch {
	case p.twice:
		p.lay(wait+10*time.Second, letter{l.owner, "again_" + l.name, l.content})
	case w.oddly(.1):
		w.count("answer late")
		wait += w.within(time.Minute)
	case w.oddly(.15):
		w.count("answer twice")
		p.lay(wait+w.within(20*time.Second), letter{l.owner, "again_" + l.name, l.content})
	case w.oddly(.1):
		w.count("answer damaged")
		p.lay(wait, letter{l.owner, "damaged_" + l.name, w.damaged(l.content)})
		wait += w.within(20 * time.Second)
	case w.oddly(.1):
		w.count("answer repeated in other words")
		a, err := clearing.ReadAnswer(bytes.NewReader(l.content))
		if a.Message = "R" + a.Message[1:]; err == nil {
			p.lay(wait+w.within(30*time.Second), letter{l.owner, "repeated_" + l.name, text(a)})
		}
	case w.oddly(.05):
		w.count("answer to another's file")
		p.lay(wait, letter{p.owners[w.random.IntN(len(p.owners))], "foreign_" + l.name, l.content})
		wait += w.within(20 * time.Second)
	}
	p.lay(wait, l)
}

// lay puts a letter down, mostly with its digest, some without: such one is taken once it lies still.
func (p *post) lay(wait time.Duration, l letter) {
	p.underWay++
	p.w.after(wait, func() {
		p.underWay--
		path := string(l.owner) + "/in/" + l.name
		p.w.record.note(p.w.now, "letter", path, digestOf(l.content))
		if p.w.chance(.8) {
			p.shelf.Lay(path+".sha256", []byte(digestOf(l.content)+"  "+l.name+"\n"))
		}
		p.shelf.Lay(path, l.content)
	})
}

// idle says that the banks have read of all payouts, and that all their letters were taken.
func (p *post) idle(payouts map[id.ID]*paidOut) bool {
	if p.underWay > 0 || len(p.credited) < len(payouts) {
		return false
	}
	for _, owner := range p.owners {
		for _, name := range p.shelf.Names(string(owner) + "/in") {
			if !strings.HasSuffix(name, ".sha256") {
				return false
			}
		}
	}
	return true
}

// refuses has the next message of a kind refused: N for days, C for payouts.
func (p *post) refuses(kind string) { p.refusing[kind]++ }

func (p *post) refused(kind string) bool {
	if p.refusing[kind] == 0 {
		return false
	}
	p.refusing[kind]--
	return true
}

// sentBack says that a bank has said of a payout that the account does not take it.
func (p *post) sentBack(payout id.ID) bool {
	for _, a := range p.verdicts {
		for _, i := range a.Items {
			if i.ID == string(payout) && i.Verdict == clearing.Refused {
				return true
			}
		}
	}
	return false
}

// again lays all answers down once more, as they are meant: what was lost on a bad day is had when it is over.
func (p *post) again() {
	for _, message := range slices.Sorted(maps.Keys(p.letters)) {
		p.lay(p.w.within(3*time.Second), p.letters[message])
	}
}

// judge is what the central bank and the banks decide: now and then a day is sent back, or an account does not take a payout.
func (p *post) judge(message string, transfers []string) clearing.Answer {
	if a, said := p.verdicts[message]; said {
		return a
	}
	a := clearing.Answer{Verdict: clearing.Settled}
	switch ofDay := strings.HasPrefix(message, "N"); {
	case ofDay && (p.refused("N") || p.w.oddly(.12)):
		p.w.count("day sent back")
		a = clearing.Answer{Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AM04", Text: "No funds"}}}
	case !ofDay:
		none := p.refused("C")
		for _, name := range transfers {
			outcome := clearing.Outcome{ID: name, Verdict: clearing.Settled}
			if none || p.w.oddly(.1) {
				p.w.count("payout sent back")
				a.Verdict, outcome.Verdict = clearing.Partly, clearing.Refused
				outcome.Reasons = []clearing.Reason{{Code: "AC04", Text: "Closed"}}
			}
			a.Items = append(a.Items, outcome)
		}
	}
	p.verdicts[message] = a
	return a
}
