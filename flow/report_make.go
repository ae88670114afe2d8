package flow

import (
	"context"
	"errors"
	"io"
	"iter"
	"sort"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/report"
	"tolom/sheet"
	"tolom/store"
)

const (
	// disorder is how much earlier than an earlier fact of the feed a later one may have happened at most: a commit
	// gets its time before it ends, and is numbered after it has. A commit is cut off after minutes at the latest.
	disorder = time.Hour
	// window is how many places of a feed are read at once.
	window = 2000
	// catchUp is how long a replica is waited for, looked at every glance.
	catchUp = 10 * time.Second
	glance  = 100 * time.Millisecond
)

// errNotYet says that the feed or a replica is behind: the same report can be made a little later.
var errNotYet = errors.New("flow: the facts of the report are not all there yet")

// made is a report being made.
type making struct {
	*Reports
	ctx    context.Context
	report store.Report
	at     store.MoveReader // a moment of the source that knows the report's position
	reader id.ID            // whose feed is read; empty for that of the platform
	psp    id.ID
	// Places of that feed: after and upTo bound what is read, last is where the report's position is.
	after, upTo, last int64
	progress          func(done, total int64) error
}

// write makes a report: the same bytes each time.
func (r *Reports) write(ctx context.Context, w io.Writer, of store.Report, progress func(done, total int64) error) error {
	m := &making{Reports: r, ctx: ctx, report: of, progress: progress}
	switch of.Owner.Kind() {
	case id.Merchant:
		m.reader = of.Owner
	case id.PSP:
		m.psp = of.Owner
	}
	if err := m.await(); err != nil {
		return err
	}
	var b report.Basis
	err := m.asOf(func() (err error) {
		if err := m.bounds(); err != nil {
			return err
		}
		b, err = m.basis()
		return err
	})
	if err != nil {
		return err
	}
	return sheet.Write(w, of.Order.Format, report.Sheet(of.Order, b, m.moves()))
}

// await waits until where facts are read has the report's position.
func (m *making) await() error {
	for until := m.world.Clock.Now().Add(catchUp); ; {
		head, err := m.source.Head(m.ctx)
		if err != nil {
			return m.notYet(err)
		}
		if head >= m.report.Position {
			return nil
		}
		if m.source == m.primary || !m.world.Clock.Now().Before(until) {
			return errNotYet
		}
		pause := time.NewTimer(glance)
		select {
		case <-m.ctx.Done():
			pause.Stop()
			return m.ctx.Err()
		case <-pause.C:
		}
	}
}

// asOf has do read one moment of the source.
func (m *making) asOf(do func() error) error {
	err := m.source.AsOf(m.ctx, m.report.Position, func(at store.MoveReader) error {
		m.at = at
		return do()
	})
	m.at = nil
	return m.notYet(err)
}

// notYet tells a replica that lags, or is away, from what is wrong with a report: the report waits for it.
func (m *making) notYet(err error) error {
	if errors.Is(err, store.ErrBehind) || err != nil && m.source != m.primary && m.ctx.Err() == nil {
		return errors.Join(errNotYet, err)
	}
	return err
}

// bounds finds what is to be read.
func (m *making) bounds() (err error) {
	if m.last, err = m.search(func(position int64, _ time.Time) bool { return position > m.report.Position }); err != nil {
		return err
	}
	if m.report.Order.Type == report.OfSettlement {
		return nil // Deposits say by themselves where they lie.
	}
	o := m.report.Order
	if m.after, err = m.search(func(_ int64, at time.Time) bool { return !at.Before(o.From.Add(-disorder)) }); err != nil {
		return err
	}
	m.upTo, err = m.search(func(position int64, at time.Time) bool {
		return position > m.report.Position || !at.Before(o.To.Add(disorder))
	})
	return err
}

// search gives the last place before the first one that is beyond: positions rise with places, and so, but for the
// disorder, do times.
func (m *making) search(beyond func(position int64, at time.Time) bool) (int64, error) {
	var failed error
	last := m.report.Position // no reader has more places
	n := sort.Search(int(last), func(n int) bool {
		if failed != nil {
			return true
		}
		position, at, err := m.at.PlaceAt(m.ctx, m.reader, int64(n)+1)
		if errors.Is(err, store.ErrNotFound) {
			return true
		}
		failed = err
		return beyond(position, at)
	})
	return int64(n), failed
}

