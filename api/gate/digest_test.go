package gate

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tolom/fault"
)

// FuzzDigest gives the check of Content-Digest any header. It accepts exactly what holds, of the algorithms it knows,
// at least one digest and only right ones, as a second reading by a regular expression says.
func FuzzDigest(f *testing.F) {
	body := []byte(`{"amount":1}`)
	right256, right512 := digests(body)
	for _, header := range []string{right256, right512, "", "sha-256=:AAAA:", "sha-512=::", "md5=:AA==:, " + right256, right256 + "," + right512, right256 + ",sha-256=:AAAA:", "sha-256=" + right256[8:] + "=", " ,", "SHA-256=:x:"} {
		f.Add(header, body)
	}
	member := regexp.MustCompile(`^[ \t]*(sha-256|sha-512)(=.*)?$`)
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		right256, right512 := digests(body)
		known, wrong := 0, 0
		for _, part := range strings.Split(header, ",") {
			part = strings.TrimSpace(part)
			if member.MatchString(strings.ReplaceAll(part, "\n", " ")) {
				known++
				if part != right256 && part != right512 {
					wrong++
				}
			}
		}
		r := httptest.NewRequest("POST", "/", nil)
		r.Header["Content-Digest"] = []string{header}
		refusal := digest(r, body)
		if want := header == "" || known > 0 && wrong == 0; (refusal == nil) != want {
			t.Fatalf("%q for %q: %v, want accepted: %v", header, body, refusal, want)
		}
		if refusal != nil && refusal.Code != fault.WrongDigest {
			t.Fatalf("refused with %s", refusal.Code)
		}
	})
}

func digests(body []byte) (of256, of512 string) {
	a, b := sha256.Sum256(body), sha512.Sum512(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(a[:]) + ":", "sha-512=:" + base64.StdEncoding.EncodeToString(b[:]) + ":"
}
