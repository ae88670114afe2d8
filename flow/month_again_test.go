package flow_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"tolom/store"
)

// digest is the SHA-256 of all that has happened in a month: its numbered facts and its files, each with its ids, times and
// amounts. With a clock that the test moves it is the seed's alone, so a month that has failed is played again by its seed.
func (m *month) digest() string {
	m.t.Helper()
	sum := sha256.New()
	write := json.NewEncoder(sum)
	for last := int64(0); ; {
		page, err := m.store.Tail(m.ctx, last, 500)
		m.must(err)
		if len(page) == 0 {
			break
		}
		for _, item := range page {
			m.must(write.Encode(item))
			last = item.Position
		}
	}
	for _, date := range m.dates {
		for _, f := range m.all(date) {
			f.Place = "" // below a folder of this run
			m.must(write.Encode([]store.File{f}))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestAMonthIsPlayedAgainByItsSeed plays some days with all their deaths twice by one seed and once by another.
func TestAMonthIsPlayedAgainByItsSeed(t *testing.T) {
	play := func(seed uint64, open func(*testing.T) place) string {
		m := newMonth(t, open(t), seed)
		m.plays(4)
		if m.kills == 0 {
			t.Error("nobody died")
		}
		return m.digest()
	}
	first := play(6, memory)
	if again := play(6, memory); again != first {
		t.Errorf("the same seed has the digest %s and then %s", first, again)
	}
	if other := play(7, memory); other == first {
		t.Errorf("another seed has the same digest, %s", first)
	}
	if file := play(6, sqlite); file != first {
		t.Errorf("in memory the digest is %s, on SQLite %s", first, file)
	}
}
