package recon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

// ReadJSONL reads a book of one JSON object a line:
//
//	{"minute":"2026-11-24T05:40Z","kind":"payment","id":"demo-000017","amount":150000,"status":"success"}
//
// Instead of minute there may be at, a time as RFC 3339 writes it; a line without a
// status is one of money that moved. Empty lines are passed over. Errors are *FileError.
func ReadJSONL(raw []byte) (lines []Line, err error) {
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(lines) == MaxFileRows {
			return nil, wrong(0, "", "it has more than %d lines; send it in parts", MaxFileRows)
		}
		var in jsonLine
		if err := strictly([]byte(line), &in); err != nil {
			return nil, wrong(n, "", "it is not one JSON object of minute, kind, id, amount and status: %v", err)
		}
		l, err := in.line(n)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

type jsonLine struct {
	Minute string `json:"minute"`
	At     string `json:"at"`
	Kind   Kind   `json:"kind"`
	ID     string `json:"id"`
	Amount int64  `json:"amount"`
	Status Status `json:"status"`
}

func (in jsonLine) line(row int) (Line, error) {
	minute, err := minuteIn(in.Minute, in.At)
	if err != nil {
		return Line{}, wrong(row, "minute", "%v", err)
	}
	return checked(row, Line{minute, in.Kind, in.ID, money.Amount(in.Amount), in.Status})
}

// checked is a line of a file, a success unless it says otherwise.
func checked(row int, l Line) (Line, error) {
	if l.Status == "" {
		l.Status = Success
	}
	if err := l.Check(); err != nil {
		return l, wrong(row, "", "%v", err)
	}
	return l, nil
}

var errNoMinute = errors.New("give minute, such as 2026-11-24T05:40Z, or at, a time as RFC 3339 writes it")

func minuteIn(minute, at string) (Minute, error) {
	if minute != "" {
		return ParseMinute(minute)
	}
	moment, err := time.Parse(time.RFC3339, at)
	if err != nil || !MinuteOf(moment).Valid() {
		return 0, errNoMinute
	}
	return MinuteOf(moment), nil
}

// strictly reads exactly one JSON value of known fields.
func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

// ReadCSV reads a book as a table. Its first row names the columns minute (or at),
// kind, id, amount (in tyiyn) and status, in any order; others are passed over. Errors are *FileError.
func ReadCSV(raw []byte) ([]Line, error) {
	rows, err := readTable(raw)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, wrong(0, "", "it is empty: begin with a row minute,kind,id,amount,status")
	}
	column := map[string]int{}
	for i, name := range rows[0].cells {
		column[strings.ToLower(name)] = i
	}
	for _, name := range []string{"kind", "id", "amount"} {
		if _, there := column[name]; !there {
			return nil, wrong(rows[0].line, "", "it names no column %q; begin with a row minute,kind,id,amount,status", name)
		}
	}
	lines := make([]Line, 0, len(rows)-1)
	for _, r := range rows[1:] {
		l, err := r.bookLine(column)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func (r row) bookLine(column map[string]int) (Line, error) {
	cell := func(name string) string {
		if i, there := column[name]; there && i < len(r.cells) {
			return r.cells[i]
		}
		return ""
	}
	amount, err := strconv.ParseInt(cell("amount"), 10, 64)
	if err != nil {
		return Line{}, wrong(r.line, "amount", "%q is no whole number of tyiyn", cell("amount"))
	}
	in := jsonLine{Minute: cell("minute"), At: cell("at"), Kind: Kind(cell("kind")), ID: cell("id"), Amount: amount, Status: Status(cell("status"))}
	return in.line(r.line)
}

// clearingRecord is what of the national clearing file is compared.
type clearingRecord struct {
	PSP             string `json:"psp_id"`
	TransactionID   string `json:"transaction_id"`
	TransactionType int    `json:"transaction_type"`
	Amount          int64  `json:"amount"`
	ExecutedTime    string `json:"executed_time"`
}

// ReadClearing reads the national clearing file back: a JSON list of records, or an
// object whose records are that list. Its lines are named by the platform's ids, pay_…
// and re_…, and their amounts are what payers paid or were given, with what was on top;
// a record counts from 1 as a row. Records that name another PSP than this one are
// passed over: the file is a participant's, on both sides. Errors are *FileError.
func ReadClearing(raw []byte, psp id.ID) ([]Line, error) {
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}
	var file struct {
		Records []clearingRecord `json:"records"`
	}
	into := any(&file)
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		into = &file.Records
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return nil, wrong(0, "", "it is no clearing file, a JSON list of records: %v", err)
	}
	if len(file.Records) > MaxFileRows {
		return nil, wrong(0, "", "it has more than %d records; send it in parts", MaxFileRows)
	}
	lines := make([]Line, 0, len(file.Records))
	for i, r := range file.Records {
		l, err := r.line(i + 1)
		if err != nil {
			return nil, err
		}
		if r.PSP == "" || r.PSP == string(psp) {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

func (r clearingRecord) line(row int) (Line, error) {
	kinds := map[int]Kind{int(settlement.C2B): Payment, int(settlement.B2C): Refund}
	kind, ok := kinds[r.TransactionType]
	if !ok {
		return Line{}, wrong(row, "transaction_type", "%d is neither 20, a payment, nor 40, a refund", r.TransactionType)
	}
	minute, err := minuteIn("", r.ExecutedTime)
	if err != nil {
		return Line{}, wrong(row, "executed_time", "it is no time as RFC 3339 writes it")
	}
	return checked(row, Line{minute, kind, r.TransactionID, money.Amount(r.Amount), Success})
}
