package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"tolom/access"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// readPublic reads public keys from files: each a JWK Set as the platform publishes it, or one key as PEM.
func readPublic(paths []string) (keys []seal.PublicKey, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		set, err := seal.ParseKeySet(text)
		if err == nil {
			for _, k := range set {
				keys = append(keys, k)
			}
			continue
		}
		one, err := seal.ParsePublicKey(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: neither a set of public keys (JWKS) nor a public key as PEM", path)
		}
		keys = append(keys, one)
	}
	return keys, nil
}

// storedPublic gives all keys that the platform ever had in the database, those too that are no longer published.
func storedPublic(ctx context.Context, desk store.Desk) (keys []seal.PublicKey, err error) {
	for after := id.ID(""); ; {
		page, err := desk.PlatformKeys().List(ctx, "", after, 100)
		if err != nil || len(page) == 0 {
			return keys, err
		}
		for _, k := range page {
			after = k.ID
			got, err := access.OpenKeys([]byte(k.Private))
			if err != nil {
				return nil, fmt.Errorf("the platform's key %s cannot be read in the database; if keys are encrypted there, give the public ones with --key: %w", k.ID, err)
			}
			keys = append(keys, got[0].Public())
		}
	}
}

// mostText is more than a checkpoint or a receipt has.
const mostText = 64 << 10

// readText reads a small file, or standard input for "-".
func readText(path string, std *stdio) (string, error) {
	from := std.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, mostText+1))
	if len(text) > mostText {
		return "", errors.New("the text is too long")
	}
	return string(text), err
}
