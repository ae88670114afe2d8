package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tolom/api/operator"
)

// alone are the operations of staff that change something by one person's word, each with the reason why it may be so. All
// others need two: whoever adds an operation puts it under four eyes or says here why not.
var alone = map[string]string{
	"create-session":                "signs in",
	"end-session":                   "signs out",
	"approve-proposal":              "is the second person",
	"reject-proposal":               "is the second person",
	"withdraw-proposal":             "ends one's own wish",
	"revoke-key":                    "takes a power away, which must be fast; written down as a proposal that was done at once",
	"end-till-session":              "takes a power away, which must be fast",
	"retire-platform-key":           "takes a power away; the key that signs cannot be retired",
	"create-store":                  "a place of a merchant: no money, key or limit is of it until a key is given, which needs two",
	"create-till":                   "as create-store; pairing it needs two",
	"comment-operator-case":         "words",
	"explain-case":                  "words about a difference; moving the money of it (fix-case) needs two",
	"close-case":                    "words; a case is closed when its difference is gone or explained",
	"redeliver-file":                "the same bytes once more, to where two people have said that they go",
	"centre-order-report":           "a reading of what is there",
	"centre-create-report-schedule": "a reading of what is there",
	"centre-end-report-schedule":    "ends readings",
}

// staffOperations are the operations of staff that change something, by their ids, and whether they may wait.
func staffOperations(t *testing.T, k *kit) (ids []string, waits map[string]bool) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string                     `json:"operationId"`
			Responses   map[string]json.RawMessage `json:"responses"`
		}
	}
	if err := json.Unmarshal(k.want(http.StatusOK, get("/openapi.json")).body, &doc); err != nil {
		t.Fatal(err)
	}
	waits = map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			if strings.HasPrefix(path, "/operator/") && method != "get" {
				ids = append(ids, op.OperationID)
				_, waits[op.OperationID] = op.Responses["202"]
			}
		}
	}
	slices.Sort(ids)
	return ids, waits
}

// TestThreatOnePersonActsAlone: every operation of staff that changes something, taken from the description, waits for a second
// person or is on the list of those that need none, with its reason.
func TestThreatOnePersonActsAlone(t *testing.T) {
	ids, waits := staffOperations(t, newEyes(t))
	for _, name := range ids {
		reason, listed := alone[name]
		switch {
		case !waits[name] && !listed:
			t.Errorf("%s is one person's deed: put it under four eyes, or say why not", name)
		case waits[name] && listed:
			t.Errorf("%s needs two people now: take it off the list (%s)", name, reason)
		}
	}
	for name := range alone {
		if !slices.Contains(ids, name) {
			t.Errorf("there is no operation %s", name)
		}
	}
	t.Logf("%d operations of staff change something, %d need two people", len(ids), len(ids)-len(alone))
}

// TestThreatLastCertificateTakenOff: without a certificate a PSP connects without one, so the last is taken off by two people, and
// others by one.
func TestThreatLastCertificateTakenOff(t *testing.T) {
	k := newEyes(t)
	var made []string
	for _, print := range []string{"ab", "cd"} {
		p := k.waits(post("/operator/v1/psp-certificates", `{"psp_id":"`+string(k.psp.ID)+`","fingerprint_of":"public_key","fingerprint":"`+strings.Repeat(print, 32)+`"}`).by("first"))
		made = append(made, decode[operator.Proposal](t, k.want(http.StatusOK, approve(p).by("approver")).body).Outcome)
	}
	k.want(http.StatusOK, post("/operator/v1/psp-certificates/"+made[0]+"/remove", "").by("first"))
	p := k.waits(post("/operator/v1/psp-certificates/"+made[1]+"/remove", "").by("first"))
	list := func() string {
		return string(k.want(http.StatusOK, get("/operator/v1/psp-certificates?psp_id="+string(k.psp.ID)).by("auditor")).body)
	}
	if strings.Count(list(), `"removed_at":null`) != 1 {
		t.Errorf("the last is gone: %s", list())
	}
	k.refused(http.StatusForbidden, "forbidden", "", approve(p).by("second"))
	k.want(http.StatusOK, approve(p).by("approver"))
	if strings.Contains(list(), `"removed_at":null`) {
		t.Errorf("two people have not taken it off: %s", list())
	}
}
