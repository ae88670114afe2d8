package clearing_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tolom/clearing"
	"tolom/money"
	"tolom/settlement"
)

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	same(t, transfers(t, clearing.Style{}), clearing.ReadTransfers)
	same(t, credits(t, clearing.Style{Latin: true}), clearing.ReadCredits)
	same(t, statement(), clearing.ReadStatement)
	same(t, answer(), clearing.ReadAnswer)
	if got, err := readRecords(recordsFile(t, records())); err != nil || !reflect.DeepEqual(got, records()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func same[M writer](t testing.TB, m M, read func(io.Reader) (M, error)) {
	t.Helper()
	got, err := read(bytes.NewReader(written(t, m)))
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("wrote %+v\nread  %+v\n%v", m, got, err)
	}
}

func readRecords(file []byte) (out []settlement.Record, err error) {
	for r, err := range clearing.ReadRecords(bytes.NewReader(file)) {
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func TestAnswersOfBanks(t *testing.T) {
	const open = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>A1</MsgId><CreDtTm>2026-11-24T09:00:00</CreDtTm></GrpHdr>`
	const end = `</FIToFIPmtStsRpt></Document>`
	group := func(status string) string {
		return `<OrgnlGrpInfAndSts><OrgnlMsgId>N1</OrgnlMsgId><OrgnlMsgNmId>pacs.009.001.08</OrgnlMsgNmId>` + status + `</OrgnlGrpInfAndSts>`
	}
	one := func(id, status string) string {
		return `<TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>N1</OrgnlMsgId><OrgnlMsgNmId>pacs.009.001.08</OrgnlMsgNmId></OrgnlGrpInf><OrgnlEndToEndId>` + id + `</OrgnlEndToEndId><TxSts>` + status + `</TxSts></TxInfAndSts>`
	}
	for name, c := range map[string]struct {
		body    string
		verdict clearing.Verdict
		items   string
	}{
		"settled as a whole":              {group("<GrpSts>ACSC</GrpSts>"), clearing.Settled, ""},
		"refused as a whole":              {group("<GrpSts>RJCT</GrpSts>"), clearing.Refused, ""},
		"accepted is not settled":         {group("<GrpSts>ACSP</GrpSts>"), clearing.Waiting, ""},
		"only the transfers are named":    {one("P1", "ACSC") + one("P2", "ACSC"), clearing.Settled, "P1 settled P2 settled"},
		"transfers with two ends":         {one("P1", "ACSC") + one("P2", "RJCT"), clearing.Partly, "P1 settled P2 refused"},
		"a group without a status":        {group("") + one("P1", "RJCT"), clearing.Refused, "P1 refused"},
		"a part that is still being done": {group("<GrpSts>PART</GrpSts>") + one("P1", "PDNG"), clearing.Partly, "P1 waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := clearing.ReadAnswer(strings.NewReader(open + c.body + end))
			var items []string
			for _, i := range a.Items {
				items = append(items, i.ID+" "+string(i.Verdict))
			}
			if err != nil || a.Original != "N1" || a.Verdict != c.verdict || strings.Join(items, " ") != c.items {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
	for name, body := range map[string]string{
		"it says nothing":              "",
		"an unknown status":            group("<GrpSts>MAYB</GrpSts>"),
		"two messages":                 group("<GrpSts>ACSC</GrpSts>") + strings.ReplaceAll(one("P1", "ACSC"), "N1", "N2"),
		"two wholes":                   group("<GrpSts>ACSC</GrpSts>") + group("<GrpSts>ACSC</GrpSts>"),
		"whole and part disagree":      group("<GrpSts>ACSC</GrpSts>") + one("P1", "RJCT"),
		"a transfer is answered twice": one("P1", "ACSC") + one("P1", "ACSC"),
		"a transfer without a name":    one("", "ACSC"),
	} {
		t.Run(name, func(t *testing.T) {
			if a, err := clearing.ReadAnswer(strings.NewReader(open + body + end)); !errors.Is(err, clearing.ErrFile) {
				t.Errorf("it was taken: %+v, %v", a, err)
			}
		})
	}
}

func TestAnAnswerToACustomerIsReadToo(t *testing.T) {
	a, err := clearing.ReadAnswer(bytes.NewReader(testdata(t, "pain002.xml")))
	want := clearing.Answer{
		Message: "BANK-ST-1", Created: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC), Original: "C202611240123", Format: "pacs.008.001.09", Verdict: clearing.Partly,
		Items: []clearing.Outcome{{ID: "po_1", Verdict: clearing.Settled},
			{ID: "po_2", Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AC04", Text: "Эсеп жабылган"}}}},
	}
	if err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestStatementsOfBanks(t *testing.T) {
	s, err := clearing.ReadStatement(bytes.NewReader(testdata(t, "camt053_bank.xml")))
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	want := clearing.Statement{
		ID: "B-1-1", Created: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Account: "1240020000000001", Currency: money.KGS, Owner: "Кафе",
		Opening: 1_050, Closing: 11_000,
		Entries: []clearing.Entry{
			{Ref: "1", At: day, Value: day.AddDate(0, 0, 1), Amount: 10_000, Code: "PMNT/RCDT/ESCT", Bank: "FT1", Parts: []clearing.Part{
				{EndToEnd: "po_1", Amount: 6_000, Party: "Centre", Account: "1", Text: "Payments by QR"}, {EndToEnd: "po_2", Amount: 4_000}}},
			{At: day.Add(11 * time.Hour), Amount: -50, Code: "FEE", Text: "Monthly fee"},
		},
	}
	if err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v\n%v", s, want, err)
	}
	old, err := clearing.ReadStatement(bytes.NewReader(testdata(t, "camt053_2009.xml")))
	if err != nil || len(old.Entries) != 1 || old.Entries[0].Amount != 525 || old.Entries[0].At != day || old.Entries[0].Parts[0].Party != "Centre" {
		t.Errorf("a statement of the version of 2009: %+v, %v", old, err)
	}
}

// TestThreatHostileXML changes one thing in a good file at a time.
func TestThreatHostileXML(t *testing.T) {
	long := strings.Repeat("x", 9<<10)
	for name, c := range map[string]struct{ file, old, new string }{
		"a document type":            {"transfers", "<Document", `<!DOCTYPE D [<!ENTITY e "x">]><Document`},
		"an entity":                  {"transfers", "Central bank", "&e;"},
		"a processing instruction":   {"transfers", "<Document", `<?php x?><Document`},
		"another message":            {"transfers", "pacs.009.001.09", "pacs.010.001.01"},
		"no namespace":               {"transfers", ` xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.009.001.09"`, ""},
		"a total that is wrong":      {"transfers", "<CtrlSum>179984.00", "<CtrlSum>179984.01"},
		"a count that is wrong":      {"transfers", "<NbOfTxs>2", "<NbOfTxs>3"},
		"another currency":           {"transfers", `<IntrBkSttlmAmt Ccy="KGS"`, `<IntrBkSttlmAmt Ccy="USD"`},
		"half a tyiyn":               {"transfers", "89983.50</Int", "89983.505</Int"},
		"a negative amount":          {"transfers", ">89983.50</Int", ">-89983.50</Int"},
		"no bank code":               {"transfers", "<BICFI>DEMOKG22", "<BICFI>ДЕМО"},
		"a date that does not exist": {"transfers", "2026-11-24</IntrBk", "2026-11-31</IntrBk"},
		"an end that is missing":     {"transfers", "</FICdtTrf>\n</Document>\n", ""},
		"something after the end":    {"transfers", "</Document>", "</Document><Document/>"},
		"two messages":               {"transfers", "</FICdtTrf>", "</FICdtTrf><FICdtTrf></FICdtTrf>"},
		"a text without end":         {"transfers", "Central bank", long},
		"deep nesting":               {"transfers", "<SttlmInf>", "<SttlmInf>" + strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40)},
		"another encoding":           {"transfers", "UTF-8", "KOI8-R"},
		"a wrong account":            {"credits", "1240020000000001", "12-4"},
		"a wrong IBAN":               {"credits", "1240020000000001", "DE89370400440532013001"},
		"a payout twice":             {"credits", payoutToken(1), payoutToken(0)},
		"a balance that is wrong":    {"statement", ">1475.00<", ">1475.01<"},
		"neither side":               {"statement", "CRDT", "BOTH"},
		"no account":                 {"statement", "1240020000000001", ""},
	} {
		t.Run(name, func(t *testing.T) {
			good := map[string][]byte{"transfers": written(t, transfers(t, clearing.Style{})), "credits": written(t, credits(t, clearing.Style{})), "statement": written(t, statement())}[c.file]
			broken := strings.ReplaceAll(string(good), c.old, c.new)
			if broken == string(good) {
				t.Fatalf("there is no %q in the good file", c.old)
			}
			if err := readAny(c.file, broken); !errors.Is(err, clearing.ErrFile) {
				t.Errorf("it was taken, or the error is no ErrFile: %v", err)
			}
		})
	}
}

