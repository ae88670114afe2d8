package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"tolom/client"
	"tolom/id"
	"tolom/recon"
	"tolom/world"
)

// Config is what a bank is made of. Only PSP and Journal are needed.
type Config struct {
	PSP     *client.PSP // the bank's only way to the platform
	Journal Journal
	Clock   world.Clock   // nil: the system's
	Entropy world.Entropy // nil: the system's
	Name    string        // "Demo Bank" when empty
	// Payers are added to the books if they are not in them; a payer who is keeps the balance of the books.
	Payers []Payer
	// Path is where the phone is mounted, "/phone" when empty.
	Path string
	// Faults, if the PSP's http.Client goes through it, can be set from the phone and its API.
	Faults *Faults
	Log    *slog.Logger // nil: no log
	// CallTime bounds one call of the platform; 0: 5 s. A call that takes longer has an unknown outcome.
	CallTime time.Duration
	// RefundEvery is the time between two looks for refunds; 0: 2 s.
	RefundEvery time.Duration
	// ReconcileEvery is the time between two comparisons of the books with the platform's; 0: none.
	ReconcileEvery time.Duration
	// Misread, when set, is what the bank makes of its book before it compares it: for trials of a bank that counts wrong.
	Misread func([]recon.Line) []recon.Line
}

// Bank is the simulated PSP. It is safe for concurrent use.
type Bank struct {
	Config

	mu      sync.Mutex // guards what follows; never held during a call of the platform
	book    *book
	broken  error           // why nothing can be written any more
	busy    map[string]bool // purchases that somebody advances right now
	plans   map[string]plan
	poll    poll
	compare comparing
}

// New opens the books and goes on where they end. An error says which entry of the journal cannot be true.
func New(config Config) (*Bank, error) {
	b := &Bank{Config: config.filled(), book: newBook(), busy: map[string]bool{}, plans: map[string]plan{}}
	if err := b.Journal.Replay(b.replay); err != nil {
		return nil, err
	}
	if err := b.book.audit(); err != nil {
		return nil, err
	}
	for _, payer := range b.Payers {
		if _, known := b.book.accounts[payer.ID]; known {
			continue
		}
		if err := b.write(entry{Event: payerJoined, Payer: &payer}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (c Config) filled() Config {
	system := world.System()
	if c.Clock == nil {
		c.Clock = system.Clock
	}
	if c.Entropy == nil {
		c.Entropy = system.Entropy
	}
	if c.Name == "" {
		c.Name = "Demo Bank"
	}
	if c.Path == "" {
		c.Path = "/phone"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.CallTime == 0 {
		c.CallTime = 5 * time.Second
	}
	if c.RefundEvery == 0 {
		c.RefundEvery = 2 * time.Second
	}
	return c
}

// replay makes a record of the journal part of the books.
func (b *Bank) replay(record []byte) error {
	var e entry
	if err := json.Unmarshal(record, &e); err != nil {
		return fmt.Errorf("%w: entry %d: %w", ErrDamaged, b.book.entries+1, err)
	}
	c, err := b.book.decide(e)
	if err != nil {
		return fmt.Errorf("%w: entry %d: %w", ErrDamaged, b.book.entries+1, err)
	}
	b.book.keep(c)
	return nil
}

// note writes an entry down, durably, and then makes it part of the books. Refusals change nothing.
func (b *Bank) note(e entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.write(e)
}

// write is note for callers that hold the lock. If the journal fails, nobody knows whether the entry is in it, so
// the bank writes nothing more until it is started again.
func (b *Bank) write(e entry) error {
	if b.broken != nil {
		return b.broken
	}
	e.N, e.At = b.book.entries+1, b.Clock.Now()
	c, err := b.book.decide(e)
	if err != nil {
		return err
	}
	record, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sandbox: entry %d: %w", e.N, err)
	}
	if err := b.Journal.Append(record); err != nil {
		b.broken = fmt.Errorf("sandbox: the journal failed, restart the bank: %w", err)
		return b.broken
	}
	b.book.keep(c)
	return nil
}

// newID makes a psp_payment_id. It is random, so that two banks on one key cannot meet, and ordered by time.
func (b *Bank) newID() (string, error) {
	var random id.Random
	if _, err := io.ReadFull(b.Entropy, random[:]); err != nil {
		return "", fmt.Errorf("sandbox: no randomness: %w", err)
	}
	return string(id.New("db-", b.Clock.Now(), 0, random)), nil
}
