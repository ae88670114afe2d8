package api_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"tolom/api"
	"tolom/store"
)

// TestTheNewestCheckpointIsPublished as it was signed, for whoever keeps it.
func TestTheNewestCheckpointIsPublished(t *testing.T) {
	b := newBank(t)
	b.refused(404, "not_found", "", get(api.CheckpointPath)) // this node has no log
	kept := store.NewMemory(b.clock)
	node, _, _ := b.node(live, func(d *api.Deps) { d.Trail, d.Deeds = kept, kept.Deeds() })
	if err := kept.Deeds().Extend(t.Context(), store.Checkpoint{Number: 1, Size: 1, Text: "deeds\n", At: b.clock.Now()}, nil); err != nil {
		t.Fatal(err)
	}
	deeds := httptest.NewRecorder()
	if node.ServeHTTP(deeds, get(api.DeedsCheckpointPath).request()); deeds.Code != 200 || deeds.Body.String() != "deeds\n" {
		t.Errorf("of deeds: %d, %s", deeds.Code, deeds.Body)
	}
	ask := func(status int, text string) {
		t.Helper()
		w := httptest.NewRecorder()
		node.ServeHTTP(w, get(api.CheckpointPath).request())
		if w.Code != status || text != "" && w.Body.String() != text {
			t.Errorf("status %d, %q", w.Code, w.Body)
		}
	}
	ask(404, "")
	for n, text := range []string{"first\n", "second\n"} {
		if err := kept.Extend(t.Context(), store.Checkpoint{Number: int64(n + 1), Size: int64(n + 1), Text: text, At: b.clock.Now()}, nil); err != nil {
			t.Fatal(err)
		}
		ask(200, text)
	}
	kept.Fault = func(store.Point) error { return errors.New("the database is away") }
	ask(503, "")
}
