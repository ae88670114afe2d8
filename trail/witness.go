package trail

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tolom/seal"
)

// A witness is somebody else who keeps the newest checkpoint that he has seen and signs another one only when it adds
// to that. His signature is a row more under the checkpoint, the timestamped cosignature of transparency logs: a note
// that he has signed cannot be taken back by the platform.

// Cosign adds a witness's signature with its time to a signed checkpoint. Whether the log only grew is for the caller
// to know: see CheckGrowth. The key is Ed25519.
func Cosign(text, witness string, key seal.PrivateKey, at time.Time) (string, error) {
	body, _, ok := strings.Cut(text, "\n\n")
	if !ok || key.Public().Algorithm() != seal.Ed25519 {
		return "", ErrCheckpoint
	}
	if witness == "" || strings.ContainsAny(witness, " +\n\t") {
		return "", ErrOrigin
	}
	signature, err := key.Sign(cosigned(body+"\n", at.Unix()))
	if err != nil {
		return "", err
	}
	row := binary.BigEndian.AppendUint32(nil, cosigner{witness, key.Public()}.KeyHash())
	row = binary.BigEndian.AppendUint64(row, uint64(at.Unix()))
	return text + fmt.Sprintf("— %s %s\n", witness, base64.StdEncoding.EncodeToString(append(row, signature...))), nil
}

// Witnessed checks that a witness of this name and key signed the checkpoint.
func Witnessed(text, witness string, key seal.PublicKey) error {
	_, err := open(text, func(name string, hash uint32) (note.Verifier, error) {
		if v := (cosigner{witness, key}); name == witness && v.KeyHash() == hash {
			return v, nil
		}
		return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
	})
	return err
}

// cosigned is what a witness signs.
func cosigned(body string, unix int64) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", unix, body)
}

// cosigner checks the signatures of a witness.
type cosigner struct {
	name string
	key  seal.PublicKey
}

func (c cosigner) Name() string { return c.name }

// KeyHash is that of a cosigning key of Ed25519, kind 4.
func (c cosigner) KeyHash() uint32 {
	kind := keyBytes(c.key)
	kind[0] = 4
	return keyHash(c.name, kind)
}

// Verify reads the time, 8 bytes, before the signature.
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) < 8 {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	return c.key.Verify(cosigned(string(text), int64(at)), signature[8:])
}
