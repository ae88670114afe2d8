package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tolom/api"
	"tolom/seal"
	"tolom/store"
	"tolom/web"
	"tolom/wire"
	"tolom/world"
)

// quiet is a log that several may write to.
type quiet struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (q *quiet) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.text.Write(p)
}

// cage is a live platform that says all it can, with secrets that are known, and what it has said so far.
type cage struct {
	t       *testing.T
	app     *app
	folder  string
	handler http.Handler
	stop    func() // ends the writing
	log     *quiet
	secrets map[string]string // by what they are
	said    bytes.Buffer      // answers that should show no secret
}

func newCage(t *testing.T, with ...func(*settings)) *cage {
	t.Helper()
	c := &cage{t: t, folder: t.TempDir(), log: &quiet{}, secrets: map[string]string{}}
	m, err := demoMaster(c.folder, world.System())
	if err != nil {
		t.Fatal(err)
	}
	s := settings{DB: "sqlite:" + filepath.Join(c.folder, "tolom.db"), Listen: "127.0.0.1:0", BaseURL: "http://127.0.0.1:1", LinkBase: "http://127.0.0.1:1/",
		Provider: vars["provider"], MaxBatch: 256, MaxConns: 4, PrivateWebhooks: true, LogLevel: "debug", LogFormat: "json", master: m}
	s.Mode = "test"
	for _, set := range with {
		set(&s)
	}
	if c.app, err = newApp(t.Context(), s, newLog(s, c.log)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var writer sync.WaitGroup
	writer.Go(func() { c.app.engine.Run(ctx) })
	c.stop = func() { stop(); writer.Wait() }
	t.Cleanup(c.stop)
	mux, err := c.app.handler(web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c.handler = api.Front(c.app.programs, mux)
	k, err := seed(t.Context(), c.app.registry, c.app.world)
	master, err2 := os.ReadFile(m.MasterKeyFile)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	c.secrets["key of the merchant"], c.secrets["key of the till"], c.secrets["key of the PSP"] = k.MerchantKey, k.TillKey, k.PSPKey
	c.secrets["password"], c.secrets["PSP's private key"] = k.Operator.Password, inner(k.PSPSigning.PrivateKey)
	c.secrets["master key"] = strings.TrimSpace(string(master))
	keys, err := c.app.ring.Keys(t.Context())
	pem, err2 := keys.Signing.PEM()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	c.secrets["platform's private key"] = inner(pem)
	return c
}

// inner is the line of a PEM that holds the key.
func inner(pem string) string { return strings.Split(pem, "\n")[1] }

// asks sends a call, and notes the answer.
func (c *cage) asks(method, path, body string, headers ...string) []byte {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:1"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	fmt.Fprintln(&c.said, w.Code, w.Header(), w.Body)
	return w.Body.Bytes()
}

// TestThreatSecretsLeak has callers put known secrets where they belong and where they do not: into addresses, queries,
// bodies, and headers of other doors. Then it looks for every one of them, as it is and in the encodings it may travel
// in, in the log at its most talkative, the figures, the answers, the settings as they are shown, and the files of the
// database.
func TestThreatSecretsLeak(t *testing.T) {
	c := newCage(t)
	c.works()
	c.slips()
	c.asks(http.MethodGet, "/metrics", "")
	c.asks(http.MethodGet, "/openapi.json", "")
	var shown stdio
	var out bytes.Buffer
	shown.Out = &out
	settings := configCmd{c.app.settings}
	settings.DB = "postgres://tolom:" + "canary-of-the-database" + "@127.0.0.1/x"
	if err := settings.Run(&shown); err != nil {
		t.Fatal(err)
	}
	c.secrets["password of the database"] = "canary-of-the-database"
	c.stop()
	if err := c.app.store.Close(); err != nil {
		t.Fatal(err)
	}
	places := map[string][]byte{"the log": c.log.text.Bytes(), "answers": c.said.Bytes(), "the settings": out.Bytes()}
	files, err := filepath.Glob(filepath.Join(c.folder, "tolom.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the database: %v", err)
	}
	for _, file := range files {
		if places[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	for place, text := range places {
		if len(text) == 0 {
			t.Errorf("%s: nothing to look at", place)
		}
		for what, secret := range c.secrets {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
				if i := bytes.Index(text, []byte(form)); i >= 0 {
					t.Errorf("%s shows the %s: …%s…", place, what, text[max(0, i-80):i])
				}
			}
		}
	}
	if !bytes.Contains(c.log.text.Bytes(), []byte("/v1/payment-requests")) {
		t.Error("the log does not tell of the calls, so it proves nothing")
	}
}

// works does what callers do, with each secret where it belongs.
func (c *cage) works() {
	merchant := []string{"Authorization", "Bearer " + c.secrets["key of the merchant"], "Content-Type", "application/json", "Idempotency-Key"}
	said := c.said.Len()
	for n, call := range []string{"", "rotate"} {
		path, body := "/v1/webhook-endpoints", `{"url":"http://127.0.0.1:1/hook"}`
		if call != "" {
			path, body = path+"/"+c.secrets["id"]+"/rotate", ""
		}
		var e wire.WebhookEndpoint
		answer := c.asks(http.MethodPost, path, body, append(merchant, fmt.Sprint("key-", n))...)
		if err := json.Unmarshal(answer, &e); err != nil || e.Secret == "" {
			c.t.Fatalf("no endpoint: %s, %v", answer, err)
		}
		c.secrets["id"] = string(e.ID)
		c.secrets["webhook secret "+fmt.Sprint(n)] = strings.TrimPrefix(e.Secret, "whsec_")
	}
	delete(c.secrets, "id")
	c.said.Truncate(said) // These two answers are meant to show the secret.
	c.asks(http.MethodGet, "/v1/webhook-endpoints", "", merchant[:4]...)
	c.asks(http.MethodPost, "/v1/payment-requests", `{"amount":100}`, append(merchant, "sale")...)
	c.asks(http.MethodGet, "/psp/v1/refunds", "", "Authorization", "Bearer "+c.secrets["key of the PSP"])
	c.asks(http.MethodGet, "/operator/v1/merchants", "", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("operator:"+c.secrets["password"])))
	c.asks(http.MethodPost, "/pos/enter", "key="+c.secrets["key of the till"], "Content-Type", "application/x-www-form-urlencoded")
	c.said.Truncate(said) // The cookie of the till is the secret's own holder's.
	c.asks(http.MethodGet, "/v1/payments", "", merchant[:4]...)
}

// slips has callers put each secret where it does not belong.
func (c *cage) slips() {
	for _, secret := range c.secrets {
		said := c.said.Len()
		plain := strings.NewReplacer("/", "%2F", "+", "%2B", "=", "%3D").Replace(secret)
		for _, path := range []string{"/v1/payments/" + plain, "/v1/payments?after=" + plain, "/v1/" + plain, "/psp/v1/payments?psp_payment_id=" + plain, "/p/" + plain, "/r/" + plain, "/open?link=" + plain, "/" + plain} {
			c.asks(http.MethodGet, path, "", "Authorization", "Bearer "+c.secrets["key of the merchant"])
		}
		for _, header := range []string{"Authorization", "X-Request-Id-Of-Mine", "Cookie", "Signature", "Traceparent", "User-Agent", "Referer", "Idempotency-Key"} {
			c.asks(http.MethodPost, "/v1/payment-requests", `{"amount":"`+secret+`","`+secret+`":1}`, "Content-Type", "application/json", header, secret)
			c.asks(http.MethodPost, "/psp/v1/payments", `{"link":"`+secret+`"}`, "Content-Type", "application/json", "Authorization", "Bearer "+c.secrets["key of the PSP"], header, "Bearer "+secret)
			c.asks(http.MethodGet, "/operator/v1/merchants", "", header, "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":x")))
		}
		c.said.Truncate(said) // What a caller is told of his own slip he has said himself.
	}
}

// TestTheMasterKeyIsTheOwnersAlone looks at the file that the demo makes, and at what is said of wrong ones.
func TestTheMasterKeyIsTheOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	m, err := demoMaster(folder, world.System())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(m.MasterKeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file is %v, %v", info.Mode(), err)
	}
	first, _ := os.ReadFile(m.MasterKeyFile)
	if _, err := demoMaster(folder, world.System()); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(m.MasterKeyFile); !bytes.Equal(first, again) {
		t.Error("a second start made another key")
	}
	slip := filepath.Join(folder, "slip.key")
	if err := os.WriteFile(slip, []byte("c2xpcA==\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (master{slip}).vault(world.System()); err == nil || !strings.Contains(err.Error(), slip) || strings.Contains(err.Error(), "c2xpcA") {
		t.Errorf("a slip in the file: %v", err)
	}
	if _, err := (master{filepath.Join(folder, "none")}).vault(world.System()); err == nil {
		t.Error("a file that is not there was opened")
	}
}

// TestAPlatformGoesOnWithItsMasterKey starts again: with the key the platform's keys are the same, without it the
// start is refused with the reason, and a key is never made in place of one that cannot be read.
func TestAPlatformGoesOnWithItsMasterKey(t *testing.T) {
	c := newCage(t)
	s, log := c.app.settings, slog.New(slog.DiscardHandler)
	c.stop()
	if err := c.app.store.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := newApp(t.Context(), s, log)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := again.ring.Keys(t.Context())
	var all []seal.PublicKey
	if err == nil {
		all, err = storedPublic(t.Context(), again.desk)
	}
	if err := errors.Join(err, again.store.Close()); err != nil || len(keys.Published) != 1 || len(all) != 1 {
		t.Fatalf("%d keys, %d stored: %v", len(keys.Published), len(all), err)
	}
	s.master = master{}
	if _, err := newApp(t.Context(), s, log); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("without the key: %v", err)
	}
	closed, err := store.Open(t.Context(), s.DB, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed.Close()
	rows, err := closed.PlatformKeys().List(t.Context(), "", "", 10)
	if err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0].Private, "sealed1:") {
		t.Errorf("the database has %d keys, %v", len(rows), err)
	}
}
