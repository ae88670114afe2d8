package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/wire"
)

const reconDay = "?from=2026-11-23T03:05Z&to=2026-11-24T03:05Z"

// csvBook is a PSP's book with one line that the platform does not have.
const csvBook = "minute;kind;id;amount;status\n2026-11-23T04:17Z;payment;made-up-1;150000;success\n"

func (a ask) file(media, body string) ask {
	a.body = body
	return a.with("Content-Type", media)
}

// TestThreatForeignCases: a PSP's comparison and its cases are absent for every other PSP.
func TestThreatForeignCases(t *testing.T) {
	k := newKit(t)
	own := func(c ask) ask { return c.as(k.pspKey) }
	run := body[wire.ReconRun](k, own(post("/psp/v1/reconciliation/files"+reconDay, "")).file("text/csv", csvBook))
	if run.State != "done" || run.Mismatched != 1 || len(run.Cases) != 1 || run.Cases[0].Reason != "missing_at_us" || run.Cases[0].Shift != 150000 {
		t.Fatalf("the comparison is %+v", run)
	}
	again := body[wire.ReconRun](k, own(post("/psp/v1/reconciliation/files"+reconDay, "")).file("text/csv", csvBook))
	if again.ID != run.ID {
		t.Error("the same file is another comparison")
	}
	name := run.Cases[0].ID
	k.want(http.StatusOK, own(post("/psp/v1/cases/"+name+"/comments", `{"comment":"=HYPERLINK(\"http://x\")"}`)))
	for _, c := range []ask{
		get("/psp/v1/cases/" + name), post("/psp/v1/cases/"+name+"/comments", `{"comment":"x"}`), get("/psp/v1/reconciliation/runs/" + run.ID),
	} {
		k.want(http.StatusNotFound, c.as(k.otherPSP))
	}
	for _, list := range []string{"/psp/v1/cases", "/psp/v1/reconciliation/runs", "/psp/v1/cases?run_id=" + run.ID} {
		if text := string(k.want(http.StatusOK, get(list).as(k.otherPSP)).body); strings.Contains(text, name) || strings.Contains(text, run.ID) {
			t.Errorf("%s shows another's: %s", list, text)
		}
	}
}

// TestThreatGiantAndHostileFiles: what is too large or no book is refused whole, and soon.
func TestThreatGiantAndHostileFiles(t *testing.T) {
	k := newKit(t)
	began := time.Now()
	for name, c := range map[string]struct {
		media, body string
		status      int
	}{
		"a giant":           {"text/csv", strings.Repeat("x", 8<<20+1), http.StatusRequestEntityTooLarge},
		"a row too many":    {"text/csv", "minute,kind,id,amount\n" + strings.Repeat("2026-11-23T04:17Z,payment,a,1\n", 100_001), http.StatusBadRequest},
		"a formula":         {"text/csv", "minute,kind,id,amount\n2026-11-23T04:17Z,payment,=cmd|x,1\n", http.StatusBadRequest},
		"another period":    {"text/csv", "minute,kind,id,amount\n2025-11-23T04:17Z,payment,a,1\n", http.StatusBadRequest},
		"a picture":         {"image/png", "\x89PNG", http.StatusUnsupportedMediaType},
		"deep JSON":         {"application/json", strings.Repeat("[", 1<<20), http.StatusBadRequest},
		"half a JSON line":  {"application/x-ndjson", `{"minute":"2026-11-23T04:17Z"`, http.StatusBadRequest},
		"bytes that are 0":  {"application/x-ndjson", "\x00", http.StatusBadRequest},
		"another book here": {"text/csv", "minute,kind,id,amount\n" + strings.Repeat("2026-11-23T04:17Z,payment,a,1\n", 3000), http.StatusBadRequest},
	} {
		r := k.do(post("/psp/v1/reconciliation/files"+reconDay, "").file(c.media, c.body).as(k.pspKey))
		if r.status != c.status {
			t.Errorf("%s: %d %s, want %d", name, r.status, cutText(string(r.body)), c.status)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

func cutText(text string) string { return text[:min(len(text), 300)] }
