package storetest

import (
	"errors"
	"strings"

	"tolom/id"
	"tolom/store"
)

var secrets = chapter{name: "Secrets", apart: true, sentences: []sentence{
	{"What is kept in a place of secrets is rewritten some rows at a time, and nothing else is", rewritten},
	{"A rewrite that fails leaves all of its rows as they were", rewriteFails},
}}

func (k *kit) secretKeys() (keys []store.PlatformKey) {
	for n := range 5 {
		p := store.PlatformKey{ID: k.newID(id.PlatformKey, uint16(n)), Private: strings.Repeat("x", n+1), SignsFrom: epoch, CreatedAt: epoch}
		k.must(k.PlatformKeys().Put(k.ctx, p))
		keys = append(keys, p)
	}
	return keys
}

func rewritten(k *kit) {
	keys, before := k.secretKeys(), ask(k.Revision(k.ctx)).get(k)
	e := store.Endpoint{ID: k.newID(id.Endpoint, 1), Merchant: k.newID(id.Merchant, 1), URL: "https://shop.example", Secrets: []string{"a"}, CreatedAt: epoch}
	k.must(k.Endpoints().Put(k.ctx, e))
	longer := func(_ id.ID, kept string) (string, error) {
		if len(kept) == 2 {
			return kept, nil
		}
		return kept + "!", nil
	}
	var wrote, calls int
	for after := id.ID(""); ; calls++ {
		last, n, err := k.RewriteSecrets(k.ctx, store.PlatformKeyPrivate, after, 2, longer)
		k.must(err)
		if wrote += n; last == "" {
			break
		}
		after = last
	}
	equal(k, wrote, 4)
	equal(k, calls, 2)
	for i := range keys {
		if i != 1 {
			keys[i].Private += "!"
		}
	}
	equal(k, ask(k.PlatformKeys().List(k.ctx, "", "", 9)).get(k), keys)
	equal(k, ask(k.Endpoints().Get(k.ctx, e.ID)).get(k), e)
	if after := ask(k.Revision(k.ctx)).get(k); after <= before {
		k.t.Fatalf("the revision is %d after %d: nodes would not see it", after, before)
	}
	_, n, err := k.RewriteSecrets(k.ctx, store.EndpointSecrets, "", 9, func(row id.ID, kept string) (string, error) {
		equal(k, row, e.ID)
		return strings.ReplaceAll(kept, "a", "b"), nil
	})
	k.must(err)
	e.Secrets = []string{"b"}
	equal(k, n, 1)
	equal(k, ask(k.Endpoints().Get(k.ctx, e.ID)).get(k), e)
}

func rewriteFails(k *kit) {
	keys, broken, n := k.secretKeys(), errors.New("broken"), 0
	_, _, err := k.RewriteSecrets(k.ctx, store.PlatformKeyPrivate, "", 9, func(_ id.ID, kept string) (string, error) {
		if n++; n == 3 {
			return "", broken
		}
		return kept + "!", nil
	})
	if !errors.Is(err, broken) {
		k.t.Fatalf("got %v", err)
	}
	equal(k, ask(k.PlatformKeys().List(k.ctx, "", "", 9)).get(k), keys)
}
