package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"tolom/client"
	"tolom/id"
	"tolom/money"
	"tolom/sandbox"
	"tolom/world"
)

// bank is a simulated PSP: a process that dies and comes back with its journal.
type bank struct {
	w    *World
	name string
	psp  id.ID
	key  string
	// participant is the bank in whose position it is.
	participant id.ID
	signing     client.SigningKey // of a bank that signs; without an id it does not
	journal     *sandbox.Memory
	bank        *sandbox.Bank
	draws       *draws
	crew        *crew
	up          bool
	payers      []sandbox.Payer
}

// hands are how many things a bank does at once by itself.
const hands = 3

// errJournal is how the disk of a bank fails.
var errJournal = errors.New("sim: the bank's disk failed")

func (w *World) newBank(index int, psp id.ID, key string) *bank {
	b := &bank{w: w, name: fmt.Sprintf("Bank %d", index+1), psp: psp, key: key, journal: sandbox.NewMemory(),
		draws: &draws{world.Seeded(w.random.Uint64())}}
	for n := range 20 {
		b.payers = append(b.payers, sandbox.Payer{ID: fmt.Sprintf("payer-%d", n+1), Name: fmt.Sprintf("Payer %d", n+1), Initial: 1_000_000_000_00, Company: n%5 == 4})
	}
	b.journal.Strike(func([]byte) (before, after error) {
		switch {
		case w.task == nil || !w.trouble(w.profile.Journal):
			return nil, nil
		case w.chance(.5):
			return errJournal, nil
		}
		return nil, errJournal
	})
	return b
}

// start opens the books again and goes on.
func (b *bank) start() {
	w := b.w
	h := &http.Client{Transport: w.psps}
	options := []client.Option{client.WithHTTP(h), client.WithWorld(world.World{Clock: w.clock, Entropy: b.draws})}
	if b.signing.ID != "" {
		options = append(options, client.WithSigningKey(b.signing), client.WithKeysHTTP(&http.Client{Transport: published{w}}))
	}
	psp := client.New(base, b.key, options...).PSP()
	var err error
	b.bank, err = sandbox.New(sandbox.Config{
		PSP: psp, Journal: b.journal, Clock: w.clock, Entropy: b.draws, Name: b.name, Payers: b.payers,
		Log: slog.New(slog.DiscardHandler), CallTime: 1000 * time.Hour, // the network says when time is over
		ReconcileEvery: w.compare, Misread: b.misreader(),
	})
	if err != nil {
		w.violated("a bank's books are sound", b.name, "%v", err)
		return
	}
	b.up, b.crew = true, newCrew()
	for range hands {
		w.begin(w.within(time.Second), b.crew, b.work)
	}
}

// work does what the bank does by itself.
func (b *bank) work() {
	for {
		if b.w.trouble(b.w.profile.Slow) {
			b.w.count("slow bank")
			b.w.sleep(b.w.within(15 * time.Second))
		}
		did, err := b.bank.Step(context.Background())
		if b.broken(err) {
			return
		}
		if did == 0 {
			due := b.bank.NextAt().Sub(b.w.clock.Now())
			b.w.sleep(b.w.idly(min(max(due, 50*time.Millisecond), time.Second)) + b.w.within(50*time.Millisecond))
		}
	}
}

// broken says that the journal failed, and has the bank started again.
func (b *bank) broken(err error) bool {
	if !errors.Is(err, errJournal) {
		return false
	}
	b.w.count("journal failed")
	b.w.after(0, b.crash)
	return true
}

// crash ends the bank's process; it comes back with its journal.
func (b *bank) crash() {
	if !b.up {
		return
	}
	b.w.count("bank died")
	b.w.record.note(b.w.now, "crash", b.name)
	b.up = false
	for _, t := range b.crew.sorted() {
		b.w.kill(t)
	}
	b.w.after(b.w.within(2*time.Second), b.start)
}

// payer is one customer of a bank before a code.
func (b *bank) payer() string { return b.payers[b.w.random.IntN(len(b.payers))].ID }

// pay has a payer scan a code and pay it, in one of the ways people do.
func (b *bank) pay(code string, amount money.Amount) {
	w := b.w
	w.started++
	if !b.up {
		return
	}
	who := b.payer()
	w.begin(w.within(200*time.Millisecond), b.crew, func() {
		offer, err := b.bank.Scan(context.Background(), who, code, 0)
		if b.broken(err) || err != nil {
			return
		}
		if w.trouble(b.w.profile.Slow) {
			w.count("slow bank")
			w.sleep(w.within(90 * time.Second))
		}
		if offer.Offer.Amount != 0 {
			amount = money.Amount(offer.Offer.Amount)
		}
		switch way := w.random.IntN(20); {
		case way < 14:
			_, err = b.bank.Pay(context.Background(), offer.ID, amount)
		case way < 17:
			err = b.holdAndConfirm(offer.ID, amount)
		case way < 18:
			err = b.holdAndDecline(offer.ID, amount)
		case way < 19:
			_, err = b.bank.Hold(context.Background(), offer.ID, amount) // and forgets it
		default:
			_, err = b.bank.Pay(context.Background(), offer.ID, amount)
			if err == nil {
				_, err = b.bank.Pay(context.Background(), offer.ID, amount) // presses twice
			}
		}
		b.broken(err)
	})
}

func (b *bank) holdAndConfirm(purchase string, amount money.Amount) error {
	if _, err := b.bank.Hold(context.Background(), purchase, amount); err != nil {
		return err
	}
	b.w.sleep(b.w.within(20 * time.Second))
	_, err := b.bank.Confirm(context.Background(), purchase)
	return err
}

func (b *bank) holdAndDecline(purchase string, amount money.Amount) error {
	if _, err := b.bank.Hold(context.Background(), purchase, amount); err != nil {
		return err
	}
	b.w.sleep(b.w.within(5 * time.Second))
	_, err := b.bank.Decline(context.Background(), purchase)
	return err
}
