package merchant

import (
	"context"
	"net/http"
	"strconv"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/recon"
	"tolom/wire"
)

type bankFile struct {
	Account   string `query:"account" maxLength:"34" doc:"Your account; absent: as the file names it, or the one that you are paid to"`
	Date      string `query:"date" maxLength:"64" doc:"Heading of the column of dates, when it is not a usual one"`
	Amount    string `query:"amount" maxLength:"64" doc:"Heading of amounts, where debits have a minus"`
	Credit    string `query:"credit" maxLength:"64" doc:"Heading of credits, where they have a column of their own"`
	Debit     string `query:"debit" maxLength:"64" doc:"Heading of debits"`
	Reference string `query:"reference" maxLength:"64" doc:"Heading of what a booking is for"`
	Entry     string `query:"entry" maxLength:"64" doc:"Heading of the bank's number of the booking"`
	RawBody   []byte
}

type partsQuery struct {
	Named
	After string `query:"after" doc:"The after of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
}

func (s *Shop) mountBankStatements(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/bank-statements", ID: "give-bank-statement", Scope: access.Report, Whole: true,
		Summary: "Compare your bank's statement with your payouts",
		Text: "CSV of your bank, in UTF-8 or windows-1251, or camt.053, at most 8 MiB. Each credit is matched with one payout at most, by the payout's id in the reference or by amount and date; " +
			"a payout is matched once for ever. The same file again is the same statement, whatever the key. A wrong row refuses the file, with its number.",
		Most: recon.MaxFileBytes, Files: []string{"text/csv", "application/xml", "text/xml"}, Query: "account=1280010000000001",
		Body: "Date;Credit;Reference\n24.11.2026;1 485,00;QR po_01kar9gfc0c4r5s6t7v8w9xyzb\n",
	}, s.giveStatement)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/bank-statements", ID: "list-bank-statements", Scope: access.Report, Whole: true, Summary: "List bank statements", Text: "Newest first, without their lines.",
	}, s.listStatements)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/bank-statements/{id}", ID: "get-bank-statement", Scope: access.Report, Whole: true,
		Summary: "Read a bank statement with the payout of each credit", Text: "Credits without a payout say why; missing_payouts have no credit in any of your statements.",
	}, s.getStatement)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payouts/{id}/payments", ID: "list-payout-payments", Scope: access.Report, Whole: true,
		Summary: "List what a payout is made of", Text: "The payments of its business day and what refunds moved, oldest first. What was left over from the days before is opening_balance of the payout.",
	}, s.payoutParts)
}

func (s *Shop) giveStatement(ctx context.Context, in *bankFile) (*answer[wire.BankStatement], error) {
	result, _, err := s.Statements.Take(ctx, who(ctx), flow.StatementFile{
		Raw: in.RawBody, XML: gate.MediaOf(ctx) != "text/csv", Account: in.Account,
		Columns: recon.Columns{Date: in.Date, Amount: in.Amount, Credit: in.Credit, Debit: in.Debit, Reference: in.Reference, Entry: in.Entry},
	})
	if err != nil {
		return nil, err
	}
	return &answer[wire.BankStatement]{flow.WireResult(result)}, nil
}

func (s *Shop) listStatements(ctx context.Context, in *Page) (*answer[wire.List[wire.BankStatement]], error) {
	before, err := flow.Cursor(in.After, "after")
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Statements.List(ctx, who(ctx), before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := wire.List[wire.BankStatement]{Data: []wire.BankStatement{}, HasMore: more}
	for _, r := range rows {
		out.Data = append(out.Data, flow.WireStatement(r))
		if more {
			out.After = string(r.ID)
		}
	}
	return &answer[wire.List[wire.BankStatement]]{out}, nil
}

func (s *Shop) getStatement(ctx context.Context, in *Named) (*answer[wire.BankStatement], error) {
	result, err := s.Statements.Statement(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.BankStatement]{flow.WireResult(result)}, nil
}

func (s *Shop) payoutParts(ctx context.Context, in *partsQuery) (*answer[wire.List[wire.PayoutPart]], error) {
	after := int64(0)
	if in.After != "" {
		n, err := strconv.ParseInt(in.After, 10, 64)
		if err != nil || n < 0 {
			return nil, fault.New(fault.InvalidRequest).On("after").Because("after is what the page before gave")
		}
		after = n
	}
	_, moves, next, err := s.Statements.PayoutPayments(ctx, who(ctx), in.ID, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := wire.List[wire.PayoutPart]{Data: flow.WireParts(moves), HasMore: next > 0}
	if next > 0 {
		out.After = strconv.FormatInt(next, 10)
	}
	return &answer[wire.List[wire.PayoutPart]]{out}, nil
}
