package clearing

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

// record is a clearing record with the national regulation's names, all of which are
// written, in this order.
type record struct {
	Transaction string `json:"transaction_id"`
	Kind        int    `json:"transaction_type"`
	Amount      int64  `json:"amount"`
	Interchange int64  `json:"interchange"`
	PSP         string `json:"psp_id"`
	PSPName     string `json:"psp_name"`
	Acquirer    string `json:"aqr_bic"`
	Issuer      string `json:"iss_bic"`
	BIC         string `json:"bic"`
	AccountID   string `json:"bank_account_id"`
	Account     string `json:"bank_account"`
	Executed    string `json:"executed_time"`
	Created     string `json:"created"`
}

// fields are the names of a record.
var fields = []string{"transaction_id", "transaction_type", "amount", "interchange", "psp_id", "psp_name", "aqr_bic",
	"iss_bic", "bic", "bank_account_id", "bank_account", "executed_time", "created"}

// WriteRecords writes the national clearing file of one participant: a JSON array, a
// record a line, amounts in tyiyn. No records make an empty array: a day without
// payments has its file too. It stops at the first error of the rows.
func WriteRecords(w io.Writer, rows iter.Seq2[settlement.Record, error]) error {
	out := bufio.NewWriter(w)
	mark := "[\n"
	for r, err := range rows {
		if err == nil {
			err = checkRecord(r)
		}
		if err != nil {
			return err
		}
		if _, err = out.WriteString(mark); err == nil {
			err = writeLine(out, r)
		}
		if err != nil {
			return err
		}
		mark = ",\n"
	}
	if mark == "[\n" {
		mark = "[]\n"
	} else {
		mark = "\n]\n"
	}
	if _, err := out.WriteString(mark); err != nil {
		return err
	}
	return out.Flush()
}

// writeLine writes one record. encoding/json escapes <, > and &, which any reader reads back.
func writeLine(out *bufio.Writer, r settlement.Record) error {
	line, err := json.Marshal(record{
		string(r.Transaction), int(r.Kind), int64(r.Amount), int64(r.Interchange), string(r.PSP), r.PSPName,
		r.AcquirerBIC, r.IssuerBIC, r.BIC, string(r.AccountID), r.BankAccount, at(r.ExecutedTime), at(r.Created),
	})
	if err == nil {
		_, err = out.Write(line)
	}
	return err
}

func checkRecord(r settlement.Record) error {
	switch {
	case r.Transaction == "":
		return bad("a record has no transaction_id")
	case r.Kind != settlement.C2B && r.Kind != settlement.B2C:
		return bad("%s: transaction_type is %d or %d, not %d", r.Transaction, settlement.C2B, settlement.B2C, r.Kind)
	case r.Amount <= 0 || r.Amount > money.Max:
		return bad("%s: amount is 1 to %d tyiyn, not %d", r.Transaction, money.Max, r.Amount)
	case r.Interchange < 0 || r.Interchange > r.Amount:
		return bad("%s: interchange is 0 to the amount, not %d", r.Transaction, r.Interchange)
	case !utf8.ValidString(r.PSPName) || len(r.PSPName) > 400:
		return bad("%s: psp_name is at most 400 bytes of UTF-8", r.Transaction)
	case r.ExecutedTime.IsZero() || r.Created.IsZero():
		return bad("%s: executed_time and created are times", r.Transaction)
	}
	return nil
}

// mostValue is the longest text of a record that is read, in bytes.
const mostValue = 400

// ReadRecords reads a clearing file record by record and checks each: every field
// there, once, none beside them. Rows before an error were good; the file as a whole
// is good only when the sequence ends without one.
func ReadRecords(r io.Reader) iter.Seq2[settlement.Record, error] {
	return func(yield func(settlement.Record, error) bool) {
		in := json.NewDecoder(&counted{r: r, left: 8 * MostBytes})
		in.UseNumber()
		if err := delimiter(in, '['); err != nil {
			yield(settlement.Record{}, err)
			return
		}
		for in.More() {
			one, err := readRecord(in)
			if !yield(one, err) || err != nil {
				return
			}
		}
		if err := lastOf(in); err != nil {
			yield(settlement.Record{}, err)
		}
	}
}

