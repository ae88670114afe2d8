package db

import (
	"fmt"
	"strings"
	"sync"
)

// Kind is how a column is stored. There are two, so that both databases behave
// alike: times are whole milliseconds since 1970 (0 for never), truths are 0 and
// 1, lists and maps are JSON text.
type Kind int

// The kinds of columns.
const (
	Text Kind = iota
	Whole
)

// Vector is one column of many rows.
type Vector struct {
	Name  string
	Kind  Kind
	Texts []string
	Ints  []int64
}

// Texts makes a vector of texts, Ints one of whole numbers.
func Texts(name string, values []string) Vector { return Vector{Name: name, Kind: Text, Texts: values} }

// Ints makes a vector of whole numbers.
func Ints(name string, values []int64) Vector { return Vector{Name: name, Kind: Whole, Ints: values} }

func (v Vector) len() int { return max(len(v.Texts), len(v.Ints)) }

// at is one of the vector's values.
func (v Vector) at(row int) any {
	if v.Kind == Text {
		return v.Texts[row]
	}
	return v.Ints[row]
}

// Many is a statement for many rows, in three forms: One takes the values of one
// row; All takes the rows as one argument, Cells (PostgreSQL, where a round trip costs much);
// rows takes the values of so many rows, one row after another (SQLite, where
// it is preparing and stepping that costs). The texts are constant, and of rows
// only a few lengths are used, so that each is prepared once.
type Many struct {
	One, All string
	rows     func(n int) string
	// exact is All as a statement that fails when it touches another number of rows
	// than its second argument says; empty when every row is touched or it fails.
	exact string
}

// texts remembers the form for n rows of each statement, by its form for one.
var texts sync.Map

type textKey struct {
	one string
	n   int
}

// text is the form for n rows.
func (m Many) text(n int) string {
	if n == 1 {
		return m.One
	}
	key := textKey{m.One, n}
	if known, ok := texts.Load(key); ok {
		return known.(string)
	}
	text := m.rows(n)
	texts.Store(key, text)
	return text
}

// Insertion makes the statement that inserts rows, in their order; tail follows
// the values, such as ON CONFLICT.
func Insertion(table, tail string, shape ...Vector) Many {
	names := make([]string, len(shape))
	values := make([]string, len(shape))
	for i, v := range shape {
		names[i], values[i] = v.Name, fmt.Sprintf("$%d", i+1)
	}
	list := strings.Join(names, ", ")
	head := "INSERT INTO " + table + " (" + list + ") "
	return Many{
		One:  head + "VALUES (" + strings.Join(values, ", ") + ") " + tail,
		All:  head + "SELECT " + list + " FROM " + Unnest("u", shape...) + " " + tail,
		rows: func(n int) string { return head + valuesOf(n, len(shape)) + " " + tail },
	}
}

// Lookup makes the statement that finds, for each row of the shape, the columns of
// what join brings to it; the row is u there. one is the same for one row.
func Lookup(one, columns, join string, shape ...Vector) Many {
	names := make([]string, len(shape))
	for i, v := range shape {
		names[i] = v.Name
	}
	head := "SELECT " + columns + " FROM "
	return Many{
		One: one,
		All: head + Unnest("u", shape...) + " " + join,
		rows: func(n int) string {
			return "WITH u (" + strings.Join(names, ", ") + ") AS (" + valuesOf(n, len(shape)) + ") " + head + "u " + join
		},
	}
}

// valuesOf writes the values of n rows as numbered parameters.
func valuesOf(n, columns int) string {
	var b strings.Builder
	b.WriteString("VALUES ")
	for at := range n * columns {
		switch {
		case at == 0:
			b.WriteString("(")
		case at%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", at+1)
	}
	b.WriteString(")")
	return b.String()
}

// Unnest is Cells of a shape as a table of PostgreSQL named alias. Its rows come in
// the order of the list.
func Unnest(alias string, shape ...Vector) string {
	return fmt.Sprintf("unnest($1::cells%d[]) AS %s(%s)", cellSize(shape), alias, strings.Join(cellNames(shape), ", "))
}

// Change makes the statement that sets columns of the rows found by their keys.
// The shape is the keys, then the columns to set; further is added to what is set.
func Change(table, further string, keys int, shape ...Vector) Many {
	var one, all, oneKey, allKey []string
	for i, v := range shape {
		if i < keys {
			oneKey = append(oneKey, fmt.Sprintf("%s = $%d", v.Name, i+1))
			allKey = append(allKey, fmt.Sprintf("t.%s = u.%s", v.Name, v.Name))
			continue
		}
		one = append(one, fmt.Sprintf("%s = $%d", v.Name, i+1))
		all = append(all, fmt.Sprintf("%s = u.%s", v.Name, v.Name))
	}
	if further != "" {
		one, all = append(one, further), append(all, further)
	}
	head := "UPDATE " + table + " AS t SET "
	names := make([]string, len(shape))
	for i, v := range shape {
		names[i] = v.Name
	}
	whole := head + strings.Join(all, ", ") + " FROM " + Unnest("u", shape...) + " WHERE " + strings.Join(allKey, " AND ")
	return Many{
		One:   head + strings.Join(one, ", ") + " WHERE " + strings.Join(oneKey, " AND "),
		All:   whole,
		exact: "WITH touched AS (" + whole + " RETURNING 1) SELECT 1 / CAST(count(*) = $2 AS integer) FROM touched",
		rows: func(n int) string {
			return "WITH u (" + strings.Join(names, ", ") + ") AS (" + valuesOf(n, len(shape)) + ") " +
				head + strings.Join(all, ", ") + " FROM u WHERE " + strings.Join(allKey, " AND ")
		},
	}
}

// Deletion makes the statement that deletes the rows found by their keys.
func Deletion(table string, keys ...Vector) Many {
	var one, all, names []string
	for i, v := range keys {
		names = append(names, v.Name)
		one = append(one, fmt.Sprintf("%s = $%d", v.Name, i+1))
		all = append(all, fmt.Sprintf("t.%s = u.%s", v.Name, v.Name))
	}
	return Many{
		One: "DELETE FROM " + table + " WHERE " + strings.Join(one, " AND "),
		All: "DELETE FROM " + table + " AS t USING " + Unnest("u", keys...) + " WHERE " + strings.Join(all, " AND "),
		rows: func(n int) string {
			return "DELETE FROM " + table + " WHERE (" + strings.Join(names, ", ") + ") IN (" + valuesOf(n, len(keys)) + ")"
		},
	}
}
