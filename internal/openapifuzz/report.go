package openapifuzz

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is what a run saw.
type Report struct {
	Seed     uint64
	Calls    int
	Findings []Finding // the first of each kind
	Broken   int       // findings in all
	rows     map[string]*row
	order    []string
	seen     map[string]bool
	broken   map[string]int // calls by breakage
}

// Finding is an answer that is not as the document says.
type Finding struct {
	Operation, How, What string
	Call, Answer         string
	At                   int // the number of the call in its run
}

// String shows a finding with what was sent and answered.
func (f Finding) String() string {
	return fmt.Sprintf("%s, %s: %s\n%s\n  -> %s (call %d)", f.Operation, f.How, f.What, f.Call, f.Answer, f.At)
}

// row counts the calls of one operation.
type row struct {
	allowed, done, spoiled, refused int
	documented                      []string
	codes                           map[string]int
	against                         map[string]int // codes that allowed calls were refused with
}

func newReport(d *Document, seed uint64) *Report {
	r := &Report{Seed: seed, rows: map[string]*row{}, seen: map[string]bool{}, broken: map[string]int{}}
	for _, op := range d.Operations {
		name := op.Method + " " + op.Path
		r.order = append(r.order, name)
		r.rows[name] = &row{documented: op.Codes, codes: map[string]int{}, against: map[string]int{}}
	}
	return r
}

func (r *Report) count(c *call, reply Reply) {
	r.Calls++
	row := r.rows[c.op.Method+" "+c.op.Path]
	if v, err := strictly(reply.Body); err == nil && reply.Status >= 400 {
		code := text(object(v)["code"])
		if row.codes[code]++; c.valid {
			row.against[code]++
		}
	}
	switch {
	case c.valid:
		row.allowed++
		if reply.Status < 400 {
			row.done++
		}
	default:
		row.spoiled++
		r.broken[c.how]++
		if reply.Status >= 400 {
			row.refused++
		}
	}
}

// mostFindings are shown; the rest is counted.
const mostFindings = 40

func (r *Report) problem(c *call, reply Reply, at int, what string) {
	r.Broken++
	f := Finding{Operation: c.op.Method + " " + c.op.Path, How: c.how, What: what, At: at}
	kind := f.Operation + f.How + what[:min(len(what), 40)]
	if r.seen[kind] || len(r.Findings) >= mostFindings {
		return
	}
	r.seen[kind] = true
	f.Call, f.Answer = c.String(), fmt.Sprintf("%d %s", reply.Status, cut(reply.Body))
	r.Findings = append(r.Findings, f)
}

// Hopeless says that so much was found that more would tell nothing new.
func (r *Report) Hopeless() bool { return r.Broken >= 1000 }

// Sound says that every answer was as the document says.
func (r *Report) Sound() bool { return r.Broken == 0 }

// Add takes in what another run over the same document saw.
func (r *Report) Add(other *Report) {
	r.Calls, r.Broken = r.Calls+other.Calls, r.Broken+other.Broken
	r.Findings = append(r.Findings, other.Findings...)
	for name, n := range other.broken {
		r.broken[name] += n
	}
	for name, from := range other.rows {
		to := r.rows[name]
		to.allowed, to.done, to.spoiled, to.refused = to.allowed+from.allowed, to.done+from.done, to.spoiled+from.spoiled, to.refused+from.refused
		for code, n := range from.codes {
			to.codes[code] += n
		}
		for code, n := range from.against {
			to.against[code] += n
		}
	}
}

// Unreached lists the operations of which fewer than least allowed calls were done.
func (r *Report) Unreached(least int) (out []string) {
	for _, name := range r.order {
		if r.rows[name].done < least {
			out = append(out, fmt.Sprintf("%s: %d of %d allowed calls were done", name, r.rows[name].done, r.rows[name].allowed))
		}
	}
	return out
}

// Done gives how many calls were made as the document allows, and how many of them were done.
func (r *Report) Done() (allowed, done int) {
	for _, row := range r.rows {
		allowed, done = allowed+row.allowed, done+row.done
	}
	return allowed, done
}

// Write prints the counts of each operation, the codes that were met of those documented, and all findings.
func (r *Report) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\tallowed\tdone\t%\tbroken\trefused\tcodes met\tallowed calls were mostly refused with")
	met, documented := map[string]bool{}, map[string]bool{}
	for _, name := range r.order {
		row := r.rows[name]
		codes := slices.DeleteFunc(sortedKeys(row.codes), func(c string) bool { return !slices.Contains(row.documented, c) })
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d of %d\t%s\n", name, row.allowed, row.done, 100*row.done/max(row.allowed, 1), row.spoiled, row.refused, len(codes), len(row.documented), foremost(row.against))
		for _, code := range row.documented {
			documented[code] = true
		}
		for _, code := range codes {
			met[code] = true
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	missed := slices.DeleteFunc(slices.Sorted(maps.Keys(documented)), func(c string) bool { return met[c] })
	allowed, done := r.Done()
	_, err := fmt.Fprintf(w, "%d calls of %d operations, %d ways to break them; of %d allowed calls %d were done (%d %%); codes met: %d of %d, not met: %s\nfindings: %d\n",
		r.Calls, len(r.order), len(r.broken), allowed, done, 100*done/max(allowed, 1), len(met), len(documented), strings.Join(missed, " "), r.Broken)
	for _, f := range r.Findings {
		_, err = fmt.Fprintf(w, "\n%s\n", f)
	}
	return err
}

// foremost names the three most frequent codes.
func foremost(codes map[string]int) string {
	names := sortedKeys(codes)
	slices.SortStableFunc(names, func(a, b string) int { return codes[b] - codes[a] })
	return strings.Join(names[:min(len(names), 3)], " ")
}
