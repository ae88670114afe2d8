package pgtest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestAStandbyTakesThePlaceOfAPrimary(t *testing.T) {
	first := open(t, TCP)
	second, err := first.Standby()
	must(t, err)
	t.Cleanup(func() { must(t, second.Close()) })
	must(t, first.Synchronous())
	either := EitherDSN("postgres", first, second)
	do(t, either, "CREATE TABLE kept (n int)")
	for n := range 2 {
		do(t, either, "INSERT INTO kept VALUES (1)")
		must(t, first.Kill())
		must(t, second.Promote())
		if got := query(t, either, "SELECT count(*)::text FROM kept"); got != string(rune('1'+n)) {
			t.Errorf("after the promotion there are %s rows, want %d", got, n+1)
		}
		must(t, first.Follow(second))
		must(t, second.Synchronous())
		first, second = second, first
	}
}

func TestACommitWaitsForTheStandby(t *testing.T) {
	first := open(t, TCP)
	second, err := first.Standby()
	must(t, err)
	t.Cleanup(func() { must(t, second.Close()) })
	must(t, first.Synchronous())
	must(t, second.Kill())
	done := make(chan error, 1)
	go func() {
		done <- first.ask(func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "CREATE TABLE kept (n int)")
			return err
		})
	}()
	select {
	case err := <-done:
		t.Fatalf("a commit came through without the standby: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	must(t, second.Start())
	must(t, <-done)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
