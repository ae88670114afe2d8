package store_test

import (
	"testing"

	"tolom/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
