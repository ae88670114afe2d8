package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
	"tolom/proposal"
	"tolom/store"
	"tolom/world"
)

// Proposals is four eyes: what touches money, keys or limits goes through Ask, which writes it down and, when two people
// are needed, waits for the second. Each kind of action is registered once, when the program starts, by Register.
type Proposals struct {
	registry *Registry
	world    world.World
	fourEyes bool
	actions  map[string]action
}

// NewProposals makes it over a platform, with the actions of this room registered. Without fourEyes whatever is asked is
// done at once, and written down all the same.
func NewProposals(p *Platform, fourEyes bool) *Proposals {
	s := &Proposals{registry: p.registry, world: p.world, fourEyes: fourEyes, actions: map[string]action{}}
	s.registerOwn()
	return s
}

// FourEyes says whether a second person is needed.
func (s *Proposals) FourEyes() bool { return s.fourEyes }

// Kind is one kind of action, with a body of type B that becomes canonical JSON (so B is a struct of plain fields).
// Other rooms register theirs:
//
//	flow.Register(proposals, flow.Kind[Correction]{
//		Name: "settlement.correct",
//		Plan:  func(ctx context.Context, r *flow.Registry, target id.ID, body *Correction) ([]proposal.Line, error) { … },
//		Apply: func(ctx context.Context, p proposal.Proposal, body Correction) (outcome string, err error) { … },
//	})
//
// and ask with proposals.Ask(ctx, flow.Ask{By: person, Action: "settlement.correct", Target: merchant, Body: Correction{…}}).
// What comes back is Proposed (answer 202) or Done (answer as if there were no four eyes).
type Kind[B any] struct {
	// Name is kept with each proposal and never renamed: thing.verb.
	Name string
	// AtOnce says that one person is enough, because it only takes a power away.
	AtOnce bool
	// Unless says when one person is not enough although AtOnce; nil: never. It is asked when it is proposed.
	Unless func(ctx context.Context, r *Registry, target id.ID) (bool, error)
	// Plan checks what is asked against how things are now and says what it changes, line by line; it changes nothing.
	// It runs when it is proposed, when it is approved and, with Write, in the commit that carries it out: when a Before is
	// another then, the proposal is stale. An Apply judges by itself what changes after that. It may complete the body the first time. Its errors are *fault.Error and go to whoever asks.
	// When Write is set it reads through r alone, which then is part of the commit.
	Plan func(ctx context.Context, r *Registry, target id.ID, body *B) ([]proposal.Line, error)
	// Write carries it out by writing to the shelves of r's desk, in the commit that notes that it is done: so it
	// happens exactly once without further care. The outcome is the id of what was made, or "".
	Write func(ctx context.Context, r *Registry, p proposal.Proposal, body B) (outcome string, err error)
	// Apply carries it out where one commit cannot, as when money moves through the engine. It may be called again
	// for the same proposal, also by several nodes at once, and must then do nothing more and give the same outcome:
	// claim p.ID as a name. A *fault.Error that is not retryable ends the proposal as failed, other errors bring it back.
	Apply func(ctx context.Context, p proposal.Proposal, body B) (outcome string, err error)

	// limits is for the one action whose commit sets limits.
	limits func(body B) payment.Limits
}

// action is a Kind without its type.
type action struct {
	name   string
	atOnce bool
	unless func(ctx context.Context, r *Registry, target id.ID) (bool, error)
	plan   func(ctx context.Context, r *Registry, target id.ID, body string) (canonical string, lines []proposal.Line, err error)
	write  func(ctx context.Context, r *Registry, p proposal.Proposal) (outcome string, err error)
	apply  func(ctx context.Context, p proposal.Proposal) (outcome string, err error)
	limits func(body string) (payment.Limits, error)
}

