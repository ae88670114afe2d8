package soak

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tolom/id"
	"tolom/internal/browsertest"
	"tolom/internal/traffic"
	"tolom/wire"
)

// phase is how long payments go on in each state of the upgrade.
const phase = 2 * time.Second

// versions are the two binaries: this one and a next one with further migrations,
// or, with TOLOM_UPGRADE_FROM, an earlier commit and this one.
func versions(t *testing.T) (older, newer string, same bool) {
	if commit := os.Getenv("TOLOM_UPGRADE_FROM"); commit != "" {
		return earlier(t, commit), browsertest.Binary(t), false
	}
	newer, _ = nextVersion(t)
	return browsertest.Binary(t), newer, true
}

// TestTwoVersionsServeOneDatabase upgrades under load: nodes of version N, the
// migration of N+1, nodes of both, nodes of N+1 alone, and back again.
func TestTwoVersionsServeOneDatabase(t *testing.T) {
	t.Parallel()
	older, newer, same := versions(t)
	w := newTown(t)
	t.Log(strings.TrimSpace(run(t, ".", nil, older, "migrate", "--db", w.dsn)))
	run(t, ".", []byte("correct horse battery staple\n"), older, "operator", "add", "boss", "--db", w.dsn)
	old := []*browsertest.Process{w.add(older), w.add(older)}
	w.register(old[0])
	receiver := traffic.NewReceiver(t)
	for n := range shops {
		_, err := w.shop(n).CreateEndpoint(w.ctx, wire.NewWebhookEndpoint{URL: receiver.URL()})
		must(t, err)
	}
	l := w.startLoad()
	counts := []int{}
	then := func() { time.Sleep(phase); counts = append(counts, l.Count()) }
	then()
	began := time.Now()
	w.migrateTwice(newer)
	took := time.Since(began)
	then()
	fresh := []*browsertest.Process{w.add(newer), w.add(newer)}
	then()
	if same {
		// A node of N that fails comes back, on the schema of N+1.
		must(t, old[0].Kill())
		must(t, old[0].Start())
		then()
	}
	broken := w.balancer.Broken.Load()
	w.retire(old...)
	then()
	if same {
		w.add(older)
		w.retire(fresh...)
		then()
	}
	if more := w.balancer.Broken.Load() - broken; more > 0 && same {
		t.Errorf("%d calls broke off while nodes were replaced", more)
	}
	deals := w.stop(l)
	w.holds(deals, receiver)
	t.Logf("%d payments across both versions (after each phase: %v); the migration took %v under load; %d calls broken off in all, %d outcomes asked for, 0 lost",
		len(deals), counts, took.Round(time.Millisecond), w.balancer.Broken.Load(), w.unknown.Load())
}

// migrateTwice starts the migration two times at once, as impatient operators do.
// Each version is applied once.
func (w *town) migrateTwice(binary string) {
	w.t.Helper()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { w.t.Log(strings.TrimSpace(run(w.t, ".", nil, binary, "migrate", "--db", w.dsn))) })
	}
	both.Wait()
	conn, err := pgx.Connect(w.ctx, w.dsn)
	must(w.t, err)
	defer conn.Close(w.ctx)
	var applied, versions int
	must(w.t, conn.QueryRow(w.ctx, "SELECT count(*), count(DISTINCT version_id) FROM tolom_schema").Scan(&applied, &versions))
	if applied != versions {
		w.t.Errorf("%d migrations were applied for %d versions", applied, versions)
	}
}

// retire ends nodes as a supervisor does.
func (w *town) retire(nodes ...*browsertest.Process) {
	for _, n := range nodes {
		if err := n.Terminate(); err != nil {
			w.t.Error(err)
		}
		w.leave(n)
	}
}

// register makes shops and a PSP over the operator API, which any version has.
func (w *town) register(n *browsertest.Process) {
	w.t.Helper()
	bank := w.operator(n, "participants", map[string]any{"name": "Bank", "bic": "DEMOKG22"})
	for range shops {
		m := w.operator(n, "merchants", map[string]any{
			"participant_id": bank["id"], "name": "Shop", "mcc": "5812", "tariff": map[string]any{"rate": 50, "interchange_rate": 20},
		})
		w.people.Merchants = append(w.people.Merchants, id.ID(m["id"]))
		w.people.Keys = append(w.people.Keys, w.operator(n, "keys", map[string]any{"owner_id": m["id"], "name": "test"})["secret"])
	}
	psp := w.operator(n, "psps", map[string]any{"participant_id": bank["id"], "name": "Bank"})
	w.people.PSP, w.people.PSPKey = id.ID(psp["id"]), w.operator(n, "keys", map[string]any{"owner_id": psp["id"], "name": "test"})["secret"]
}

// operator makes something over the operator API and gives its texts.
func (w *town) operator(n *browsertest.Process, what string, body any) map[string]string {
	w.t.Helper()
	text, err := json.Marshal(body)
	must(w.t, err)
	request, err := http.NewRequestWithContext(w.ctx, http.MethodPost, n.URL()+"/operator/v1/"+what, bytes.NewReader(text))
	must(w.t, err)
	request.SetBasicAuth("boss", "correct horse battery staple")
	request.Header.Set("Content-Type", "application/json")
	response, err := w.calls.Do(request)
	must(w.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	must(w.t, err)
	if response.StatusCode != http.StatusCreated {
		w.t.Fatalf("%s: %s\n%s", what, response.Status, answer)
	}
	var fields map[string]any
	must(w.t, json.Unmarshal(answer, &fields))
	texts := map[string]string{}
	for name, value := range fields {
		texts[name] = fmt.Sprint(value)
	}
	return texts
}
