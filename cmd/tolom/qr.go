package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"tolom/elqr"
)

// qrCmd works on payloads and links without a platform or database.
type qrCmd struct {
	Encode qrEncodeCmd `cmd:"" help:"Write a national payload or link from fields."`
	Decode qrDecodeCmd `cmd:"" help:"Read links or payloads, national or EMVCo; one JSON line each."`
}

// qrDecodeCmd prints one JSON line for each input.
type qrDecodeCmd struct {
	Inputs []string `arg:"" optional:"" name:"link-or-payload" help:"What to read; without any, one a line from standard input."`
}

// Help is shown by tolom qr decode --help.
func (qrDecodeCmd) Help() string {
	return "An input that is no valid code is reported in its JSON line, with error, at and message. " +
		"The exit code is 0 when all input was read, valid or not, and 1 when it could not be read or written. " +
		"Nothing is trimmed but the line end, LF or CRLF."
}

// Run decodes the arguments, or standard input line by line. The verdict is in
// the JSON, so an invalid code is not an error of the command.
func (c *qrDecodeCmd) Run(std *stdio) error {
	out := bufio.NewWriter(std.Out)
	if len(c.Inputs) == 0 {
		if err := decodeLines(std.In, out); err != nil {
			return err
		}
	}
	for _, input := range c.Inputs {
		if err := describe(out, input); err != nil {
			return err
		}
	}
	return out.Flush()
}

// decodeLines flushes after every line, so that a program that asks and waits
// for the answer gets it. Lines may be of any length.
func decodeLines(in io.Reader, out *bufio.Writer) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("reading standard input: %w", err)
		}
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if err := errors.Join(describe(out, line), out.Flush()); err != nil {
			return err
		}
	}
}

func describe(out io.Writer, input string) error {
	line, err := elqr.Describe(input).Line()
	if err != nil {
		return err
	}
	_, err = out.Write(line)
	return err
}

// qrEncodeCmd writes one payload, or a link with --link-base.
type qrEncodeCmd struct {
	JSON            bool     `name:"json" help:"Take the fields as a JSON object from standard input instead of flags."`
	LinkBase        string   `placeholder:"URL" help:"Print a link on this address, such as https://pay.payqr.kg/."`
	Kind            string   `enum:"static,dynamic" default:"static" help:"static: many payments; dynamic: one payment."`
	Provider        string   `default:"elcart.kg" help:"Provider id, tag 32.00."`
	Service         string   `help:"Service code, tag 32.01, digits; this or --merchant is needed."`
	Account         string   `help:"The payer's account in the service, tag 32.10."`
	Transaction     string   `help:"The supplier's transaction id, tag 32.11."`
	Editable        bool     `help:"The payer may change the amount, tag 32.12."`
	AccountEditable bool     `help:"The payer may change the account, tag 32.13."`
	Merchant        string   `help:"Merchant id, tag 33.00."`
	ServiceName     string   `help:"Service name, tag 33.01."`
	Comment         string   `help:"Comment, tag 34."`
	Extra           []string `sep:"none" placeholder:"KEY:LABEL:VALUE[:TITLE[:11|12]]" help:"Further field, tags 35 to 39; up to five. 11, the default, shows it to the payer, 12 hides it."`
	MCC             string   `name:"mcc" help:"Merchant category code, tag 52."`
	Amount          int64    `help:"Amount in tyiyn, tag 54; none without --editable is refused."`
	Name            string   `help:"Merchant name, tag 59. A name that is not Latin is transliterated and cut to 25."`
}

// Help is shown by tolom qr encode --help.
func (qrEncodeCmd) Help() string {
	return "The JSON object has kind (static or dynamic), provider, service, account, transaction, amount_editable, " +
		"account_editable, merchant, service_name, comment, extra [{key, label, value, title, visible}], mcc, currency, " +
		"amount (tyiyn), name. Unknown fields are refused."
}

// Run prints the payload or link, or says which tag cannot be written.
func (c *qrEncodeCmd) Run(std *stdio) error {
	payload, err := c.payload(std.In)
	if err != nil {
		return err
	}
	if !isASCII(payload.Name) {
		payload.Name = elqr.Transliterate(payload.Name)
	}
	text, err := c.write(payload)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.Out, text)
	return err
}

func (c *qrEncodeCmd) write(payload elqr.Payload) (string, error) {
	if c.LinkBase != "" {
		return payload.Link(c.LinkBase)
	}
	return payload.Encode()
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > '~' }) < 0
}

func (c *qrEncodeCmd) payload(in io.Reader) (elqr.Payload, error) {
	if c.JSON {
		return payloadFromJSON(in)
	}
	extra, err := extraFromFlags(c.Extra)
	return elqr.Payload{
		Kind:            kindsByName[c.Kind],
		Provider:        c.Provider,
		Service:         c.Service,
		Account:         c.Account,
		Transaction:     c.Transaction,
		AmountEditable:  c.Editable,
		AccountEditable: c.AccountEditable,
		Merchant:        c.Merchant,
		ServiceName:     c.ServiceName,
		Comment:         c.Comment,
		Extra:           extra,
		MCC:             c.MCC,
		Currency:        elqr.Currency417,
		Amount:          c.Amount,
		Name:            c.Name,
	}, err
}

var kindsByName = map[string]elqr.Kind{"static": elqr.Static, "dynamic": elqr.Dynamic}

// payloadFromJSON reads exactly one object. Provider and currency may be left
// out; everything else is as given.
func payloadFromJSON(in io.Reader) (elqr.Payload, error) {
	body, err := io.ReadAll(in)
	if err != nil {
		return elqr.Payload{}, fmt.Errorf("reading standard input: %w", err)
	}
	payload := elqr.Payload{Provider: elqr.DefaultProvider, Currency: elqr.Currency417}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&payload); err != nil {
		return elqr.Payload{}, fmt.Errorf("fields on standard input: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return elqr.Payload{}, errors.New("fields on standard input: one JSON object is expected, more follows")
	}
	if kind, named := kindsByName[string(payload.Kind)]; named {
		payload.Kind = kind
	}
	return payload, nil
}

// extraFromFlags reads KEY:LABEL:VALUE, then optionally the title and whether
// the payer sees the field.
func extraFromFlags(flags []string) (extra []elqr.Extra, err error) {
	for _, flag := range flags {
		parts := strings.Split(flag, ":")
		switch len(parts) {
		case 3:
			parts = append(parts, "", "11")
		case 4:
			parts = append(parts, "11")
		case 5:
		default:
			return nil, fmt.Errorf("--extra %q must be KEY:LABEL:VALUE[:TITLE[:11|12]]", flag)
		}
		if parts[4] != "11" && parts[4] != "12" {
			return nil, fmt.Errorf("--extra %q must end in 11 (shown) or 12 (hidden)", flag)
		}
		extra = append(extra, elqr.Extra{Key: parts[0], Label: parts[1], Value: parts[2], Title: parts[3], Visible: parts[4] == "11"})
	}
	return extra, nil
}
