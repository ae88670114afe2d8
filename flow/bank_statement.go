package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"tolom/access"
	"tolom/clearing"
	"tolom/fault"
	"tolom/id"
	"tolom/recon"
	"tolom/report"
	"tolom/settlement"
	"tolom/store"
)

// StatementFile is a statement of a merchant's account, as its bank wrote it.
type StatementFile struct {
	Raw     []byte
	XML     bool   // camt.053; otherwise a table
	Account string // "" is the one that the merchant is paid to
	Columns recon.Columns
}

// StatementStore is what a merchant's statements are compared by.
type StatementStore interface {
	ReconStore
	store.Moves
}

// Statements compares merchants' bank statements with their payouts.
type Statements struct {
	platform *Platform
	keep     StatementStore
}

// NewStatements makes one over the platform's own database.
func NewStatements(p *Platform, keep StatementStore) *Statements { return &Statements{p, keep} }

// StatementResult is a statement with what it was matched with.
type StatementResult struct {
	Statement store.BankStatement
	Credits   []store.BankCredit
	Payouts   map[id.ID]settlement.Payout // of the credits
	// Missing are payouts of the statement's days that no credit of any statement has brought.
	Missing []settlement.Payout
}

// statementTries is how often a statement is matched anew when another took one of its payouts meanwhile.
const statementTries = 8

// Take reads a statement and matches its credits with payouts, each payout once for
// ever. The same file again gives the same statement; made is false then. Refused: invalid_request with the row at fault.
func (s *Statements) Take(ctx context.Context, who access.Merchant, f StatementFile) (result StatementResult, made bool, err error) {
	m, err := s.platform.registry.Merchant(ctx, who.ID)
	if err != nil {
		return result, false, err
	}
	account, credits, err := f.read()
	if err != nil {
		return result, false, err
	}
	if account == "" {
		account = m.BankAccount
	}
	if err := short("account", account, 34); err != nil {
		return result, false, err
	}
	for range statementTries {
		st, rows, err := s.matched(ctx, who.ID, f, account, credits)
		if err != nil {
			return result, false, err
		}
		kept, made, err := s.keep.AddStatement(ctx, st, rows)
		switch {
		case errors.Is(err, store.ErrTaken), errors.Is(err, store.ErrRetry), errors.Is(err, store.ErrUnknown):
			continue
		case err != nil:
			return result, false, missing(err)
		}
		result, err = s.result(ctx, kept)
		return result, made, err
	}
	return result, false, busy()
}

// read gives the account, where the file names it, and its credits.
func (f StatementFile) read() (account string, credits []recon.Credit, err error) {
	if len(f.Raw) > recon.MaxFileBytes {
		return "", nil, fault.New(fault.BodyTooLarge).Because("a statement has at most 8 MiB")
	}
	if f.XML {
		account, credits, err = creditsOfXML(f.Raw)
	} else {
		credits, err = recon.ReadBankCSV(f.Raw, f.Columns)
	}
	if f.Account != "" {
		account = f.Account
	}
	var wrong *recon.FileError
	switch {
	case errors.As(err, &wrong):
		return "", nil, fault.New(fault.InvalidRequest).On(wrong.Field).Because(err.Error())
	case err != nil:
		return "", nil, fault.New(fault.InvalidRequest).Because(err.Error())
	}
	return account, credits, nil
}

// creditsOfXML reads what came in by a camt.053. An entry of several transfers is one credit.
func creditsOfXML(raw []byte) (account string, credits []recon.Credit, err error) {
	err = clearing.ReadStatements(bytes.NewReader(raw), clearing.Reader{
		Open: func(st clearing.Statement) error {
			if account != "" && account != st.Account {
				return fmt.Errorf("the file has statements of several accounts; send each for itself")
			}
			account = st.Account
			return nil
		},
		Entry: func(e clearing.Entry) error {
			if e.Amount <= 0 || e.Reversal {
				return nil
			}
			if len(credits) == recon.MaxFileRows {
				return fmt.Errorf("it has more than %d entries; send it in parts", recon.MaxFileRows)
			}
			text := e.Text
			for _, p := range e.Parts {
				text += " " + p.EndToEnd + " " + p.ID + " " + p.Text
			}
			credits = append(credits, recon.Credit{Row: len(credits) + 1, Date: e.At.In(bishkek).Format(time.DateOnly), Amount: e.Amount,
				Reference: cropped(text, 500), Entry: cropped(e.Bank+" "+e.Ref, 100)})
			return nil
		},
	})
	return account, credits, err
}

