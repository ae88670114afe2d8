package sim

import (
	"context"
	"net/http"
	"strings"

	"tolom/access"
	"tolom/seal"
	"tolom/store"
)

// platformKey is what all nodes of all worlds sign their answers with.
var platformKey = seal.NewPrivateKey([32]byte{1})

// ownKeys gives the nodes the platform's key, as a file of keys does.
func ownKeys(context.Context) (access.PlatformKeys, error) {
	return access.PlatformKeys{Signing: platformKey, Published: []seal.PublicKey{platformKey.Public()}}, nil
}

// sign gives a bank a key of its own, which it proves itself by from now on.
func (w *World) sign(ctx context.Context, b *bank) error {
	var random [32]byte
	for i := range random {
		random[i] = byte(w.random.Uint32())
	}
	b.signing.Key = seal.NewPrivateKey(random)
	public, err := b.signing.Key.Public().Text()
	if err != nil {
		return err
	}
	made, err := w.nodes[0].desk.AddPSPKey(ctx, store.PSPKey{PSP: b.psp, Algorithm: string(seal.Ed25519), Public: public})
	if err != nil {
		return err
	}
	b.signing.ID = string(made.ID)
	w.witness.keys["keyid "+b.signing.ID] = b.psp
	w.count("bank that signs")
	return nil
}

// published is how banks get the platform's keys: on a line of their own on which nothing goes wrong and no time passes.
type published struct{ w *World }

// RoundTrip asks a node at once.
func (p published) RoundTrip(r *http.Request) (*http.Response, error) {
	m, err := written(r)
	if err != nil {
		return nil, err
	}
	task := p.w.task
	p.w.task = nil // so that nothing parks
	defer func() { p.w.task = task }()
	out := &kept{header: http.Header{}}
	p.w.nodes[0].handler.ServeHTTP(out, m.request(r.Context()))
	return answer{status: out.status, header: out.sent, body: out.body}.response(r), nil
}

// shown is by what a caller proves itself: its key, or the name of the key that it signed with.
func shown(m message) string {
	input := m.header.Get(seal.HeaderSignatureInput)
	if input == "" {
		return m.header.Get("Authorization")
	}
	_, rest, _ := strings.Cut(input, `keyid="`)
	name, _, _ := strings.Cut(rest, `"`)
	return "keyid " + name
}
