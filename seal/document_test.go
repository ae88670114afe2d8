package seal

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The worked example of docs/psp-signing.md. The keys are those that RFC 9421 prints for tests, and one more.
const (
	exampleP256  = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUpuF81l+kOxbjf7T\n4mNSv0r5tN67Gim7rnf6EFpcYDuhRANCAASohVhlUsKs9kcYeM/XsJNbT/4P0t/D\nQSSOoXvEHgWK8DHOJzfS0wzgYX6FHoPGHvVnnRUYZ2V2SQNdkKdM2ehd\n-----END PRIVATE KEY-----\n"
	exampleBody  = `{"link":"https://pay.payqr.kg/#00020101","payer":{"kind":"person"}}`
	exampleReply = `{"status":"active"}`
	exampleHost  = "pay.example.kg"
	exampleKey   = "pk_01kar9efa0c4r5s6t7v8w9xyzp"
)

var exampleTime = time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)

func privateOf(t *testing.T, pem string) PrivateKey {
	t.Helper()
	keys, err := ParsePrivateKeys([]byte(pem))
	if err != nil {
		t.Fatal(err)
	}
	return keys[0]
}

// example is a request as it travels, the text that was signed, and the same of the answer.
type example struct{ request, base, answer, answerBase string }

func (e example) blocks() []string { return []string{e.request, e.base, e.answer, e.answerBase} }

func newExample(t *testing.T, psp PrivateKey, nonce string) (e example) {
	t.Helper()
	platform := NewPrivateKey([32]byte{0: 1})
	asked := Request{Method: "POST", TargetURI: "https://" + exampleHost + "/psp/v1/check", Digest: ContentDigest([]byte(exampleBody))}
	input, signature, err := SignRequest(psp, asked, Terms{Created: exampleTime, KeyID: exampleKey, Nonce: nonce})
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadRequest(input, signature, asked)
	if err != nil || !read.By(psp.Public()) {
		t.Fatalf("the example is wrong: %v", err)
	}
	e.base = read.Base() + "\n"
	e.request = fmt.Sprintf("POST /psp/v1/check HTTP/1.1\nHost: %s\nContent-Type: application/json\nContent-Length: %d\nContent-Digest: %s\nSignature-Input: %s\nSignature: %s\n\n%s\n",
		exampleHost, len(exampleBody), asked.Digest, input, signature, exampleBody)
	given := Answer{Status: 200, Digest: ContentDigest([]byte(exampleReply)), Method: asked.Method, TargetURI: asked.TargetURI, Signature: signature}
	input, signature, err = SignAnswer(platform, given, Terms{Created: exampleTime, KeyID: platform.Public().ID()})
	if err != nil {
		t.Fatal(err)
	}
	if read, err = ReadAnswer(input, signature, given); err != nil || !read.By(platform.Public()) {
		t.Fatalf("the example is wrong: %v", err)
	}
	e.answerBase = read.Base() + "\n"
	e.answer = fmt.Sprintf("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: %d\nContent-Digest: %s\nSignature-Input: %s\nSignature: %s\n\n%s\n",
		len(exampleReply), given.Digest, input, signature, exampleReply)
	return e
}

// TestTheWorkedExampleIsRight computes every line of the example in the page for developers of banks anew: a bank that
// gets the same bytes will be understood.
func TestTheWorkedExampleIsRight(t *testing.T) {
	raw, err := os.ReadFile("../docs/psp-signing.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	platform := NewPrivateKey([32]byte{0: 1}).Public()
	blocks := []string{rfcEdPrivate, exampleP256, jsonOf(t, KeySet{[]JWK{platform.JWK()}}) + "\n"}
	blocks = append(blocks, newExample(t, privateOf(t, rfcEdPrivate), "b3k2pp5k7z-50gnwp.yemd").blocks()...)
	p256 := newExample(t, privateOf(t, exampleP256), "b3k2pp5k7z-50gnwp.yeme")
	blocks = append(blocks, p256.request, p256.base)
	for _, block := range blocks {
		if !strings.Contains(page, "\n"+block+"```") {
			t.Errorf("the page does not hold this block:\n%s", block)
		}
	}
	for _, fact := range []string{RequestTag, AnswerTag, fmt.Sprint(leastNonce), fmt.Sprint(mostNonce), fmt.Sprint(mostInput)} {
		if !strings.Contains(page, fact) {
			t.Errorf("the page does not say %s", fact)
		}
	}
}
