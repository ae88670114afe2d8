package courier

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
)

// NewKey makes the key that signs us in at a server: PEM, Ed25519. Its public half, as
// PublicKey writes it, goes to whoever runs the server.
func NewKey(entropy io.Reader) (string, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(entropy, seed); err != nil {
		return "", fmt.Errorf("courier: no randomness for a key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(ed25519.NewKeyFromSeed(seed), "tolom")
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(block)), nil
}

// PublicKey gives the public half of a private key as a line of authorized_keys; empty
// when there is no key.
func PublicKey(private string) string {
	signer, err := ssh.ParsePrivateKey([]byte(private))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}
