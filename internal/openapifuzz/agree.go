package openapifuzz

import "strings"

// agree mends what the schema of a body cannot say: which of its fields go together, and what it repeats of the object
// that the call is about. Now and then it lets them disagree.
func (f *Fuzzer) agree(c *call) {
	if f.chance(6) {
		return
	}
	parts := strings.Split(c.path, "/")
	about := f.memory.shown[parts[len(parts)-2]]
	switch c.op.ID {
	case "approve-proposal", "answer-day":
		for _, name := range []string{"digest", "message"} {
			if _, takes := c.fields[name]; takes && text(about[name]) != "" {
				c.fields[name] = about[name]
			}
		}
	case "create-key":
		f.agreeKey(c.fields)
	case "create-tariff":
		delete(c.fields, []string{"merchant_id", "mcc"}[f.IntN(2)])
		delete(c.fields, "psps")
	}
	for _, of := range []map[string]any{c.fields, object(c.fields["tariff"])} {
		agreeTariff(of)
	}
}

// agreeKey leaves a PSP's key without what only merchants' keys have, and a merchant's mostly without a place.
func (f *Fuzzer) agreeKey(fields map[string]any) {
	if strings.HasPrefix(text(fields["owner_id"]), "psp_") {
		delete(fields, "scopes")
		delete(fields, "networks")
	}
	delete(fields, "store_id")
	if strings.HasPrefix(text(fields["owner_id"]), "psp_") || !f.chance(3) {
		delete(fields, "till_id")
	}
}

// agreeTariff keeps the PSP's part below the whole, and the least fee below the greatest.
func agreeTariff(of map[string]any) {
	rate, has := of["rate"].(int64)
	part, also := of["interchange_rate"].(int64)
	if also && (!has || part > rate) {
		of["rate"], of["interchange_rate"] = part, rate
	}
	least, _ := of["min"].(int64)
	if most, bounded := of["max"].(int64); bounded && most < least {
		of["max"], of["min"] = least, most
	}
}