var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// cropped shortens a text to so many letters.
func cropped(text string, most int) string {
	letters := []rune(text)
	return string(letters[:min(len(letters), most)])
}

// matched finds the payouts of the credits, as things are now.
func (s *Statements) matched(ctx context.Context, merchant id.ID, f StatementFile, account string, credits []recon.Credit) (st store.BankStatement, rows []store.BankCredit, err error) {
	sum := sha256.Sum256(f.Raw)
	st = store.BankStatement{
		ID: s.platform.newID(id.BankFile, merchant.Bucket()), Merchant: merchant, Digest: hex.EncodeToString(sum[:]), Account: account, Format: "csv",
		Credits: int64(len(credits)), CreatedAt: s.platform.world.Clock.Now(),
	}
	if f.XML {
		st.Format = "camt.053"
	}
	for _, c := range credits {
		if st.FirstDay == "" || c.Date < st.FirstDay {
			st.FirstDay = c.Date
		}
		st.LastDay = max(st.LastDay, c.Date)
	}
	payouts, err := s.payoutsOf(ctx, merchant, st.FirstDay, st.LastDay)
	if err != nil {
		return st, nil, err
	}
	taken, err := s.taken(ctx, merchant, payouts, recon.Keys(account, credits))
	if err != nil {
		return st, nil, err
	}
	for i, m := range recon.MatchCredits(account, credits, payouts, taken) {
		rows = append(rows, store.BankCredit{Statement: st.ID, Number: int64(i + 1), Match: m})
		if m.Matched() {
			st.Matched++
		}
	}
	return st, rows, nil
}

// taken gives the credits that have brought payouts: those of these payouts, and those with these keys.
func (s *Statements) taken(ctx context.Context, merchant id.ID, payouts []settlement.Payout, keys []string) (map[id.ID]string, error) {
	taken, err := s.keep.CreditsOf(ctx, merchant, idsOfPayouts(payouts))
	if err != nil {
		return nil, missing(err)
	}
	earlier, err := s.keep.PayoutsByKey(ctx, merchant, keys)
	for key, payout := range earlier {
		taken[payout] = key
	}
	return taken, missing(err)
}

func idsOfPayouts(payouts []settlement.Payout) []id.ID {
	names := make([]id.ID, len(payouts))
	for i, p := range payouts {
		names[i] = p.ID
	}
	return names
}

// payoutsOf gives a merchant's payouts whose money may be in a statement of these days.
func (s *Statements) payoutsOf(ctx context.Context, merchant id.ID, first, last string) (found []settlement.Payout, err error) {
	if first == "" {
		return nil, nil
	}
	begin, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return nil, fault.Wrap(fault.InvalidRequest, err)
	}
	earliest := begin.AddDate(0, 0, -recon.CreditWithin).Format(time.DateOnly)
	f := store.PayoutFilter{Merchant: merchant, Limit: 500}
	for {
		rows, err := s.keep.Payouts(ctx, f)
		if err != nil {
			return nil, missing(err)
		}
		for _, p := range rows {
			if f.Before = p.ID; p.Day < earliest {
				return found, nil
			}
			if p.Day <= last {
				found = append(found, p)
			}
		}
		if len(rows) < f.Limit {
			return found, nil
		}
	}
}

