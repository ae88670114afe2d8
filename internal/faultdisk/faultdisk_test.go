package faultdisk

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver
)

// ledger writes rows into a database on a watched disk and notes when each was acknowledged.
type ledger struct {
	t     *testing.T
	disk  *Disk
	path  string
	db    *sql.DB
	acked []int // the moment at which row n was acknowledged
}

func newLedger(t *testing.T, pragmas ...string) *ledger {
	t.Helper()
	l := &ledger{t: t, path: filepath.Join(t.TempDir(), "ledger.db")}
	var err error
	l.disk, err = Watch(filepath.Dir(l.path))
	must(t, err)
	l.db = opened(t, l.path, pragmas...)
	t.Cleanup(func() {
		must(t, l.db.Close())
		l.disk.Close()
	})
	_, err = l.db.Exec("CREATE TABLE row (n INTEGER PRIMARY KEY, filler BLOB)")
	must(t, err)
	return l
}

func opened(t *testing.T, path string, pragmas ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma="+strings.Join(pragmas, "&_pragma="))
	must(t, err)
	db.SetMaxOpenConns(1)
	return db
}

func (l *ledger) add(rows int) *ledger {
	for range rows {
		_, err := l.db.Exec("INSERT INTO row (n, filler) VALUES (?, randomblob(3000))", len(l.acked))
		must(l.t, err)
		l.acked = append(l.acked, l.disk.Now())
	}
	return l
}

// lost cuts the power often and counts the images in which an acknowledged row is
// missing, and those that are no sound database.
func (l *ledger) lost(images int) (lost, broken int) {
	l.t.Helper()
	torn := 0
	err := l.disk.Cuts(rand.New(rand.NewPCG(1, 2)), images, func(i Image) error {
		folder := l.t.TempDir()
		must(l.t, i.Write(folder))
		torn += i.Torn
		there, sound := count(filepath.Join(folder, "ledger.db"))
		if !sound {
			broken++
		}
		for n, at := range l.acked {
			if at <= i.Moment && !there[n] {
				lost++
				break
			}
		}
		return nil
	})
	must(l.t, err)
	if torn == 0 {
		l.t.Error("no image differs from what was written: the layer does nothing")
	}
	return lost, broken
}

// count reads what is left, and whether SQLite finds it sound.
func count(path string) (there map[int]bool, sound bool) {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return nil, false
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		return nil, false
	}
	there = map[int]bool{}
	rows, err := db.Query("SELECT n FROM row")
	if err != nil {
		return there, true // the power went before the table was made
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return there, false
		}
		there[n] = true
	}
	return there, rows.Err() == nil
}

// TestWhatIsLeftAfterAPowerCut runs SQLite in ways of which its makers say what they
// promise: the layer must find no fault with those that promise durability, and it
// must find the one of each other.
func TestWhatIsLeftAfterAPowerCut(t *testing.T) {
	for _, c := range []struct {
		name          string
		pragmas       []string
		lies          bool
		loses, breaks bool
	}{
		{name: "log, full", pragmas: []string{"journal_mode(WAL)", "synchronous(FULL)"}},
		{name: "log, normal: the log is not synced at a commit", pragmas: []string{"journal_mode(WAL)", "synchronous(NORMAL)"}, loses: true},
		{name: "log, off", pragmas: []string{"journal_mode(WAL)", "synchronous(OFF)", "wal_autocheckpoint(20)"}, loses: true, breaks: true},
		{name: "log, full, on a disk that lies", pragmas: []string{"journal_mode(WAL)", "synchronous(FULL)"}, lies: true, loses: true},
		{name: "journal, extra", pragmas: []string{"journal_mode(DELETE)", "synchronous(EXTRA)"}},
		{name: "journal, full: the folder is not synced when the journal goes", pragmas: []string{"journal_mode(DELETE)", "synchronous(FULL)"}, loses: true},
		{name: "journal, off", pragmas: []string{"journal_mode(DELETE)", "synchronous(OFF)"}, loses: true, breaks: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger(t, c.pragmas...)
			if c.lies {
				l.disk.Lie()
			}
			lost, broken := l.add(60).lost(150)
			t.Logf("of 150 images %d lost an acknowledged row, %d were no sound database", lost, broken)
			if (lost > 0) != c.loses || (broken > 0) != c.breaks {
				t.Errorf("of 150 images %d lost a row (want some: %v), %d were broken (want some: %v)", lost, c.loses, broken, c.breaks)
			}
		})
	}
}

func TestADiskThatRefuses(t *testing.T) {
	for _, c := range []struct {
		op   Op
		err  error
		want string
	}{{Write, ErrFull, "full"}, {Write, ErrBroken, "disk I/O error"}, {Sync, ErrBroken, "disk I/O error"}} {
		t.Run(fmt.Sprint(c.op, c.err), func(t *testing.T) {
			l := newLedger(t, "journal_mode(WAL)", "synchronous(FULL)").add(3)
			l.disk.Refuse(func(op Op, _ string) error {
				if op == c.op {
					return c.err
				}
				return nil
			})
			if _, err := l.db.Exec("INSERT INTO row (n) VALUES (100)"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("the error is %v, want one with %q", err, c.want)
			}
			l.disk.Refuse(nil)
			if lost, broken := l.add(3).lost(60); lost+broken > 0 {
				t.Errorf("of 60 images %d lost a row, %d were broken", lost, broken)
			}
		})
	}
}

// TestASyncThatFailedLosesForGood: what it was about is not on the disk after the next
// one that succeeds, as long as nobody has written it again.
func TestASyncThatFailedLosesForGood(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	missing := 0
	for range 50 {
		m := &model{random: random, nodes: map[int]*node{}, names: map[string]*entry{}}
		for _, e := range []event{
			{kind: made, node: 1, name: "f"}, {kind: folderSynced},
			{kind: wrote, node: 1, data: []byte(strings.Repeat("lost?", sector)[:sector])}, {kind: syncFailed, node: 1},
			{kind: wrote, node: 1, at: sector, data: []byte("kept")}, {kind: synced, node: 1},
		} {
			m.apply(e)
		}
		found := string(m.image().Files["f"])
		if !strings.Contains(found, "kept") {
			t.Fatalf("what was synced is missing: %q", found)
		}
		if !strings.Contains(found, "lost?") {
			missing++
		}
	}
	if missing == 0 || missing == 50 {
		t.Errorf("in %d of 50 images what a failed sync was about is missing", missing)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
