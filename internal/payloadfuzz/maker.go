package payloadfuzz

import (
	"crypto/sha256"
	"math/rand/v2"
	"strconv"
)

// Maker makes inputs. It takes payloads apart into their fields, changes some, and puts them together again with a
// checksum that fits, so that most of what it makes gets past the first checks of the reader.
type Maker struct {
	random *rand.Rand
	seeds  [][]string // the fields of each, without tag 63
	fields []string
	body   []byte
	out    []byte
}

// New makes a maker; the same seed and payloads make the same inputs.
func New(seed uint64, payloads []string) *Maker {
	m := &Maker{random: rand.New(rand.NewPCG(seed, 0x7061796c6f6164))}
	for _, text := range payloads {
		if body, _, ok := takeApart(text); ok {
			m.seeds = append(m.seeds, split(body))
		}
	}
	return m
}

// split parts a body into its fields.
func split(body string) (fields []string) {
	for at := 0; at < len(body); {
		end := at + 4 + after(body[at+4:], twoDigits(body[at+2:]))
		fields = append(fields, body[at:end])
		at = end
	}
	return fields
}

// Next makes an input.
func (m *Maker) Next() string {
	m.fields = append(m.fields[:0], m.seeds[m.random.IntN(len(m.seeds))]...)
	for range m.random.IntN(4) {
		m.change()
	}
	m.body = m.body[:0]
	for _, f := range m.fields {
		m.body = append(m.body, f...)
	}
	if m.random.IntN(8) == 0 {
		m.damage()
	}
	m.seal()
	if m.random.IntN(3) == 0 {
		return m.link()
	}
	return string(m.body)
}

// change changes the fields.
func (m *Maker) change() {
	n := len(m.fields)
	if n == 0 {
		return
	}
	at := m.random.IntN(n)
	switch m.random.IntN(8) {
	case 0: // another order
		other := m.random.IntN(n)
		m.fields[at], m.fields[other] = m.fields[other], m.fields[at]
	case 1: // one less
		m.fields = append(m.fields[:at], m.fields[at+1:]...)
	case 2: // one twice
		m.fields = append(m.fields, m.fields[at])
	case 3: // one of another payload
		from := m.seeds[m.random.IntN(len(m.seeds))]
		m.fields[at] = from[m.random.IntN(len(from))]
	case 4: // a new one
		m.fields = append(m.fields, field(m.random.IntN(100), m.value()))
	case 5: // another length
		f := m.fields[at]
		m.fields[at] = f[:2] + digits(m.random.IntN(100)) + f[4:]
	default: // another value
		f := m.fields[at]
		m.fields[at] = field(twoDigits(f), m.value())
	}
}

// pieces are what values are made of.
var pieces = []string{
	"11", "12", "00", "01", "417", "5411", "2200", "0", "1", "9999999999999", "0000000000001", "elcart.kg", "merchant.example.kg", "DEMO SHOP", "Дүкөн № 4", "өүң",
	" ", "+", "#", "%", "%20", "%D3%A8", "&", "?", "a", "Z", "\x00", "\x7f", "\u0080", "\u2028", "\u202e", "🍕", "\U0010ffff", "\xff", "\xed\xa0\x80", "k:Label:value:Title:11", ":",
	"0004test", "010", "1001", "33040100", "6304abcd", "63", "0019merchant.example.kg", "1.00", "-1", "１", "64", "5802KG", "0109a",
}

func (m *Maker) value() string {
	out := pieces[m.random.IntN(len(pieces))]
	for m.random.IntN(3) == 0 && len(out) < 90 {
		out += pieces[m.random.IntN(len(pieces))]
	}
	return out
}

// field writes a field with the length that its value has, in characters as far as they can be counted.
func field(tag int, value string) string {
	characters := 0
	for range value {
		characters++
	}
	return digits(max(tag, 0)) + digits(min(characters, 99)) + value
}

func digits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// damage changes bytes without regard for fields.
func (m *Maker) damage() {
	if len(m.body) == 0 {
		return
	}
	at := m.random.IntN(len(m.body))
	switch m.random.IntN(4) {
	case 0:
		m.body = m.body[:at]
	case 1:
		m.body[at] = byte(m.random.Uint32())
	case 2:
		m.body[at] = '0' + byte(m.random.IntN(10))
	case 3:
		m.body = append(m.body[:at], m.body[min(len(m.body), at+1+m.random.IntN(4)):]...)
	}
}

const hexDigits = "0123456789abcdefABCDEF"

// seal puts a checksum behind the body: mostly one that fits, of either kind and in either case.
func (m *Maker) seal() {
	var sum uint16
	switch m.random.IntN(16) {
	case 0:
		return
	case 1, 2, 3:
		sum = crc16(string(m.body), "6304")
	default:
		digest := sha256.Sum256(m.body)
		sum = uint16(digest[30])<<8 | uint16(digest[31])
	}
	upper := 0
	if m.random.IntN(4) == 0 {
		upper = 6
	}
	m.body = append(m.body, "6304"...)
	for shift := 12; shift >= 0; shift -= 4 {
		d := int(sum >> shift & 15)
		if d > 9 {
			d += upper
		}
		m.body = append(m.body, hexDigits[d])
	}
	switch m.random.IntN(16) {
	case 0: // one character of it is another
		m.body[len(m.body)-1-m.random.IntN(4)] = hexDigits[m.random.IntN(len(hexDigits))]
	case 1: // more behind it
		m.body = append(m.body, pieces[m.random.IntN(len(pieces))]...)
	case 2: // cut
		m.body = m.body[:len(m.body)-1-m.random.IntN(4)]
	}
}

var bases = []string{"https://pay.payqr.kg/#", "https://payqr.kg/#", "elqr-demo://payqr.kg#", "x:#", "#", "", "https://h/a?b=c#", "000201://#", "HTTPS://PAY.PAYQR.KG/##"}

// link writes the payload as the fragment of a link, escaped more or less.
func (m *Maker) link() string {
	m.out = append(m.out[:0], bases[m.random.IntN(len(bases))]...)
	how := m.random.IntN(4)
	for _, c := range m.body {
		switch {
		case c == ' ' && how == 0:
			m.out = append(m.out, '+')
		case c <= ' ' || c >= 0x7f || c == '%' || c == '#' && how != 1 || c == '+' && how == 0 || how == 3 && m.random.IntN(4) == 0:
			m.out = append(m.out, '%', hexDigits[c>>4], hexDigits[c&15])
		default:
			m.out = append(m.out, c)
		}
	}
	return string(m.out)
}
