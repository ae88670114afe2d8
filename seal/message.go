package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed message (RFC 9421).
const (
	HeaderSignatureInput = "Signature-Input"
	HeaderSignature      = "Signature"
)

// The tags keep signatures of one purpose from being taken for those of another, and name the version of the rules.
const (
	RequestTag = "tolom-psp"
	AnswerTag  = "tolom-psp-answer"
)

// ErrSignature is why a signature of a message is refused, beside what is wrong with it.
var ErrSignature = errors.New("the signature is refused")

// Request is what a signature of a request covers. All of it is as the caller wrote it.
type Request struct {
	Method    string
	TargetURI string // whole, with scheme, host and query, as the caller addressed it
	Digest    string // the value of Content-Digest; "" when there is none
}

// Answer is what a signature of an answer covers: itself, and the request that it answers.
type Answer struct {
	Status    int
	Digest    string // the value of Content-Digest of the answer's body
	Method    string // of the request
	TargetURI string // of the request
	Signature string // the value of the request's Signature; "" when it had none
}

// Terms are the parameters of a signature.
type Terms struct {
	Created time.Time // whole seconds count
	KeyID   string
	Nonce   string // of requests: 16 to 64 characters, never used twice with the key
}

// The components, as Signature-Input names them.
const (
	onMethod        = `"@method"`
	onTarget        = `"@target-uri"`
	onDigest        = `"content-digest"`
	onStatus        = `"@status"`
	onRequestMethod = `"@method";req`
	onRequestTarget = `"@target-uri";req`
	onRequestSign   = `"signature";req`
)

// covered is a component with its value.
type covered struct{ name, value string }

func (r Request) covers() []covered {
	list := []covered{{onMethod, r.Method}, {onTarget, r.TargetURI}}
	if r.Digest != "" {
		list = append(list, covered{onDigest, r.Digest})
	}
	return list
}

func (a Answer) covers() []covered {
	list := []covered{
		{onStatus, strconv.Itoa(a.Status)}, {onDigest, a.Digest}, {onRequestMethod, a.Method}, {onRequestTarget, a.TargetURI},
	}
	if a.Signature != "" {
		list = append(list, covered{onRequestSign, a.Signature})
	}
	return list
}

// SignRequest gives the values of Signature-Input and Signature for a request.
func SignRequest(k PrivateKey, r Request, t Terms) (input, signature string, err error) {
	if !word(t.Nonce, leastNonce, mostNonce) {
		return "", "", fmt.Errorf("%w: %s", ErrSignature, badNonce)
	}
	return sign(k, r.covers(), t, RequestTag)
}

// SignAnswer gives the values of Signature-Input and Signature for an answer. It needs no nonce: the signature of the
// request, which is in it, has one.
func SignAnswer(k PrivateKey, a Answer, t Terms) (input, signature string, err error) {
	t.Nonce = ""
	return sign(k, a.covers(), t, AnswerTag)
}

// label is the name of the one signature of our messages.
const label = "sig1"

func sign(k PrivateKey, list []covered, t Terms, tag string) (input, signature string, err error) {
	if !word(t.KeyID, 1, mostKeyID) || t.Created.Unix() < 0 || !plain(list) {
		return "", "", fmt.Errorf("%w: a key id is 1 to %d visible characters, the time after 1970, and what is signed has no line breaks", ErrSignature, mostKeyID)
	}
	var params strings.Builder
	params.WriteByte('(')
	for i, c := range list {
		if i > 0 {
			params.WriteByte(' ')
		}
		params.WriteString(c.name)
	}
	params.WriteString(");created=" + strconv.FormatInt(t.Created.Unix(), 10))
	if t.Nonce != "" {
		params.WriteString(`;nonce="` + t.Nonce + `"`)
	}
	params.WriteString(`;keyid="` + t.KeyID + `";tag="` + tag + `"`)
	made, err := k.Sign(base(list, params.String()))
	if err != nil {
		return "", "", err
	}
	return label + "=" + params.String(), label + "=:" + base64.StdEncoding.EncodeToString(made) + ":", nil
}

