package world

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// Entropy fills p with random bytes. A short read comes with an error, as for io.Reader; both sources here always
// fill p.
type Entropy interface {
	Read(p []byte) (int, error)
}

type systemEntropy struct{}

func (systemEntropy) Read(p []byte) (int, error) { return cryptorand.Read(p) }

// seeded is ChaCha8 behind a lock. Only the order of reads decides who gets which bytes, so a simulation that
// wants to repeat itself reads from one goroutine.
type seeded struct {
	mu     sync.Mutex
	stream *rand.ChaCha8
}

// Seeded returns entropy that is the same for the same seed, on every machine. It keeps no secrets: whoever knows
// the seed knows every key. Safe for concurrent use.
func Seeded(seed uint64) Entropy {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return &seeded{stream: rand.NewChaCha8(key)}
}

func (s *seeded) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stream.Read(p)
}
