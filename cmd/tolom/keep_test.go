package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/pgtest"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// asProgram has the test binary be tolom itself.
const asProgram = "TOLOM_TEST_IS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	pgtest.Main(m)
}

// tolom runs the program as a process of its own, from its arguments to its exit code.
func tolom(t *testing.T, args ...string) (said string, failed bool) {
	t.Helper()
	return process(t, exec.Command(os.Args[0], args...))
}

func process(t *testing.T, c *exec.Cmd) (said string, failed bool) {
	t.Helper()
	c.Env = append(os.Environ(), asProgram+"=1")
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err != nil
}

// done runs the program, which must succeed and say all of this.
func done(t *testing.T, args, says []string) string {
	t.Helper()
	said, failed := tolom(t, args...)
	for _, word := range says {
		failed = failed || !strings.Contains(said, word)
	}
	if failed {
		t.Fatalf("tolom %s: want %q of\n%s", strings.Join(args, " "), says, said)
	}
	return said
}

// refuses runs the program, which must fail, say this, and not fall over.
func refuses(t *testing.T, says string, args ...string) {
	t.Helper()
	said, failed := tolom(t, args...)
	if !failed || !strings.Contains(said, says) || strings.Contains(said, "goroutine") {
		t.Errorf("tolom %s: failed is %t, want %q of\n%s", strings.Join(args, " "), failed, says, said)
	}
}

// kept is a platform on a file with payments of September, sealed.
func kept(t *testing.T) *ledgered {
	l := ledgeredAt(t, time.Date(2026, 9, 10, 9, 0, 0, 0, time.UTC))
	r, ctx := l.app.registry, t.Context()
	p := flow.New(l.store, engine.New(l.store, l.app.world, engine.Config{Inline: true}), r, l.app.world, flow.Config{Provider: vars["provider"], Site: wire.Site{Base: "https://there", LinkBase: "https://there/"}})
	shop, err := r.AddMerchant(ctx, store.Merchant{Name: "shop", MCC: "5812"})
	l.must(err)
	psp, err := r.AddPSP(ctx, store.PSP{Name: "Bank"})
	l.must(err)
	for range 7 {
		name := string(world.NewID(l.app.world, id.Event, 0))
		q, _, err := p.CreateRequest(ctx, access.Merchant{ID: shop.ID}, flow.Idempotency{Key: name, Fingerprint: name}, wire.NewPaymentRequest{Amount: 70_000})
		l.must(err)
		x, _, err := p.CreatePayment(ctx, access.PSP{ID: psp.ID}, wire.NewPSPPayment{PSPPaymentID: name, Payload: q.Payload, Amount: 70_000, Payer: wire.Payer{Key: "k", Kind: "person"}}, name)
		l.must(err)
		_, err = p.Execute(ctx, access.PSP{ID: psp.ID}, string(x.ID))
		l.must(err)
	}
	_, err = l.store.Sequence(ctx, 1000)
	l.must(err)
	l.seal()
	return l
}

// sum is what an audit says that it has looked at.
var sum = regexp.MustCompile(`\d+ payments`)

// TestACopyOfTheProgramIsWholeOnEitherDatabase goes from backup over restore to audit, by the program alone.
func TestACopyOfTheProgramIsWholeOnEitherDatabase(t *testing.T) {
	l := kept(t)
	file := filepath.Join(l.dir, "tolom.backup")
	done(t, []string{"backup", "--db", l.dsn, "--to", file}, []string{"rows of", "sha256 of its lines"})
	refuses(t, "is there already", "backup", "--db", l.dsn, "--to", file)
	first := done(t, []string{"audit", "--db", l.dsn}, []string{"all rules hold"})
	for _, to := range []string{"sqlite:" + t.TempDir() + "/copy.db", pgtest.New(t)} {
		done(t, []string{"restore", "--from", file, "--db", to}, []string{"now run: tolom audit"})
		again := done(t, []string{"audit", "--db", to}, []string{"all rules hold"})
		if a, b := sum.FindString(first), sum.FindString(again); a != b {
			t.Errorf("the live database has %q, its copy %q", a, b)
		}
		done(t, []string{"audit", "verify", "--db", to}, nil)
		refuses(t, "empty", "restore", "--from", file, "--db", to)
		done(t, []string{"audit", "--db", to}, []string{"all rules hold"}) // The refusal has left it as it was.
	}
	if sum.FindString(first) == "" {
		t.Errorf("the audit says nothing of payments: %s", first)
	}
}

