package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// structs are all bodies of the APIs; a test holds the list to the source.
var structs = []any{
	wire.List[wire.Refund]{}, wire.Problem{},
	wire.NewPaymentRequest{}, wire.Extra{}, wire.PaymentRequest{}, wire.Payment{}, wire.NewRefund{}, wire.Refund{},
	wire.Event{}, wire.EventData{}, wire.Balance{}, wire.TariffVersion{}, wire.MerchantTariff{}, wire.Price{}, wire.Decode{}, wire.Decoded{}, wire.Verdict{},
	wire.Statement{}, wire.StatementTotals{}, wire.StatementLine{}, wire.WebhookEndpoint{}, wire.NewWebhookEndpoint{}, wire.Delivery{},
	wire.Payout{}, wire.PSPSettlement{}, wire.Position{},
	wire.PayoutPart{}, wire.BankStatement{}, wire.BankCredit{}, wire.File{},
	wire.ReconRange{}, wire.ReconDigest{}, wire.ReconDigests{}, wire.ReconLine{}, wire.ReconLines{}, wire.ReconRun{}, wire.ReconCase{},
	wire.CaseNote{}, wire.NewComment{}, wire.NewReport{}, wire.Report{}, wire.NewReportSchedule{}, wire.ReportSchedule{}, wire.NewWholeReport{}, wire.NewWholeReportSchedule{},
	wire.Recover{}, wire.Recovered{}, wire.AckThrough{}, wire.AckedThrough{},
	wire.Check{}, wire.CheckPayer{}, wire.Checked{}, wire.FeeTerms{}, wire.CheckedMerchant{}, wire.NewPSPPayment{}, wire.Payer{}, wire.PSPPayment{},
	wire.CancelByPSPID{}, wire.StatusQuery{}, wire.StatusAnswer{}, wire.PSPRefund{}, wire.RefundAck{},
}

// nameOf is the name of a struct without its type argument.
func nameOf(s any) string {
	name, _, _ := strings.Cut(reflect.TypeOf(s).Name(), "[")
	return name
}

// fill gives a value with something in every field, the same every time.
func fill(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("text of " + field)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(len(field)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), field)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), field)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"key": "value"}))
	case reflect.Interface:
		v.Set(reflect.ValueOf(map[string]string{"any": "object"}))
	case reflect.Struct:
		if _, ok := v.Interface().(wire.Time); ok {
			v.Set(reflect.ValueOf(wire.At(time.Date(2026, 11, 24, 5, 40, 0, 7_000_000, time.UTC))))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), jsonName(v.Type().Field(i)))
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func TestTheJSONIsFrozen(t *testing.T) {
	for _, s := range structs {
		filled := reflect.New(reflect.TypeOf(s)).Elem()
		fill(filled, "")
		text := indent(t, map[string]any{"filled": filled.Interface(), "empty": s})
		golden(t, snake(nameOf(s)), text)
	}
}

func TestTheJSONReadsBackEqual(t *testing.T) {
	for _, s := range structs {
		filled := reflect.New(reflect.TypeOf(s)).Elem()
		fill(filled, "")
		for _, value := range []any{filled.Interface(), s} {
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			read := reflect.New(reflect.TypeOf(s))
			if err := json.Unmarshal(text, read.Interface()); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if again, err := json.Marshal(read.Interface()); err != nil || !bytes.Equal(again, text) {
				t.Errorf("%s reads back as %s, %v", text, again, err)
			}
		}
	}
}

func indent(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// golden holds a text against a file, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s has changed; it is a promise to callers. After a wanted addition run this test with -update.\ngot %s", path, got)
	}
}