// Register makes a kind of action known. It panics on a kind that is registered twice or says not how it is carried
// out, as that is a mistake of the program. It is called before the first Ask.
func Register[B any](s *Proposals, k Kind[B]) {
	ways := 0
	for _, given := range []bool{k.Write != nil, k.Apply != nil, k.limits != nil} {
		if given {
			ways++
		}
	}
	if _, twice := s.actions[k.Name]; twice || k.Plan == nil || ways != 1 {
		panic("flow: the action " + k.Name + " is registered twice, or says not how it is planned and carried out")
	}
	a := action{name: k.Name, atOnce: k.AtOnce, unless: k.Unless}
	a.plan = func(ctx context.Context, r *Registry, target id.ID, text string) (string, []proposal.Line, error) {
		body, err := bodyOf[B](text)
		if err != nil {
			return "", nil, err
		}
		lines, err := k.Plan(ctx, r, target, &body)
		if err != nil {
			return "", nil, err
		}
		canonical, err := json.Marshal(body)
		return string(canonical), lines, err
	}
	if k.Write != nil {
		a.write = func(ctx context.Context, r *Registry, p proposal.Proposal) (string, error) {
			body, err := bodyOf[B](p.Body)
			if err != nil {
				return "", err
			}
			return k.Write(ctx, r, p, body)
		}
	}
	if k.Apply != nil {
		a.apply = func(ctx context.Context, p proposal.Proposal) (string, error) {
			body, err := bodyOf[B](p.Body)
			if err != nil {
				return "", err
			}
			return k.Apply(ctx, p, body)
		}
	}
	if k.limits != nil {
		a.limits = func(text string) (payment.Limits, error) {
			body, err := bodyOf[B](text)
			return k.limits(body), err
		}
	}
	s.actions[k.Name] = a
}

// bodyOf reads the body of a proposal, of which nothing may be left over.
func bodyOf[B any](text string) (body B, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return body, fault.Wrap(fault.InternalError, fmt.Errorf("flow: the body of a proposal: %w", err))
	}
	return body, nil
}

// Ask is what somebody wants done.
type Ask struct {
	By     proposal.Person
	Action string // the Name of a Kind
	Target id.ID
	Body   any // of the Kind's type
	Reason string
}

// mostReason is how long the words of people may be, in characters.
const mostReason = 500

// Ask writes down what somebody wants done. It comes back Proposed when a second person must approve it, and Done when
// it was carried out; an error of carrying it out is the caller's, and then nothing was done. What an Apply could not
// finish now comes back Approved, and Continue brings it to its end.
func (s *Proposals) Ask(ctx context.Context, a Ask) (proposal.Proposal, error) {
	act, known := s.actions[a.Action]
	if !known {
		return proposal.Proposal{}, fault.New(fault.InvalidRequest).On("action").Because("there is no action " + a.Action)
	}
	if err := short("reason", a.Reason, mostReason); err != nil {
		return proposal.Proposal{}, err
	}
	text, err := json.Marshal(a.Body)
	if err != nil {
		return proposal.Proposal{}, fault.Wrap(fault.InternalError, err)
	}
	body, lines, err := act.plan(ctx, s.registry, a.Target, string(text))
	if err != nil {
		return proposal.Proposal{}, err
	}
	alone, err := s.oneIsEnough(ctx, act, a.Target)
	if err != nil {
		return proposal.Proposal{}, err
	}
	p := proposal.Proposal{ID: s.registry.newID(id.Proposal, 0), Action: a.Action, Target: a.Target, Body: body, Summary: lines, Reason: a.Reason, ProposedBy: a.By}
	switch {
	case !alone && !flaw.Has(flaw.OnePair):
		p, e := proposal.New(p, s.world.Clock.Now(), proposal.Proposed)
		return s.put(ctx, p, e)
	case act.apply != nil:
		p, e := proposal.New(p, s.world.Clock.Now(), proposal.Approved)
		if p, err = s.put(ctx, p, e); err != nil {
			return p, err
		}
		return s.carryOut(ctx, p)
	}
	return s.doNow(ctx, act, p)
}

