package seal

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// The bounds of what a signer may write.
const (
	mostInput      = 1024 // of Signature-Input
	mostComponents = 8
	mostLabel      = 32
	mostKeyID      = 64
	leastNonce     = 16
	mostNonce      = 64
)

var badNonce = fmt.Sprintf("the parameter nonce is needed, %d to %d visible characters without quotes, new for each request", leastNonce, mostNonce)

// parameters are what one member of Signature-Input says.
type parameters struct {
	label            string
	params           string // the member's value as it came, which is a line of the base
	components       []string
	created, expires int64 // −1 when absent
	nonce, keyID     string
	algorithm, tag   string
}

// cursor reads a text from left to right. It takes only the one way of writing that RFC 8941 prints, so the text as
// it came is also the text that was signed, and no two readers can understand it differently.
type cursor struct{ rest string }

func (c *cursor) skip(text string) bool {
	rest, found := strings.CutPrefix(c.rest, text)
	if found {
		c.rest = rest
	}
	return found
}

// take cuts off the longest beginning whose bytes are all allowed.
func (c *cursor) take(allowed func(byte) bool) string {
	n := 0
	for n < len(c.rest) && allowed(c.rest[n]) {
		n++
	}
	out := c.rest[:n]
	c.rest = c.rest[n:]
	return out
}

// quoted reads a string in quotes. Strings of this profile need no escapes and no spaces, so they have none.
func (c *cursor) quoted() (string, bool) {
	if !c.skip(`"`) {
		return "", false
	}
	text := c.take(visible)
	return text, c.skip(`"`)
}

func (c *cursor) number() (int64, bool) {
	text := c.take(func(b byte) bool { return '0' <= b && b <= '9' })
	if text == "" || len(text) > 11 || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	var n int64
	for i := range len(text) {
		n = n*10 + int64(text[i]-'0')
	}
	return n, true
}

// name reads a key of a dictionary or a parameter.
func (c *cursor) name() string {
	if c.rest == "" || c.rest[0] != '*' && (c.rest[0] < 'a' || c.rest[0] > 'z') {
		return ""
	}
	return c.take(func(b byte) bool {
		return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || strings.IndexByte("_-.*", b) >= 0
	})
}

func visible(b byte) bool { return b > ' ' && b < 0x7f && b != '"' && b != '\\' }

// word says that a text is visible ASCII without quotes, of a length within the bounds.
func word(text string, least, most int) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for i := range len(text) {
		if !visible(text[i]) {
			return false
		}
	}
	return true
}

// parseInput reads Signature-Input: one signature, its components and its parameters.
func parseInput(text string) (p parameters, err error) {
	if len(text) > mostInput {
		return p, refuse(fmt.Sprintf("Signature-Input has at most %d characters", mostInput))
	}
	c := &cursor{text}
	if p.label = c.name(); p.label == "" || len(p.label) > mostLabel || !c.skip("=") {
		return p, refuse(`Signature-Input begins with a label and =, such as sig1=("@method" …`)
	}
	p.params = c.rest
	if p.components, err = c.components(); err != nil {
		return p, err
	}
	if err := c.parameters(&p); err != nil {
		return p, err
	}
	if strings.HasPrefix(strings.TrimLeft(c.rest, " "), ",") {
		return p, refuse("a message carries one signature alone")
	}
	if c.rest != "" {
		return p, refuse("Signature-Input cannot be read from " + shown(c.rest) + "; write it without spaces around ; and =")
	}
	return p, nil
}

// components reads the list in brackets.
func (c *cursor) components() (list []string, err error) {
	if !c.skip("(") {
		return nil, refuse("after the label comes the list of components in brackets")
	}
	for !c.skip(")") {
		if len(list) == mostComponents || len(list) > 0 && !c.skip(" ") {
			return nil, refuse(fmt.Sprintf("the components are at most %d, with one space between them", mostComponents))
		}
		began := c.rest
		name, ok := c.quoted()
		if !ok || name == "" {
			return nil, refuse("a component is a name in quotes, not " + shown(c.rest))
		}
		c.skip(";req")
		list = append(list, began[:len(began)-len(c.rest)])
	}
	return list, nil
}

// parameters reads what follows the list. Each stands once.
func (c *cursor) parameters(p *parameters) error {
	p.created, p.expires = -1, -1
	numbers := map[string]*int64{"created": &p.created, "expires": &p.expires}
	texts := map[string]*string{"nonce": &p.nonce, "keyid": &p.keyID, "alg": &p.algorithm, "tag": &p.tag}
	for c.skip(";") {
		name := c.name()
		number, text := numbers[name], texts[name]
		if number == nil && text == nil {
			return refuse("the parameter " + shown(name) + " is unknown or stands twice")
		}
		ok := c.skip("=")
		if number != nil {
			*number, ok = c.checked(ok)
			delete(numbers, name)
		} else {
			*text, ok = c.spoken(ok)
			delete(texts, name)
		}
		if !ok {
			return refuse("the parameter " + name + " cannot be read: times are whole seconds, texts are in quotes")
		}
	}
	return nil
}

func (c *cursor) checked(ok bool) (int64, bool) {
	n, fine := c.number()
	return n, ok && fine
}

// spoken reads a text that is not empty: an empty one would look like none.
func (c *cursor) spoken(ok bool) (string, bool) {
	text, fine := c.quoted()
	return text, ok && fine && text != ""
}

var signatureText = base64.StdEncoding.Strict()

// parseSignature reads Signature: the same label and 64 bytes.
func parseSignature(text, label string) ([]byte, error) {
	if len(text) > mostLabel+3+base64.StdEncoding.EncodedLen(signatureBytes) {
		return nil, refuse("Signature holds one signature of 64 bytes: " + label + "=:BASE64:")
	}
	inner, found := strings.CutPrefix(text, label+"=:")
	inner, closed := strings.CutSuffix(inner, ":")
	if !found || !closed || strings.ContainsAny(inner, "\r\n") {
		return nil, refuse("Signature holds the signature of the label in Signature-Input, and no other: " + label + "=:BASE64:")
	}
	out, err := signatureText.DecodeString(inner)
	if err != nil || len(out) != signatureBytes {
		return nil, refuse("a signature is 64 bytes in base64 with its padding")
	}
	return out, nil
}

// shown is a piece of a header for an error, cut short.
func shown(text string) string {
	if len(text) > 24 {
		text = text[:24] + "…"
	}
	return fmt.Sprintf("%q", text)
}
