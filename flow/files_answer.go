package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"tolom/clearing"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/settlement"
	"tolom/store"
	"tolom/world"
)

// MostAnswer is the largest answer that is taken, in bytes.
const MostAnswer = 4 << 20

// Take takes an answer that came from an owner's inbox or by hand; the empty owner is
// the operator, who may answer for anybody. The same bytes are taken once: again they
// give what became of them. Refused: invalid_request for what cannot be kept.
func (f *Files) Take(ctx context.Context, owner id.ID, name string, content []byte) (store.File, error) {
	kept, err := f.keep(ctx, owner, name, content, f.world.Clock.Now().Add(time.Minute))
	if err != nil || kept.Status != store.FilePlanned {
		return kept, err
	}
	return f.Apply(ctx, kept)
}

// keep writes an answer down, to be applied at a moment if nobody does it before.
func (f *Files) keep(ctx context.Context, owner id.ID, name string, content []byte, next time.Time) (store.File, error) {
	if len(content) > MostAnswer || !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return store.File{}, fault.New(fault.InvalidRequest).On("content").Because("an answer is XML in UTF-8 of at most 4 MiB")
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	now, claim := f.world.Clock.Now(), answerClaim(owner, digest)
	file := store.File{
		ID: world.NewID(f.world, id.File, id.BucketOf(claim)), Claim: claim, Owner: owner, Kind: FileAnswer, Name: name, Size: int64(len(content)), SHA256: digest,
		Status: store.FilePlanned, Content: string(content), NextAt: next, CreatedAt: now,
	}
	kept, _, err := f.kept.AddFile(ctx, file)
	if err != nil {
		err = fault.Wrap(fault.OutOfService, err)
	}
	return kept, err
}

// answerClaim is the name under which an answer is taken once. It is the bringer's own: bytes that one has brought, or that
// wait for an approval, say nothing about the same bytes from another.
func answerClaim(owner id.ID, digest string) string {
	if owner == "" {
		return digest
	}
	return string(owner) + ":" + digest
}

// Apply does what an answer says, and notes what became of it. What cannot be used is
// refused with the reason and changes nothing; what fails for a passing reason is tried again.
func (f *Files) Apply(ctx context.Context, file store.File) (store.File, error) {
	done, err := f.apply(ctx, &file)
	if err != nil && !definite(err) {
		return f.Later(ctx, file, err)
	}
	file.Status, file.Reason = store.FileTaken, done
	if err != nil {
		file.Status, file.Reason = store.FileRefused, whyOf(err)
	}
	file.NextAt, file.EndedAt = time.Time{}, f.world.Clock.Now()
	return f.put(ctx, file)
}

// definite says that trying again cannot help.
func definite(err error) bool {
	if errors.Is(err, clearing.ErrFile) {
		return true
	}
	refusal := fault.From(err)
	return !refusal.Retryable() && refusal.Kind() != fault.Internal && refusal.Kind() != fault.Unavailable
}

// whyOf is what staff read of an error.
func whyOf(err error) string {
	text := err.Error()
	if len(text) > longestReason {
		text = strings.ToValidUTF8(text[:longestReason], "")
	}
	return strings.ReplaceAll(text, "\x00", "")
}

func (f *Files) apply(ctx context.Context, file *store.File) (done string, err error) {
	a, err := clearing.ReadAnswer(strings.NewReader(file.Content))
	if err != nil {
		return "", err
	}
	original, err := f.kept.FileOfMessage(ctx, a.Original)
	if err != nil {
		return "", missing(err)
	}
	file.Message, file.Day = a.Original, original.Day
	if file.Owner != "" && file.Owner != original.Owner {
		return "", fault.New(fault.NotFound).Because("the file that it answers was another's")
	}
	if a.Format != "" && !strings.HasPrefix(a.Format, formats[original.Kind]) {
		return "", fault.New(fault.DayMessage).Because("the file that it answers is " + formats[original.Kind] + ", not " + a.Format)
	}
	if original.Status == store.FileReady || original.Kind == FileCredits && original.Status != store.FileDelivered {
		// A node may have died between the delivery and its note; the file is delivered again, and then the answer counts.
		return "", fault.New(fault.OutOfService).Because("the file that it answers is not noted as delivered yet")
	}
	if original.Kind != FileTransfers {
		return f.applyToPayouts(ctx, original, a)
	}
	return f.applyToDay(ctx, original, a)
}

// formats are the messages that are answered.
var formats = map[string]string{FileTransfers: "pacs.009", FileCredits: "pacs.008"}