// moves reads the facts in windows and tells how far it is after each.
func (m *making) moves() iter.Seq2[report.Move, error] {
	return func(yield func(report.Move, error) bool) {
		for at := m.after; at < m.upTo; {
			to := min(at+window, m.upTo)
			var page []report.Move
			err := m.asOf(func() (err error) {
				page, err = m.at.Moves(m.ctx, m.reader, m.psp, at, to)
				return err
			})
			if err == nil {
				err = m.progress(to-m.after, m.upTo-m.after)
			}
			if err != nil {
				yield(report.Move{}, err)
				return
			}
			for _, move := range page {
				if !yield(move, nil) {
					return
				}
			}
			at = to
		}
	}
}

// basis collects what the report needs beside its moves.
func (m *making) basis() (report.Basis, error) {
	b := report.Basis{Position: m.report.Position, Zone: report.Bishkek, Name: m.name}
	var err error
	if b.Subject, err = m.subject(); err != nil {
		return b, err
	}
	o := m.report.Order
	if o.Type == report.OfStatement && o.Whole() {
		if b.Opening, err = m.opening(); err != nil {
			return b, err
		}
	}
	if o.Type == report.OfSettlement {
		b.Deposits, err = m.deposits()
	}
	return b, err
}

// subject says whom the report is of.
func (m *making) subject() ([]report.Fact, error) {
	switch m.report.Owner.Kind() {
	case id.Merchant:
		who, err := m.registry.Merchant(m.ctx, m.report.Owner)
		return []report.Fact{{Key: "merchant", Value: who.Name}, {Key: "merchant_id", Value: string(who.ID)}, {Key: "tax_id", Value: who.TaxID}, {Key: "bank_account", Value: who.BankAccount}}, err
	case id.PSP:
		who, err := m.registry.PSP(m.ctx, m.report.Owner)
		return []report.Fact{{Key: "psp", Value: who.Name}}, err
	}
	return nil, nil
}

// name gives what people call somebody; the id where there is no name or no answer.
func (m *making) name(of id.ID) string {
	var name string
	switch of.Kind() {
	case id.Merchant:
		who, _ := m.registry.Merchant(m.ctx, of)
		name = who.Name
	case id.PSP:
		who, _ := m.registry.PSP(m.ctx, of)
		name = who.Name
	case id.Store:
		place, _ := m.registry.Store(m.ctx, of)
		name = place.Name
	case id.Till:
		till, _ := m.registry.Till(m.ctx, of)
		name = till.Name
	}
	if name == "" {
		return string(of)
	}
	return name
}

// opening is the balance before the report: what the ledger had before its first moment, but for facts that happened
// then and were numbered after the report's position.
func (m *making) opening() (money.Amount, error) {
	from := m.report.Order.From
	sum, waiting, err := m.at.PayableBefore(m.ctx, m.report.Owner, from)
	if err != nil {
		return 0, err
	}
	if waiting {
		return 0, errNotYet
	}
	for at := m.last; ; at += window {
		page, err := m.at.Moves(m.ctx, m.reader, "", at, at+window)
		if err != nil {
			return 0, err
		}
		for _, move := range page {
			if move.At().Before(from) {
				sum -= move.Change()
			}
		}
		_, last, err := m.at.PlaceAt(m.ctx, m.reader, at+window)
		if errors.Is(err, store.ErrNotFound) || err == nil && !last.Before(from.Add(disorder)) {
			return sum, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// refusedReport says why a report cannot be made, to its owner.
func refusedReport(err error) error {
	switch {
	case errors.Is(err, errNotYet) && errors.Is(err, store.ErrRetry):
		return fault.Wrap(fault.OutOfService, err).Because("the database that reports are read from cannot be reached; come again in some minutes, or order the report: it is made when it is back")
	case errors.Is(err, errNotYet):
		return fault.Wrap(fault.OutOfService, err).Because("the facts of the report are not all there yet; come again in some seconds")
	case errors.Is(err, sheet.ErrTooLong):
		return fault.Wrap(fault.InvalidRequest, err).On("format").Because("the report has more rows than the format holds: PDF takes 20,000, XLSX 1,048,000; take csv or json, or a shorter time")
	}
	return missing(err)
}
