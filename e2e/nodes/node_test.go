package nodes

import (
	"fmt"
	"path/filepath"
	"testing"

	"tolom/internal/browsertest"
)

// patience bounds each wait for something to become so.
const patience = browsertest.Patience

// startNodes starts nodes of `tolom serve` on one database, which all say that they are reached at base.
func startNodes(t *testing.T, count int, dsn, base string) []*browsertest.Process {
	t.Helper()
	folder, nodes := t.TempDir(), make([]*browsertest.Process, count)
	for i := range nodes {
		n := &browsertest.Process{Address: freeAddress(t), Log: filepath.Join(folder, fmt.Sprint("node", i)), Binary: browsertest.Binary(t)}
		n.Args = []string{"serve", "--db", dsn, "--listen", n.Address, "--base-url", base, "--private-webhooks", "--log-level", "warn", "--drain-seconds", "0"}
		must(t, n.Start())
		t.Cleanup(func() {
			if err := n.Stop(); err != nil {
				t.Error(err)
			}
			if t.Failed() {
				t.Logf("%s printed:\n%.4000s", n.Address, n.Printed())
			}
		})
		nodes[i] = n
	}
	return nodes
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := browsertest.FreeAddress()
	must(t, err)
	return address
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
