package flow

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// mostSigners is how many keys, and how many certificates, a PSP may have that work: enough to replace one by another
// in each of its data centres.
const mostSigners = 20

// AddPSPKey registers a public key of a PSP. Public is PEM, or the base64 within; the algorithm must be the key's. A
// zero NotBefore is now.
func (r *Registry) AddPSPKey(ctx context.Context, k store.PSPKey) (store.PSPKey, error) {
	k, err := r.soundPSPKey(ctx, k)
	if err != nil {
		return k, err
	}
	k.ID, k.CreatedAt = r.newID(id.PSPKey, k.PSP.Bucket()), r.world.Clock.Now()
	return k, put(ctx, r, r.desk.PSPKeys(), k.ID, k)
}

// soundPSPKey checks a key that is to be registered, and writes it in one way.
func (r *Registry) soundPSPKey(ctx context.Context, k store.PSPKey) (store.PSPKey, error) {
	public, err := seal.ParsePublicKey(strings.TrimSpace(k.Public))
	if err != nil {
		return k, fault.Wrap(fault.InvalidRequest, err).On("public_key").Because(err.Error())
	}
	if k.Algorithm != string(public.Algorithm()) {
		return k, fault.New(fault.InvalidRequest).On("algorithm").Because("the public key is one of " + string(public.Algorithm()))
	}
	if k.Public, err = public.Text(); err != nil {
		return k, fault.Wrap(fault.InternalError, err)
	}
	if k.NotBefore.IsZero() {
		k.NotBefore = r.world.Clock.Now()
	}
	if !k.NotAfter.IsZero() && !k.NotAfter.After(k.NotBefore) {
		return k, fault.New(fault.InvalidRequest).On("not_after").Because("not_after must be after not_before")
	}
	if err := first(short("name", k.Name, 100)); err != nil {
		return k, err
	}
	return k, r.roomFor(ctx, k.PSP, r.countKeys)
}

// roomFor says whether a PSP that exists may have one more of something.
func (r *Registry) roomFor(ctx context.Context, psp id.ID, count func(context.Context, id.ID) (int, error)) error {
	if psp.Kind() != id.PSP {
		return fault.New(fault.NotFound).On("psp_id")
	}
	if _, err := r.PSP(ctx, psp); err != nil {
		return whose(err, psp, psp, "psp_id")
	}
	n, err := count(ctx, psp)
	if err != nil {
		return missing(err)
	}
	if n >= mostSigners {
		return fault.New(fault.InvalidRequest).On("psp_id").Because("the PSP has as many as it may have: end those that are no longer used")
	}
	return nil
}

func (r *Registry) countKeys(ctx context.Context, psp id.ID) (n int, err error) {
	return working(ctx, r.desk.PSPKeys(), psp, func(k store.PSPKey) (id.ID, time.Time) { return k.ID, k.RevokedAt })
}

func (r *Registry) countCertificates(ctx context.Context, psp id.ID) (n int, err error) {
	return working(ctx, r.desk.Certificates(), psp, func(c store.Certificate) (id.ID, time.Time) { return c.ID, c.RemovedAt })
}

// working counts an owner's records that were not ended.
func working[T any](ctx context.Context, shelf store.Shelf[T], owner id.ID, look func(T) (id.ID, time.Time)) (n int, err error) {
	for after := id.ID(""); ; {
		page, err := shelf.List(ctx, owner, after, 100)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, record := range page {
			var ended time.Time
			if after, ended = look(record); ended.IsZero() {
				n++
			}
		}
	}
}

// RevokePSPKey ends a public key: at once on this node, within seconds on the others.
func (r *Registry) RevokePSPKey(ctx context.Context, key id.ID) (store.PSPKey, error) {
	return ended(ctx, r, r.desk.PSPKeys(), key, func(k *store.PSPKey) *time.Time { return &k.RevokedAt })
}

// AddCertificate registers a client certificate by its fingerprint, which may be written as openssl prints it.
func (r *Registry) AddCertificate(ctx context.Context, c store.Certificate) (store.Certificate, error) {
	c, err := r.soundCertificate(ctx, c)
	if err != nil {
		return c, err
	}
	c.ID, c.CreatedAt = r.newID(id.Certificate, c.PSP.Bucket()), r.world.Clock.Now()
	err = put(ctx, r, r.desk.Certificates(), c.ID, c)
	r.gate.Forget()
	return c, err
}

