package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tolom/access"
	"tolom/world"
)

// master is where the keys are that secrets in the database are encrypted under.
type master struct {
	MasterKeyFile string `name:"master-key-file" env:"TOLOM_MASTER_KEY_FILE" help:"File of the keys that secrets in the database are encrypted under, each a line of base64 of 32 random bytes: the first encrypts, all decrypt. TOLOM_MASTER_KEY may hold the same lines instead. Without, secrets are kept as they are." json:"master_key_file"`
}

// masterKeyVariable holds the keys themselves. It is no setting, so that no list of settings shows it.
const masterKeyVariable = "TOLOM_MASTER_KEY"

// vault opens the vault; nil when no key is given.
func (m master) vault(w world.World) (*access.Vault, error) {
	text, from := []byte(os.Getenv(masterKeyVariable)), masterKeyVariable
	if m.MasterKeyFile != "" {
		var err error
		if from = "--master-key-file " + m.MasterKeyFile; len(text) > 0 {
			return nil, fmt.Errorf("%s and %s are both given: give one", from, masterKeyVariable)
		}
		if text, err = os.ReadFile(m.MasterKeyFile); err != nil {
			return nil, fmt.Errorf("--master-key-file: %w", err)
		}
	}
	if len(text) == 0 && m.MasterKeyFile == "" {
		return nil, nil
	}
	v, err := access.OpenVault(text, w.Entropy)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err) // Without what was read: it may be a key with a slip.
	}
	return v, nil
}

// demoMaster gives the master key of a data folder, and makes one that only its owner can read where there is none.
func demoMaster(folder string, w world.World) (master, error) {
	m := master{filepath.Join(folder, "master.key")}
	if os.Getenv(masterKeyVariable) != "" {
		return master{}, nil
	}
	line, err := access.NewMasterKey(w.Entropy)
	if err != nil {
		return m, err
	}
	f, err := os.OpenFile(m.MasterKeyFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	_, err = f.WriteString(line)
	return m, errors.Join(err, f.Sync(), f.Close())
}
