package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tolom/archive"
	"tolom/store"
)

// A backup made while payments go on is of one moment: made again from it, on either
// kind of database, everything adds up and the log is as it was signed.
func TestABackupUnderLoadIsSoundOnEitherDatabase(t *testing.T) {
	for _, from := range places {
		t.Run("from "+from.name, func(t *testing.T) {
			live := open(t, from.dsn(t))
			c := newTown(t, live, system)
			c.live(30)
			file := filepath.Join(t.TempDir(), "tolom.backup")
			ctx, stop := context.WithCancel(t.Context())
			var load sync.WaitGroup
			paid := 0
			load.Go(func() {
				for ctx.Err() == nil {
					if _, err := c.pay(context.WithoutCancel(ctx)); err != nil {
						t.Error(err)
						return
					}
					if paid++; paid%5 == 0 {
						c.sealed()
					}
				}
			})
			time.Sleep(50 * time.Millisecond)
			made, err := archive.Backup(t.Context(), live, file, system.Clock.Now())
			stop()
			load.Wait()
			must(t, err)
			if paid == 0 || made.Rows["payment"] < 30 || made.Rows["payment"] > int64(30+paid) {
				t.Fatalf("%d payments in the backup, %d were paid while it was made", made.Rows["payment"], paid)
			}
			for _, to := range places {
				t.Run("to "+to.name, func(t *testing.T) {
					again := open(t, to.dsn(t))
					_, err := archive.Restore(t.Context(), again, file)
					must(t, err)
					if report := sound(t, again); report.Payments != made.Rows["payment"] {
						t.Errorf("%d payments, the backup has %d", report.Payments, made.Rows["payment"])
					}
					second := filepath.Join(t.TempDir(), "second.backup")
					copied, err := archive.Backup(t.Context(), again, second, made.MadeAt)
					must(t, err)
					same(t, made, copied)
					if _, err := archive.Restore(t.Context(), again, file); !errors.Is(err, store.ErrNotEmpty) {
						t.Errorf("into a database with payments: %v", err)
					}
					newTown(t, again, system).live(2) // It works on.
					sound(t, again)
				})
			}
		})
	}
}

// same compares two backups of the same rows.
func same(t *testing.T, a, b archive.Made) {
	t.Helper()
	for table, rows := range a.Rows {
		if b.Rows[table] != rows {
			t.Errorf("table %s has %d rows, the copy %d", table, rows, b.Rows[table])
		}
	}
	if len(a.Rows) != len(b.Rows) || len(a.Rows) < 30 {
		t.Errorf("%d tables, the copy has %d", len(a.Rows), len(b.Rows))
	}
}

func TestADamagedBackupIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	live := open(t, places[0].dsn(t))
	newTown(t, live, system).live(5)
	dir := t.TempDir()
	file := filepath.Join(dir, "good")
	_, err := archive.Backup(t.Context(), live, file, system.Clock.Now())
	must(t, err)
	good, err := os.ReadFile(file)
	must(t, err)
	empty := open(t, places[0].dsn(t))
	bad := filepath.Join(dir, "bad")
	refused := func(name string, b []byte) {
		t.Helper()
		must(t, os.WriteFile(bad, b, 0o600))
		if _, err := archive.Restore(t.Context(), empty, bad); !errors.Is(err, archive.ErrDamaged) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	refused("empty", nil)
	refused("another file", []byte("SQLite format 3\x00"))
	refused("twice", append(bytes.Clone(good), good...))
	refused("with a tail", append(bytes.Clone(good), "and more"...))
	for n := 1; n < 60; n++ {
		cut := len(good) * n / 60
		refused("cut off", good[:cut])
		flipped := bytes.Clone(good)
		flipped[cut] ^= 1 << (n % 8)
		if cut > 10 { // The first ten bytes are the head of gzip, which says nothing of the lines.
			refused("a bit flipped", flipped)
		}
	}
	_, err = archive.Restore(t.Context(), empty, file)
	must(t, err) // So nothing of all that was written.
	sound(t, empty)
}

func TestABackupReplacesNothing(t *testing.T) {
	live := open(t, places[0].dsn(t))
	file := filepath.Join(t.TempDir(), "kept")
	must(t, os.WriteFile(file, []byte("mine"), 0o600))
	if _, err := archive.Backup(t.Context(), live, file, system.Clock.Now()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "mine" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

// slow copies slowly, so that it can be killed in the middle.
type slow struct{ store.Copier }

func (s slow) Dump(ctx context.Context, to store.CopySink) error {
	return s.Copier.Dump(ctx, slowSink{to})
}

type slowSink struct{ store.CopySink }

func (s slowSink) Row(values []any) error { crawl(); return s.CopySink.Row(values) }

func (s slow) PutBack(ctx context.Context, do func(store.InsertRows) error) error {
	return s.Copier.PutBack(ctx, func(insert store.InsertRows) error {
		return do(func(table string, columns []string, rows [][]any) error {
			crawl()
			if err := insert(table, columns, rows); err != nil {
				return err
			}
			return os.WriteFile(os.Getenv("CHILD_FILE")+".begun", nil, 0o600)
		})
	})
}

func slowly(ctx context.Context, do string, c store.Copier, file string) error {
	if do == "backup" {
		_, err := archive.Backup(ctx, slow{c}, file, system.Clock.Now())
		return err
	}
	_, err := archive.Restore(ctx, slow{c}, file)
	return err
}

// kill starts this program as a child, and kills it as soon as a file is there.
func kill(t *testing.T, do, dsn, file, sign string) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), child+"="+do, "CHILD_DB="+dsn, "CHILD_FILE="+file)
	must(t, c.Start())
	for wait := 0; ; wait++ {
		if _, err := os.Stat(sign); err == nil {
			break
		}
		if wait > 1000 {
			t.Fatal("the child has not begun")
		}
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(60 * time.Millisecond)
	must(t, c.Process.Kill())
	if err := c.Wait(); c.ProcessState.Exited() {
		t.Fatalf("the child ended before it was killed: %v", err)
	}
}

func TestWhatIsKilledInTheMiddleLeavesNothing(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			live := open(t, p.dsn(t))
			newTown(t, live, system).live(12)
			file := filepath.Join(t.TempDir(), "tolom.backup")
			kill(t, "backup", live.dsn, file, file+".part")
			if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("half a backup has the name of a whole one: %v", err)
			}
			_, err := archive.Backup(t.Context(), live, file, system.Clock.Now())
			must(t, err) // What the killed one left is in nobody's way.
			dsn := p.dsn(t)
			kill(t, "restore", dsn, file, file+".begun")
			again := open(t, dsn)
			_, err = archive.Restore(t.Context(), again, file)
			must(t, err) // The database was still empty.
			sound(t, again)
		})
	}
}
