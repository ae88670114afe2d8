package world

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	for _, c := range []struct {
		address string
		public  bool
		why     string
	}{
		{"8.8.8.8", true, "an ordinary host"},
		{"2a00:1450:4001:81b::200e", true, "an ordinary host"},
		{"::ffff:8.8.8.8", true, "an ordinary host, written as IPv6"},
		{"172.15.255.255", true, "just below a private network"},
		{"172.32.0.0", true, "just above a private network"},
		{"100.128.0.0", true, "just above the shared network"},
		{"127.0.0.1", false, "loopback"},
		{"127.255.255.254", false, "loopback"},
		{"::1", false, "loopback"},
		{"::ffff:127.0.0.1", false, "loopback, mapped"},
		{"10.0.0.1", false, "private"},
		{"172.16.0.1", false, "private"},
		{"172.31.255.255", false, "private"},
		{"192.168.1.1", false, "private"},
		{"::ffff:10.1.2.3", false, "private, mapped"},
		{"fc00::1", false, "unique local"},
		{"fd12:3456::1", false, "unique local"},
		{"169.254.169.254", false, "link-local, where clouds keep credentials"},
		{"fe80::1", false, "link-local"},
		{"fe80::1%eth0", false, "link-local with a zone"},
		{"fec0::1", false, "site-local of old"},
		{"64:ff9b::a00:1", false, "NAT64 of 10.0.0.1"},
		{"64:ff9b:1::1", false, "NAT64 of a local network"},
		{"::10.0.0.1", false, "IPv4-compatible"},
		{"2002:a00:1::1", false, "6to4 of 10.0.0.1"},
		{"2001::1", false, "Teredo"},
		{"2001:db8::1", false, "documentation"},
		{"100.64.0.1", false, "shared by carriers"},
		{"198.18.0.1", false, "benchmarks"},
		{"203.0.113.9", false, "documentation"},
		{"0.0.0.0", false, "this host"},
		{"0.1.2.3", false, "this network"},
		{"::", false, "unspecified"},
		{"224.0.0.1", false, "multicast"},
		{"ff02::1", false, "multicast"},
		{"240.0.0.1", false, "for future use"},
		{"255.255.255.255", false, "broadcast"},
	} {
		if got := Public(netip.MustParseAddr(c.address)); got != c.public {
			t.Errorf("Public(%s) = %v, but it is %s", c.address, got, c.why)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address at all is not public")
	}
}

// TestDialerLooksAtTheResolvedAddress gives a name that resolves to loopback, and the same as numbers.
func TestDialerLooksAtTheResolvedAddress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "[::ffff:127.0.0.1]"} {
		address := host + ":" + port
		conn, err := Dialer{}.DialContext(t.Context(), "tcp", address)
		if !errors.Is(err, ErrPrivate) {
			t.Errorf("dialing %s: %v, want a refusal", address, err)
		}
		if err == nil {
			conn.Close()
		}
		conn, err = Dialer{AllowPrivate: true}.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Errorf("dialing %s with private addresses allowed: %v", address, err)
			continue
		}
		conn.Close()
	}
}

func TestRefusalNamesTheAddress(t *testing.T) {
	_, err := Dialer{}.DialContext(t.Context(), "tcp", "localhost:80")
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1") && !strings.Contains(err.Error(), "::1") {
		t.Errorf("%v does not say which address was refused", err)
	}
}

func TestTransportRefusesTheSame(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer server.Close()
	allowing := http.Client{Transport: Dialer{AllowPrivate: true}.Transport()}
	response, err := allowing.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	refusing := http.Client{Transport: Dialer{}.Transport()}
	if _, err := refusing.Get(server.URL); !errors.Is(err, ErrPrivate) {
		t.Errorf("a private address behind HTTP: %v, want a refusal", err)
	}
	if refusing.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would connect where the dialer would not")
	}
}
