package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// runQR runs tolom qr with arguments and standard input, as a shell would.
func runQR(t *testing.T, in string, args ...string) (out string, err error) {
	t.Helper()
	var line struct {
		QR qrCmd `cmd:"" name:"qr"`
	}
	parser, err := kong.New(&line, kong.Name("tolom"), kong.Exit(func(int) { t.Fatal("the parser ended the process") }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := parser.Parse(append([]string{"qr"}, args...))
	if err != nil {
		return "", err
	}
	var written bytes.Buffer
	err = ctx.Run(&stdio{In: strings.NewReader(in), Out: &written, Err: &written})
	return written.String(), err
}

// TestDecodeLines shows the exact JSON of each kind of line.
func TestDecodeLines(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"national", "0002010102115204581253034175901X6304fb33",
			`{"valid":true,"dialect":"elqr","fields":{"00":"01","01":"11","52":"5812","53":"417","59":"X","63":"fb33"},"checksum":"sha256"}`},
		{"template, amount in tyiyn", "00020101021232410013qr.example.kg0104100110129967000000015204581253034175405150505911KAFE ALATOO6304324B",
			`{"valid":true,"dialect":"elqr","fields":{"00":"01","01":"12","32":{"00":"qr.example.kg","01":"1001","10":"996700000001"},` +
				`"52":"5812","53":"417","54":"15050","59":"KAFE ALATOO","63":"324B"},"amount":15050,"checksum":"sha256"}`},
		{"EMVCo, som become tyiyn", "00020101021226300010kg.example0112MERCHANT00015204581253034175402985802KG5911KAFE ALATOO6007BISHKEK63048EFD",
			`{"valid":true,"dialect":"emvco","fields":{"00":"01","01":"12","26":{"00":"kg.example","01":"MERCHANT0001"},` +
				`"52":"5812","53":"417","54":"98","58":"KG","59":"KAFE ALATOO","60":"BISHKEK","63":"8EFD"},"amount":9800,"checksum":"crc16"}`},
		{"amount that is no number", "00020101021232410013qr.example.kg0104100110129967000000015204581253034175404-1005911KAFE ALATOO63049280",
			`{"valid":true,"dialect":"elqr","fields":{"00":"01","01":"12","32":{"00":"qr.example.kg","01":"1001","10":"996700000001"},` +
				`"52":"5812","53":"417","54":"-100","59":"KAFE ALATOO","63":"9280"},"checksum":"sha256"}`},
		{"damaged", "0002010102115204581253034175901Y6304fb33",
			`{"valid":false,"error":"CHECKSUM_MISMATCH","at":36,"message":"the checksum does not fit the text; the code was damaged or changed"}`},
		{"not a code", "<b>&", `{"valid":false,"error":"BAD_TAG","at":0,"message":"an element must start with a tag of two digits"}`},
		{"empty line", "", `{"valid":false,"error":"EMPTY","at":0,"message":"there is nothing to read; pass a payload, or a link with a payload after #"}`},
	} {
		t.Run(c.why, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				if got, err := runQR(t, c.in+end, "decode"); err != nil || got != c.want+"\n" {
					t.Errorf("got  %s want %s\n%v", got, c.want, err)
				}
			}
		})
	}
}

// TestDecodeVectors sends all shared vectors through the command, at once.
func TestDecodeVectors(t *testing.T) {
	type vector struct {
		ID, Payload, Profile, Error string
		Raw                         []byte `json:"payload_b64"`
		Valid                       bool
		Checksum                    []string
	}
	var all []vector
	var input strings.Builder
	for _, name := range []string{"../../elqr/testdata/elqr.jsonl", "../../elqr/testdata/emvco.jsonl"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var v vector
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
			input.WriteString(v.Payload + string(v.Raw) + "\n")
		}
	}
	out, err := runQR(t, input.String(), "decode")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if err != nil || len(lines) != len(all) {
		t.Fatalf("%d lines for %d vectors, %v", len(lines), len(all), err)
	}
	for i, v := range all {
		var got struct {
			Valid                    bool
			Dialect, Checksum, Error string
		}
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatalf("%s: %v", v.ID, err)
		}
		right := got.Valid == v.Valid && got.Error == v.Error
		if v.Valid {
			right = right && got.Dialect == v.Profile && slices.Contains(v.Checksum, got.Checksum)
		}
		if !right {
			t.Errorf("%s: %s", v.ID, lines[i])
		}
	}
}

