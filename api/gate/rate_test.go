package gate

import (
	"net/http"
	"testing"
	"time"
)

// BenchmarkRate is what the rate costs a call that is let through.
func BenchmarkRate(b *testing.B) {
	m, now, head := newMeter(Rate{PerSecond: 1e9, Burst: 1e9}), time.Now(), http.Header{}
	b.ReportAllocs()
	for b.Loop() {
		if m.pass(head, "key_01kar9eda0c4r5s6t7v8w9xyzn", now) != nil {
			b.Fatal("refused")
		}
	}
}