// Statement gives a statement of the merchant with what it was matched with. Refused: not_found.
func (s *Statements) Statement(ctx context.Context, who access.Merchant, name string) (StatementResult, error) {
	i, err := id.Parse(id.BankFile, name)
	if err != nil {
		return StatementResult{}, fault.New(fault.NotFound)
	}
	st, err := s.keep.BankStatement(ctx, i)
	if err == nil && st.Merchant != who.ID {
		err = store.ErrNotFound
	}
	if err != nil {
		return StatementResult{}, missing(err)
	}
	return s.result(ctx, st)
}

// List gives the merchant's statements, newest first, and says whether there are more.
func (s *Statements) List(ctx context.Context, who access.Merchant, before id.ID, limit int) ([]store.BankStatement, bool, error) {
	rows, err := s.keep.BankStatementsOf(ctx, who.ID, before, limit+1)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// result reads what a statement was matched with, and which payouts of its days have no credit yet.
func (s *Statements) result(ctx context.Context, st store.BankStatement) (out StatementResult, err error) {
	out = StatementResult{Statement: st, Payouts: map[id.ID]settlement.Payout{}}
	if out.Credits, err = s.keep.BankCredits(ctx, st.ID); err != nil {
		return out, missing(err)
	}
	payouts, err := s.payoutsOf(ctx, st.Merchant, st.FirstDay, st.LastDay)
	if err != nil {
		return out, err
	}
	brought, err := s.keep.CreditsOf(ctx, st.Merchant, idsOfPayouts(payouts))
	if err != nil {
		return out, missing(err)
	}
	for _, p := range payouts {
		out.Payouts[p.ID] = p
		if brought[p.ID] == "" && p.Status != settlement.PayoutReturned && p.Day >= st.FirstDay {
			out.Missing = append(out.Missing, p)
		}
	}
	slices.Reverse(out.Missing)
	return out, nil
}

// PayoutPayments gives what a payout of the merchant is made of, in the order of the feed:
// payments that succeeded in its day and what refunds moved. after is a sequence of the
// merchant's feed, 0 to begin with. Refused: not_found.
func (s *Statements) PayoutPayments(ctx context.Context, who access.Merchant, name string, after int64, limit int) (settlement.Payout, []report.Move, int64, error) {
	i, err := id.Parse(id.Payout, name)
	if err != nil {
		return settlement.Payout{}, nil, 0, fault.New(fault.NotFound)
	}
	p, err := s.keep.Payout(ctx, i)
	if err == nil && p.Merchant != who.ID {
		err = store.ErrNotFound
	}
	if err != nil {
		return settlement.Payout{}, nil, 0, missing(err)
	}
	day, err := s.keep.Day(ctx, p.Day)
	if err != nil {
		return p, nil, 0, missing(err)
	}
	first, last, err := s.sequences(ctx, who.ID, day)
	if err != nil {
		return p, nil, 0, err
	}
	from := max(after, first)
	to := min(last, from+int64(limit))
	moves, err := s.keep.Moves(ctx, who.ID, "", from, to)
	next := int64(0)
	if to < last {
		next = to
	}
	return p, moves, next, missing(err)
}

// sequences finds which part of a merchant's feed is in a day, (first, last], by halves.
func (s *Statements) sequences(ctx context.Context, merchant id.ID, d settlement.Day) (first, last int64, err error) {
	head, err := s.platform.read.ReaderHead(ctx, merchant)
	if err != nil {
		return 0, 0, missing(err)
	}
	before := func(position int64) (int64, error) { // how many of the reader's facts lie at or before a position
		low, high := int64(0), head
		for low < high {
			middle := (low + high + 1) / 2
			at, _, err := s.keep.PlaceAt(ctx, merchant, middle)
			if err != nil {
				return 0, missing(err)
			}
			if at <= position {
				low = middle
			} else {
				high = middle - 1
			}
		}
		return low, nil
	}
	if first, err = before(d.From); err != nil {
		return 0, 0, err
	}
	last, err = before(d.To)
	return first, last, err
}
