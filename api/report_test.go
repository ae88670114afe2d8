package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tolom/wire"
)

// ordered orders a report of a reader, has it made, and gives it when it is ready.
func (k *kit) ordered(base, key, body string) wire.Report {
	k.t.Helper()
	r := decode[wire.Report](k.t, k.want(http.StatusCreated, post(base+"/reports", body).as(key).keyed(fresh())).body)
	if r.Status != "queued" || r.Content != "" {
		k.t.Errorf("it begins as %+v", r)
	}
	for did := 1; did > 0; {
		var err error
		if did, err = k.reports.MakeNext(k.t.Context(), "node"); err != nil {
			k.t.Fatal(err)
		}
	}
	r = decode[wire.Report](k.t, k.want(http.StatusOK, get(base+"/reports/"+r.ID).as(key)).body)
	if r.Status != "ready" || !strings.HasSuffix(r.Content, base+"/reports/"+r.ID+"/content") || r.Done != r.Total {
		k.t.Fatalf("it ends as %+v", r)
	}
	return r
}

const anOrder = `{"type":"statement","from":"2026-11-20","to":"2026-11-30","format":"csv","language":"en"}`

func TestAReportIsOrderedAndFetchedInParts(t *testing.T) {
	k := newKit(t)
	k.paid(150_000)
	k.tell()
	r := k.ordered("/v1", k.merchantKey, anOrder)
	path := "/v1/reports/" + r.ID + "/content"
	whole := k.want(http.StatusOK, get(path).as(k.merchantKey))
	sum := sha256.Sum256([]byte(whole.body))
	if digest := hex.EncodeToString(sum[:]); digest != r.SHA256 || whole.header.Get("ETag") != `"`+digest+`"` || int64(len(whole.body)) != r.Size {
		t.Errorf("%d bytes with the digest %s, the report says %+v", len(whole.body), digest, r)
	}
	if got := whole.header.Get("Content-Disposition"); got != `attachment; filename="statement-2026-11-20-2026-11-30.csv"` {
		t.Errorf("it is called %s", got)
	}
	etag := whole.header.Get("ETag")
	for _, c := range []struct {
		name    string
		headers map[string]string
		status  int
		body    string
	}{
		{"the first bytes", map[string]string{"Range": "bytes=0-9"}, http.StatusPartialContent, string(whole.body[:10])},
		{"the rest", map[string]string{"Range": "bytes=10-", "If-Range": etag}, http.StatusPartialContent, string(whole.body[10:])},
		{"the rest of another file", map[string]string{"Range": "bytes=10-", "If-Range": `"another"`}, http.StatusOK, string(whole.body)},
		{"what is known", map[string]string{"If-None-Match": etag}, http.StatusNotModified, ""},
		{"a part in another unit", map[string]string{"Range": "lines=0-1"}, http.StatusOK, string(whole.body)},
		{"beyond the end", map[string]string{"Range": "bytes=" + strconv.Itoa(len(whole.body)+1) + "-"}, http.StatusRequestedRangeNotSatisfiable, ""},
	} {
		call := get(path).as(k.merchantKey)
		if c.status == http.StatusRequestedRangeNotSatisfiable {
			k.refused(c.status, "range_unsatisfiable", "Range", call.with("Range", c.headers["Range"]))
		}
		for name, value := range c.headers {
			call = call.with(name, value)
		}
		if got := k.want(c.status, call); c.body != "" && string(got.body) != c.body {
			t.Errorf("%s: %q", c.name, got.body)
		}
	}
}

func TestAReportIsOrderedOnceForItsKey(t *testing.T) {
	k := newKit(t)
	key := fresh()
	first := k.want(http.StatusCreated, post("/v1/reports", anOrder).as(k.merchantKey).keyed(key))
	again := k.want(http.StatusCreated, post("/v1/reports", anOrder).as(k.merchantKey).keyed(key))
	if decode[wire.Report](t, first.body).ID != decode[wire.Report](t, again.body).ID || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s, then %s", first.body, again.body)
	}
	k.want(http.StatusUnprocessableEntity, post("/v1/reports", strings.Replace(anOrder, "csv", "pdf", 1)).as(k.merchantKey).keyed(key))
}

func TestEveryReaderHasReportsOfItsOwn(t *testing.T) {
	k := newKit(t)
	k.staff()
	k.paid(150_000)
	k.tell()
	mine := k.ordered("/v1", k.merchantKey, anOrder)
	psps := k.ordered("/psp/v1", k.pspKey, `{"type":"psp_reconciliation","from":"2026-11-24","format":"json"}`)
	for path, key := range map[string]string{
		"/v1/reports/" + psps.ID: k.merchantKey, "/v1/reports/" + mine.ID + "/content": k.otherKey, "/psp/v1/reports/" + mine.ID: k.pspKey, "/psp/v1/reports/" + psps.ID + "/content": k.otherPSP,
	} {
		k.want(http.StatusNotFound, get(path).as(key))
	}
	k.want(http.StatusBadRequest, post("/psp/v1/reports", `{"type":"overview","from":"2026-11-24","format":"json"}`).as(k.pspKey))
	k.want(http.StatusBadRequest, post("/psp/v1/reports", anOrder[:len(anOrder)-1]+`,"store_id":"x"}`).as(k.pspKey))
	if got := string(k.want(http.StatusOK, get("/psp/v1/reports/"+psps.ID+"/content").as(k.pspKey)).body); !strings.Contains(got, `"paid":150000`) {
		t.Errorf("the PSP reads %s", got)
	}
}

func TestAStatementForPeopleIsMadeAtOnce(t *testing.T) {
	k := newKit(t)
	k.paid(150_000)
	k.tell()
	for format, begins := range map[string]string{"xlsx": "PK", "pdf": "%PDF", "csv&bom=true": "\ufeff"} {
		if got := k.want(http.StatusOK, get("/v1/statements?format="+format).as(k.merchantKey)); !strings.HasPrefix(string(got.body), begins) {
			t.Errorf("%s begins with %.10q", format, got.body)
		}
	}
}