// soundCertificate checks a certificate that is to be registered, and writes its fingerprint in one way.
func (r *Registry) soundCertificate(ctx context.Context, c store.Certificate) (store.Certificate, error) {
	if c.Of != store.CertificateItself && c.Of != store.CertificateKey {
		return c, fault.New(fault.InvalidRequest).On("fingerprint_of").Because("a fingerprint is of the certificate or of its public_key")
	}
	c.Fingerprint = strings.ToLower(strings.ReplaceAll(c.Fingerprint, ":", ""))
	if sum, err := hex.DecodeString(c.Fingerprint); err != nil || len(sum) != 32 {
		return c, fault.New(fault.InvalidRequest).On("fingerprint").Because("give SHA-256 as 64 hex digits, with or without colons")
	}
	if err := first(short("name", c.Name, 100)); err != nil {
		return c, err
	}
	return c, r.roomFor(ctx, c.PSP, r.countCertificates)
}

// RemoveCertificate takes a certificate off its PSP's list: at once on this node, within seconds on the others.
func (r *Registry) RemoveCertificate(ctx context.Context, certificate id.ID) (store.Certificate, error) {
	return ended(ctx, r, r.desk.Certificates(), certificate, func(c *store.Certificate) *time.Time { return &c.RemovedAt })
}

// ended writes the end of a record, once, and has the gate forget what it remembers.
func ended[T any](ctx context.Context, r *Registry, shelf store.Shelf[T], name id.ID, end func(*T) *time.Time) (T, error) {
	record, err := shelf.Get(ctx, name)
	if err != nil {
		return record, missing(err)
	}
	if at := end(&record); at.IsZero() {
		*at = r.world.Clock.Now()
		if err := put(ctx, r, shelf, name, record); err != nil {
			return record, err
		}
	}
	r.gate.Forget()
	return record, nil
}

// KeyOverlap is how long a new key of the platform is published before it signs: longer than those who verify may
// remember the published keys.
const KeyOverlap = 10 * time.Minute

// FirstPlatformKey makes the key that the platform's answers are signed with, if there is none.
func (r *Registry) FirstPlatformKey(ctx context.Context) error {
	keys, err := access.Published(ctx, r.desk)
	if err != nil || len(keys) > 0 {
		return missing(err)
	}
	_, err = r.addPlatformKey(ctx, r.world.Clock.Now())
	return err
}

// mostPublished is how many keys of the platform may be published at once.
const mostPublished = 10

// AddPlatformKey makes the next key of the platform. It is published now and signs after KeyOverlap; the one before
// stays published until it is retired, so no answer is ever signed by a key that cannot be looked up.
func (r *Registry) AddPlatformKey(ctx context.Context) (store.PlatformKey, error) {
	if _, err := r.roomForPlatformKey(ctx); err != nil {
		return store.PlatformKey{}, err
	}
	return r.addPlatformKey(ctx, r.world.Clock.Now().Add(KeyOverlap))
}

// roomForPlatformKey says how many keys are published, when there may be one more.
func (r *Registry) roomForPlatformKey(ctx context.Context) (published int, err error) {
	keys, err := access.Published(ctx, r.desk)
	if err != nil {
		return 0, missing(err)
	}
	if len(keys) >= mostPublished {
		return 0, fault.New(fault.InvalidRequest).Because("too many keys are published: retire those that sign no more")
	}
	return len(keys), nil
}

func (r *Registry) addPlatformKey(ctx context.Context, signs time.Time) (store.PlatformKey, error) {
	random, err := r.random32()
	if err != nil {
		return store.PlatformKey{}, fault.Wrap(fault.InternalError, err)
	}
	kept, err := access.KeepKey(seal.NewPrivateKey(random))
	if err != nil {
		return store.PlatformKey{}, fault.Wrap(fault.InternalError, err)
	}
	k := store.PlatformKey{ID: r.newID(id.PlatformKey, 0), Private: kept, SignsFrom: signs, CreatedAt: r.world.Clock.Now()}
	return k, put(ctx, r, r.desk.PlatformKeys(), k.ID, k)
}

// RetirePlatformKey takes a key out of what is published. The one that signs cannot be retired.
func (r *Registry) RetirePlatformKey(ctx context.Context, key id.ID) (store.PlatformKey, error) {
	keys, err := access.Published(ctx, r.desk)
	if err != nil {
		return store.PlatformKey{}, missing(err)
	}
	if access.SigningOf(keys, r.world.Clock.Now()) == key {
		return store.PlatformKey{}, fault.New(fault.InvalidRequest).On("id").Because("this key signs: make another one and retire this one when the other signs")
	}
	return ended(ctx, r, r.desk.PlatformKeys(), key, func(k *store.PlatformKey) *time.Time { return &k.RetiredAt })
}
