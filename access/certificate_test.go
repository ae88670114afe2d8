package access

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/store"
	"tolom/world"
)

// aCertificate makes a certificate of a key that signs itself: who issued it does not matter here.
func aCertificate(t *testing.T, key byte, serial int64, from, to time.Time) *x509.Certificate {
	t.Helper()
	private := ed25519.NewKeyFromSeed(append(make([]byte, 31), key))
	der, err := x509.CreateCertificate(nil, &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "psp"}, NotBefore: from, NotAfter: to},
		&x509.Certificate{Subject: pkix.Name{CommonName: "psp"}}, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// pin puts a certificate on a PSP's list.
func (d *door) pin(psp id.ID, of, print string) store.Certificate {
	d.t.Helper()
	c := store.Certificate{ID: world.NewID(d.world, id.Certificate, psp.Bucket()), PSP: psp, Of: of, Fingerprint: print, CreatedAt: d.clock.Now()}
	d.putPin(c)
	return c
}

func (d *door) putPin(c store.Certificate) {
	d.t.Helper()
	if err := d.desk.Certificates().Put(d.ctx, c); err != nil {
		d.t.Fatal(err)
	}
}

// TestThreatCertificateOfAnotherPSP comes with a certificate that is another's, without one, or with one that is not of its time.
func TestThreatCertificateOfAnotherPSP(t *testing.T) {
	d := newDoor(t)
	psp, other := d.owner(id.PSP), d.owner(id.PSP)
	day := 24 * time.Hour
	mine, renewed := aCertificate(t, 1, 1, start.Add(-day), start.Add(day)), aCertificate(t, 1, 2, start.Add(-day), start.Add(day))
	next, theirs := aCertificate(t, 2, 3, start.Add(-day), start.Add(day)), aCertificate(t, 3, 4, start.Add(-day), start.Add(day))
	expired, early := aCertificate(t, 1, 5, start.Add(-2*day), start.Add(-time.Second)), aCertificate(t, 1, 6, start.Add(time.Second), start.Add(day))
	if err := d.Certified(d.ctx, psp, nil, false); err != nil {
		t.Errorf("a PSP without a list: %v", err)
	}
	d.pin(psp, store.CertificateKey, fingerprint(mine.RawSubjectPublicKeyInfo))
	d.pin(psp, store.CertificateItself, fingerprint(next.Raw))
	d.pin(other, store.CertificateItself, fingerprint(theirs.Raw))
	// The fingerprint of a key is not taken for that of a certificate.
	d.pin(psp, store.CertificateItself, fingerprint(theirs.RawSubjectPublicKeyInfo))
	d.Forget()
	for what, c := range map[string]struct {
		psp    id.ID
		shown  *x509.Certificate
		wanted bool
		words  string // of the refusal, "" when it is let in
	}{
		"the registered key":                {psp, mine, false, ""},
		"renewed with its key":              {psp, renewed, false, ""},
		"the next one":                      {psp, next, true, ""},
		"none":                              {psp, nil, false, "connect by TLS"},
		"another PSP's":                     {psp, theirs, false, "not one of those"},
		"expired":                           {psp, expired, false, "expired or is not valid yet"},
		"not valid yet":                     {psp, early, false, "expired or is not valid yet"},
		"none is registered":                {d.owner(id.PSP), mine, false, ""},
		"none is registered, one is wanted": {d.owner(id.PSP), mine, true, "not one of those"},
		"none at all, one is wanted":        {d.owner(id.PSP), nil, true, "connect by TLS"},
	} {
		err := d.Certified(d.ctx, c.psp, c.shown, c.wanted)
		if (err == nil) != (c.words == "") || err != nil && (!fault.Has(err, fault.CertificateRefused) || !strings.Contains(fault.From(err).Detail, c.words)) {
			t.Errorf("%s: %v, want %q", what, err, c.words)
		}
	}
}

// TestThreatCertificateTakenOffTheList removes a certificate while connections with it are open: each request is judged.
func TestThreatCertificateTakenOffTheList(t *testing.T) {
	d := newDoor(t)
	other := New(d.desk, d.clock)
	psp, mine, next := d.owner(id.PSP), aCertificate(t, 1, 1, start, start.Add(time.Hour)), aCertificate(t, 2, 2, start, start.Add(time.Hour))
	pinned := d.pin(psp, store.CertificateItself, fingerprint(mine.Raw))
	d.pin(psp, store.CertificateItself, fingerprint(next.Raw))
	for _, gate := range []*Gate{d.Gate, other} {
		if err := gate.Certified(d.ctx, psp, mine, false); err != nil {
			t.Fatal(err)
		}
	}
	pinned.RemovedAt = d.clock.Now()
	d.putPin(pinned)
	d.Forget()
	if err := d.Certified(d.ctx, psp, mine, false); !fault.Has(err, fault.CertificateRefused) {
		t.Errorf("on this node: %v", err)
	}
	d.clock.Advance(remember)
	if err := other.Certified(d.ctx, psp, mine, false); !fault.Has(err, fault.CertificateRefused) {
		t.Errorf("on the other node after %v: %v", remember, err)
	}
	if err := other.Certified(d.ctx, psp, next, false); err != nil {
		t.Errorf("the other certificate: %v", err)
	}
	d.clock.Advance(remember)
	d.desk.Fault = func(store.Point) error { return errors.New("no connection") }
	if err := d.Certified(d.ctx, psp, next, false); !fault.Has(err, fault.OutOfService) {
		t.Errorf("a database that does not answer: %v", err)
	}
}
