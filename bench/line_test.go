package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestALineSpeaksHTTP holds the bench's own client to the standard server: bodies with a length, in chunks and none,
// answers that come after an early hint, and a connection that the server closes.
func TestALineSpeaksHTTP(t *testing.T) {
	var seen []string
	long := strings.Repeat("0123456789", 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, fmt.Sprintf("%s %s %s %s %q %q %s", r.Method, r.URL, r.Host, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), body))
		switch r.URL.Path {
		case "/long/x":
			io.WriteString(w, long)
		case "/hint":
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, "after the hint")
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/last":
			w.Header().Set("Connection", "close")
			io.WriteString(w, "bye")
		default:
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, "no")
		}
	}))
	defer server.Close()
	l := &line{address: strings.TrimPrefix(server.URL, "http://")}
	for _, c := range []struct {
		ask    ask
		status int
		answer string
	}{
		{ask{path: "/short", key: "k"}, 409, "no"},
		{ask{path: "/long", suffix: "/x", key: "k", body: []byte("{}")}, 200, long},
		{ask{path: "/hint", key: "k", once: "a"}, 201, "after the hint"},
		{ask{path: "/none", key: "k"}, 204, ""},
		{ask{path: "/last", key: "k"}, 200, "bye"},
		{ask{path: "/short", key: "k"}, 409, "no"},
	} {
		status, answer, err := l.post(context.Background(), c.ask)
		if err != nil || status != c.status || string(answer) != c.answer {
			t.Errorf("%s%s: %d %q %v", c.ask.path, c.ask.suffix, status, answer, err)
		}
	}
	host := l.address
	want := []string{
		`POST /short ` + host + ` Bearer k "" "" `, `POST /long/x ` + host + ` Bearer k "application/json" "" {}`, `POST /hint ` + host + ` Bearer k "" "a" `,
	}
	for i, w := range want {
		if seen[i] != w {
			t.Errorf("the server saw %q, want %q", seen[i], w)
		}
	}
}

// TestALineGivesUpWhatItCannotRead: an answer that is cut or no HTTP is an error, and the next call has a connection
// of its own.
func TestALineGivesUpWhatItCannotRead(t *testing.T) {
	for _, answer := range []string{"", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for _, say := range []string{answer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"} {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 1000)) // The request.
				_, _ = io.WriteString(c, say)
				c.Close()
			}
		}()
		l := &line{address: listener.Addr().String()}
		if status, _, err := l.post(t.Context(), ask{path: "/"}); err == nil {
			t.Errorf("%q was taken as %d", answer, status)
		}
		if _, body, err := l.post(t.Context(), ask{path: "/"}); err != nil || string(body) != "ok" {
			t.Errorf("after %q: %q %v", answer, body, err)
		}
		listener.Close()
	}
}

func TestAMemberIsFound(t *testing.T) {
	const object = `{"a":{"id":"inner"},"list":["id",{"id":1}],"text":"\"id\":\\","id":"pay_1", "n" : 15 ,"payload":"A \u0026 \"B\"","last":true}`
	for name, want := range map[string]string{
		"id": `"pay_1"`, "text": `"\"id\":\\"`, "n": "15 ", "payload": `"A \u0026 \"B\""`, "last": "true", "inner": "", "absent": "",
	} {
		if got := string(member([]byte(object), name)); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := string(unquoted(member([]byte(object), "id"))); got != "pay_1" {
		t.Errorf("the id is %s", got)
	}
	for _, cut := range []string{``, `{`, `{"id`, `{"id"`, `{"id":`, `{"id":"a`, `"id":"a"`} {
		if got := string(unquoted(member([]byte(cut), "id"))); got != "" && got != "a" {
			t.Errorf("%s has the id %q", cut, got)
		}
	}
}