// TestABackupThatCannotBeWrittenLeavesNothing: the disk takes no more in the middle, and the next one is whole.
func TestABackupThatCannotBeWrittenLeavesNothing(t *testing.T) {
	l := kept(t)
	file := filepath.Join(l.dir, "cut.backup")
	said, failed := process(t, exec.Command("/bin/sh", "-c", `ulimit -f 1; trap "" XFSZ; exec "$0" backup --db "$1" --to "$2"`, os.Args[0], l.dsn, file))
	if !failed || strings.Contains(said, "goroutine") {
		t.Errorf("a backup that did not fit: failed is %t, %s", failed, said)
	}
	if left, err := filepath.Glob(file + "*"); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	refuses(t, "no such file or directory", "backup", "--db", l.dsn, "--to", filepath.Join(l.dir, "nowhere", "x"))
	refuses(t, "--to", "backup", "--db", l.dsn)
	refuses(t, "", "backup", "--db", "mysql://there", "--to", file)
	done(t, []string{"backup", "--db", l.dsn, "--to", file}, []string{"rows of"})
}

// TestARestoreRefusesWhatIsNoBackup before it writes anything: the database is filled by the right one afterwards.
func TestARestoreRefusesWhatIsNoBackup(t *testing.T) {
	l := kept(t)
	file, to := filepath.Join(l.dir, "tolom.backup"), "sqlite:"+t.TempDir()+"/copy.db"
	done(t, []string{"backup", "--db", l.dsn, "--to", file}, nil)
	content, err := os.ReadFile(file)
	l.must(err)
	refuses(t, "damaged or incomplete", "restore", "--from", l.file("half", string(content[:len(content)/2])), "--db", to)
	refuses(t, "damaged or incomplete", "restore", "--from", l.file("text", "hello"), "--db", to)
	refuses(t, "no such file", "restore", "--from", l.dir+"/none", "--db", to)
	refuses(t, "newer than this program", "restore", "--from", l.file("newer", newer(t, content)), "--db", to)
	refuses(t, "--db", "restore", "--from", file)
	done(t, []string{"restore", "--from", file, "--db", to}, nil)
	done(t, []string{"audit", "--db", to}, []string{"all rules hold"})
}

// newer makes of a backup one of a schema to come, with a right digest.
func newer(t *testing.T, content []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	body := regexp.MustCompile(`"schema":\d+`).ReplaceAllString(string(text[:bytes.LastIndex(text, []byte(`{"end":`))]), `"schema":9999`)
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	fmt.Fprintf(w, "%s{\"end\":{\"lines\":%d,\"sha256\":\"%x\"}}\n", body, strings.Count(body, "\n"), sha256.Sum256([]byte(body)))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestAMonthIsArchivedByTheProgram and refused while it goes on, twice, and where it is not as it was sealed.
func TestAMonthIsArchivedByTheProgram(t *testing.T) {
	l := kept(t)
	folder, key := t.TempDir(), l.publicKey()
	refuses(t, "the month is not over", "archive", "make", "--db", l.dsn, "--month", time.Now().Format("2006-01"), "--to", folder)
	refuses(t, "month", "archive", "make", "--db", l.dsn, "--month", "September", "--to", folder)
	refuses(t, "--to", "archive", "make", "--db", l.dsn, "--month", "2026-09", "--to", folder+"/none")
	said := done(t, []string{"archive", "make", "--db", l.dsn, "--month", "2026-09", "--to", folder}, []string{"2026-09", "7 payments of", "sha256 of its lines"})
	refuses(t, "in their order, each once", "archive", "make", "--db", l.dsn, "--month", "2026-09", "--to", folder)
	if listed := done(t, []string{"archive", "list", folder}, nil); listed != said {
		t.Errorf("made: %s, listed: %s", said, listed)
	}
	files, err := filepath.Glob(folder + "/*")
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder has %v, %v", files, err)
	}
	done(t, []string{"archive", "show", files[0]}, []string{"7 payments"})
	done(t, []string{"archive", "verify", folder, "--key", key}, []string{"as it was sealed", "1 archives"})
	refuses(t, "--key", "archive", "verify", folder)
	content, err := os.ReadFile(files[0])
	l.must(err)
	l.must(os.WriteFile(files[0], content[:len(content)-9], 0o600))
	refuses(t, "damaged or incomplete", "archive", "verify", folder, "--key", key)
	refuses(t, "damaged or incomplete", "archive", "show", files[0])
	refuses(t, "damaged or incomplete", "archive", "list", folder)
}
