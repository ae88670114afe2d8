package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/flow"
	"tolom/store"
)

// Unpayable is a merchant whose money waits for an account.
type Unpayable struct {
	MerchantID    string `json:"merchant_id"`
	Name          string `json:"name"`
	ParticipantID string `json:"participant_id" doc:"Its bank; empty when it has none"`
	Owed          int64  `json:"owed" doc:"What is on its balance now"`
	Currency      string `json:"currency"`
}

// UnpayableList is a page of them, and what all come to.
type UnpayableList struct {
	List[Unpayable]
	Count int   `json:"count" doc:"How many there are on all pages"`
	Owed  int64 `json:"owed" doc:"What they are owed together"`
}

func (k *Desk) mountUnpayable(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/unpayable", ID: "list-unpayable", Summary: "List merchants whose money waits for an account",
		Text: "Merchants that are owed money and have no bank, or no account there, so that no payout can be made. Set the account, and the next business day pays all of it out.",
	}, k.listUnpayable)
}

func (k *Desk) listUnpayable(ctx context.Context, in *Page) (*answer[UnpayableList], error) {
	after, err := flow.Cursor(in.After, "after")
	if err != nil {
		return nil, err
	}
	rows, err := k.Days.Unpayable(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	list := UnpayableList{List: pageOf(rows, in.Limit, unpayableOut, func(u store.Unpayable) string { return string(u.Merchant) }).Body}
	count, owed, err := k.Days.UnpayableSum(ctx)
	list.Count, list.Owed = count, int64(owed)
	return &answer[UnpayableList]{list}, err
}

func unpayableOut(u store.Unpayable) Unpayable {
	return Unpayable{MerchantID: string(u.Merchant), Name: u.Name, ParticipantID: string(u.Participant), Owed: int64(u.Owed), Currency: "KGS"}
}