// TestDecodeInputs: arguments instead of lines, a last line without its end, a
// line of a mebibyte, letters cut in half, and no input at all.
func TestDecodeInputs(t *testing.T) {
	for _, c := range []struct {
		why, in string
		args    []string
		want    []string
	}{
		{"arguments", "never read", []string{"000", "#"}, []string{"TRUNCATED_HEADER", "EMPTY"}},
		{"argument with a line feed", "", []string{"000201\n5"}, []string{"TRUNCATED_HEADER"}},
		{"no line feed at the end", "000\n5A05HELLO", nil, []string{"TRUNCATED_HEADER", "BAD_TAG"}},
		{"empty line between", "000\n\n000\n", nil, []string{"TRUNCATED_HEADER", "EMPTY", "TRUNCATED_HEADER"}},
		{"long line", strings.Repeat("5", 1<<20) + "\n000", nil, []string{"DUPLICATE_TAG", "TRUNCATED_HEADER"}},
		{"not UTF-8, then NUL", "0002\xff\n\x00\x00\x00\x00\n", nil, []string{"INVALID_UTF8", "BAD_TAG"}},
		{"nothing", "", nil, nil},
	} {
		t.Run(c.why, func(t *testing.T) {
			out, err := runQR(t, c.in, append([]string{"decode", "--"}, c.args...)...)
			if got := errorsIn(t, out); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func errorsIn(t *testing.T, out string) (codes []string) {
	t.Helper()
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		var line struct{ Error string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, line.Error)
	}
	return codes
}

// TestDecodeCannotWrite: lost output is the one failure decode itself has.
func TestDecodeCannotWrite(t *testing.T) {
	for _, c := range []qrDecodeCmd{{}, {Inputs: []string{"000"}}} {
		if err := c.Run(&stdio{In: strings.NewReader("000\n"), Out: brokenPipe{}}); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%v: got %v", c.Inputs, err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestEncode shows what the command writes for flags and for JSON.
func TestEncode(t *testing.T) {
	golden := []string{"encode", "--provider=merchant.example.kg", "--service=1001", "--account=100200300", "--editable",
		"--mcc=5411", "--name=DEMO SHOP"}
	const payload = "00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO SHOP63048dae\n"
	for _, c := range []struct {
		why, in string
		args    []string
		want    string
	}{
		{"flags", "", golden, payload},
		{"link", "", append(golden, "--link-base=https://pay.payqr.kg/"), "https://pay.payqr.kg/#" + strings.Replace(payload, "DEMO SHOP", "DEMO%20SHOP", 1)},
		{"JSON", `{"kind":"static","provider":"merchant.example.kg","service":"1001","account":"100200300","amount_editable":true,"mcc":"5411","name":"DEMO SHOP"}`,
			[]string{"encode", "--json"}, payload},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got, err := runQR(t, c.in, c.args...); err != nil || got != c.want {
				t.Errorf("got  %swant %s%v", got, c.want, err)
			}
		})
	}
}

// TestEncodeReadsBack: every flag arrives in its field; the name becomes Latin.
func TestEncodeReadsBack(t *testing.T) {
	payload, err := runQR(t, "", "encode", "--kind=dynamic", "--amount=2200", "--merchant=m1", "--service-name=Такси", "--transaction=T1",
		"--comment=чек, 1", "--extra=a:b, c:d", "--extra=e::f:g:12", "--account-editable", "--mcc=4121", "--name=Ысык-Көл")
	if err != nil {
		t.Fatal(err)
	}
	out, err := runQR(t, payload, "decode")
	const want = `{"valid":true,"dialect":"elqr","fields":{"00":"01","01":"12","32":{"00":"elcart.kg","11":"T1","12":"12","13":"11"},` +
		`"33":{"00":"m1","01":"Такси"},"34":"чек, 1","35":{"00":"a:b, c:d::11"},"36":{"00":"e::f:g:12"},"52":"4121","53":"417","54":"2200","59":"Ysyk-Kol"`
	if err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("got  %swant %s…\n%v", out, want, err)
	}
}

// TestEncodeRefuses: a message that names the field, and nothing printed.
func TestEncodeRefuses(t *testing.T) {
	sound := []string{"encode", "--merchant=m1", "--mcc=4121", "--name=SHOP", "--amount=1"}
	for _, c := range []struct {
		in   string
		args []string
		says string
	}{
		{"", []string{"encode"}, "32.01"},
		{"", append(sound, "--amount=0"), "tag 54"},
		{"", append(sound, "--amount=9223372036854775808"), "amount"},
		{"", append(sound, "--mcc=12"), "tag 52"},
		{"", append(sound, "--name=🍕"), "tag 59"},
		{"", append(sound, "--kind=other"), "kind"},
		{"", append(sound, "--extra=a:b"), "--extra"},
		{"", append(sound, "--extra=a:b:c:d:13"), "--extra"},
		{"", append(sound, "--extra=a:b:c:d:11:x"), "--extra"},
		{"", append(sound, "--link-base=pay"), "link base"},
		{`{"kind":"static","colour":1}`, []string{"encode", "--json"}, "colour"},
		{`{"kind":"static"} {}`, []string{"encode", "--json"}, "more follows"},
		{`{"kind":"static","mcc":"5411"}`, []string{"encode", "--json"}, "32.01"},
		{``, []string{"encode", "--json"}, "EOF"},
	} {
		out, err := runQR(t, c.in, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.says) || out != "" {
			t.Errorf("%v %s: printed %q, error %v, want one about %s", c.args, c.in, out, err, c.says)
		}
	}
}
