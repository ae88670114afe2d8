package payloadfuzz

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// Entry is a line of the ledger: one run of a target.
type Entry struct {
	At         time.Time
	Commit     string
	Target     string // such as elqr.FuzzRead
	By         string // "engine" is Go's, led by coverage; "loop" is that of Maker, which is not
	Executions int64
	Took       time.Duration
	Findings   int
}

const layout = "2006-01-02T15:04"

// String writes the line.
func (e Entry) String() string {
	return fmt.Sprintf("%s %s %s %s %d %d %d", e.At.UTC().Format(layout), e.Commit, e.Target, e.By, e.Executions, int(e.Took.Seconds()), e.Findings)
}

func parse(line string) (e Entry, err error) {
	var at string
	var seconds int64
	if _, err := fmt.Sscan(line, &at, &e.Commit, &e.Target, &e.By, &e.Executions, &seconds, &e.Findings); err != nil {
		return e, fmt.Errorf("payloadfuzz: %q is no line of the ledger: %w", line, err)
	}
	e.Took = time.Duration(seconds) * time.Second
	e.At, err = time.Parse(layout, at)
	return e, err
}

// Append writes a run into the ledger.
func Append(path string, e Entry) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintln(file, e)
	return err
}

// Total is what the runs of one target by one way come to.
type Total struct {
	Runs, Findings int
	Executions     int64
}

// Totals adds a ledger up, by target and way. Lines that begin with # are for people.
func Totals(ledger io.Reader) (map[string]Total, error) {
	all := map[string]Total{}
	lines := bufio.NewScanner(ledger)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "#") {
			e, err := parse(line)
			if err != nil {
				return nil, err
			}
			t := all[e.Target+" by "+e.By]
			t.Runs, t.Executions, t.Findings = t.Runs+1, t.Executions+e.Executions, t.Findings+e.Findings
			all[e.Target+" by "+e.By] = t
		}
	}
	return all, lines.Err()
}

// WriteTotals prints the totals of the ledger in a file.
func WriteTotals(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	all, err := Totals(file)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(w, "fuzz: %s: %d executions in %d runs, %d findings\n", name, all[name].Executions, all[name].Runs, all[name].Findings)
	}
	return err
}
