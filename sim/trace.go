package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"
)

// Trace is the digest of everything that happened.
type Trace [sha256.Size]byte

// String is the digest in hexadecimal.
func (t Trace) String() string { return hex.EncodeToString(t[:]) }

// record folds what happens into a digest as it happens.
type record struct {
	sum     hash.Hash
	pending []byte
}

func newRecord() *record { return &record{sum: sha256.New(), pending: make([]byte, 0, 8<<10)} }

// note adds a happening: when, what, and the texts that say how. Lengths are part
// of it, so that no two stories read the same.
func (r *record) note(at time.Duration, what string, texts ...string) {
	r.pending = binary.AppendVarint(r.pending, int64(at))
	r.text(what)
	for _, text := range texts {
		r.text(text)
	}
}

// noteBody is note of a message, whose last text is its body.
func (r *record) noteBody(at time.Duration, what string, body []byte, texts ...string) {
	r.note(at, what, texts...)
	appendText(r, body)
}

func (r *record) text(text string) { appendText(r, text) }

func appendText[T string | []byte](r *record, text T) {
	r.pending = binary.AppendUvarint(r.pending, uint64(len(text)))
	r.pending = append(r.pending, text...)
	if len(r.pending) > 4<<10 {
		r.flush()
	}
}

func (r *record) flush() {
	r.sum.Write(r.pending) // A hash never fails.
	r.pending = r.pending[:0]
}

// trace ends the record.
func (r *record) trace() (t Trace) {
	r.flush()
	r.sum.Sum(t[:0])
	return t
}
