package engine_test

import (
	"context"
	"fmt"
	"testing"

	"tolom/engine"
)

// begin submits commands and waits until all of them are queued.
func (b *bench) begin(names ...string) <-chan error {
	before, done := b.engine.Queued(), make(chan error, len(names))
	for _, name := range names {
		go func() {
			_, err := b.engine.Do(context.Background(), move{b: b, name: name, amount: 1})
			done <- err
		}()
	}
	for b.engine.Queued() < before+len(names) {
	}
	return done
}

// answered waits for so many answers.
func (b *bench) answered(done <-chan error, n int) {
	b.t.Helper()
	for range n {
		if err := <-done; err != nil {
			b.t.Fatal(err)
		}
	}
}

func some(prefix string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%s%d", prefix, i))
	}
	return names
}

func TestABatchGathersWhileCallersComeBack(t *testing.T) {
	var sizes []int
	b := newBench(t, engine.Config{Observe: func(n int) { sizes = append(sizes, n) }})
	ctx := context.Background()

	first := b.begin(some("a", 20)...)
	if wait := b.engine.Step(ctx, 0); wait != 0 || len(sizes) != 1 {
		t.Fatalf("the first commands waited %v", wait)
	}
	b.answered(first, 20)
	second := b.begin(some("b", 5)...)
	if wait := b.engine.Step(ctx, 0); wait <= 0 || len(sizes) != 1 {
		t.Fatalf("with 5 of 20 back the lane went at once: %v", sizes)
	}
	third := b.begin(some("c", 15)...)
	if wait := b.engine.Step(ctx, 0); wait != 0 || len(sizes) != 2 || sizes[1] != 20 {
		t.Fatalf("with all back the lane waited %v, batches %v", wait, sizes)
	}
	b.answered(second, 5)
	b.answered(third, 15)

	alone := b.begin("d")
	looks := 0
	for b.engine.Step(ctx, 0) > 0 {
		looks++
	}
	b.answered(alone, 1)
	next := b.begin("e")
	if wait := b.engine.Step(ctx, 0); looks > 8 || wait != 0 || len(sizes) != 4 {
		t.Fatalf("one who comes alone waited for %d looks, and when he came again for %v; batches %v", looks, wait, sizes)
	}
	b.answered(next, 1)
}

func TestASecondLaneOpensForACrowd(t *testing.T) {
	b := newBench(t, engine.Config{Lanes: 2, Full: 10})
	ctx := context.Background()
	// The shop's bucket is odd, so its commands are the second lane's when there are two.
	a := b.begin(some("a", 20)...)
	if wait := b.engine.Step(ctx, 1); wait != engine.Idle {
		t.Fatal("the second lane had work before there was a crowd")
	}
	b.engine.Step(ctx, 0)
	b.answered(a, 20)
	c := b.begin(some("b", 20)...)
	if wait := b.engine.Step(ctx, 0); wait != engine.Idle {
		t.Fatal("the first lane took what is the second's")
	}
	b.engine.Step(ctx, 1)
	b.answered(c, 20)
}
