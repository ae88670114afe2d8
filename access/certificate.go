package access

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// mostCertificates is how many certificates of a PSP are looked at; more are never registered.
const mostCertificates = 100

// Certified holds a PSP to its list of certificates: if it has one, or if wanted, the connection must have come with
// a certificate on it. shown is that certificate, nil when there was none; the caller has seen to it that the other
// side has its key. certificate_refused otherwise.
func (g *Gate) Certified(ctx context.Context, psp id.ID, shown *x509.Certificate, wanted bool) error {
	now := g.clock.Now()
	list, err := g.certificates(ctx, psp, now)
	switch {
	case err != nil:
		return fault.Wrap(fault.OutOfService, err)
	case len(list) == 0 && !wanted:
		return nil
	case shown == nil:
		return fault.New(fault.CertificateRefused).Because("connect by TLS with the client certificate that is registered for you")
	case now.Before(shown.NotBefore) || now.After(shown.NotAfter):
		return fault.New(fault.CertificateRefused).Because("the client certificate has expired or is not valid yet")
	case !listed(list, shown):
		return fault.New(fault.CertificateRefused).Because("the client certificate is not one of those registered for the caller")
	}
	return nil
}

// certificates are those of a PSP that were not removed.
func (g *Gate) certificates(ctx context.Context, psp id.ID, now time.Time) ([]store.Certificate, error) {
	if list, ok := g.pinned.get(string(psp), now); ok {
		return list, nil
	}
	var list []store.Certificate
	for after := id.ID(""); ; after = list[len(list)-1].ID {
		page, err := g.desk.Certificates().List(ctx, psp, after, mostCertificates)
		if err != nil {
			return nil, err
		}
		list = append(list, page...)
		if len(page) < mostCertificates {
			break
		}
	}
	list = slices.DeleteFunc(list, func(c store.Certificate) bool { return !c.RemovedAt.IsZero() })
	g.pinned.put(string(psp), list, now)
	return list, nil
}

func listed(list []store.Certificate, shown *x509.Certificate) bool {
	whole, key := fingerprint(shown.Raw), fingerprint(shown.RawSubjectPublicKeyInfo)
	return slices.ContainsFunc(list, func(c store.Certificate) bool {
		return c.Of == store.CertificateItself && c.Fingerprint == whole || c.Of == store.CertificateKey && c.Fingerprint == key
	})
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
