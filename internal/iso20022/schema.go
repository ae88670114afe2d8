// Package iso20022 holds messages against the official schemas of ISO 20022, with xmllint. The schemas are
// published together with a Go module, which is fetched at a pinned version and checked by its sum; nothing of it
// is compiled in. scripts/tools fetches it beforehand.
package iso20022

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// The module that carries the schemas.
const (
	Module = "github.com/moov-io/iso20022@v0.2.1"
	Sum    = "h1:DxghLeyQheunSWxOXrdMNJZxHMkTFEfRNqIcUBd2fvM="
)

var namespace = regexp.MustCompile(`xmlns="urn:iso:std:iso:20022:tech:xsd:([a-z]+\.[0-9.]+)"`)

// Check says what the schema of the message's own namespace finds wrong with it. A missing xmllint or schema is an
// error that says what to install.
func Check(message []byte) error {
	found := namespace.FindSubmatch(message)
	if found == nil {
		return fmt.Errorf("iso20022: the message is in no namespace of ISO 20022")
	}
	schema, err := Schema(string(found[1]))
	if err != nil {
		return err
	}
	lint := exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, "-")
	lint.Stdin = bytes.NewReader(message)
	said, err := lint.CombinedOutput()
	if err != nil {
		return fmt.Errorf("iso20022: xmllint (Debian package libxml2-utils, run scripts/tools) with the schema of %s: %w\n%s", found[1], err, said)
	}
	return nil
}

// Schema gives the path of a message's schema, "pacs.009.001.09".
func Schema(message string) (string, error) {
	all, err := schemas()
	if err != nil {
		return "", err
	}
	path, ok := all[message]
	if !ok {
		return "", fmt.Errorf("iso20022: %s carries no schema of %s", Module, message)
	}
	return path, nil
}

var schemas = sync.OnceValues(func() (map[string]string, error) {
	folder, err := fetch()
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	err = filepath.WalkDir(filepath.Join(folder, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if name, is := strings.CutSuffix(filepath.Base(path), ".xsd"); is && err == nil {
			found[name] = path
		}
		return err
	})
	return found, err
})

// fetch asks the go command for the module, outside of every module so that this one's needs stay as they are.
func fetch() (string, error) {
	ask := exec.Command("go", "mod", "download", "-json", Module)
	ask.Dir, ask.Env = os.TempDir(), append(os.Environ(), "GOWORK=off", "GO111MODULE=on")
	said, err := ask.Output()
	var module struct{ Dir, Sum, Error string }
	if unreadable := json.Unmarshal(said, &module); err == nil {
		err = unreadable
	}
	switch {
	case err != nil || module.Error != "":
		return "", fmt.Errorf("iso20022: fetching %s: %w %s", Module, err, module.Error)
	case module.Sum != Sum:
		return "", fmt.Errorf("iso20022: %s has the sum %s, not the pinned %s", Module, module.Sum, Sum)
	}
	return module.Dir, nil
}
