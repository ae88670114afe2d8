package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"tolom/fault"
	"tolom/seal"
	"tolom/wire"
	"tolom/world"
)

// forbidden are spellings of hosts that lie on this machine, on private networks or
// nowhere. %s is the port of a server on loopback.
var forbidden = []string{
	// Loopback and unspecified, IPv4: plain, short, decimal, octal, hex and mixed.
	"127.0.0.1", "127.0.0.1:%s", "127.1", "127.0.1", "127.255.255.254", "2130706433", "017700000001", "0x7f000001", "0x7F.1", "0x7f.0x0.0x0.0x1",
	"0177.0.0.1", "0177.0.0.01", "127.0.0.0x1", "00127.0.0.1", "127.0.0.1.", "127.1.", "0", "0.0.0.0", "0.0.0.0:%s", "0x0", "00000",
	"4294967295", "127.0.0.256", "425.510.425.510",
	// Private, link-local, shared, benchmarks, documentation, multicast, future.
	"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
	"100.64.0.1", "100.127.255.255", "198.18.0.1", "198.19.255.255", "192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
	"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	// IPv6: loopback, unspecified, local, multicast, long and short.
	"[::1]", "[::1]:%s", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::]", "[::]:%s", "[fe80::1]", "[fe80::1%%25lo]", "[fec0::1]",
	"[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[ff0e::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]",
	// IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, local NAT64.
	"[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]:%s", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
	"[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]",
	"[2a00:1450:4001:81b::200e%%25lo]", "[::1%%25lo]", "[127.0.0.1]",
	// Names of this machine and of local networks.
	"localhost", "LOCALHOST", "localhost.", "localhost:%s", "a.localhost", "localhost.localdomain", "printer.local", "vault.internal", "db", "metadata",
	"metadata.google.internal", "1.0.0.127.in-addr.arpa",
	// Other scripts that become digits, dots and letters.
	"①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "ⓛocalhost", "locаlhost", "%31%32%37.0.0.1", "٠.٠.٠.٠",
	// A user, a port, a path or a line where the host should be.
	"shop.example@127.0.0.1", "shop.example:443@127.0.0.1", "@127.0.0.1", "shop.example:8443", "shop.example:22", "shop.example:25", "shop.example:0",
	"shop.example:0443", "shop.example:", "127.0.0.1#@shop.example", "127.0.0.1?@shop.example", "127.0.0.1/@shop.example", "127.0.0.1\\@shop.example",
	"shop.example\r\nHost: 127.0.0.1", "shop.example\t", " 127.0.0.1", "shop..example", "-shop.example", "shop_.example", "*.example", "127.0.0.1\x00.example",
}

// loopback counts whoever connects to a server on this machine, over TLS or not.
func loopback(t *testing.T) (port string, reached *atomic.Int64) {
	reached = new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			reached.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port(), reached
}

// numbersOnly is the transport of production with a resolver that knows no name but
// those of the machine's own list, and trusts any certificate: only the dialer
// stands between a webhook and what it must not reach.
func numbersOnly() *http.Transport {
	transport := world.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no name server")
	}}}.Transport()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	return transport
}

// TestThreatForbiddenAddress gives each spelling to whoever makes endpoints, and then
// straight to the sender, as if it stood in the database already.
func TestThreatForbiddenAddress(t *testing.T) {
	port, reached := loopback(t)
	s := NewSender(numbersOnly(), world.System().Clock)
	for _, host := range forbidden {
		host = strings.ReplaceAll(strings.ReplaceAll(host, "%s", port), "%%", "%")
		address := "https://" + host + "/hooks"
		if err := (Config{}).checkURL(address); !fault.Has(err, fault.DeliveryNotAllowed) {
			t.Errorf("an endpoint at %q: %v", address, err)
		}
		e := testEndpoint
		e.URL = address
		if a, err := s.send(t.Context(), e, testEvent); err == nil && a.status != 0 {
			t.Errorf("a webhook reached %q: %+v", address, a)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d connections came to this machine", n)
	}
	t.Logf("%d spellings refused", len(forbidden))
}

// TestThreatForbiddenAddressIsLetInByTheDemoOnly shows that the table above would
// notice: in the demo the same server is reached.
func TestThreatForbiddenAddressIsLetInByTheDemoOnly(t *testing.T) {
	port, reached := loopback(t)
	transport := world.Dialer{AllowPrivate: true}.Transport()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	e := testEndpoint
	e.URL = "https://127.0.0.1:" + port + "/hooks"
	if a, err := NewSender(transport, world.System().Clock).send(t.Context(), e, testEvent); err != nil || a.status != http.StatusNotFound {
		t.Errorf("%+v, %v", a, err)
	}
	if reached.Load() == 0 || (Config{AllowPrivate: true}).checkURL(e.URL) != nil {
		t.Error("the demo does not reach this machine")
	}
}

// TestThreatProxyOfTheEnvironment sets proxies that would connect where we would not.
func TestThreatProxyOfTheEnvironment(t *testing.T) {
	proxy := newLetterbox(t)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	e := testEndpoint
	for _, e.URL = range []string{"http://shop.example/", "https://shop.example/"} {
		if a, err := NewSender(numbersOnly(), world.System().Clock).send(t.Context(), e, testEvent); err != nil || a.status != 0 {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if len(proxy.got()) != 0 {
		t.Error("the proxy of the environment was asked")
	}
}

// TestThreatRedirectInside answers with the address of a server that must not be reached.
func TestThreatRedirectInside(t *testing.T) {
	inside := newLetterbox(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, box := newTown(t), newLetterbox(t)
		box.answer = func(w http.ResponseWriter, _ wire.Event) {
			w.Header().Set("Location", inside.URL+"/latest/meta-data")
			w.WriteHeader(status)
		}
		e := c.listen(box.URL, "request.paid")
		c.pay(c.ask(100), 100)
		c.pass(e)
		if d := c.log(e)[0]; d.HTTPStatus != status || d.Status != "pending" || len(inside.got()) != 0 {
			t.Errorf("%+v; %d came to where it pointed", d, len(inside.got()))
		}
	}
}

// TestThreatSecretInTheLog looks for secrets in what the owner's log keeps of a webhook.
func TestThreatSecretInTheLog(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	c.pay(c.ask(100), 100)
	c.pass(e)
	d := c.log(e)[0]
	for _, secret := range append(append([]string{}, e.Secrets...), e.Keys...) {
		for _, text := range []string{d.Request, d.Reply, d.ReplyHeaders, d.Error} {
			if strings.Contains(text, secret) || strings.Contains(text, secret[len("whsec_"):]) {
				t.Errorf("the log shows %.6s…: %s", secret, text)
			}
		}
	}
	if !strings.Contains(d.Request, seal.HeaderWebhookSignature) {
		t.Errorf("the log does not show what was sent: %q", d.Request)
	}
}
