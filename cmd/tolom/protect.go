package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"tolom/access"
	"tolom/api/psp"
	"tolom/seal"
)

// protection is what a server is told about its channels and keys.
type protection struct {
	Mode            string `env:"TOLOM_MODE" enum:"live,test" default:"live" help:"live: PSPs sign their requests. test: they may also come with a key psk_…" json:"mode"`
	FourEyes        string `name:"four-eyes" env:"TOLOM_FOUR_EYES" enum:"auto,on,off" default:"auto" help:"Whether a second person must approve what operators do to money, keys and limits; auto: on in mode live." json:"four_eyes"`
	PSPBaseURL      string `name:"psp-base-url" env:"TOLOM_PSP_BASE_URL" help:"Scheme and host that PSPs call, which their signatures cover; default BASE-URL." json:"psp_base_url"`
	SigningKey      string `name:"signing-key" env:"TOLOM_SIGNING_KEY" help:"PEM file of the keys that answers to PSPs are signed with: the first signs, all are published. Without, a key is made and kept in the database." json:"signing_key"`
	TLSCert         string `name:"tls-cert" env:"TOLOM_TLS_CERT" help:"PEM file of the server's certificate and those above it; read again when it changes. Without, the server speaks plain HTTP." json:"tls_cert"`
	TLSKey          string `name:"tls-key" env:"TOLOM_TLS_KEY" help:"PEM file of the certificate's key." json:"tls_key"`
	TLSClientCA     string `name:"tls-client-ca" env:"TOLOM_TLS_CLIENT_CA" help:"PEM file of those who issue client certificates; without, the registered fingerprints alone decide." json:"tls_client_ca"`
	TLSMin          string `name:"tls-min" env:"TOLOM_TLS_MIN" enum:"1.2,1.3" default:"1.3" help:"Oldest version of TLS that is spoken." json:"tls_min"`
	PSPCertificates string `name:"psp-certificates" env:"TOLOM_PSP_CERTIFICATES" enum:"registered,required" default:"registered" help:"registered: PSPs that have registered client certificates must come with one. required: all must." json:"psp_certificates"`
	TrustedProxies  string `name:"trusted-proxies" env:"TOLOM_TRUSTED_PROXIES" help:"Networks of the balancers before the platform, with spaces between, such as 10.0.0.0/8: their X-Forwarded-For says where a call came from. Without, the connection does." json:"trusted_proxies"`
}

func (p protection) check() error {
	if u, err := url.Parse(p.PSPBaseURL); p.PSPBaseURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		return fmt.Errorf("--psp-base-url %q: give scheme and host alone, such as https://psp.pay.example.kg", p.PSPBaseURL)
	}
	if _, err := access.ParseNetworks(strings.Fields(p.TrustedProxies)); err != nil {
		return fmt.Errorf("--trusted-proxies: %w", err)
	}
	switch {
	case (p.TLSCert == "") != (p.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key belong together: give both or none")
	case p.TLSCert == "" && p.TLSClientCA != "":
		return errors.New("--tls-client-ca needs --tls-cert and --tls-key: client certificates are shown where TLS ends")
	case p.TLSCert == "" && p.PSPCertificates == "required":
		return errors.New("--psp-certificates required needs --tls-cert and --tls-key: client certificates are shown where TLS ends")
	}
	return nil
}

// proxies are the balancers before the platform. The settings were checked.
func (p protection) proxies() access.Proxies {
	list, _ := access.ParseNetworks(strings.Fields(p.TrustedProxies))
	return list
}

// policy is how PSPs must prove who they are.
func (s settings) policy() psp.Policy {
	return psp.Policy{Base: s.PSPBaseURL, SignedOnly: s.Mode == "live", CertificatesOnly: s.PSPCertificates == "required"}
}

// fourEyes says whether a second person must approve what touches money, keys and limits.
func (p protection) fourEyes() bool {
	return p.FourEyes == "on" || p.FourEyes == "auto" && p.Mode == "live"
}

// platformKeys is where the platform's own keys come from: the one place that reads them.
func (a *app) platformKeys(ctx context.Context) (access.PlatformKeys, error) {
	if a.settings.SigningKey == "" {
		return access.StoredKeys(a.desk, a.world.Clock)(ctx)
	}
	text, err := os.ReadFile(a.settings.SigningKey)
	if err != nil {
		return access.PlatformKeys{}, fmt.Errorf("--signing-key: %w", err)
	}
	keys, err := access.FileKeys(text)
	if err != nil {
		return keys, fmt.Errorf("--signing-key %s: %w", a.settings.SigningKey, err)
	}
	return keys, nil
}

// openRing makes the ring of the platform's keys and sees to it that there is one.
func (a *app) openRing(ctx context.Context) error {
	if a.settings.SigningKey == "" {
		if err := a.registry.FirstPlatformKey(ctx); err != nil {
			return err
		}
	}
	a.ring = access.NewRing(a.platformKeys, a.world.Clock)
	_, err := a.ring.Keys(ctx)
	return err
}

// encrypted puts TLS over a listener when the settings say so.
func (p protection) encrypted(l net.Listener, log *slog.Logger) (net.Listener, error) {
	if p.TLSCert == "" {
		return l, nil
	}
	c := &certificates{protection: p, log: log}
	first, err := c.read()
	if err != nil {
		return nil, err
	}
	c.config = first
	return tls.NewListener(l, &tls.Config{GetConfigForClient: c.current, MinVersion: first.MinVersion, NextProtos: first.NextProtos}), nil
}

// certificates reads the files of TLS again when they change, so that a renewed certificate needs no restart.
type certificates struct {
	protection
	log *slog.Logger

	mu      sync.Mutex
	config  *tls.Config
	stamp   string
	checked time.Time
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = 5 * time.Second

// current gives the configuration for a new connection. Files that cannot be read leave the old one in force.
func (c *certificates) current(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) < lookEvery {
		return c.config, nil
	}
	c.checked = time.Now()
	if stamp, err := c.stampOf(); err == nil && stamp == c.stamp {
		return c.config, nil
	}
	config, err := c.read()
	if err != nil {
		c.log.Error("the certificates of TLS have changed and cannot be read; the old ones stay in force", "error", err)
		return c.config, nil
	}
	c.log.Info("the certificates of TLS were read again")
	c.config = config
	return config, nil
}

// stampOf changes when a file does.
func (c *certificates) stampOf() (stamp string, err error) {
	for _, path := range []string{c.TLSCert, c.TLSKey, c.TLSClientCA} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), "\n")
	}
	return stamp, nil
}

// read makes a configuration from the files. A client certificate is asked for and never wanted here: browsers and
// shops have none. Whether a PSP may go without is decided for each of its requests.
func (c *certificates) read() (*tls.Config, error) {
	stamp, err := c.stampOf()
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", c.TLSCert, c.TLSKey, err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequestClientCert}
	if c.TLSMin == "1.2" {
		config.MinVersion = tls.VersionTLS12
	}
	if c.TLSClientCA != "" {
		text, err := os.ReadFile(c.TLSClientCA)
		if err != nil {
			return nil, fmt.Errorf("--tls-client-ca: %w", err)
		}
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
		if !config.ClientCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--tls-client-ca %s: it holds no certificate", c.TLSClientCA)
		}
	}
	c.stamp = stamp
	return config, nil
}

// signing gives the key that signs now, for what is signed beside answers.
func (a *app) signing(ctx context.Context) (seal.PrivateKey, error) {
	keys, err := a.ring.Keys(ctx)
	return keys.Signing, err
}
