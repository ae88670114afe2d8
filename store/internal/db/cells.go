package db

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Cells are rows as one argument of PostgreSQL: a list of rows, each of a type
// that the schema has for that, with some texts and then as many whole numbers;
// those that are not needed are null. One list of rows costs the server about half
// of what a list for every column does, because it lays out and walks one thing
// instead of many.
type Cells []Vector

// cellSize is how many texts, and as many whole numbers, the smallest type has in
// which the columns have room: 4, 8, 12 or 16. The schema would need a further type
// for more, and the server says so.
func cellSize(shape []Vector) int {
	texts := 0
	for _, v := range shape {
		if v.Kind == Text {
			texts++
		}
	}
	return max(1, (max(texts, len(shape)-texts)+3)/4) * 4
}

// cellNames are the names of a type's columns when it holds this shape; those
// that are null have names that nothing else has.
func cellNames(shape []Vector) []string {
	size := cellSize(shape)
	names := make([]string, 2*size)
	for i := range names {
		names[i] = fmt.Sprintf("_%d", i+1)
	}
	next := [...]int{Text: 0, Whole: size}
	for _, v := range shape {
		names[next[v.Kind]] = v.Name
		next[v.Kind]++
	}
	last := next[Whole]
	if last == size {
		last = next[Text]
	}
	return names[:last]
}

// The numbers by which the wire names the types of columns.
const (
	textOID  = pgtype.TextOID
	wholeOID = pgtype.Int8OID
	null     = 0xffffffff
)

// knowCells tells a new connection how rows are sent.
func knowCells(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT typname, oid, typarray FROM pg_type WHERE typname LIKE 'cells%' AND pg_type_is_visible(oid)")
	if err != nil {
		return err
	}
	var name string
	var row, list uint32
	_, err = pgx.ForEachRow(rows, []any{&name, &row, &list}, func() error {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "_" + name, OID: list, Codec: cellCodec{row}})
		return nil
	})
	return err
}

// cellCodec writes Cells as a list of rows of a type. They are only sent.
type cellCodec struct{ row uint32 }

// FormatSupported says that only the binary format is known.
func (cellCodec) FormatSupported(format int16) bool { return format == pgtype.BinaryFormatCode }

// PreferredFormat is the binary format.
func (cellCodec) PreferredFormat() int16 { return pgtype.BinaryFormatCode }

// PlanEncode takes Cells and nothing else.
func (c cellCodec) PlanEncode(_ *pgtype.Map, _ uint32, _ int16, value any) pgtype.EncodePlan {
	if _, ok := value.(Cells); ok {
		return c
	}
	return nil
}

// PlanScan knows no way to read.
func (cellCodec) PlanScan(*pgtype.Map, uint32, int16, any) pgtype.ScanPlan { return nil }

// DecodeDatabaseSQLValue is for reading.
func (cellCodec) DecodeDatabaseSQLValue(*pgtype.Map, uint32, int16, []byte) (driver.Value, error) {
	return nil, errCellsAreSent
}

// DecodeValue is for reading.
func (cellCodec) DecodeValue(*pgtype.Map, uint32, int16, []byte) (any, error) {
	return nil, errCellsAreSent
}

var errCellsAreSent = fmt.Errorf("db: rows as an argument are sent and never read")

// Encode appends the rows: how many there are, then each with its length and cells.
func (c cellCodec) Encode(value any, buf []byte) ([]byte, error) {
	columns := slices.Clone(value.(Cells))
	size := cellSize(columns)
	slices.SortStableFunc(columns, func(a, b Vector) int { return int(a.Kind) - int(b.Kind) })
	texts := slices.IndexFunc(columns, func(v Vector) bool { return v.Kind == Whole })
	if texts < 0 {
		texts = len(columns)
	}
	n := columns[0].len()
	buf = slices.Grow(buf, 20+n*columns.width(size))
	for _, head := range []uint32{1, 0, c.row, uint32(n), 1} { // dimensions, no null rows, the rows' type, their number, the first one's
		buf = binary.BigEndian.AppendUint32(buf, head)
	}
	for row := range n {
		start := len(buf)
		buf = binary.BigEndian.AppendUint32(append(buf, 0, 0, 0, 0), uint32(2*size))
		for i := range size {
			buf = binary.BigEndian.AppendUint32(buf, textOID)
			if i >= texts {
				buf = binary.BigEndian.AppendUint32(buf, null)
				continue
			}
			text := columns[i].Texts[row]
			buf = append(binary.BigEndian.AppendUint32(buf, uint32(len(text))), text...)
		}
		for i := texts; i < texts+size; i++ {
			buf = binary.BigEndian.AppendUint32(buf, wholeOID)
			if i >= len(columns) {
				buf = binary.BigEndian.AppendUint32(buf, null)
				continue
			}
			buf = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(buf, 8), uint64(columns[i].Ints[row]))
		}
		binary.BigEndian.PutUint32(buf[start:], uint32(len(buf)-start-4))
	}
	return buf, nil
}

// width is about how many bytes a row takes.
func (c Cells) width(size int) (n int) {
	n = 8 + 16*size
	for _, v := range c {
		if v.Kind == Text && len(v.Texts) > 0 {
			n += len(v.Texts[0]) + 4
		} else {
			n += 8
		}
	}
	return n
}
