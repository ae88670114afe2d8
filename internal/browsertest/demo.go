package browsertest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Demo is one `tolom demo` with a data folder and a port of its own, both kept over restarts, so that pages that
// are open in a browser find it again.
type Demo struct {
	*Process
	folder string
}

// Start builds the binary, starts a demo and waits until it is ready. The demo is stopped when the test ends, and
// what it printed is shown if the test failed.
func Start(t testing.TB) *Demo {
	t.Helper()
	return start(t, Binary(t))
}

func start(t testing.TB, binary string) *Demo {
	t.Helper()
	address, err := FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	d := &Demo{folder: t.TempDir()}
	d.Process = &Process{
		Binary: binary, Address: address, Log: filepath.Join(d.folder, "log"), Args: []string{"demo", "--listen", address, "--data", d.Data()},
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the demo printed:\n%s", d.Printed())
		}
	})
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	return d
}

// Data is the folder of the demo's database.
func (d *Demo) Data() string { return filepath.Join(d.folder, "data") }

// Keys returns demo.json: base_url, merchant_key, psp_id, psp_key and operator, as the demo wrote them.
func (d *Demo) Keys() (map[string]any, error) {
	text, err := os.ReadFile(filepath.Join(d.Data(), "demo.json"))
	if err != nil {
		return nil, err
	}
	var keys map[string]any
	return keys, json.Unmarshal(text, &keys)
}
