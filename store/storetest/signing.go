package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/store"
)

var signing = chapter{name: "Signed requests", apart: true, sentences: []sentence{
	{"Public keys are listed by their PSP", shelfPSPKeys},
	{"Certificates are listed by their PSP", shelfCertificates},
	{"Keys of the platform come back as they were put and are listed by id", shelfPlatformKeys},
	{"A nonce is new once", nonceOnce},
	{"A nonce belongs to its key", nonceOfItsKey},
	{"Of two equal nonces in one call the first is new", nonceTwiceInOne},
	{"Of many that come with one nonce at once one is told that it is new", nonceRace},
	{"Old nonces are forgotten, the oldest first, and are new again", nonceForgotten},
}}

func shelfPSPKeys(k *kit) {
	shelf[store.PSPKey]{on: k.PSPKeys(), kind: id.PSPKey, owned: true,
		make: func(name, owner id.ID, n int) store.PSPKey {
			key := store.PSPKey{ID: name, PSP: owner, Name: "Ачкыч", Algorithm: "ed25519", Public: "MCowBQYDK2VwAyEA", NotBefore: epoch, CreatedAt: epoch}
			if n == 1 {
				key.NotAfter = epoch.Add(day)
			}
			return key
		},
		change: func(key store.PSPKey) store.PSPKey { key.RevokedAt = epoch.Add(time.Millisecond); return key },
	}.try(k)
}

func shelfCertificates(k *kit) {
	shelf[store.Certificate]{on: k.Certificates(), kind: id.Certificate, owned: true,
		make: func(name, owner id.ID, n int) store.Certificate {
			return store.Certificate{ID: name, PSP: owner, Of: store.CertificateKey, Fingerprint: fmt.Sprintf("%064x", n), Name: "2026", CreatedAt: epoch}
		},
		change: func(c store.Certificate) store.Certificate { c.RemovedAt = epoch.Add(day); return c },
	}.try(k)
}

func shelfPlatformKeys(k *kit) {
	shelf[store.PlatformKey]{on: k.PlatformKeys(), kind: id.PlatformKey,
		make: func(name, _ id.ID, n int) store.PlatformKey {
			return store.PlatformKey{ID: name, Private: "-----BEGIN\nEND-----\n", SignsFrom: epoch.Add(time.Duration(n) * time.Hour), CreatedAt: epoch}
		},
		change: func(key store.PlatformKey) store.PlatformKey { key.RetiredAt = epoch.Add(day); return key },
	}.try(k)
}

// nonce makes a nonce of a key that nobody has used.
func (k *kit) nonce(key id.ID) store.Nonce {
	return store.Nonce{Key: key, Nonce: fmt.Sprint("nonce-", k.born.Add(1)), CreatedAt: k.clock.Now()}
}

func (k *kit) spends(want []bool, nonces ...store.Nonce) {
	k.t.Helper()
	equal(k, ask(k.Spend(k.ctx, nonces)).get(k), want)
}

func nonceOnce(k *kit) {
	key := k.newID(id.PSPKey, 3)
	first, second := k.nonce(key), k.nonce(key)
	k.spends([]bool{true}, first)
	k.spends([]bool{false}, first)
	k.spends([]bool{true, false}, second, first)
	later := first
	later.CreatedAt = later.CreatedAt.Add(time.Minute) // another signature with the same nonce
	k.spends([]bool{false}, later)
	k.spends(nil)
}

func nonceOfItsKey(k *kit) {
	first := k.nonce(k.newID(id.PSPKey, 3))
	other, capital := first, first
	other.Key = k.newID(id.PSPKey, 3)
	capital.Nonce = "N" + first.Nonce[1:]
	k.spends([]bool{true, true, true}, first, other, capital)
}

func nonceTwiceInOne(k *kit) {
	key := k.newID(id.PSPKey, 3)
	first, second := k.nonce(key), k.nonce(key)
	k.spends([]bool{true, true, false, false}, second, first, second, first)
}

func nonceRace(k *kit) {
	key := k.newID(id.PSPKey, 3)
	mine := []store.Nonce{k.nonce(key), k.nonce(key), k.nonce(key)}
	var won [3]atomic.Int64
	var group sync.WaitGroup
	for n := range 12 {
		group.Go(func() {
			turned := append(append([]store.Nonce{}, mine[n%3:]...), mine[:n%3]...)
			for i, fresh := range ask(k.Spend(k.ctx, turned)).get(k) {
				if fresh {
					won[(i+n)%3].Add(1)
				}
			}
		})
	}
	group.Wait()
	equal(k, []int64{won[0].Load(), won[1].Load(), won[2].Load()}, []int64{1, 1, 1})
}

func nonceForgotten(k *kit) {
	key := k.newID(id.PSPKey, 3)
	var all []store.Nonce
	for n := range 5 {
		x := k.nonce(key)
		x.CreatedAt = epoch.Add(time.Duration(5-n) * time.Minute)
		all = append(all, x)
		k.spends([]bool{true}, x)
	}
	equal(k, ask(k.ForgetNonces(k.ctx, epoch.Add(3*time.Minute), 1)).get(k), 1)
	k.spends([]bool{false, true}, all[3], all[4])
	equal(k, ask(k.ForgetNonces(k.ctx, epoch.Add(3*time.Minute), 10)).get(k), 2)
	equal(k, ask(k.ForgetNonces(k.ctx, epoch.Add(3*time.Minute), 10)).get(k), 0)
	k.spends([]bool{false, false, false, true, true}, all...)
}
