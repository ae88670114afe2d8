package sheet

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"tolom/money"
)

// momentLayout is RFC 3339 with milliseconds, so that texts sort as times do.
const momentLayout = "2006-01-02T15:04:05.000-07:00"

// writeCSV writes the rows alone, under a header of keys: what stands before and after them would make the file
// unreadable for programs. Sums are som with a point, and their header says so.
func writeCSV(w io.Writer, s Sheet, bom bool) error {
	b := bufio.NewWriter(w)
	if bom {
		b.WriteString("\ufeff") // b keeps the error
	}
	out := csv.NewWriter(b)
	line := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		line[i] = c.Key
		if c.Kind == Money {
			line[i] += "_som"
		}
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		for i, cell := range row.Cells {
			line[i] = plain(cell, s.Zone)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return b.Flush()
}

// plain is a cell as text for programs.
func plain(cell any, zone *time.Location) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return harmless(v)
	case Term:
		return harmless(v.Code)
	case money.Amount:
		return v.Plain()
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.In(zone).Format(momentLayout)
	}
	return harmless(fmt.Sprint(cell))
}
