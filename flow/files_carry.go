package flow

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

func decimal(n int) string { return strconv.Itoa(n) }

// Lease is for how long a node has a file to itself. A delivery that takes longer is broken off and carried on.
const Lease = 5 * time.Minute

// Due gives files to be made, delivered or applied now, taken for this node: no other
// node gets them before the lease is over.
func (f *Files) Due(ctx context.Context, limit int) (out []store.File, err error) {
	now := f.world.Clock.Now()
	due, err := f.kept.DueFiles(ctx, now, limit)
	if err != nil {
		return nil, missing(err)
	}
	for _, file := range due {
		file.NextAt = now.Add(Lease)
		file.Attempts++
		switch file, err = f.put(ctx, file); {
		case err == nil:
			out = append(out, file)
		case !errors.Is(err, store.ErrRetry):
			return out, err
		}
	}
	return out, nil
}

// Delivered notes that a file lies where it belongs. The central bank's makes its day
// submitted, before: so after a death in the middle the file is delivered again, which
// is recognised, and never forgotten.
func (f *Files) Delivered(ctx context.Context, file store.File, place string) (store.File, error) {
	if file.Kind == FileTransfers {
		if _, err := f.days.MarkSubmitted(ctx, file.Day, file.Message, file.SHA256); err != nil {
			return file, err
		}
	}
	file.Status, file.Place, file.Reason, file.NextAt, file.EndedAt = store.FileDelivered, place, "", time.Time{}, f.world.Clock.Now()
	return f.put(ctx, file)
}

// Fetched leaves a file where it is: whoever wants it fetches it.
func (f *Files) Fetched(ctx context.Context, file store.File) (store.File, error) {
	file.NextAt, file.Reason = time.Time{}, "it has no destination: it is fetched"
	return f.put(ctx, file)
}

// Stuck notes that a file cannot be delivered before somebody has looked.
func (f *Files) Stuck(ctx context.Context, file store.File, why error) (store.File, error) {
	file.Status, file.Reason, file.NextAt = store.FileStuck, whyOf(why), time.Time{}
	return f.put(ctx, file)
}

// Withheld notes that a file does not go any more. One that went before lies there as it did.
func (f *Files) Withheld(ctx context.Context, file store.File, why error) (store.File, error) {
	file.Status, file.Reason, file.NextAt = store.FileStuck, whyOf(why), time.Time{}
	if !file.EndedAt.IsZero() {
		file.Status = store.FileDelivered
	}
	return f.put(ctx, file)
}

// Later notes why a file failed and tries it again: after 10 seconds, then twice as long each time, up to 15 minutes.
func (f *Files) Later(ctx context.Context, file store.File, why error) (store.File, error) {
	wait := min(10*time.Second<<min(file.Attempts, 10), 15*time.Minute)
	file.Reason, file.NextAt = whyOf(why), f.world.Clock.Now().Add(wait)
	return f.put(ctx, file)
}

// MayGo refuses a file that must not be delivered as things are now: payout_already_final for one with a payout that has come
// back. It is asked when the file is ready: from then until it is delivered none of its payouts can come back.
func (f *Files) MayGo(ctx context.Context, file store.File) error {
	if file.Kind != FileCredits {
		return nil
	}
	return f.eachPayout(ctx, file.Day, file.Owner, func(p settlement.Payout) error {
		if p.Status != settlement.PayoutReturned || !f.contains(file, p.ID) {
			return nil
		}
		return fault.New(fault.PayoutFinal).Because("the payout " + string(p.ID) + " of this file has come back and is owed again: who takes the file now would pay it twice")
	})
}