// oneIsEnough says whether an action needs no second person.
func (s *Proposals) oneIsEnough(ctx context.Context, act action, target id.ID) (bool, error) {
	if !s.fourEyes || act.atOnce && act.unless == nil {
		return true, nil
	}
	if !act.atOnce {
		return false, nil
	}
	not, err := act.unless(ctx, s.registry, target)
	return !not, err
}

// put writes a proposal whose event the caller has.
func (s *Proposals) put(ctx context.Context, p proposal.Proposal, e proposal.Event) (proposal.Proposal, error) {
	err := s.registry.desk.MoveProposal(ctx, func(context.Context, store.Desk) (proposal.Proposal, proposal.Event, error) { return p, e, nil })
	if err != nil {
		return p, moved(err)
	}
	p.Version++
	return p, nil
}

// doNow carries out in one commit what needs nobody else, and writes it down.
func (s *Proposals) doNow(ctx context.Context, act action, p proposal.Proposal) (proposal.Proposal, error) {
	return s.commit(ctx, act, p, func(ctx context.Context, r *Registry) (proposal.Proposal, proposal.Event, error) {
		outcome, err := s.perform(ctx, act, r, p)
		if err != nil {
			return p, proposal.Event{}, err
		}
		done := p
		done.Outcome = outcome
		done, e := proposal.New(done, s.world.Clock.Now(), proposal.Done)
		return done, e, nil
	})
}

// commit runs a mover over a registry that is part of the commit, and has this node forget what it remembers after it.
func (s *Proposals) commit(ctx context.Context, act action, p proposal.Proposal, do func(context.Context, *Registry) (proposal.Proposal, proposal.Event, error)) (out proposal.Proposal, err error) {
	mover := func(ctx context.Context, d store.Desk) (_ proposal.Proposal, e proposal.Event, err error) {
		out, e, err = do(ctx, s.registry.over(d))
		return out, e, err
	}
	if act.limits != nil {
		l, err := act.limits(p.Body)
		if err != nil {
			return p, err
		}
		err = s.registry.desk.MoveProposalWithLimits(ctx, l, mover)
	} else {
		err = s.registry.desk.MoveProposal(ctx, mover)
	}
	if err != nil {
		return p, moved(err)
	}
	out.Version++
	s.registry.forgetAll()
	s.registry.gate.Forget()
	return out, nil
}

// perform makes sure that things are as they were when it was proposed, and writes.
func (s *Proposals) perform(ctx context.Context, act action, r *Registry, p proposal.Proposal) (string, error) {
	_, now, err := act.plan(ctx, r, p.Target, p.Body)
	if err != nil {
		return "", err
	}
	if !proposal.SameBefore(p.Summary, now) {
		return "", stale(p.Summary, now)
	}
	if act.limits != nil {
		return "", nil // The commit sets them.
	}
	return act.write(ctx, r, p)
}

// stale says what has changed since.
func stale(then, now []proposal.Line) error {
	what := ""
	for i, l := range then {
		if i < len(now) && now[i].Before != l.Before {
			what += fmt.Sprintf("; %s was %q and is %q", l.Name, l.Before, now[i].Before)
		}
	}
	return fault.New(fault.ProposalStale).Because("things have changed since it was proposed" + what)
}

// moved makes what a store says of a move a refusal.
func moved(err error) error {
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, store.ErrStale):
		return fault.Wrap(fault.ProposalEnded, err).Because("somebody else has just decided it: read it again")
	case errors.Is(err, store.ErrUnknown):
		return fault.Wrap(fault.OutcomeUnknown, err)
	case errors.Is(err, store.ErrNotFound):
		return fault.New(fault.NotFound)
	}
	return fault.Wrap(fault.OutOfService, err)
}

// over gives a registry over another desk, which remembers nothing of this one.
func (r *Registry) over(d store.Desk) *Registry {
	return &Registry{desk: d, revisions: store.NewRevisions(d), gate: r.gate, world: r.world, cached: map[id.ID]cached{}}
}
