package db

import (
	"encoding/json"
	"regexp"
)

// These are all the words in which the two databases differ, beside migrations:
// a list as an argument, and row locks, which SQLite's single writer needs none of.
var (
	anyOf   = regexp.MustCompile(`= ANY\((\$\d+)\)`)
	rowLock = regexp.MustCompile(` FOR (NO KEY )?UPDATE( OF \w+)?`)
)

// translate turns a statement for PostgreSQL into one for SQLite.
func translate(text string) string {
	text = anyOf.ReplaceAllString(text, "IN (SELECT value FROM json_each($1))")
	return rowLock.ReplaceAllString(text, "")
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