// Redeliver has a file delivered again, now, and writes down who wanted it. One without a destination counts as handed
// over by hand. It moves no money: the same bytes go, under the same name, to whom they were made for, or lie there
// already. Refused: not_found, of answers too, which nobody delivers; day_settled, day_submitted and day_message for a
// file to the central bank that is not the day's last; payout_already_final for one of which a payout has come back.
func (f *Files) Redeliver(ctx context.Context, by proposal.Person, name id.ID) (store.File, error) {
	file, err := f.Get(ctx, name, "")
	if err == nil && file.Kind == FileAnswer {
		err = fault.New(fault.NotFound).Because("it is an answer: one that waits is taken when it is approved, any other was judged")
	}
	if err == nil && file.Kind == FileTransfers {
		err = f.mayGo(ctx, file)
	}
	if err == nil {
		err = f.MayGo(ctx, file)
	}
	if err != nil {
		return file, err
	}
	destination, err := f.Destination(ctx, file.Owner)
	if err != nil {
		return file, err
	}
	if err := f.days.registry.note(ctx, store.PersonEvent{Owner: store.Centre, Person: by.ID, By: by.ID, Kind: EventRedelivered, Detail: file.Name}); err != nil {
		return file, err
	}
	if destination.Kind == "none" && file.Status == store.FileReady {
		return f.Delivered(ctx, file, "by hand")
	}
	if file.Status == store.FileDelivered || file.Status == store.FileStuck {
		file.Status = store.FileReady
	}
	file.NextAt, file.Attempts = f.world.Clock.Now(), 0
	return f.put(ctx, file)
}

// WireFile writes a file as the APIs show it.
func WireFile(f store.File) wire.File {
	return wire.File{
		ID: string(f.ID), OwnerID: string(f.Owner), Day: f.Day, Kind: f.Kind, Name: f.Name, Message: f.Message, Size: f.Size, SHA256: f.SHA256, Status: string(f.Status),
		Reason: f.Reason, Place: f.Place, Attempts: f.Attempts, NextAt: wire.At(f.NextAt), CreatedAt: wire.At(f.CreatedAt), EndedAt: wire.At(f.EndedAt),
	}
}

// MostContent is the largest file that is answered with at once, in bytes; larger ones are delivered, or written by `tolom files`.
const MostContent = 64 << 20

// Fetch gives a file whole. Refused: not_found while it is not made, invalid_request when it is too large.
func (f *Files) Fetch(ctx context.Context, file store.File) ([]byte, error) {
	if file.Size > MostContent {
		return nil, fault.New(fault.InvalidRequest).On("id").Because("the file is larger than 64 MiB: fetch it from its destination")
	}
	var out bytes.Buffer
	err := f.Content(ctx, file, &out)
	return out.Bytes(), err
}

// ForPSP gives the clearing files of the participant that a PSP belongs to, newest first.
func (f *Files) ForPSP(ctx context.Context, psp, before id.ID, limit int) ([]store.File, error) {
	owner, err := f.participantOf(ctx, psp)
	if err != nil {
		return nil, err
	}
	return f.List(ctx, store.FileFilter{Owner: owner, Kind: FileRecords, Before: before, Limit: limit})
}

// FetchForPSP gives one of them whole. Refused: not_found.
func (f *Files) FetchForPSP(ctx context.Context, psp, name id.ID) (store.File, []byte, error) {
	owner, err := f.participantOf(ctx, psp)
	if err != nil {
		return store.File{}, nil, err
	}
	file, err := f.Get(ctx, name, owner)
	if err == nil && file.Kind != FileRecords {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return file, nil, err
	}
	content, err := f.Fetch(ctx, file)
	return file, content, err
}

func (f *Files) participantOf(ctx context.Context, psp id.ID) (id.ID, error) {
	record, err := f.days.registry.PSP(ctx, psp)
	return settlesFor(record), err
}

// PutDestination writes where an owner's files go. The owner is a participant, a PSP
// that settles for itself, or the central bank. Refused: not_found.
func (f *Files) PutDestination(ctx context.Context, d store.Destination) (store.Destination, error) {
	if err := f.knownOwner(ctx, d.ID); err != nil {
		return d, err
	}
	d.CreatedAt = f.world.Clock.Now()
	return d, written(f.desk.Destinations().Put(ctx, d))
}

// knownOwner says whether files may have this owner.
func (f *Files) knownOwner(ctx context.Context, owner id.ID) (err error) {
	switch {
	case owner == store.CentralBank:
		return nil
	case owner.Kind() == id.PSP:
		_, err = f.desk.PSPs().Get(ctx, owner)
	default:
		_, err = f.desk.Participants().Get(ctx, owner)
	}
	return missing(err)
}

// Destinations lists where files go, by owner.
func (f *Files) Destinations(ctx context.Context, after id.ID, limit int) ([]store.Destination, error) {
	out, err := f.desk.Destinations().List(ctx, "", after, limit)
	return out, missing(err)
}
