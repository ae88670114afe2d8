package access

import (
	"bufio"
	"bytes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"tolom/world"
)

// Vault encrypts what must not be read out of a copy of the database: XChaCha20-Poly1305 under a master key that is
// kept elsewhere. Each secret is bound to its place, so that who can write the database cannot move one to another
// row. A nil Vault keeps secrets as they are.
type Vault struct {
	entropy world.Entropy
	first   string // id of the key that encrypts
	keys    map[string]cipher.AEAD
}

// Errors of a vault.
var (
	ErrMasterKey = errors.New("access: a master key is 32 random bytes as base64, one a line")
	ErrSealed    = errors.New("access: the secret is encrypted, and no master key that was given opens it")
)

// sealedPrefix begins every encrypted secret; a PEM key or a whsec_ secret never does.
const sealedPrefix = "sealed1:"

// OpenVault reads master keys, one a line: the first encrypts, all decrypt, so a key is replaced by putting the new
// one before it. Empty lines and those that begin with # count for nothing.
func OpenVault(text []byte, entropy world.Entropy) (*Vault, error) {
	v := &Vault{entropy: entropy, keys: map[string]cipher.AEAD{}}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(key) != chacha20poly1305.KeySize {
			return nil, ErrMasterKey
		}
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, ErrMasterKey
		}
		sum := sha256.Sum256(append([]byte("tolom master key\n"), key...))
		name := hex.EncodeToString(sum[:8])
		if v.first == "" {
			v.first = name
		}
		v.keys[name] = aead
	}
	if v.first == "" {
		return nil, ErrMasterKey
	}
	return v, nil
}

// NewMasterKey makes a master key as OpenVault reads it.
func NewMasterKey(entropy world.Entropy) (line string, err error) {
	var key [chacha20poly1305.KeySize]byte
	if _, err := entropy.Read(key[:]); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(key[:]) + "\n", nil
}

// Seal encrypts a secret for its place, such as the id of its row with the name of its column.
func (v *Vault) Seal(secret, place string) (string, error) {
	if v == nil {
		return secret, nil
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(secret)+chacha20poly1305.Overhead)
	if _, err := v.entropy.Read(nonce); err != nil {
		return "", fmt.Errorf("access: no randomness to encrypt with: %w", err)
	}
	sealed := v.keys[v.first].Seal(nonce, nonce, []byte(secret), []byte(place))
	return sealedPrefix + v.first + ":" + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// Open decrypts what Seal made for the same place. A secret from before there was a master key is given as it is.
func (v *Vault) Open(kept, place string) (string, error) {
	rest, sealed := strings.CutPrefix(kept, sealedPrefix)
	if !sealed {
		return kept, nil
	}
	name, text, _ := strings.Cut(rest, ":")
	if v == nil || v.keys[name] == nil {
		return "", fmt.Errorf("%w: %s needs the key %s", ErrSealed, place, name)
	}
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(raw) < chacha20poly1305.NonceSizeX {
		return "", fmt.Errorf("%w: %s is damaged", ErrSealed, place)
	}
	secret, err := v.keys[name].Open(nil, raw[:chacha20poly1305.NonceSizeX], raw[chacha20poly1305.NonceSizeX:], []byte(place))
	if err != nil {
		return "", fmt.Errorf("%w: %s was changed or belongs elsewhere", ErrSealed, place)
	}
	return string(secret), nil
}

// each puts every text of a list through the vault, into a list of its own.
func each(list []string, place string, do func(text, place string) (string, error)) (out []string, err error) {
	out = slices.Clone(list)
	for i := range out {
		if out[i], err = do(out[i], place); err != nil {
			return nil, err
		}
	}
	return out, nil
}
