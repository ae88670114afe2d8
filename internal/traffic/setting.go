package traffic

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Number reads a number that a long run sets in the environment; otherwise it is the short form's.
func Number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	return setting(t, name, otherwise, strconv.Atoi)
}

// Span reads a time such as 30m that a long run sets in the environment; otherwise it is the short form's.
func Span(t testing.TB, name string, otherwise time.Duration) time.Duration {
	t.Helper()
	return setting(t, name, otherwise, time.ParseDuration)
}

func setting[T any](t testing.TB, name string, otherwise T, read func(string) (T, error)) T {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := read(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}
