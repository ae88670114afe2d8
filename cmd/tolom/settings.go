package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"tolom/elqr"
	"tolom/settlement"
)

// settings are what a server is told. Defaults < file < environment < flags.
type settings struct {
	DB               string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…" json:"db"`
	Listen           string `env:"TOLOM_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on." json:"listen"`
	BaseURL          string `name:"base-url" env:"TOLOM_BASE_URL" help:"Address that browsers and apps reach the platform at; default http://LISTEN." json:"base_url"`
	LinkBase         string `name:"link-base" env:"TOLOM_LINK_BASE" help:"What comes before # in payment links, such as ${national}; default BASE-URL/." json:"link_base"`
	Provider         string `env:"TOLOM_PROVIDER" default:"${provider}" help:"Our provider id, tag 32.00 of the payloads we issue and accept." json:"provider"`
	Lanes            int    `env:"TOLOM_LANES" default:"0" help:"Batches under way at once, at most; 0: half the cores and at least two on PostgreSQL, always one on SQLite." json:"lanes"`
	MaxBatch         int    `name:"max-batch" env:"TOLOM_MAX_BATCH" default:"256" help:"Commands to a commit." json:"max_batch"`
	MaxConns         int    `name:"max-conns" env:"TOLOM_MAX_CONNS" default:"16" help:"Connections to PostgreSQL." json:"max_conns"`
	Remember         int    `env:"TOLOM_REMEMBER" default:"40000" help:"Requests, and as many payments, to remember in memory, a few kilobytes each." json:"remember"`
	DayClose         string `name:"day-close" env:"TOLOM_DAY_CLOSE" default:"09:05" help:"When business days end in Bishkek, HH:MM; the same on all nodes." json:"day_close"`
	PersonalDataDays int    `name:"personal-data-days" env:"TOLOM_PERSONAL_DATA_DAYS" default:"2192" help:"After how many days what is personal of payers is deleted from payments, requests, refunds and logs of webhooks; at least 90, 0: never." json:"personal_data_days"`
	PrivateWebhooks  bool   `name:"private-webhooks" env:"TOLOM_PRIVATE_WEBHOOKS" help:"Let webhooks go to private addresses and over http; for tests." json:"private_webhooks"`
	LogFormat        string `name:"log-format" env:"TOLOM_LOG_FORMAT" enum:"text,json" default:"text" help:"text or json." json:"log_format"`
	LogLevel         string `name:"log-level" env:"TOLOM_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error." json:"log_level"`
	DrainSeconds     int    `name:"drain-seconds" env:"TOLOM_DRAIN_SECONDS" default:"2" help:"How long a server that is told to stop goes on answering after /readyz says no: longer than a balancer takes to see it." json:"drain_seconds"`
	StopSeconds      int    `name:"stop-seconds" env:"TOLOM_STOP_SECONDS" default:"15" help:"How long calls under way may take to end when the server stops." json:"stop_seconds"`
	protection
	bounds
	reporting
	master
	filing
}

// vars are the values that the help and the defaults above name.
var vars = kong.Vars{"provider": elqr.DefaultProvider, "national": elqr.NationalBase}

// check refuses settings that cannot work, by name.
func (s settings) check() error {
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("--listen %q: give HOST:PORT, such as 127.0.0.1:8080", s.Listen)
	}
	for name, text := range map[string]string{"--base-url": s.BaseURL, "--link-base": s.LinkBase} {
		if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return fmt.Errorf("%s %q: give a whole http or https address", name, text)
		}
	}
	if s.Provider == "" || len([]rune(s.Provider)) > 32 {
		return fmt.Errorf("--provider %q: give 1 to 32 characters", s.Provider)
	}
	if s.Lanes < 0 || s.Lanes > 16 || s.MaxBatch < 1 || s.MaxBatch > 2000 || s.MaxConns < 2 || s.StopSeconds < 0 || s.DrainSeconds < 0 || s.Remember < 0 || s.Remember == 1 {
		return fmt.Errorf("--lanes is 0 to 16, --max-batch 1 to 2000, --max-conns at least 2, --stop-seconds and --drain-seconds at least 0, --remember 0 (for 40000) or at least 2")
	}
	if s.PersonalDataDays != 0 && s.PersonalDataDays < 90 {
		return fmt.Errorf("--personal-data-days %d: give at least 90, because refunds and complaints come late, or 0 to keep everything", s.PersonalDataDays)
	}
	if err := (settlement.Timetable{CloseAt: s.DayClose}).Check(); err != nil {
		return fmt.Errorf("--day-close %q: give hours and minutes, such as %s", s.DayClose, settlement.DefaultCloseAt)
	}
	return errors.Join(s.protection.check(), s.bounds.check(), s.filing.check())
}

// at fills the addresses that follow from where the server listens.
func (s settings) at(listener net.Addr) settings {
	if s.BaseURL == "" {
		s.BaseURL = "http://" + reachable(listener.String())
		if s.TLSCert != "" {
			s.BaseURL = "https://" + reachable(listener.String())
		}
	}
	s.BaseURL, s.PSPBaseURL = strings.TrimRight(s.BaseURL, "/"), strings.TrimRight(s.PSPBaseURL, "/")
	if s.LinkBase == "" {
		s.LinkBase = s.BaseURL + "/"
	}
	return s
}

// reachable turns "every address" into one that a browser on this machine can open.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

// configCmd shows the settings as they are in force.
type configCmd struct {
	settings
}

// Run prints the settings as a file for --config, with passwords masked.
func (c *configCmd) Run(std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	shown := c.settings
	if u, err := url.Parse(shown.DB); err == nil && u.User != nil {
		shown.DB = u.Redacted()
	}
	out := json.NewEncoder(std.Out)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(shown)
}

// fileValues reads a file of settings for kong. A name it does not know or meets
// twice is refused, so is more than one object, and a variable of the environment
// wins over the file.
func fileValues(r io.Reader) (kong.Resolver, error) {
	values, err := readSettings(r)
	if err != nil {
		return nil, fmt.Errorf("the file of settings %w", err)
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if _, set := os.LookupEnv(name); set {
				return nil, nil
			}
		}
		value, ok := values[strings.ReplaceAll(flag.Name, "-", "_")]
		if !ok {
			return nil, nil
		}
		if n, isNumber := value.(json.Number); isNumber {
			return n.String(), nil
		}
		return value, nil
	}), nil
}

// readSettings reads one JSON object of known names with plain values.
func readSettings(r io.Reader) (map[string]any, error) {
	known, err := knownNames()
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(r)
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("is not a JSON object")
	}
	values := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("is not a JSON object: %w", err)
		}
		text := name.(string) // Names of a JSON object are texts.
		switch _, twice := values[text]; {
		case !known[text]:
			return nil, fmt.Errorf("has %q, which is no setting; `tolom config` lists them", text)
		case twice:
			return nil, fmt.Errorf("has %q twice", text)
		}
		value, err := d.Token()
		if _, nested := value.(json.Delim); err != nil || nested {
			return nil, fmt.Errorf("has no text, number, true or false for %q", text)
		}
		values[text] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("is not a JSON object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more behind its object")
	}
	return values, nil
}

func knownNames() (map[string]bool, error) {
	text, err := json.Marshal(settings{})
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for name := range fields {
		known[name] = true
	}
	return known, nil
}