func lastOf(in *json.Decoder) error {
	if err := delimiter(in, ']'); err != nil {
		return err
	}
	if t, err := in.Token(); err != io.EOF {
		return bad("something follows the records: %v", first(err, fmt.Errorf("%v", t)))
	}
	return nil
}

func delimiter(in *json.Decoder, want json.Delim) error {
	t, err := in.Token()
	if err != nil {
		return brokenJSON(err)
	}
	if t != want {
		return bad("%q is expected at byte %d", want.String(), in.InputOffset())
	}
	return nil
}

func brokenJSON(err error) error {
	if err == errTooLarge {
		return err
	}
	if _, syntax := err.(*json.SyntaxError); syntax || err == io.EOF || err == io.ErrUnexpectedEOF {
		return bad("it is no JSON of clearing records: %v", err)
	}
	return err
}

// readRecord reads one object by its tokens, because encoding/json would take the last of two equal names and any case of them.
func readRecord(in *json.Decoder) (settlement.Record, error) {
	if err := delimiter(in, '{'); err != nil {
		return settlement.Record{}, err
	}
	values := map[string]string{}
	for in.More() {
		if err := readField(in, values); err != nil {
			return settlement.Record{}, err
		}
	}
	if err := delimiter(in, '}'); err != nil {
		return settlement.Record{}, err
	}
	for _, name := range fields {
		if _, ok := values[name]; !ok {
			return settlement.Record{}, bad("a record before byte %d has no %s", in.InputOffset(), name)
		}
	}
	return recordOf(values)
}

func readField(in *json.Decoder, values map[string]string) error {
	name, err := in.Token()
	if err != nil {
		return brokenJSON(err)
	}
	key, _ := name.(string)
	if !slices.Contains(fields, key) {
		return bad("%q at byte %d is no field of a clearing record", key, in.InputOffset())
	}
	if _, twice := values[key]; twice {
		return bad("%s comes twice at byte %d", key, in.InputOffset())
	}
	value, err := in.Token()
	if err != nil {
		return brokenJSON(err)
	}
	number := key == "transaction_type" || key == "amount" || key == "interchange"
	switch v := value.(type) {
	case string:
		if number || len(v) > mostValue {
			return bad("%s at byte %d is a number, or too long", key, in.InputOffset())
		}
		values[key] = v
	case json.Number:
		if !number {
			return bad("%s at byte %d is a text", key, in.InputOffset())
		}
		values[key] = v.String()
	default:
		return bad("%s at byte %d is neither text nor number", key, in.InputOffset())
	}
	return nil
}

func recordOf(v map[string]string) (r settlement.Record, err error) {
	r = settlement.Record{
		Transaction: id.ID(v["transaction_id"]), PSP: id.ID(v["psp_id"]), PSPName: v["psp_name"], AcquirerBIC: v["aqr_bic"],
		IssuerBIC: v["iss_bic"], BIC: v["bic"], BankAccount: v["bank_account"], AccountID: id.ID(v["bank_account_id"]),
	}
	var kind, amount, interchange int64
	for name, into := range map[string]*int64{"transaction_type": &kind, "amount": &amount, "interchange": &interchange} {
		if *into, err = strconv.ParseInt(v[name], 10, 64); err != nil {
			return r, bad("%s of %s is a whole number, not %s", name, r.Transaction, v[name])
		}
	}
	r.Kind, r.Amount, r.Interchange = settlement.Kind(kind), money.Amount(amount), money.Amount(interchange)
	for name, into := range map[string]*time.Time{"executed_time": &r.ExecutedTime, "created": &r.Created} {
		if *into, err = timeOf(name, v[name]); err != nil {
			return r, err
		}
	}
	return r, checkRecord(r)
}
