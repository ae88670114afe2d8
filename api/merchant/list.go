package merchant

import (
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/wire"
)

// Page is the input of every list.
type Page struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
	After string `query:"after" doc:"Cursor of the page before: its after"`
}

// Created narrows a list by the time of creation.
type Created struct {
	From string `query:"created_from" doc:"Created at or after: RFC 3339, or a date in Bishkek"`
	To   string `query:"created_to" doc:"Created before: RFC 3339, or a date in Bishkek, which counts whole"`
}

func (c Created) span() (from, to time.Time, err error) {
	if from, err = moment("created_from", c.From, false); err != nil {
		return from, to, err
	}
	to, err = moment("created_to", c.To, true)
	return from, to, err
}

// position reads the cursor of a list of ids.
func position(list, cursor string) (id.ID, error) {
	if cursor == "" {
		return "", nil
	}
	at, err := seal.ParseCursor(list, cursor)
	if err != nil {
		return "", fault.New(fault.InvalidRequest).On("after").Because(err.Error())
	}
	return id.ID(at), nil
}

// listOf makes a page of a list, with a cursor when there are more.
func listOf[In, Out any](list string, rows []In, more bool, render func(In) Out, idOf func(In) id.ID) *answer[wire.List[Out]] {
	out := wire.List[Out]{Data: each(rows, render), HasMore: more}
	if more && len(rows) > 0 {
		out.After = seal.Cursor(list, string(idOf(rows[len(rows)-1])))
	}
	return &answer[wire.List[Out]]{out}
}
