package gate

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"strings"

	"tolom/fault"
)

// digest holds the body to its Content-Digest header (RFC 9530), where one is sent. Each SHA-256 and SHA-512 digest
// must fit; algorithms we do not know prove nothing, and one that we know must be among them.
func digest(r *http.Request, raw []byte) *fault.Error {
	given := strings.Join(r.Header.Values("Content-Digest"), ",")
	if given == "" {
		return nil
	}
	checked := false
	for part := range strings.SplitSeq(given, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		want := sum(name, raw)
		if want == nil {
			continue
		}
		text, quoted := strings.CutPrefix(value, ":")
		text, closed := strings.CutSuffix(text, ":")
		got, err := base64.StdEncoding.DecodeString(text)
		if !quoted || !closed || err != nil || !bytes.Equal(got, want) {
			return fault.New(fault.WrongDigest).On("Content-Digest").Because("the " + name + " digest is not that of the body; send sha-256=:BASE64: of the bytes as sent")
		}
		checked = true
	}
	if !checked {
		return fault.New(fault.WrongDigest).On("Content-Digest").Because("give the digest as sha-256 or sha-512")
	}
	return nil
}

func sum(name string, raw []byte) []byte {
	switch name {
	case "sha-256":
		s := sha256.Sum256(raw)
		return s[:]
	case "sha-512":
		s := sha512.Sum512(raw)
		return s[:]
	}
	return nil
}
