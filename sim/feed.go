package sim

import (
	"bytes"
	"encoding/json"
	"hash/maphash"

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
	at := bytes.Index(text, []byte(`"sequence":`))
	sequence := number(text[max(at, 0):])
	if at < 0 || sequence == 0 {
		x.w.violated("answers are what they say", string(who), "an event has no sequence: %s", text)
		return 0
	}
	digest, told := likened(text), x.feeds[who]
	if told == nil {
		told = map[int64]uint64{}
		x.feeds[who] = told
	}
	if before, again := told[sequence]; again && before != digest {
		x.w.violated("an event is told the same for ever", string(who), "event %d is now %s", sequence, text)
	}
	told[sequence] = digest
	return sequence
}

// digests is the seed of the digests of events, which leave no mark on the trace.
var digests = maphash.MakeSeed()

// likened is the digest of an event without what may differ: whether it is acknowledged, and how < and > are written.
func likened(text []byte) uint64 {
	if acked := []byte(`"acked":true`); bytes.Contains(text, acked) {
		text = bytes.Replace(text, acked, []byte(`"acked":false`), 1)
	}
	if escapable(text) {
		var same bytes.Buffer
		json.HTMLEscape(&same, text)
		text = same.Bytes()
	}
	return maphash.Bytes(digests, text)
}

// escapable says that a text may hold a character that JSON can write in two ways here; 0xe2 begins U+2028.
func escapable(text []byte) bool {
	for _, c := range []byte{'<', '>', '&', 0xe2} {
		if bytes.IndexByte(text, c) >= 0 {
			return true
		}
	}
	return false
}

// number reads the first whole number in a text.
func number(text []byte) (n int64) {
	begun := false
	for _, c := range text {
		digit := c >= '0' && c <= '9'
		if begun && !digit {
			break
		}
		if digit {
			n, begun = 10*n+int64(c-'0'), true
		}
	}
	return n
}
