package sandbox

import (
	"bytes"
	"sync"
)

// Journal keeps the bank's entries. One bank uses it at a time.
type Journal interface {
	// Replay hands over all records, oldest first, before anything is appended.
	Replay(each func(record []byte) error) error
	// Append is done only when the record survives a crash. After an error the record may be there or not; the bank
	// then stops until it is started again and reads what is there.
	Append(record []byte) error
}

// Memory is a journal that lasts as long as the process: for simulations. It survives the bank that writes to it.
type Memory struct {
	mu      sync.Mutex
	records [][]byte
	strike  func(record []byte) (before, after error)
}

// NewMemory makes an empty journal.
func NewMemory() *Memory { return &Memory{} }

// Strike has f decide about each record from now on: an error before keeps it out, an error after is given although
// the record is kept, as a disk does that fails between writing and answering. nil ends it.
func (m *Memory) Strike(f func(record []byte) (before, after error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.strike = f
}

// Replay hands over all records.
func (m *Memory) Replay(each func(record []byte) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, record := range m.records {
		if err := each(record); err != nil {
			return err
		}
	}
	return nil
}

// Append keeps a record.
func (m *Memory) Append(record []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var before, after error
	if m.strike != nil {
		before, after = m.strike(record)
	}
	if before != nil {
		return before
	}
	m.records = append(m.records, bytes.Clone(record))
	return after
}
