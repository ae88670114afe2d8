package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"tolom/bench"
)

// TestABenchSignsEveryCallOfItsPSP runs a short bench by both clients: a payment counts only when its requests were
// accepted as signed and its answers verified, and the audit finds as many as were counted.
func TestABenchSignsEveryCallOfItsPSP(t *testing.T) {
	for _, by := range []string{"lean", "standard"} {
		var out, said bytes.Buffer
		c := benchCmd{Merchants: 3, Clients: 4, Client: by, Nodes: 1, For: 300 * time.Millisecond, JSON: true, Only: "http_sqlite_signed", Audit: true}
		c.settings = settings{DB: "sqlite:" + filepath.Join(t.TempDir(), "tolom.db"), Listen: "127.0.0.1:0", Provider: vars["provider"], MaxBatch: 256, MaxConns: 4, StopSeconds: 5, LogLevel: "warn"}
		if err := c.Run(t.Context(), &stdio{Out: &out, Err: &said}); err != nil {
			t.Fatalf("%s: %v\n%s", by, err, said.String())
		}
		var r bench.Result
		if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Name != "http_sqlite_signed" || r.Payments == 0 || r.Errors != 0 {
			t.Errorf("%s: %s, %v\n%s", by, out.String(), err, said.String())
		}
	}
}
