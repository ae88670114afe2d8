package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"tolom/fault"
	"tolom/report"
	"tolom/sheet"
	"tolom/store"
	"tolom/wire"
)

// Open gives the file of a report for reading from anywhere in it. Refused: not_found, also while it is not ready and
// once it has been deleted.
func (r *Reports) Open(ctx context.Context, who Reader, name string) (store.Report, io.ReadSeeker, error) {
	found, err := r.Report(ctx, who, name)
	if err != nil {
		return found, nil, err
	}
	if found.Status != store.ReportReady {
		return found, nil, fault.New(fault.NotFound).Because("the report is " + string(found.Status) + ", it has no file")
	}
	return found, &fileReader{ctx: ctx, kept: r.kept, report: found}, nil
}

// ReportFileName is what a report is called as a file.
func ReportFileName(r store.Report) string {
	name := string(r.Order.Type) + "-" + r.Order.From.In(report.Bishkek).Format("2006-01-02")
	if last := r.Order.To.Add(-1).In(report.Bishkek).Format("2006-01-02"); last != r.Order.From.In(report.Bishkek).Format("2006-01-02") {
		name += "-" + last
	}
	return name + "." + r.Order.Format.Ending()
}

// fileReader reads a file from its parts; it keeps one of them.
type fileReader struct {
	ctx    context.Context
	kept   store.Reports
	report store.Report
	at     int64
	part   []byte
	number int // of part, from 1; 0 for none
}

// Read reads from the part where the reader stands.
func (f *fileReader) Read(p []byte) (int, error) {
	if f.at >= f.report.Size {
		return 0, io.EOF
	}
	number := int(f.at/ChunkSize) + 1
	if number != f.number {
		part, err := f.kept.ReportChunk(f.ctx, f.report.ID, number-1)
		if err != nil {
			return 0, fmt.Errorf("flow: part %d of report %s: %w", number, f.report.ID, err)
		}
		f.part, f.number = part, number
	}
	offset := int(f.at % ChunkSize)
	if offset >= len(f.part) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, f.part[offset:])
	f.at += int64(n)
	return n, nil
}

// Seek moves to another place of the file.
func (f *fileReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.report.Size
	}
	if offset < 0 {
		return f.at, errors.New("flow: a file has no bytes before its first")
	}
	f.at = offset
	return offset, nil
}

// MostAtOnce is how many facts a report may read that is made while its reader waits.
const MostAtOnce = 20_000

var errMany = errors.New("flow: too many facts to wait for")

// Now makes a small report at once. Refused: as Order; invalid_request for one of more facts than one waits for.
func (r *Reports) Now(ctx context.Context, who Reader, in wire.NewReport) (store.Report, []byte, error) {
	o, err := r.read(ctx, who, in)
	if err != nil {
		return store.Report{}, nil, err
	}
	position, err := r.position(ctx, in.Position)
	if err != nil {
		return store.Report{}, nil, err
	}
	of := store.Report{Owner: who.Owner, Order: o, Position: position}
	var b bytes.Buffer
	err = r.write(ctx, &b, of, func(_, total int64) error {
		if total > MostAtOnce {
			return errMany
		}
		return ctx.Err()
	})
	if errors.Is(err, errMany) || errors.Is(err, sheet.ErrTooLong) {
		return of, nil, fault.New(fault.InvalidRequest).On("from").Because("this is too long to wait for: order it with POST /v1/reports")
	}
	if err != nil {
		return of, nil, refusedReport(err)
	}
	return of, b.Bytes(), nil
}
