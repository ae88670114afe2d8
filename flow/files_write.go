package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"

	"tolom/clearing"
	"tolom/fault"
	"tolom/id"
	"tolom/settlement"
	"tolom/store"
)

// recordsPage is how many positions of the feed are read at once.
const recordsPage = 1000

// Write makes a file's content again from its day. It is the same each time, byte by
// byte: what it was made with is kept beside it.
func (f *Files) Write(ctx context.Context, file store.File, w io.Writer) error {
	if file.Kind == FileAnswer {
		_, err := io.WriteString(w, file.Content)
		return err
	}
	with, err := decode(file.Settings)
	if err != nil {
		return err
	}
	switch file.Kind {
	case FileTransfers:
		return f.writeTransfers(ctx, file, with, w)
	case FileCredits:
		return f.writeCredits(ctx, file, with, w)
	case FileRecords:
		return clearing.WriteRecords(w, f.recordsFor(ctx, file.Day, file.Owner, with.Getter.BIC))
	}
	return fault.New(fault.NotFound)
}

// Content writes a file and sees that it is the one that was made. Refused: conflict of
// the digest as internal_error; what was written then is not to be used.
func (f *Files) Content(ctx context.Context, file store.File, w io.Writer) error {
	if file.SHA256 == "" {
		return fault.New(fault.NotFound).Because("the file is not made yet: " + file.Reason)
	}
	sum := sha256.New()
	if err := f.Write(ctx, file, io.MultiWriter(w, sum)); err != nil {
		return err
	}
	if made := hex.EncodeToString(sum.Sum(nil)); made != file.SHA256 {
		return fault.Wrap(fault.InternalError, fmt.Errorf("flow: %s is made again with the digest %s, it had %s: its day or its parties were changed", file.Name, made, file.SHA256))
	}
	return nil
}

func (f *Files) headerOf(file store.File, with madeWith) clearing.Header {
	return clearing.Header{Message: file.Message, Created: file.CreatedAt, Date: file.Day, Sender: with.Centre, Getter: with.Getter}
}

func (f *Files) writeTransfers(ctx context.Context, file store.File, with madeWith, w io.Writer) error {
	positions, err := f.days.Positions(ctx, file.Day)
	if err != nil {
		return err
	}
	m, err := clearing.TransfersOf(f.headerOf(file, with), positions, with.style())
	if err != nil {
		return err
	}
	if len(m.Legs) == 0 {
		return errNoLegs
	}
	return m.Write(w)
}

func (f *Files) writeCredits(ctx context.Context, file store.File, with madeWith, w io.Writer) error {
	m := clearing.Credits{Header: f.headerOf(file, with)}
	without := map[id.ID]bool{}
	for _, p := range with.Without {
		without[p] = true
	}
	err := f.eachPayout(ctx, file.Day, file.Owner, func(p settlement.Payout) error {
		if without[p.ID] {
			return nil
		}
		credit, err := clearing.CreditOf(p, with.style())
		m.Items = append(m.Items, credit)
		return err
	})
	if err != nil {
		return err
	}
	return m.Write(w)
}

// eachPayout goes through a bank's payouts of a day by id.
func (f *Files) eachPayout(ctx context.Context, date string, bank id.ID, use func(settlement.Payout) error) error {
	last := id.ID("")
	for {
		page, err := f.days.kept.Payouts(ctx, store.PayoutFilter{Day: date, Participant: bank, Ascending: true, After: last, Limit: 500})
		if err != nil {
			return missing(err)
		}
		for _, p := range page {
			last = p.ID
			if err := use(p); err != nil {
				return err
			}
		}
		if len(page) < 500 {
			return nil
		}
	}
}

// planCredits says whether a bank has payouts to credit. Those that it could not book, or that came back already, are not
// in its file; the former come back now, with the reason.
func (f *Files) planCredits(ctx context.Context, d settlement.Day, p settlement.Position) (file store.File, needed bool, err error) {
	with := madeWith{Getter: bankOf(p)}
	in := 0
	err = f.eachPayout(ctx, d.Date, p.Participant, func(x settlement.Payout) error {
		_, unfit := clearing.CreditOf(x, clearing.Style{})
		if unfit == nil && x.Status != settlement.PayoutReturned {
			in++
			return nil
		}
		with.Without = append(with.Without, x.ID)
		if x.Status == settlement.PayoutReturned {
			return nil
		}
		return f.days.comesBack(ctx, x, "AC01: "+unfit.Error())
	})
	file = f.draft(d, FileCredits, p.Participant, clearing.CreditsID(d.Date, p.Participant), clearing.Bank{})
	file.Settings = encode(with)
	return file, in > 0, err
}

// recordsFor gives the clearing records of a day that touch a participant, on either side.
func (f *Files) recordsFor(ctx context.Context, date string, owner id.ID, bic string) iter.Seq2[settlement.Record, error] {
	return func(yield func(settlement.Record, error) bool) {
		d, err := f.days.closed(ctx, date)
		for after := int64(0); err == nil && after < d.To; {
			var page []settlement.Record
			if page, after, err = f.days.Records(ctx, date, after, recordsPage); err != nil {
				break
			}
			for _, r := range page {
				r.BIC = bic
				if (r.Acquirer == owner || r.Issuer == owner) && !yield(r, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(settlement.Record{}, err)
		}
	}
}

// List gives files, newest first.
func (f *Files) List(ctx context.Context, filter store.FileFilter) ([]store.File, error) {
	out, err := f.kept.FilesBy(ctx, filter)
	return out, missing(err)
}

// Get gives a file; of another owner than the wanted one, where one is wanted, it is absent. Refused: not_found.
func (f *Files) Get(ctx context.Context, file, owner id.ID) (store.File, error) {
	got, err := f.kept.File(ctx, file)
	if err == nil && owner != "" && got.Owner != owner {
		err = store.ErrNotFound
	}
	return got, missing(err)
}

// Destination says where an owner's files go; without a record to the folder of the platform.
func (f *Files) Destination(ctx context.Context, owner id.ID) (store.Destination, error) {
	d, err := f.desk.Destinations().Get(ctx, owner)
	if errors.Is(err, store.ErrNotFound) {
		return store.Destination{ID: owner, Kind: "folder", Folder: string(owner) + "/out", Inbox: string(owner) + "/in", Latin: f.config.Latin}, nil
	}
	return d, missing(err)
}
