package elqr_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// judge is a second opinion about a decoded payload, written as plainly as can
// be and sharing nothing with the package. It returns the checksums that fit;
// none means that the text is no code.
func judge(text string) (fitting []string) {
	body, sum, ok := takeApart(text)
	if !ok {
		return nil
	}
	digest := sha256.Sum256([]byte(body))
	if whole := hex.EncodeToString(digest[:]); strings.EqualFold(whole[60:], sum) {
		fitting = append(fitting, "sha256")
	}
	if strings.EqualFold(fmt.Sprintf("%04x", bitwiseCRC([]byte(body+"6304"))), sum) {
		fitting = append(fitting, "crc16")
	}
	return fitting
}

// takeApart returns the text before tag 63 and its value.
func takeApart(text string) (body, sum string, ok bool) {
	if !utf8.ValidString(text) {
		return "", "", false
	}
	runes := []rune(text)
	seen := map[string]bool{}
	for at := 0; at < len(runes); {
		if len(runes)-at < 4 {
			return "", "", false
		}
		tag, digits := string(runes[at:at+2]), string(runes[at+2:at+4])
		length, err := strconv.ParseUint(digits, 10, 8)
		_, badTag := strconv.ParseUint(tag, 10, 8)
		end := at + 4 + int(length)
		if err != nil || badTag != nil || length == 0 || end > len(runes) || seen[tag] {
			return "", "", false
		}
		if at == 0 && tag != "00" {
			return "", "", false
		}
		if tag == "63" {
			return string(runes[:at]), string(runes[at+4:]), length == 4 && end == len(runes)
		}
		seen[tag] = true
		at = end
	}
	return "", "", false
}

// bitwiseCRC is CRC-16/CCITT-FALSE bit by bit.
func bitwiseCRC(data []byte) uint16 {
	crc := uint32(0xFFFF)
	for _, b := range data {
		for bit := 7; bit >= 0; bit-- {
			top := crc>>15&1 != uint32(b)>>bit&1
			crc = crc << 1 & 0xFFFF
			if top {
				crc ^= 0x1021
			}
		}
	}
	return uint16(crc)
}
