package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"tolom/clearing"
	"tolom/flow"
	"tolom/id"
	"tolom/jobs"
	"tolom/store"
)

// filing is who writes the files of closed days, and where they go when nothing else is said.
type filing struct {
	FilesFolder     string `name:"files-folder" env:"TOLOM_FILES_FOLDER" help:"Folder of files of closed days and of answers, with a folder for each owner that has no destination of its own; without it files are fetched, or go by SFTP." json:"files_folder"`
	FilesLatin      bool   `name:"files-latin" env:"TOLOM_FILES_LATIN" help:"Write names in files in Latin letters, where a destination does not say." json:"files_latin"`
	CentreBIC       string `name:"centre-bic" env:"TOLOM_CENTRE_BIC" help:"Bank code of the processing centre in files; without it no files are made." json:"centre_bic"`
	CentreName      string `name:"centre-name" env:"TOLOM_CENTRE_NAME" default:"Processing centre" help:"Name of the processing centre in files." json:"centre_name"`
	CentralBankBIC  string `name:"central-bank-bic" env:"TOLOM_CENTRAL_BANK_BIC" help:"Bank code of the central bank's settlement system; without it no files are made." json:"central_bank_bic"`
	CentralBankName string `name:"central-bank-name" env:"TOLOM_CENTRAL_BANK_NAME" default:"Central bank" help:"Name of the central bank in files." json:"central_bank_name"`
}

func (f filing) check() error {
	for name, code := range map[string]string{"--centre-bic": f.CentreBIC, "--central-bank-bic": f.CentralBankBIC} {
		if code != "" && clearing.CheckBIC(code) != nil {
			return fmt.Errorf("%s %q: give 8 or 11 characters by ISO 9362, or the 6 digits of a national code", name, code)
		}
	}
	return nil
}

func (f filing) config() flow.FilesConfig {
	return flow.FilesConfig{Centre: clearing.Bank{BIC: f.CentreBIC, Name: f.CentreName}, CentralBank: clearing.Bank{BIC: f.CentralBankBIC, Name: f.CentralBankName}, Latin: f.FilesLatin}
}

// carry is the pass that delivers files and takes in answers.
func (a *app) carry() jobs.Pass {
	dialer := &net.Dialer{Timeout: 15 * time.Second}
	return jobs.Carry(a.files, a.desk, jobs.Places{Root: a.settings.FilesFolder, Dial: dialer.DialContext}, os.TempDir())
}

// filesCmd shows files of closed days and writes them into a folder.
type filesCmd struct {
	settings
	Day    string `help:"Of this business day only, such as 2026-11-24."`
	Kind   string `help:"Of this kind only: transfers, credits, records or answer."`
	Export string `type:"path" help:"Write the files into this folder too, each made again and held against its digest."`
	Limit  int    `default:"100" help:"How many at most, newest first."`
}

// Run prints a JSON line for each file.
func (c *filesCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	a, err := newApp(ctx, c.at(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}), newLog(c.settings, std.Err))
	if err != nil {
		return err
	}
	return errors.Join(c.list(ctx, a.files, std), a.store.Close())
}

func (c *filesCmd) list(ctx context.Context, files *flow.Files, std *stdio) error {
	if c.Export != "" {
		if err := os.MkdirAll(c.Export, 0o750); err != nil {
			return err
		}
	}
	out := json.NewEncoder(std.Out)
	for left, last := c.Limit, id.ID(""); left > 0; {
		page, err := files.List(ctx, store.FileFilter{Day: c.Day, Kind: c.Kind, Before: last, Limit: min(left, 100)})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, f := range page {
			last, left = f.ID, left-1
			if err := errors.Join(c.export(ctx, files, f), out.Encode(flow.WireFile(f))); err != nil {
				return fmt.Errorf("%s: %w", f.ID, err)
			}
		}
	}
	return nil
}

// export writes a file under its id and name, or not at all.
func (c *filesCmd) export(ctx context.Context, files *flow.Files, f store.File) error {
	if c.Export == "" || f.SHA256 == "" {
		return nil
	}
	to := filepath.Join(c.Export, filepath.Base(f.Name))
	if f.Kind == flow.FileAnswer {
		to = filepath.Join(c.Export, "answer_"+string(f.ID)+".xml")
	}
	out, err := os.Create(to + ".part")
	if err != nil {
		return err
	}
	if err := errors.Join(files.Content(ctx, f, out), out.Close()); err != nil {
		return errors.Join(err, os.Remove(to+".part"))
	}
	return os.Rename(to+".part", to)
}
