package openapifuzz

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
)

// memory is what earlier answers told, for later calls to use.
type memory struct {
	ids     map[string][]string        // by owner and prefix
	words   map[string][]any           // by name of field
	objects []map[string]any           // whole objects, lately answered
	cursors map[string][]string        // by operation
	states  map[string]string          // of an id, as last told
	shown   map[string]map[string]any  // an object by its id or its day, as last told
	told    map[string]map[string]bool // what ids holds already
}

const (
	mostObjects = 64 // that are remembered; older ones make room
	mostWords   = 64 // of one name
	mostIDs     = 256
)

var idText = regexp.MustCompile(`^([a-z]+_)[0-9a-z]{26}$`)

// nameOf says under which name of a field an id of a prefix goes in other objects.
var nameOf = map[string]string{
	"pr_": "payment_request_id", "pay_": "payment_id", "re_": "refund_id", "mer_": "merchant_id", "psp_": "psp_id", "st_": "store_id",
	"till_": "till_id", "par_": "participant_id", "tar_": "tariff_id", "prop_": "proposal_id",
}

// prefixesOf says which prefixes the ids in a field or query parameter have.
var prefixesOf = map[string][]string{
	"payment_request_id": {"pr_"}, "request_id": {"pr_"}, "payment_id": {"pay_"}, "merchant_id": {"mer_"}, "psp_id": {"psp_"}, "store_id": {"st_"},
	"till_id": {"till_"}, "participant_id": {"par_"}, "owner_id": {"mer_", "psp_"},
}

// subjectsOf says which prefix the {id} behind a part of a path has.
var subjectsOf = map[string]string{
	"payment-requests": "pr_", "payments": "pay_", "refunds": "re_", "events": "evt_", "webhook-endpoints": "wh_", "deliveries": "wd_", "reports": "rep_", "report-schedules": "rs_",
	"merchants": "mer_", "psps": "psp_", "participants": "par_", "keys": "key_", "till-sessions": "ts_", "stores": "st_", "tills": "till_",
	"days": dates, "holidays": toCome, "payouts": "po_", "files": "file_", "destinations": "par_",
	"proposals": "prop_", "tariffs": "tar_", "cases": "case_", "runs": "rec_", "bank-statements": "bst_",
	"psp-keys": "pk_", "psp-certificates": "cert_", "platform-keys": "plk_",
}

// Business days have their dates for ids. The calendar is changed for dates to come.
const (
	dates  = "date"
	toCome = "date to come"
)

var dateText = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

func newMemory() *memory {
	return &memory{ids: map[string][]string{}, words: map[string][]any{}, cursors: map[string][]string{}, states: map[string]string{}, shown: map[string]map[string]any{}, told: map[string]map[string]bool{}}
}

// learn takes an answer to a caller apart.
func (m *memory) learn(owner string, op *Operation, body any) {
	if page := object(body); page != nil {
		if after := text(page["after"]); after != "" {
			m.cursors[op.ID] = recent(append(m.cursors[op.ID], after), mostWords)
		}
	}
	m.walk(owner, body)
}

func (m *memory) walk(owner string, v any) {
	switch v := v.(type) {
	case map[string]any:
		m.keep(v)
		for _, name := range sortedKeys(v) {
			m.word(name, v[name])
			if name != "not_found" { // It only says again what the caller asked for.
				m.walk(owner, v[name])
			}
		}
	case []any:
		for _, item := range v {
			m.walk(owner, item)
		}
	case string:
		m.id(owner, v)
	}
}

// keep remembers an object whole, with its own id under the name that other objects use for it.
func (m *memory) keep(o map[string]any) {
	prefix := prefixOf(text(o["id"]))
	if name := cmp.Or(text(o["id"]), text(o["date"])); prefixOf(name) != "" {
		m.shown[name], m.states[name] = o, stateOf(o)
	}
	if prefix == "" && o["payload"] == nil {
		return
	}
	o = maps.Clone(o)
	if alias := nameOf[prefix]; alias != "" {
		o[alias] = o["id"]
	}
	m.objects = recent(append(m.objects, o), mostObjects)
}

// stateOf is how an object is; a key that works and has no successor is live, a tariff of a far year is to come.
func stateOf(o map[string]any) string {
	if _, key := o["hint"]; key && o["revoked_at"] == nil && text(o["replaced_by"]) == "" {
		return "live"
	}
	if _, tariff := o["withdrawn_at"]; tariff && o["withdrawn_at"] == nil && text(o["valid_from"]) > "203" {
		return "to come"
	}
	return text(o["status"])
}

func (m *memory) word(name string, v any) {
	switch v := v.(type) {
	case string:
		if v == "" || len(v) > 1000 {
			return
		}
	case map[string]any, []any, nil:
		return
	}
	m.words[name] = recent(append(m.words[name], v), mostWords)
}

func (m *memory) id(owner, v string) {
	prefix := prefixOf(v)
	if prefix == "" {
		return
	}
	key := owner + " " + prefix
	if m.told[key] == nil {
		m.told[key] = map[string]bool{}
	}
	if m.told[key][v] {
		return
	}
	m.told[key][v] = true
	m.ids[key] = recent(append(m.ids[key], v), mostIDs)
}

// known gives the ids of a prefix that an owner was told.
func (m *memory) known(owner, prefix string) []string { return m.ids[owner+" "+prefix] }

// foreign gives the ids of a prefix that one of the others was told and the owner was not.
func (m *memory) foreign(owner, prefix string, others []string) (out []string) {
	for _, other := range others {
		for _, v := range m.known(other, prefix) {
			if other != owner && !m.told[owner+" "+prefix][v] {
				out = append(out, v)
			}
		}
	}
	return out
}

// recent keeps the last n of a list.
func recent[T any](all []T, n int) []T {
	if len(all) > n {
		return slices.Clone(all[len(all)-n:])
	}
	return all
}

func prefixOf(v string) string {
	if m := idText.FindStringSubmatch(v); m != nil {
		return m[1]
	}
	if dateText.MatchString(v) {
		return dates
	}
	return ""
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
