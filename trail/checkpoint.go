package trail

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tolom/seal"
)

// Checkpoint says what the log was at a moment.
type Checkpoint struct {
	Origin string // whose log it is; also the name of its signer
	Number int64  // from 1, without gaps, so that one that is taken away is missed
	Size   int64  // lines
	Root   Hash
	At     time.Time
}

// Why a checkpoint is not accepted.
var (
	ErrCheckpoint = errors.New("trail: this is not a checkpoint: give the whole text, from its first line to the signatures")
	ErrSigner     = errors.New("trail: the checkpoint is signed by none of the given keys")
	ErrOrigin     = errors.New("trail: a log's name is without spaces and plus signs, and not empty")
)

const stamp = "2006-01-02T15:04:05.000Z"

// body is the text that is signed, as transparency logs write it: origin, size, root, then lines of our own.
func (c Checkpoint) body() string {
	return fmt.Sprintf("%s\n%d\n%s\nnumber %d\ntime %s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.Number, c.At.UTC().Format(stamp))
}

// parse reads a body. It accepts only what body writes.
func parse(text string) (c Checkpoint, err error) {
	rows := strings.Split(text, "\n")
	if len(rows) != 6 {
		return c, ErrCheckpoint
	}
	root, err := base64.StdEncoding.DecodeString(rows[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, ErrCheckpoint
	}
	c.Origin, c.Root = rows[0], Hash(root)
	c.Size, err = strconv.ParseInt(rows[1], 10, 64)
	if err == nil {
		c.Number, err = strconv.ParseInt(strings.TrimPrefix(rows[3], "number "), 10, 64)
	}
	if err == nil {
		c.At, err = time.Parse(stamp, strings.TrimPrefix(rows[4], "time "))
	}
	if err != nil || c.body() != text {
		return c, ErrCheckpoint
	}
	return c, nil
}

// Sign writes the checkpoint as a signed note.
func Sign(c Checkpoint, key seal.PrivateKey) (string, error) {
	if c.Origin == "" || strings.ContainsAny(c.Origin, " +\n\t") {
		return "", ErrOrigin
	}
	text, err := note.Sign(&note.Note{Text: c.body()}, signer{c.Origin, key})
	return string(text), err
}

// Open reads a signed checkpoint and checks that one of the keys signed it. Signatures of others, such as witnesses,
// are passed over.
func Open(text string, keys []seal.PublicKey) (Checkpoint, error) {
	origin, _, _ := strings.Cut(text, "\n")
	return open(text, func(name string, hash uint32) (note.Verifier, error) {
		for _, k := range keys {
			if v := (verifier{origin, k}); name == origin && v.KeyHash() == hash {
				return v, nil
			}
		}
		return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
	})
}

func open(text string, known verifiers) (Checkpoint, error) {
	n, err := note.Open([]byte(text), known)
	var unsigned *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unsigned), errors.As(err, &invalid):
		return Checkpoint{}, ErrSigner
	case err != nil || !strict(n):
		return Checkpoint{}, ErrCheckpoint
	}
	return parse(n.Text)
}

// strict says that no signature of a note is written in a second way that would be read as the same.
func strict(n *note.Note) bool {
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return false
		}
	}
	return true
}

// verifiers finds the key of a signature.
type verifiers func(name string, hash uint32) (note.Verifier, error)

// Verifier gives the key.
func (v verifiers) Verifier(name string, hash uint32) (note.Verifier, error) { return v(name, hash) }

// signer signs notes with a key of ours.
type signer struct {
	name string
	key  seal.PrivateKey
}

func (s signer) Name() string                     { return s.name }
func (s signer) KeyHash() uint32                  { return verifier{s.name, s.key.Public()}.KeyHash() }
func (s signer) Sign(text []byte) ([]byte, error) { return s.key.Sign(text) }

// verifier checks signatures of notes.
type verifier struct {
	name string
	key  seal.PublicKey
}

func (v verifier) Name() string                       { return v.name }
func (v verifier) KeyHash() uint32                    { return keyHash(v.name, keyBytes(v.key)) }
func (v verifier) Verify(text, signature []byte) bool { return v.key.Verify(text, signature) }

// keyBytes is how a signed note names kinds of keys: 1 and the key itself for Ed25519; others, for which it has no
// number, by their name in words.
func keyBytes(k seal.PublicKey) []byte {
	j := k.JWK()
	if k.Algorithm() == seal.Ed25519 {
		raw, _ := base64.RawURLEncoding.DecodeString(j.X)
		return append([]byte{1}, raw...)
	}
	return append([]byte{0xff}, string(k.Algorithm())+j.X+j.Y...)
}

func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:4])
}

// Unverified reads a checkpoint without looking at its signatures: for who keeps the log himself.
func Unverified(text string) (Checkpoint, error) {
	body, _, found := strings.Cut(text, "\n\n")
	if !found {
		return Checkpoint{}, ErrCheckpoint
	}
	return parse(body + "\n")
}
