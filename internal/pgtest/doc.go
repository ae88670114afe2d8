// Package pgtest gives every test an empty PostgreSQL database of its own.
//
// The databases live on a throwaway cluster in a temporary folder, reached by a Unix socket, so nothing that
// runs on the machine already is touched and no port is taken. `make test` starts one cluster for all packages
// and names it in TOLOM_TEST_PG; a lone `go test ./store` starts its own on first use and a package's TestMain
// stops it:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
//	func TestTransfer(t *testing.T) {
//		db, err := store.Open(t.Context(), pgtest.New(t))
//		…
//	}
//
// A cluster writes to disk as carefully as a production server does unless Fast is asked for, because a test of
// durability on a server without fsync proves nothing. A missing PostgreSQL fails the test: a skipped database
// test would hide the races that only PostgreSQL shows.
package pgtest
