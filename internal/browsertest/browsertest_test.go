package browsertest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
)

// stand makes the test binary stand in for tolom: it understands `demo --listen ADDRESS --data FOLDER`.
const stand = "TOLOM_BROWSERTEST_STAND_IN"

func TestMain(m *testing.M) {
	if os.Getenv(stand) != "" {
		standIn(os.Args[3], os.Args[5])
		return
	}
	os.Exit(m.Run())
}

// standIn counts its starts in a file and serves the count.
func standIn(address, folder string) {
	starts, _ := os.ReadFile(filepath.Join(folder, "starts"))
	starts = append(starts, '*')
	keys, _ := json.Marshal(map[string]string{"base_url": "http://" + address})
	for name, text := range map[string][]byte{"starts": starts, "demo.json": keys} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			panic(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			panic(err)
		}
	}
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	go func() {
		<-interrupt
		os.Exit(0)
	}()
	http.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {})
	http.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s", starts) })
	panic(http.ListenAndServe(address, nil))
}

func TestDemoKeepsDataAndPortOverKillAndStop(t *testing.T) {
	t.Setenv(stand, "1")
	demo := start(t, os.Args[0])
	for starts, end := range []func() error{demo.Kill, demo.Stop} {
		if got := get(t, demo.URL()); got != strings.Repeat("*", starts+1) {
			t.Errorf("the demo counts %q, want %d starts", got, starts+1)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := http.Get(demo.URL()); err == nil {
			t.Error("the demo still answers")
		}
		if err := demo.Start(); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := demo.Keys()
	if err != nil || keys["base_url"] != demo.URL() {
		t.Errorf("demo.json says %v (%v), want base_url %s", keys, err, demo.URL())
	}
}

func TestControlServerKillsAndStarts(t *testing.T) {
	t.Setenv(stand, "1")
	demo := start(t, os.Args[0])
	address := control(t, demo)
	for _, step := range []struct {
		path string
		want int
	}{
		{"/kill", http.StatusNoContent},
		{"/kill", http.StatusInternalServerError},
		{"/start", http.StatusNoContent},
		{"/start", http.StatusInternalServerError},
		{"/stop", http.StatusNoContent},
		{"/elsewhere", http.StatusNotFound},
	} {
		response, err := http.Post(address+step.path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != step.want {
			t.Errorf("POST %s answers %d, want %d", step.path, response.StatusCode, step.want)
		}
	}
}

// TestScriptSeesThePage plays a script in the real browser against a page that also asks a foreign host for a
// picture, which the script must notice.
func TestScriptSeesThePage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<title>Төлөм</title><h1></h1><img src="http://127.0.0.2:1/foreign.png">`+
			`<script>document.querySelector("h1").textContent = "жети сом"</script>`)
	}))
	defer server.Close()
	pictures := t.TempDir()
	environment := []string{"TOLOM_BASE_URL=" + server.URL, "TOLOM_SCREENSHOTS=" + pictures}
	out, err := play(t.Context(), filepath.Join("testdata", "page.test.mjs"), environment)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(pictures, "page.png")); err != nil {
		t.Errorf("the script took no picture: %v", err)
	}
}

func TestFailingScriptFails(t *testing.T) {
	out, err := play(t.Context(), filepath.Join("testdata", "failing.test.mjs"), nil)
	if err == nil || !strings.Contains(out, "two is not three") {
		t.Errorf("play returned %v and did not name the failed assertion:\n%s", err, out)
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
