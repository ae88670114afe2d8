package openapifuzz

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// headerBreakages are calls whose headers are missing, doubled or contradict the body.
var headerBreakages = []breakage{
	{"no key", anything, func(_ *Fuzzer, c *call) { c.header.Del("Authorization") }, []string{"unauthorized"}},
	{"a wrong key", anything, func(f *Fuzzer, c *call) {
		c.header.Set("Authorization", f.wrongKey(c.who.Authorization))
	}, []string{"unauthorized"}},
	{"two keys", anything, func(_ *Fuzzer, c *call) {
		c.header.Add("Authorization", c.who.Authorization)
	}, []string{"unauthorized"}},
	{"the key of another API", anything, func(f *Fuzzer, c *call) {
		for _, other := range f.credentials {
			if !c.op.allows(other.Scheme) {
				c.header.Set("Authorization", other.Authorization)
			}
		}
	}, []string{"unauthorized"}},
	{"a wrong media type", withBody, func(f *Fuzzer, c *call) {
		c.header.Set("Content-Type", []string{"", "text/plain", "application/json; charset=koi8-r", "application/jsonx", "multipart/form-data; boundary=x", "application/json, text/plain", ";"}[f.IntN(7)])
	}, []string{"media_type_unsupported"}},
	{"no media type", withBody, func(_ *Fuzzer, c *call) { c.header.Del("Content-Type") }, []string{"media_type_unsupported"}},
	{"a compressed body", withBody, func(f *Fuzzer, c *call) {
		c.header.Set("Content-Encoding", []string{"gzip", "br", "identity, gzip", "x"}[f.IntN(4)])
	}, []string{"media_type_unsupported"}},
	{"a wrong digest", writing, func(f *Fuzzer, c *call) {
		c.header.Set("Content-Digest", []string{"sha-256=:AAAA:", "sha-256=AAAA", "md5=:AAAA:", "x", ":", "sha-512=:" + base64.StdEncoding.EncodeToString(make([]byte, 64)) + ":", "sha-256=::"}[f.IntN(7)])
	}, []string{"digest_mismatch"}},
	{"no idempotency key", keyed, func(_ *Fuzzer, c *call) { c.header.Del(keyHeader) }, []string{"idempotency_key_missing"}},
	{"an idempotency key that is none", keyed, func(f *Fuzzer, c *call) {
		c.header.Set(keyHeader, []string{"a b", "ключ", strings.Repeat("k", 256), "a\tb", "\x7f"}[f.IntN(4)])
	}, []string{"idempotency_key_invalid"}},
	{"two idempotency keys", keyed, func(_ *Fuzzer, c *call) { c.header.Add(keyHeader, "another") }, []string{"idempotency_key_invalid"}},
	{"odd headers that nobody asked for", anything, func(f *Fuzzer, c *call) {
		for _, name := range []string{"Accept", "Accept-Language", "X-Request-Id", "Accept-Encoding", "If-None-Match", "Last-Event-ID", "Range", "Expect-CT", "X-HTTP-Method-Override", "Signature", "Signature-Input"} {
			if f.chance(2) {
				c.header.Set(name, []string{"*", "x", strings.Repeat("a,", 2000), "\"", "q=;", "ө", "-1", "application/xml", "DELETE", "bytes=0-1", "sig=();x", "18446744073709551616"}[f.IntN(12)])
			}
		}
		c.valid = false
	}, nil},
}

const keyHeader = "Idempotency-Key"

func keyed(c *call) bool { return c.op.takes("header", keyHeader) }

// allows says that credentials of a scheme are good for the operation.
func (op *Operation) allows(scheme string) bool {
	for _, s := range op.Schemes {
		if s == scheme {
			return true
		}
	}
	return false
}

// wrongKey spoils a credential. A login is spoiled in its form only: a wrong password costs the server dearly by
// design, and is tried elsewhere.
func (f *Fuzzer) wrongKey(good string) string {
	scheme, secret, _ := strings.Cut(good, " ")
	if scheme == "Basic" {
		return []string{"Basic", "Basic ", "Basic !", "Basic " + base64.StdEncoding.EncodeToString([]byte("nobody")), "Bearer " + secret, secret}[f.IntN(6)]
	}
	letter := byte('a')
	at := len(secret) / 2
	if secret[at] == letter {
		letter = 'b'
	}
	return []string{
		scheme + " " + secret[:at] + string(letter) + secret[at+1:], scheme, scheme + " ", "Basic " + secret, secret, scheme + "  " + secret,
		scheme + " " + strings.ToUpper(secret), scheme + " " + secret[:len(secret)-1], http.MethodGet,
	}[f.IntN(9)]
}
