package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tolom/sandbox"
)

// demoFiling has the demo's files of closed days in its folder, and codes that no real bank has.
func demoFiling(folder string) filing {
	return filing{FilesFolder: filepath.Join(folder, "files"), CentreBIC: "TOLMKG22", CentreName: "Demo centre", CentralBankBIC: "DCBKKG22", CentralBankName: "Demo central bank"}
}

// answerFiles plays the central bank and the banks: whatever is laid into a folder of theirs is settled.
func (a *app) answerFiles(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.answerOnce(); err != nil {
				a.log.Warn("the simulated central bank could not answer", "error", err)
			}
		}
	}
}

func (a *app) answerOnce() error {
	owners, err := os.ReadDir(a.settings.FilesFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	failed := []error{err}
	for _, o := range owners {
		place := filepath.Join(a.settings.FilesFolder, o.Name())
		_, err := sandbox.Answering{Out: filepath.Join(place, "out"), In: filepath.Join(place, "in")}.Step()
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}