// applyToDay settles a day or returns it.
func (f *Files) applyToDay(ctx context.Context, original store.File, a clearing.Answer) (done string, err error) {
	answer := DayAnswer{Message: original.Message, Accepted: a.Verdict == clearing.Settled, Reason: wordsOf(a.Reasons)}
	owners, err := f.ownersOfLegs(ctx, original.Day)
	if err != nil {
		return "", err
	}
	settled := 0
	for _, i := range a.Items {
		owner, known := owners[i.ID]
		switch {
		case !known:
			return "", fault.New(fault.NotFound).Because("it names a transfer that is not in the file that it answers")
		case i.Verdict == clearing.Settled:
			settled++
		case i.Verdict == clearing.Refused:
			answer.Refused = append(answer.Refused, Refused{owner, wordsOf(i.Reasons)})
		}
	}
	switch {
	case a.Verdict == clearing.Waiting, a.Verdict == clearing.Partly && settled+len(answer.Refused) == 0:
		return "the central bank has it and has not moved the money yet", nil
	case a.Verdict == clearing.Partly && settled > 0:
		return "", fault.New(fault.DayMessage).Because("the central bank has moved only a part; net positions settle all or none: speak with it, then upload its answer for the whole")
	}
	d, err := f.days.Answer(ctx, original.Day, answer)
	return "the day is " + string(d.Status), err
}

// ownersOfLegs tells whose the transfers of a day are.
func (f *Files) ownersOfLegs(ctx context.Context, date string) (map[string]id.ID, error) {
	positions, err := f.days.Positions(ctx, date)
	owners := make(map[string]id.ID, len(positions))
	for _, p := range positions {
		if p.Participant != settlement.Centre && p.Net != 0 {
			owners[clearing.LegID(date, p.Participant)] = p.Participant
		}
	}
	return owners, err
}

func wordsOf(reasons []clearing.Reason) string {
	var words []string
	for _, r := range reasons {
		words = append(words, r.String())
	}
	return strings.Join(words, "; ")
}

// applyToPayouts ends payouts: all of a file, or those that the answer names. An answer that names another payout changes
// nothing. One that contradicts what was final before is refused, and what else it says is done: it holds up no other payout.
func (f *Files) applyToPayouts(ctx context.Context, original store.File, a clearing.Answer) (done string, err error) {
	if a.Verdict == clearing.Waiting {
		return "the bank has them and has not booked them yet", nil
	}
	told, err := f.toldOf(ctx, original, a)
	if err != nil {
		return "", err
	}
	paid, returned := 0, 0
	var contradicted []string
	for _, t := range told {
		switch err := f.endPayout(ctx, t.payout, t.outcome); {
		case fault.Has(err, fault.PayoutFinal):
			contradicted = append(contradicted, string(t.payout.ID))
		case fault.Has(err, fault.PayoutUnsent):
			return "", fault.New(fault.OutOfService).Because("the file that it answers goes once more, and is not noted as delivered yet")
		case err != nil:
			return "", err
		case t.outcome.Verdict == clearing.Settled:
			paid++
		default:
			returned++
		}
	}
	done = "paid " + decimal(paid) + ", returned " + decimal(returned)
	if len(contradicted) > 0 {
		return "", fault.New(fault.PayoutFinal).Because(done + "; it says that these were paid, which have come back: " + strings.Join(contradicted, ", "))
	}
	return done, nil
}

// toldPayout is a payout with what an answer says of it.
type toldPayout struct {
	payout  settlement.Payout
	outcome clearing.Outcome
}

// toldOf gives the payouts of a file that an answer says something final of. Refused: not_found when it names another.
func (f *Files) toldOf(ctx context.Context, original store.File, a clearing.Answer) (told []toldPayout, err error) {
	named := map[id.ID]clearing.Outcome{}
	for _, i := range a.Items {
		named[id.ID(i.ID)] = i
	}
	err = f.eachPayout(ctx, original.Day, original.Owner, func(p settlement.Payout) error {
		if !f.contains(original, p.ID) {
			return nil
		}
		outcome, own := named[p.ID]
		delete(named, p.ID)
		if !own && a.Verdict != clearing.Partly {
			outcome, own = clearing.Outcome{Verdict: a.Verdict, Reasons: a.Reasons}, true
		}
		if own && outcome.Verdict != clearing.Waiting {
			told = append(told, toldPayout{p, outcome})
		}
		return nil
	})
	if err == nil && len(named) > 0 {
		err = fault.New(fault.NotFound).Because("it names payouts that are not in the file that it answers")
	}
	return told, err
}

// contains says whether a payout is in a file.
func (f *Files) contains(file store.File, payout id.ID) bool {
	with, err := decode(file.Settings)
	for _, p := range with.Without {
		if p == payout {
			return false
		}
	}
	return err == nil
}

// endPayout takes a bank's word for one payout; the same word again is harmless.
func (f *Files) endPayout(ctx context.Context, p settlement.Payout, o clearing.Outcome) error {
	paid := o.Verdict == clearing.Settled || flaw.Has(flaw.ReturnIgnored)
	if paid && p.Status == settlement.PayoutPaid || !paid && p.Status == settlement.PayoutReturned {
		return nil
	}
	_, err := f.days.AnswerPayout(ctx, p.ID, PayoutAnswer{Paid: paid, Reason: wordsOf(o.Reasons)})
	return err
}
