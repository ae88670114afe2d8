package db

import (
	"encoding/json"
	"regexp"
	"strconv"
)

// These are all the words in which the two databases differ, beside migrations:
// a list as an argument, and locks, which SQLite's single writer needs none of.
var (
	anyOf     = regexp.MustCompile(`= ANY\((\$\d+)\)`)
	rowLock   = regexp.MustCompile(` FOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?`)
	tableLock = regexp.MustCompile(`^LOCK TABLE .*`)
	numbered  = regexp.MustCompile(`\$\d+`)
)

// translate turns a statement for PostgreSQL into one for SQLite.
func translate(text string) string {
	text = anyOf.ReplaceAllString(text, "IN (SELECT value FROM json_each($1))")
	text = tableLock.ReplaceAllString(text, "SELECT 1")
	return unnumbered(rowLock.ReplaceAllString(text, ""))
}

// unnumbered writes parameters as plain question marks where they stand once each
// and in order. SQLite keeps numbered ones as names in a list, and every binding
// looks its name up in the list: over many rows that costs more than the rows.
func unnumbered(text string) string {
	next := 0
	for _, p := range numbered.FindAllString(text, -1) {
		if next++; p != "$"+strconv.Itoa(next) {
			return text
		}
	}
	return numbered.ReplaceAllString(text, "?")
}

// plain turns lists into what json_each reads.
func plain(args []any) ([]any, error) {
	for i, arg := range args {
		switch arg.(type) {
		case []string, []int64:
			text, err := json.Marshal(arg)
			if err != nil {
				return nil, err
			}
			args[i] = string(text)
		}
	}
	return args, nil
}
