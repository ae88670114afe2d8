package store

import (
	"context"
	"slices"
	"time"
)

// PSPKeys keeps the public keys of PSPs.
func (m *Memory) PSPKeys() Shelf[PSPKey] {
	return memoryShelf[PSPKey]{m, func(t *tables) *rack[PSPKey] { return &t.desk.pspKeys }}
}

// Certificates keeps what client certificates PSPs may come with.
func (m *Memory) Certificates() Shelf[Certificate] {
	return memoryShelf[Certificate]{m, func(t *tables) *rack[Certificate] { return &t.desk.certificates }}
}

// PlatformKeys keeps the platform's own keys; they have no owner.
func (m *Memory) PlatformKeys() Shelf[PlatformKey] {
	return memoryShelf[PlatformKey]{m, func(t *tables) *rack[PlatformKey] { return &t.desk.platformKeys }}
}

// Spend notes nonces.
func (m *Memory) Spend(ctx context.Context, nonces []Nonce) (fresh []bool, err error) {
	if len(nonces) == 0 {
		return nil, nil
	}
	err = m.write(ctx, func(t *tables) error {
		got := map[spent]bool{}
		for _, x := range nonces {
			name := spent{x.Key, x.Nonce}
			if _, known := t.nonces[name]; !known {
				t.nonces[name], got[name] = whole(x.CreatedAt), true
			}
		}
		fresh = firsts(nonces, got)
		return nil
	})
	return fresh, err
}

// ForgetNonces deletes old nonces, the oldest first.
func (m *Memory) ForgetNonces(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	err = m.write(ctx, func(t *tables) error {
		var old []spent
		for name, at := range t.nonces {
			if at.Before(before) {
				old = append(old, name)
			}
		}
		slices.SortFunc(old, func(a, b spent) int { return t.nonces[a].Compare(t.nonces[b]) })
		forgotten = min(limit, len(old))
		for _, name := range old[:forgotten] {
			delete(t.nonces, name)
		}
		return nil
	})
	return forgotten, err
}

func copyPSPKey(k PSPKey) PSPKey {
	k.NotBefore, k.NotAfter, k.CreatedAt, k.RevokedAt = whole(k.NotBefore), whole(k.NotAfter), whole(k.CreatedAt), whole(k.RevokedAt)
	return k
}

func copyCertificate(c Certificate) Certificate {
	c.CreatedAt, c.RemovedAt = whole(c.CreatedAt), whole(c.RemovedAt)
	return c
}

func copyPlatformKey(k PlatformKey) PlatformKey {
	k.SignsFrom, k.CreatedAt, k.RetiredAt = whole(k.SignsFrom), whole(k.CreatedAt), whole(k.RetiredAt)
	return k
}
