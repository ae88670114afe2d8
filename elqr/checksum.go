package elqr

import "crypto/sha256"

// Checksum names the algorithm that verified a code.
type Checksum string

// The two algorithms in use: SHA256 in national codes (last 16 bits of SHA-256
// over everything before tag 63), CRC16 in EMVCo codes (CRC-16/CCITT-FALSE over
// everything up to and including "6304").
const (
	SHA256 Checksum = "sha256"
	CRC16  Checksum = "crc16"
)

// sumSHA is the national checksum: of the decoded text, UTF-8, without the tag
// and length of 63 itself.
func sumSHA(body []byte) uint16 {
	sum := sha256.Sum256(body)
	return uint16(sum[30])<<8 | uint16(sum[31])
}

// sumCRC is the EMVCo checksum: polynomial 0x1021, start 0xFFFF, no reflection.
func sumCRC(text string) uint16 {
	crc := uint16(0xFFFF)
	for i := range len(text) {
		crc = crc<<8 ^ crcTable[byte(crc>>8)^text[i]]
	}
	return crc
}

var crcTable = makeCRCTable()

func makeCRCTable() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			carry := crc&0x8000 != 0
			crc <<= 1
			if carry {
				crc ^= 0x1021
			}
		}
		table[i] = crc
	}
	return table
}

// parseHex16 reads four hexadecimal digits of either case.
func parseHex16(s string) (sum uint16, ok bool) {
	for i := range len(s) {
		digit, ok := hexDigit(s[i])
		if !ok {
			return 0, false
		}
		sum = sum<<4 | uint16(digit)
	}
	return sum, len(s) == 4
}

// appendHex16 writes four lower-case digits, as the main operator does.
func appendHex16(dst []byte, sum uint16) []byte {
	const hex = "0123456789abcdef"
	return append(dst, hex[sum>>12], hex[sum>>8&15], hex[sum>>4&15], hex[sum&15])
}

func hexDigit(b byte) (value byte, ok bool) {
	switch {
	case b >= '0' && b <= '9':
		return b - '0', true
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10, true
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10, true
	}
	return 0, false
}
