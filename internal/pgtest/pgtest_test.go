package pgtest

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// victim is set in the process that TestKilledTestsLeaveNothingBehind starts and kills.
const victim = "TOLOM_PGTEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victim) != "" {
		hang()
	}
	Main(m)
}

// hang opens a cluster, names its folder and waits to be killed.
func hang() {
	cluster, err := Open(Fast)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cluster.dir)
	select {}
}

// query returns the single text value of a statement.
func query(t *testing.T, dsn, statement string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var value string
	if err := conn.QueryRow(t.Context(), statement).Scan(&value); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return value
}

func do(t *testing.T, dsn, statement string) {
	t.Helper()
	if err := execute(dsn, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestEveryTestGetsItsOwnEmptyDatabase(t *testing.T) {
	first, second := New(t), New(t)
	if first == second {
		t.Fatal("two calls returned the same database")
	}
	do(t, first, "CREATE TABLE here (n int)")
	got := query(t, second, "SELECT count(*)::text FROM pg_tables WHERE tablename = 'here'")
	if got != "0" {
		t.Error("a table of one database is visible in the other")
	}
}

func TestDatabaseIsDroppedThoughSomebodyIsConnected(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) {
		dsn := New(t)
		name = query(t, dsn, "SELECT current_database()::text")
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		// Left open on purpose: a test that leaks a pool must not keep its database alive.
		_ = conn
	})
	address, err := server()
	if err != nil {
		t.Fatal(err)
	}
	if query(t, address, "SELECT count(*)::text FROM pg_database WHERE datname = '"+name+"'") != "0" {
		t.Errorf("%s is still there", name)
	}
}

func TestClusterIsDurableUnlessFast(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []Option
		want    string
	}{
		{"default", nil, "on"},
		{"fast", []Option{Fast}, "off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cluster := open(t, c.options...)
			if got := query(t, cluster.DSN("postgres"), "SHOW fsync"); got != c.want {
				t.Errorf("fsync is %s, want %s", got, c.want)
			}
		})
	}
}

func TestCommittedRowsSurviveAKill(t *testing.T) {
	cluster := open(t, TCP, Set("work_mem", "'8MB'"))
	dsn := cluster.Database(t)
	do(t, dsn, "CREATE TABLE kept (n int)")
	do(t, dsn, "INSERT INTO kept VALUES (42)")
	for _, end := range []func() error{cluster.Kill, cluster.Stop} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := pgx.Connect(t.Context(), dsn); err == nil {
			t.Fatal("the server still answers")
		}
		if err := cluster.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if got := query(t, dsn, "SELECT sum(n)::text FROM kept"); got != "42" {
		t.Errorf("after the crash the table holds %s, want 42", got)
	}
	if got := query(t, dsn, "SHOW work_mem"); got != "8MB" {
		t.Errorf("work_mem is %s, want the 8MB that Set asked for", got)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	cluster, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	pid := cluster.server.pid()
	if err := cluster.Close(); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("server %d still runs", pid)
	}
	if _, err := os.Stat(cluster.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there", cluster.dir)
	}
}

func TestKilledTestsLeaveNothingBehind(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the victim named no folder: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Wait reports the kill that this test asked for.
	_ = cmd.Wait()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(strings.TrimSpace(dir)); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", dir)
		}
	}
}

func TestAddressOfAForeignServer(t *testing.T) {
	for _, c := range []struct{ server, want string }{
		{"postgres://u:p@127.0.0.1:5433/postgres?sslmode=disable", "postgres://u:p@127.0.0.1:5433/x?sslmode=disable"},
		{"postgresql:///postgres?host=%2Ftmp", "postgresql:///x?host=%2Ftmp"},
		{"host=/tmp dbname=postgres", ""},
	} {
		got, err := within(c.server, "x")
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("within(%q) = %q, %v; want %q", c.server, got, err, c.want)
		}
	}
}

func TestMissingPostgreSQLNamesTheRemedy(t *testing.T) {
	if !strings.Contains(errMissing.Error(), "run make tools") {
		t.Errorf("%q does not say what to do", errMissing)
	}
}

func TestNewestServerWins(t *testing.T) {
	if major(filepath.Join("x", "15", "bin")) <= major(filepath.Join("x", "9.6", "bin")) {
		t.Error("version 15 must come before a folder without a whole number")
	}
}

func open(t *testing.T, options ...Option) *Cluster {
	t.Helper()
	cluster, err := Open(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}