// base is the text that is signed (RFC 9421 §2.5): a line for each component, and the parameters as they are sent.
func base(list []covered, params string) []byte {
	size := len(params) + 24
	for _, c := range list {
		size += len(c.name) + len(c.value) + 3
	}
	out := make([]byte, 0, size)
	for _, c := range list {
		out = append(out, c.name...)
		out = append(out, ": "...)
		out = append(out, c.value...)
		out = append(out, '\n')
	}
	out = append(out, `"@signature-params": `...)
	return append(out, params...)
}

// plain says that the values are visible ASCII and single spaces within, so that no value can pretend to be another line.
func plain(list []covered) bool {
	for _, c := range list {
		for i := range len(c.value) {
			if c.value[i] < ' ' || c.value[i] > '~' {
				return false
			}
		}
	}
	return true
}

// ReadRequest reads the headers of a signed request, without judging its time or its key. They must cover exactly
// what Request holds, and Content-Digest when the request has one.
func ReadRequest(input, signature string, r Request) (Signed, error) {
	return read(input, signature, r.covers(), RequestTag, true)
}

// ReadAnswer reads the headers of a signed answer.
func ReadAnswer(input, signature string, a Answer) (Signed, error) {
	return read(input, signature, a.covers(), AnswerTag, false)
}

// Signed is a signature that was read and says by which key it claims to be.
type Signed struct {
	Terms
	Expires   time.Time // zero when the signer gave no end
	algorithm Algorithm // as the signer wrote it; "" as a rule
	base      []byte
	signature []byte
}

// By says whether the key made the signature. The algorithm is the key's; a message that names another is refused.
func (s Signed) By(k PublicKey) bool {
	return (s.algorithm == "" || s.algorithm == k.algorithm) && k.Verify(s.base, s.signature)
}

// Base is the text that was signed, to compare with what a caller computed.
func (s Signed) Base() string { return string(s.base) }

// read parses both headers, holds them to what must be covered and puts the base together in the signer's order.
func read(input, signature string, must []covered, tag string, nonce bool) (s Signed, err error) {
	if !plain(must) {
		return s, refuse("the method, the address and the digest are visible ASCII; escape the rest of the address")
	}
	p, err := parseInput(input)
	if err != nil {
		return s, err
	}
	list, err := order(p.components, must)
	if err != nil {
		return s, err
	}
	switch {
	case p.tag != tag:
		return s, refuse(fmt.Sprintf("the parameter tag must be %q", tag))
	case nonce && !word(p.nonce, leastNonce, mostNonce):
		return s, refuse(badNonce)
	case !word(p.keyID, 1, mostKeyID):
		return s, refuse("the parameter keyid is needed")
	case p.created < 0:
		return s, refuse("the parameter created is needed, in whole Unix seconds")
	}
	if s.signature, err = parseSignature(signature, p.label); err != nil {
		return s, err
	}
	s.Terms = Terms{Created: time.Unix(p.created, 0).UTC(), KeyID: p.keyID, Nonce: p.nonce}
	if p.expires >= 0 {
		s.Expires = time.Unix(p.expires, 0).UTC()
	}
	s.algorithm, s.base = Algorithm(p.algorithm), base(list, p.params)
	return s, nil
}

// order puts what must be covered into the order of the message, and refuses any other set.
func order(named []string, must []covered) ([]covered, error) {
	list := make([]covered, 0, len(must))
	for i, name := range named {
		at := slices.IndexFunc(must, func(c covered) bool { return c.name == name })
		switch {
		case slices.Contains(named[:i], name):
			return nil, refuse("the component " + name + " is named twice")
		case at < 0:
			return nil, refuse("the component " + name + " is not one that is covered here; " + exactly(must))
		}
		list = append(list, must[at])
	}
	if len(list) != len(must) {
		return nil, refuse("a component is missing; " + exactly(must))
	}
	return list, nil
}

func exactly(must []covered) string {
	names := make([]string, len(must))
	for i, c := range must {
		names[i] = c.name
	}
	return "cover exactly " + strings.Join(names, " ")
}

func refuse(why string) error { return fmt.Errorf("%w: %s", ErrSignature, why) }
