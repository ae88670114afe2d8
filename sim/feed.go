package sim

import (
	"bytes"
	"encoding/json"
	"hash/fnv"

	"tolom/id"
)

// toldEvents holds that a page of the feed has no gap, and that each event is told
// as it was told before.
func (x *witness) toldEvents(who id.ID, body []byte) {
	var page struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		x.w.violated("answers are what they say", string(who), "a page of events is no JSON: %v", err)
		return
	}
	last := int64(0)
	for _, text := range page.Data {
		sequence := x.toldEvent(who, text)
		if last > 0 && sequence != last+1 {
			x.w.violated("the feed has no gap", string(who), "%d follows %d", sequence, last)
		}
		last = sequence
	}
}

// toldEvent holds one event to what was said of it before.
func (x *witness) toldEvent(who id.ID, text []byte) int64 {
	var event struct {
		Sequence int64 `json:"sequence"`
	}
	if err := json.Unmarshal(text, &event); err != nil {
		x.w.violated("answers are what they say", string(who), "an event is no JSON: %v", err)
		return 0
	}
	h := fnv.New64a()
	h.Write(bytes.Replace(text, []byte(`"acked":true`), []byte(`"acked":false`), 1))
	digest, told := h.Sum64(), x.feeds[who]
	if told == nil {
		told = map[int64]uint64{}
		x.feeds[who] = told
	}
	if before, again := told[event.Sequence]; again && before != digest {
		x.w.violated("an event is told the same for ever", string(who), "event %d is now %s", event.Sequence, text)
	}
	told[event.Sequence] = digest
	return event.Sequence
}
