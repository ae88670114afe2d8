package payloadfuzz

import (
	"crypto/sha256"
	"unicode/utf8"
)

// Fitting is which checksums fit a payload.
type Fitting uint8

// The two checksums, as bits.
const (
	SHA256 Fitting = 1 << iota
	CRC16
)

// Judge says which checksums fit a decoded payload; 0 means that the text is no code. It is written as plainly as
// speed allows and shares nothing with the package that it judges.
func Judge(text string) Fitting {
	body, sum, ok := takeApart(text)
	if !ok {
		return 0
	}
	want, ok := hexValue(sum)
	if !ok {
		return 0
	}
	var fit Fitting
	digest := sha256.Sum256([]byte(body))
	if uint16(digest[30])<<8|uint16(digest[31]) == want {
		fit |= SHA256
	}
	if crc16(body, "6304") == want {
		fit |= CRC16
	}
	return fit
}

// takeApart gives the text before tag 63 and its value. Lengths count characters.
func takeApart(text string) (body, sum string, ok bool) {
	if !utf8.ValidString(text) {
		return "", "", false
	}
	var seen [100]bool
	for at := 0; at < len(text); {
		rest := text[at:]
		if len(rest) < 4 {
			return "", "", false
		}
		tag, length := twoDigits(rest), twoDigits(rest[2:])
		if tag < 0 || length <= 0 || seen[tag] || at == 0 && tag != 0 {
			return "", "", false
		}
		end := after(rest[4:], length)
		if end < 0 {
			return "", "", false
		}
		if tag == 63 {
			return text[:at], rest[4:], length == 4 && 4+end == len(rest)
		}
		seen[tag] = true
		at += 4 + end
	}
	return "", "", false
}

// after gives how many bytes so many characters take, -1 when there are fewer.
func after(text string, characters int) int {
	at := 0
	for range characters {
		if at >= len(text) {
			return -1
		}
		if text[at] < utf8.RuneSelf {
			at++
			continue
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

func twoDigits(text string) int {
	if text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9' {
		return -1
	}
	return int(text[0]-'0')*10 + int(text[1]-'0')
}

func hexValue(text string) (value uint16, ok bool) {
	if len(text) != 4 {
		return 0, false
	}
	for i := range 4 {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		value = value<<4 | uint16(c)
	}
	return value, true
}

// steps is CRC-16/CCITT-FALSE of each byte, worked out bit by bit.
var steps = func() (table [256]uint16) {
	for b := range table {
		crc := uint16(b) << 8
		for range 8 {
			top := crc&0x8000 != 0
			if crc <<= 1; top {
				crc ^= 0x1021
			}
		}
		table[b] = crc
	}
	return table
}()

func crc16(texts ...string) uint16 {
	crc := uint16(0xFFFF)
	for _, text := range texts {
		for i := range len(text) {
			crc = crc<<8 ^ steps[byte(crc>>8)^text[i]]
		}
	}
	return crc
}