var wordBoundary = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`)

// snake writes a Go name as a file's name, PSPPayment as psp_payment.
func snake(name string) string {
	return strings.ToLower(wordBoundary.ReplaceAllString(name, "${1}${3}_${2}${4}"))
}

// sources gives the struct types that the package shows.
func sources(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if _, ok := spec.Type.(*ast.StructType); ok && spec.Name.IsExported() {
					names = append(names, spec.Name.Name)
				}
			}
			return true
		})
	}
	return names
}

func TestEveryStructIsHeld(t *testing.T) {
	var held []string
	for _, s := range structs {
		held = append(held, nameOf(s))
	}
	for _, name := range sources(t) {
		if name != "Time" && name != "Site" && !slices.Contains(held, name) {
			t.Errorf("%s is not in structs, so nothing holds its JSON still", name)
		}
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(structs)+len(rendered) {
		t.Errorf("%d golden files for %d structs and %d examples, %v", len(files), len(structs), len(rendered), err)
	}
}

func TestFieldsAreNamedAlike(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	amounts := regexp.MustCompile(`(^|_)(amount|fee|fees|net|payable|balance|payments|refunds|change)$`)
	for _, s := range structs {
		kind := reflect.TypeOf(s)
		for i := range kind.NumField() {
			f := kind.Field(i)
			name, where := jsonName(f), nameOf(s)+"."+f.Name
			if !shape.MatchString(name) {
				t.Errorf("%s is %q on the wire: write words_with_underscores", where, name)
			}
			if f.Type == reflect.TypeFor[wire.Time]() {
				if known := []string{"from", "to", "as_of", "at", "valid_from"}; !strings.HasSuffix(name, "_at") && !slices.Contains(known, name) {
					t.Errorf("%s is a time called %q: end it with _at", where, name)
				}
				if strings.Contains(f.Tag.Get("json"), "omitempty") {
					t.Errorf("%s: a time that is not yet is null, never absent", where)
				}
			}
			k := f.Type.Kind()
			if k == reflect.Pointer { // One that may be absent, and then is not 0.
				k = f.Type.Elem().Kind()
			}
			if amounts.MatchString(name) && k != reflect.Int64 && k != reflect.Bool {
				t.Errorf("%s is an amount of kind %s: amounts are whole tyiyn", where, k)
			}
		}
	}
}

// contract is what the documents of the APIs promise, struct by struct.
var contract = map[string]string{
	"NewPaymentRequest":  "kind amount currency amount_editable description order_id expires_in store_id till_id extra success_url metadata",
	"PaymentRequest":     "id kind status amount currency payload link page expires_at paid_amount payments_count scanned_at created_at",
	"NewRefund":          "amount reason refund_ref",
	"Event":              "id type created_at sequence data",
	"EventData":          "object",
	"List":               "data has_more",
	"Decode":             "payload link",
	"Decoded":            "valid dialect fields amount checksum error at message verdict",
	"Problem":            "type title status detail code param retryable request_id national_code payment",
	"Check":              "link payload amount payer",
	"CheckPayer":         "kind",
	"Checked":            "request_id merchant amount amount_editable min_amount max_amount fee currency type description extra expires_at",
	"CheckedMerchant":    "name store mcc",
	"NewPSPPayment":      "psp_payment_id link payload amount currency payer receipt_id",
	"Payer":              "key name_masked kind bic",
	"PSPPayment":         "id psp_payment_id status status_code amount fee expires_at reason",
	"CancelByPSPID":      "psp_payment_id",
	"StatusQuery":        "ids",
	"RefundAck":          "outcome code psp_refund_id",
	"NewWebhookEndpoint": "url",
}

func TestPromisedFieldsAreThere(t *testing.T) {
	met := 0
	for _, s := range structs {
		kind, fields := reflect.TypeOf(s), []string{}
		for i := range kind.NumField() {
			fields = append(fields, jsonName(kind.Field(i)))
		}
		promised, listed := contract[nameOf(s)]
		if listed {
			met++
		}
		for _, name := range strings.Fields(promised) {
			if !slices.Contains(fields, name) {
				t.Errorf("%s lacks %s", nameOf(s), name)
			}
		}
	}
	if met != len(contract) {
		t.Errorf("%d structs of the contract were found, there are %d", met, len(contract))
	}
}
