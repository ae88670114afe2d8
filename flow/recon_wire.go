package flow

import (
	"context"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/recon"
	"tolom/store"
	"tolom/wire"
)

// ReadRange reads a range of minutes; param names the field in a refusal.
func ReadRange(param, from, to string) (r recon.Range, err error) {
	if r.From, err = recon.ParseMinute(from); err == nil {
		r.To, err = recon.ParseMinute(to)
	}
	if err != nil {
		return r, fault.New(fault.InvalidRequest).On(param).Because("from and to are minutes of UTC such as 2026-11-24T05:40Z")
	}
	return r, nil
}

// ReadRanges reads the ranges of a body.
func ReadRanges(in []wire.ReconRange) (out []recon.Range, err error) {
	for _, x := range in {
		r, err := ReadRange("ranges", x.From, x.To)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// ReadDigests reads the digests of a body. One without an end is of a minute.
func ReadDigests(in []wire.ReconDigest) ([]recon.Digest, error) {
	out := make([]recon.Digest, len(in))
	for i, x := range in {
		from, err := recon.ParseMinute(x.From)
		r := recon.Range{From: from, To: from + 1}
		if err == nil && x.To != "" {
			r.To, err = recon.ParseMinute(x.To)
		}
		if err != nil {
			return nil, fault.New(fault.InvalidRequest).On("digests").Because(err.Error())
		}
		out[i] = recon.Digest{Range: r, Count: x.Count, SHA256: x.SHA256}
	}
	return out, nil
}

// ReadLines reads the lines of a body.
func ReadLines(in []wire.ReconLine) ([]recon.Line, error) {
	out := make([]recon.Line, len(in))
	for i, x := range in {
		minute, err := recon.ParseMinute(x.Minute)
		if err != nil {
			return nil, fault.New(fault.InvalidRequest).On("lines").Because(err.Error())
		}
		out[i] = recon.Line{Minute: minute, Kind: recon.Kind(x.Kind), ID: x.ID, Amount: money.Amount(x.Amount), Status: recon.Status(x.Status)}
		if err := out[i].Check(); err != nil {
			return nil, fault.New(fault.InvalidRequest).On("lines").Because(err.Error())
		}
	}
	return out, nil
}

// WireDigests writes digests.
func WireDigests(in []recon.Digest) []wire.ReconDigest {
	out := make([]wire.ReconDigest, len(in))
	for i, d := range in {
		out[i] = wire.ReconDigest{From: d.Range.From.String(), To: d.Range.To.String(), Count: d.Count, SHA256: d.SHA256}
	}
	return out
}

func wireRanges(in []recon.Range) []wire.ReconRange {
	out := make([]wire.ReconRange, len(in))
	for i, r := range in {
		out[i] = wire.ReconRange{From: r.From.String(), To: r.To.String()}
	}
	return out
}

func wireLines(in []recon.Line) []wire.ReconLine {
	out := make([]wire.ReconLine, len(in))
	for i, l := range in {
		out[i] = wire.ReconLine{Minute: l.Minute.String(), Kind: string(l.Kind), ID: l.ID, Amount: int64(l.Amount), Status: string(l.Status)}
	}
	return out
}

// WireRun writes a comparison with cases that it showed.
func WireRun(r store.ReconRun, cases []store.ReconCase) wire.ReconRun {
	out := wire.ReconRun{
		ID: string(r.ID), Name: r.Name, PSPID: string(r.Owner), Book: r.Book, Period: wire.ReconRange{From: r.Period.From.String(), To: r.Period.To.String()},
		State: string(r.State), AskDigests: wireRanges(r.Search.Digests), AskLines: wireRanges(r.Search.Lines),
		Same: r.Same, Expected: r.Expected, Mismatched: r.Mismatched, Healed: r.Healed, Cases: []wire.ReconCase{},
		CreatedAt: wire.At(r.CreatedAt), EndedAt: wire.At(r.EndedAt),
	}
	for _, c := range cases {
		out.Cases = append(out.Cases, WireCase(c, nil))
	}
	return out
}

// WireCase writes a case, with its history when it is given.
func WireCase(c store.ReconCase, notes []store.CaseNote) wire.ReconCase {
	out := wire.ReconCase{
		ID: string(c.ID), PSPID: string(c.Owner), RunID: string(c.Run), Kind: string(c.Kind), Name: c.Name, Class: string(c.Class), Reason: string(c.Reason),
		Action: string(c.Action), Status: string(c.Status), Ours: wireLines(c.Ours), Theirs: wireLines(c.Theirs), Shift: int64(c.Shift), Suspense: int64(c.Fixed),
		ProposalID: string(c.Proposal), DueAt: wire.At(c.DueAt), CreatedAt: wire.At(c.CreatedAt), UpdatedAt: wire.At(c.UpdatedAt), ClosedAt: wire.At(c.ClosedAt),
	}
	if len(c.Now) > 0 {
		out.Now = &wireLines(c.Now)[0]
	}
	for _, n := range notes {
		out.History = append(out.History, wire.CaseNote{Number: n.Number, At: wire.At(n.At), Side: n.Side, By: n.ByName, Kind: n.Kind, Status: string(n.Status), Body: n.Body})
	}
	return out
}

// CaseList gives a page of the cases that a side sees, newest first, without their history, as the APIs show it.
func (r *Reconciler) CaseList(ctx context.Context, side CaseSide, f store.CaseFilter, after string) (out wire.List[wire.ReconCase], err error) {
	if f.Before, err = Cursor(after, "after"); err != nil {
		return out, err
	}
	rows, more, err := r.Cases(ctx, side, f)
	return wirePage(rows, more, func(c store.ReconCase) wire.ReconCase { return WireCase(c, nil) }, func(c store.ReconCase) id.ID { return c.ID }), err
}

// RunList gives a page of comparisons with a PSP, or with all for the empty one, newest first, as the APIs show it.
func (r *Reconciler) RunList(ctx context.Context, psp id.ID, after string, limit int) (out wire.List[wire.ReconRun], err error) {
	before, err := Cursor(after, "after")
	if err != nil {
		return out, err
	}
	rows, more, err := r.Runs(ctx, psp, before, limit)
	return wirePage(rows, more, func(r store.ReconRun) wire.ReconRun { return WireRun(r, nil) }, func(r store.ReconRun) id.ID { return r.ID }), err
}

// wirePage writes a page of rows; the last one's id is the cursor of the next when there are more.
func wirePage[R, T any](rows []R, more bool, render func(R) T, name func(R) id.ID) wire.List[T] {
	out := wire.List[T]{Data: make([]T, len(rows)), HasMore: more}
	for i, row := range rows {
		out.Data[i] = render(row)
		if more {
			out.After = string(name(row))
		}
	}
	return out
}

// Cursor reads a cursor of lists that run from the newest on: any id, or nothing.
func Cursor(text, param string) (id.ID, error) {
	if text == "" {
		return "", nil
	}
	if len(text) > 40 || !isPSPPaymentID(text) {
		return "", fault.New(fault.InvalidRequest).On(param).Because(param + " is what the page before gave")
	}
	return id.ID(text), nil
}