func payoutToken(n int) string { return payouts()[n].ID.Token() }

func readAny(kind, file string) (err error) {
	switch kind {
	case "transfers":
		_, err = clearing.ReadTransfers(strings.NewReader(file))
	case "credits":
		_, err = clearing.ReadCredits(strings.NewReader(file))
	case "statement":
		_, err = clearing.ReadStatement(strings.NewReader(file))
	}
	return err
}

func TestBrokenRecordsAreRefused(t *testing.T) {
	good := string(recordsFile(t, records()))
	for name, c := range map[string]struct{ old, new string }{
		"a field is missing":      {`"interchange":750,`, ""},
		"a field comes twice":     {`"interchange":750,`, `"interchange":750,"interchange":750,`},
		"a field that is unknown": {`"interchange":750,`, `"interchange":750,"Amount":1,`},
		"a text for a number":     {`"amount":150000`, `"amount":"150000"`},
		"a number for a text":     {`"iss_bic":"101001"`, `"iss_bic":101001`},
		"half a tyiyn":            {`"amount":150000`, `"amount":150000.5`},
		"an exponent":             {`"amount":150000`, `"amount":15e4`},
		"nothing":                 {`"amount":150000`, `"amount":null`},
		"no amount":               {`"amount":150000`, `"amount":0`},
		"too much":                {`"amount":150000`, `"amount":9007199254740993`},
		"another kind":            {`"transaction_type":20`, `"transaction_type":30`},
		"a broken time":           {`T02:05:00.000Z`, `T25:05:00.000Z`},
		"a torn end":              {"\n]\n", "\n"},
		"something after the end": {"\n]\n", "\n]\n[]"},
		"no list":                 {"[\n", "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(good, c.old, c.new, 1)
			if broken == good {
				t.Fatalf("there is no %q in the good file", c.old)
			}
			if _, err := readRecords([]byte(broken)); !errors.Is(err, clearing.ErrFile) {
				t.Errorf("it was taken, or the error is no ErrFile: %v", err)
			}
		})
	}
}

// TestADiskThatFailsIsNoBrokenFile keeps what may be tried again apart from what is wrong for good.
func TestADiskThatFailsIsNoBrokenFile(t *testing.T) {
	failed := errors.New("the disk has failed")
	file := written(t, transfers(t, clearing.Style{}))
	torn := io.MultiReader(bytes.NewReader(file[:len(file)/2]), failing{failed})
	if _, err := clearing.ReadTransfers(torn); !errors.Is(err, failed) || errors.Is(err, clearing.ErrFile) {
		t.Errorf("reading: %v", err)
	}
	if err := transfers(t, clearing.Style{}).Write(failing{failed}); !errors.Is(err, failed) {
		t.Errorf("writing: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }
