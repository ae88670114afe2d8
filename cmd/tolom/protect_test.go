package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/client"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/web"
)

// authority issues certificates.
type authority struct {
	t           *testing.T
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	serial      int64
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, serial: 1}
	a.certificate, a.key = a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue signs a certificate that is good for an hour around now, unless it says otherwise.
func (a *authority) issue(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.serial++
	c.SerialNumber = big.NewInt(a.serial)
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	by, parent := a.key, a.certificate
	if by == nil {
		by, parent = key, c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return made, key
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// write puts a certificate and its key into files.
func (a *authority) write(folder, name string, c *x509.Certificate, key *ecdsa.PrivateKey) (certPath, keyPath string) {
	a.t.Helper()
	certPath, keyPath = filepath.Join(folder, name+".pem"), filepath.Join(folder, name+".key")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	err = errors.Join(err,
		os.WriteFile(certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600),
		os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	if err != nil {
		a.t.Fatal(err)
	}
	return certPath, keyPath
}

// client issues a client certificate to a PSP.
func (a *authority) client(name string, from, to time.Time) *tls.Certificate {
	c, key := a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

// fortress is a live platform behind TLS, with a PSP that signs.
type fortress struct {
	t       *testing.T
	app     *app
	servers *authority
	clients *authority
	psp     store.PSP
	key     client.SigningKey
	files   protection
}

func newFortress(t *testing.T, change ...func(*settings)) *fortress {
	t.Helper()
	folder := t.TempDir()
	f := &fortress{t: t, servers: newAuthority(t, "servers"), clients: newAuthority(t, "clients")}
	s := settings{DB: "sqlite:" + filepath.Join(folder, "tolom.db"), Listen: "127.0.0.1:0", Provider: vars["provider"], MaxBatch: 256, MaxConns: 4, StopSeconds: 5}
	s.Mode, s.PSPCertificates, s.TLSMin = "live", "registered", "1.3"
	shown, key := f.server()
	s.TLSCert, s.TLSKey = f.servers.write(folder, "server", shown, key)
	s.TLSClientCA, _ = f.clients.write(folder, "clients", f.clients.certificate, f.clients.key)
	for _, do := range change {
		do(&s)
	}
	f.files = s.protection
	f.start(s)
	return f
}

// server issues the server's certificate.
func (f *fortress) server() (*x509.Certificate, *ecdsa.PrivateKey) {
	return f.servers.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
}

func (f *fortress) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fortress) start(s settings) {
	f.t.Helper()
	f.must(s.check())
	listener, err := net.Listen("tcp", s.Listen)
	f.must(err)
	log := slog.New(slog.DiscardHandler)
	f.app, err = newApp(f.t.Context(), s.at(listener.Addr()), log)
	f.must(err)
	listener, err = f.app.settings.encrypted(listener, log)
	f.must(err)
	handler, err := f.app.handler(web.Config{})
	f.must(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.app.run(ctx, listener, handler) }()
	f.t.Cleanup(func() { stop(); f.must(<-ended) })
	f.psp, err = f.app.registry.AddPSP(ctx, store.PSP{Name: "Wallet"})
	f.must(err)
	private := seal.NewPrivateKey([32]byte{1})
	public, err := private.Public().Text()
	f.must(err)
	made, err := f.app.registry.AddPSPKey(ctx, store.PSPKey{PSP: f.psp.ID, Algorithm: string(seal.Ed25519), Public: public})
	f.must(err)
	f.key = client.SigningKey{ID: string(made.ID), Key: private}
}

// connection is a PSP's HTTP client with a certificate, or none.
func (f *fortress) connection(c *tls.Certificate) *http.Client {
	config := &tls.Config{RootCAs: f.servers.pool()}
	if c != nil {
		// Shown whatever the server says it wants, as an attacker would.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c, nil }
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	f.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// asks has the PSP ask for its refunds, and gives the code of the refusal; "" when it was answered.
func (f *fortress) asks(h *http.Client) string {
	f.t.Helper()
	c := client.New(f.app.settings.BaseURL, "", client.WithHTTP(h), client.WithKeysHTTP(f.connection(nil)), client.WithSigningKey(f.key))
	_, err := c.PSP().Refunds(f.t.Context(), "", 1)
	var p *client.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	f.must(err)
	return ""
}

func (f *fortress) pins(c *tls.Certificate) id.ID {
	f.t.Helper()
	sum := sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo)
	made, err := f.app.registry.AddCertificate(f.t.Context(), store.Certificate{PSP: f.psp.ID, Of: store.CertificateKey, Fingerprint: hex.EncodeToString(sum[:])})
	f.must(err)
	return made.ID
}

// TestThreatConnectionWithoutItsCertificate opens real connections with all kinds of client certificates.
func TestThreatConnectionWithoutItsCertificate(t *testing.T) {
	f := newFortress(t)
	var always time.Time
	mine, theirs, next := f.clients.client("mine", always, always), f.clients.client("theirs", always, always), f.clients.client("next", always, always)
	if got := f.asks(f.connection(nil)); got != "" {
		t.Errorf("a PSP that has registered no certificate is refused with %s", got)
	}
	pinned := f.pins(mine)
	open := f.connection(mine)
	for what, c := range map[string]struct {
		connection *http.Client
		code       string
	}{
		"its own":                          {open, ""},
		"none":                             {f.connection(nil), "certificate_refused"},
		"another PSP's":                    {f.connection(theirs), "certificate_refused"},
		"one of another issuer":            {f.connection(newAuthority(t, "strangers").client("mine", always, always)), client.NoAnswer},
		"an expired one":                   {f.connection(f.clients.client("mine", time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))), client.NoAnswer},
		"its own, without the key of it":   {f.connection(&tls.Certificate{Certificate: mine.Certificate, PrivateKey: theirs.PrivateKey}), client.NoAnswer},
		"the server's instead of a client": {f.connection(serverAsClient(f)), client.NoAnswer},
	} {
		if got := f.asks(c.connection); got != c.code {
			t.Errorf("with %s: %q, want %q", what, got, c.code)
		}
	}
	// Rotation: both work, then the old one is taken off the list, on the connection that is open too.
	f.pins(next)
	if got := f.asks(open) + f.asks(f.connection(next)); got != "" {
		t.Errorf("while one replaces the other: %q", got)
	}
	_, err := f.app.registry.RemoveCertificate(t.Context(), pinned)
	f.must(err)
	if got := f.asks(open); got != "certificate_refused" {
		t.Errorf("on an open connection after it was removed: %q", got)
	}
	if got := f.asks(f.connection(next)); got != "" {
		t.Errorf("the one that replaced it: %q", got)
	}
}

func serverAsClient(f *fortress) *tls.Certificate {
	c, key := f.clients.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "mine"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

func TestCertificatesMayBeWantedOfEveryPSP(t *testing.T) {
	f := newFortress(t, func(s *settings) { s.PSPCertificates, s.TLSClientCA = "required", "" })
	var always time.Time
	mine := newAuthority(t, "anybody").client("mine", always, always)
	if got := f.asks(f.connection(nil)); got != "certificate_refused" {
		t.Errorf("without one: %q", got)
	}
	if got := f.asks(f.connection(mine)); got != "certificate_refused" {
		t.Errorf("with one that is not registered: %q", got)
	}
	f.pins(mine)
	if got := f.asks(f.connection(mine)); got != "" {
		t.Errorf("with a registered one, whoever issued it: %q", got)
	}
	old := f.clients.client("old", time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	f.pins(old)
	if got := f.asks(f.connection(old)); got != "certificate_refused" {
		t.Errorf("with a registered one that has expired: %q", got)
	}
	// Browsers and shops have no certificates and need none.
	for _, path := range []string{"/livez", "/docs", "/.well-known/jwks.json"} {
		answer, err := f.connection(nil).Get(f.app.settings.BaseURL + path)
		f.must(err)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 {
			t.Errorf("%s: %s over %s", path, answer.Status, answer.Proto)
		}
	}
}

// TestThreatOldVersionOfTLS offers versions that are too old.
func TestThreatOldVersionOfTLS(t *testing.T) {
	for least, c := range map[string]struct{ offered, accepted uint16 }{
		"1.3": {tls.VersionTLS12, tls.VersionTLS13}, "1.2": {tls.VersionTLS11, tls.VersionTLS12},
	} {
		f := newFortress(t, func(s *settings) { s.TLSMin = least })
		for _, version := range []uint16{c.offered, c.accepted} {
			address := strings.TrimPrefix(f.app.settings.BaseURL, "https://")
			conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: f.servers.pool(), MinVersion: tls.VersionTLS10, MaxVersion: version})
			if (err == nil) != (version == c.accepted) {
				t.Errorf("at least %s: %s gives %v", least, tls.VersionName(version), err)
			}
			if err == nil {
				conn.Close()
			}
		}
	}
}

func TestARenewedCertificateNeedsNoRestart(t *testing.T) {
	f := newFortress(t)
	c := &certificates{protection: f.files, log: slog.New(slog.DiscardHandler)}
	first, err := c.read()
	f.must(err)
	c.config = first
	same, err := c.current(nil)
	if err != nil || same != first {
		t.Errorf("nothing has changed, and the configuration did: %v", err)
	}
	again := func() *tls.Config {
		c.checked = time.Time{}
		config, err := c.current(nil)
		f.must(err)
		return config
	}
	renewed, key := f.server()
	f.servers.write(filepath.Dir(f.files.TLSCert), "server", renewed, key)
	f.must(os.Chtimes(f.files.TLSCert, time.Now(), time.Now().Add(time.Second)))
	if got := again().Certificates[0].Certificate[0]; string(got) != string(renewed.Raw) {
		t.Error("the old certificate is still shown")
	}
	f.must(os.WriteFile(f.files.TLSCert, []byte("half a fil"), 0o600))
	if got := again().Certificates[0].Certificate[0]; string(got) != string(renewed.Raw) {
		t.Error("a file that cannot be read has put the certificate out of force")
	}
}

func TestTheSigningKeyComesFromAFile(t *testing.T) {
	text, err := seal.NewPrivateKey([32]byte{7}).PEM()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.pem")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFortress(t, func(s *settings) { s.SigningKey = path })
	if got := f.asks(f.connection(nil)); got != "" {
		t.Errorf("refused with %s", got)
	}
	keys, err := f.app.ring.Keys(t.Context())
	if err != nil || keys.Signing.Public().ID() != seal.NewPrivateKey([32]byte{7}).Public().ID() {
		t.Errorf("the key that signs is %v, %v", keys.Signing.Public().ID(), err)
	}
	stored, err := access.Published(t.Context(), f.app.store)
	if err != nil || len(stored) != 0 {
		t.Errorf("%d keys were made in the database, %v", len(stored), err)
	}
	s := settings{DB: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), MaxConns: 2, MaxBatch: 1}
	s.SigningKey = filepath.Join(t.TempDir(), "none.pem")
	if _, err := newApp(t.Context(), s, slog.New(slog.NewTextHandler(io.Discard, nil))); err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("without the file: %v", err)
	}
}

func TestSettingsOfChannelsThatCannotWork(t *testing.T) {
	for want, p := range map[string]protection{
		"--tls-cert and --tls-key belong together": {TLSCert: "a"},
		"--tls-client-ca needs":                    {TLSClientCA: "a"},
		"--psp-certificates required needs":        {PSPCertificates: "required"},
		"--psp-base-url":                           {PSPBaseURL: "https://h/path"},
	} {
		if err := p.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", p, err, want)
		}
	}
	for _, p := range []protection{{}, {PSPBaseURL: "https://h"}, {TLSCert: "a", TLSKey: "b", TLSClientCA: "c", PSPCertificates: "required"}} {
		if err := p.check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	missing := protection{TLSCert: "/nowhere/a", TLSKey: "/nowhere/b"}
	if _, err := missing.encrypted(nil, nil); err == nil || !strings.Contains(err.Error(), "/nowhere/a") {
		t.Errorf("a certificate that is not there: %v", err)
	}
}
