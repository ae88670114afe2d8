// Package id makes and reads the platform's identifiers: a prefix that says
// what is named, then 26 base32 characters that carry the time of birth, the
// bucket (the shard) and randomness. Any id alone finds its shard.
package id

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"time"
)

// ID is a whole identifier, "pay_" + 26 characters. The empty ID names nothing.
type ID string

// Kind is the prefix that says what an ID names.
type Kind string

// The kinds of things that have ids.
const (
	Request     Kind = "pr_"
	Payment     Kind = "pay_"
	Refund      Kind = "re_"
	Event       Kind = "evt_"
	Merchant    Kind = "mer_"
	PSP         Kind = "psp_"
	Store       Kind = "st_"
	Till        Kind = "till_"
	Endpoint    Kind = "wh_"
	Key         Kind = "key_"
	Delivery    Kind = "wd_"
	Participant Kind = "par_"
	Operator    Kind = "op_"
	Batch       Kind = "bat_"
	PSPKey      Kind = "pk_"
	Certificate Kind = "cert_"
	PlatformKey Kind = "plk_"
	Pairing     Kind = "pair_"
	TillSession Kind = "ts_"
	Payout      Kind = "po_"
	Tariff      Kind = "tar_"
	Person      Kind = "prs_"
	Membership  Kind = "mb_"
	Session     Kind = "ss_"
	Invitation  Kind = "inv_"
	Passkey     Kind = "pky_"
	Ticket      Kind = "tk_"
	PersonEvent Kind = "pe_"
	Proposal    Kind = "prop_"
	Report      Kind = "rep_"
	ReportPlan  Kind = "rs_"
	Recon       Kind = "rec_"
	Case        Kind = "case_"
	BankFile    Kind = "bst_"
	File        Kind = "file_"
)

// TokenLen is the number of characters after the prefix: 130 bits of base32.
const TokenLen = 26

// The alphabet is in ASCII order, so ids sort as their times do, and leaves out
// i, l, o and u, which people misread.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Random is the randomness of one id. Its 66 lowest bits are used.
type Random [9]byte

// New makes an id: 48 bits of Unix milliseconds, 16 bits of bucket, 66 of
// randomness. Times before 1970 or after the year 10889 are cut to 48 bits.
func New(k Kind, at time.Time, bucket uint16, r Random) ID {
	head := uint64(at.UnixMilli())<<16 | uint64(bucket)
	tail := binary.BigEndian.Uint64(r[1:])
	out := make([]byte, len(k), len(k)+TokenLen)
	copy(out, k)
	// 130 bits = head (64) + the two low bits of r[0] + tail (64), five at a time.
	top, mid := head, uint64(r[0]&3)
	for i := range TokenLen {
		shift := 125 - 5*i
		out = append(out, alphabet[bits5(top, mid, tail, shift)])
	}
	return ID(out)
}

// Next gives the id that sorts right after i, for makers whose ids must rise
// although their clock stands still or is put back. The empty ID stays empty.
func (i ID) Next() ID {
	out := []byte(i)
	for n := len(out) - 1; n >= len(out)-TokenLen && n >= 0; n-- {
		if d := digit(out[n]); d+1 < len(alphabet) {
			out[n] = alphabet[d+1]
			break
		}
		out[n] = alphabet[0]
	}
	return ID(out)
}

// bits5 cuts five bits at the given shift out of the 130-bit number head·2^66 + mid·2^64 + tail.
func bits5(head, mid, tail uint64, shift int) uint64 {
	var v uint64
	for b := 4; b >= 0; b-- {
		at := shift + b
		var bit uint64
		switch {
		case at >= 66:
			bit = head >> (at - 66)
		case at >= 64:
			bit = mid >> (at - 64)
		default:
			bit = tail >> at
		}
		v = v<<1 | bit&1
	}
	return v
}

// ErrShape says that a text is not an id of the wanted kind.
var ErrShape = errors.New("id: an id is its prefix and 26 characters of 0-9 and a-z without i, l, o, u")

// Parse checks that text is an id of kind k and returns it.
func Parse(k Kind, text string) (ID, error) {
	if len(text) != len(k)+TokenLen || text[:len(k)] != string(k) || !wellFormed(text[len(k):]) {
		return "", ErrShape
	}
	return ID(text), nil
}

// FromToken puts the prefix before a bare token, as tag 32.11 of the national QR carries it.
func FromToken(k Kind, token string) (ID, error) { return Parse(k, string(k)+token) }

func wellFormed(token string) bool {
	for i := range len(token) {
		if digit(token[i]) < 0 {
			return false
		}
	}
	return true
}

// Token returns the 26 characters after the prefix, or "" when the ID is empty.
func (i ID) Token() string {
	if len(i) < TokenLen {
		return ""
	}
	return string(i[len(i)-TokenLen:])
}

// Kind returns the prefix.
func (i ID) Kind() Kind {
	if len(i) < TokenLen {
		return ""
	}
	return Kind(i[:len(i)-TokenLen])
}

// Bucket returns the shard that the id belongs to; 0 for an empty ID.
func (i ID) Bucket() uint16 { return uint16(i.head()) }

// RandomBucket gives a shard drawn from the id's own randomness, for owners that
// have no parent to share a shard with.
func (i ID) RandomBucket() uint16 {
	t := i.Token()
	if t == "" {
		return 0
	}
	var v uint32
	for _, c := range []byte(t[TokenLen-4:]) {
		v = v<<5 | uint32(digit(c))
	}
	return uint16(v)
}

// Time returns the millisecond of birth, in UTC, by the clock of the node that made the id.
func (i ID) Time() time.Time { return time.UnixMilli(int64(i.head() >> 16)).UTC() }

// head decodes the first 64 of the 130 bits: 12 characters and four bits of the next.
func (i ID) head() uint64 {
	t := i.Token()
	if t == "" {
		return 0
	}
	var v uint64
	for n := range 12 {
		v = v<<5 | uint64(digit(t[n]))
	}
	return v<<4 | uint64(digit(t[12]))>>1
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(letters[c-'a'])
	}
	return -1
}

// letters maps a..z to base32 digits, −1 for the four letters left out.
var letters = func() (t [26]int8) {
	for n := range t {
		t[n] = -1
	}
	for n := 10; n < len(alphabet); n++ {
		t[alphabet[n]-'a'] = int8(n)
	}
	return t
}()

// BucketOf gives names that have no id (claims) a bucket: a hash of their words,
// so that equal names always meet on one shard.
func BucketOf(words ...string) uint16 {
	h := fnv.New32a()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	s := h.Sum32()
	return uint16(s) ^ uint16(s>>16)
}
