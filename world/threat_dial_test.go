package world

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
)

// nameServer answers questions for addresses over UDP on loopback: each with the next
// of its answers, the last one for ever. Nothing may be remembered of an answer.
type nameServer struct {
	conn net.PacketConn

	mu      sync.Mutex
	answers []netip.Addr
	asked   int
}

func newNameServer(t *testing.T, answers ...string) *nameServer {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{conn: conn}
	for _, text := range answers {
		s.answers = append(s.answers, netip.MustParseAddr(text))
	}
	done := make(chan struct{})
	go func() { defer close(done); s.serve() }()
	t.Cleanup(func() { conn.Close(); <-done })
	return s
}

func (s *nameServer) serve() {
	buffer := make([]byte, 512)
	for {
		n, from, err := s.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		if reply := s.reply(buffer[:n]); reply != nil {
			_, _ = s.conn.WriteTo(reply, from)
		}
	}
}

// The types of records of RFC 1035 and RFC 3596.
const (
	typeA    = 1
	typeAAAA = 28
)

// reply is the answer to one question: header, the question again, and an address if
// it is of the kind that was asked for.
func (s *nameServer) reply(question []byte) []byte {
	end := 12
	for end < len(question) && question[end] != 0 {
		end += int(question[end]) + 1
	}
	if end += 5; end > len(question) {
		return nil
	}
	kind := binary.BigEndian.Uint16(question[end-4:])
	reply := append([]byte{}, question[:end]...)
	copy(reply[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}) // an answer, one question, no records yet
	address := s.next(kind)
	if !address.IsValid() {
		return reply
	}
	reply[7] = 1
	reply = append(reply, 0xc0, 12) // the name of the question
	reply = binary.BigEndian.AppendUint16(reply, kind)
	reply = append(reply, 0, 1, 0, 0, 0, 0) // internet, for no time at all
	reply = binary.BigEndian.AppendUint16(reply, uint16(address.BitLen()/8))
	return append(reply, address.AsSlice()...)
}

// next is the address for a question of a kind; none when the one whose turn it is
// is of the other kind.
func (s *nameServer) next(kind uint16) netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	address := s.answers[0]
	if (kind == typeA) != address.Is4() || kind != typeA && kind != typeAAAA {
		return netip.Addr{}
	}
	s.asked++
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return address
}

func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", s.conn.LocalAddr().String())
	}}
}

// TestThreatRebindingName asks a name twice: whoever looks first sees a public address,
// whoever connects afterwards is sent to this machine.
func TestThreatRebindingName(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, second := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1"} {
		names := newNameServer(t, "8.8.8.8", second)
		first, err := names.resolver().LookupNetIP(t.Context(), "ip4", "shop.example.")
		if err != nil || len(first) != 1 || !Public(first[0]) {
			t.Fatalf("the first look at the name gave %v, %v", first, err)
		}
		conn, err := Dialer{Resolver: names.resolver()}.DialContext(t.Context(), "tcp", "shop.example.:"+port)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, ErrPrivate) || names.asked < 2 {
			t.Errorf("then %s, after %d questions: %v", second, names.asked, err)
		}
	}
	names := newNameServer(t, "127.0.0.1")
	conn, err := Dialer{AllowPrivate: true, Resolver: names.resolver()}.DialContext(t.Context(), "tcp", "shop.example.:"+port)
	if err != nil {
		t.Fatalf("the name server does not lead to the server: %v", err)
	}
	conn.Close()
}

// TestThreatOddPort asks for ports of public hosts that are no HTTPS, without connecting.
func TestThreatOddPort(t *testing.T) {
	for _, port := range []string{"0", "22", "25", "53", "80", "442", "444", "5432", "6379", "8443", "9200", "65535"} {
		for _, host := range []string{"8.8.8.8", "2a00:1450:4001:81b::200e"} {
			if err := (Dialer{}).control("tcp", net.JoinHostPort(host, port), nil); !errors.Is(err, ErrPort) {
				t.Errorf("%s of %s: %v", port, host, err)
			}
			if err := (Dialer{AllowPrivate: true}).control("tcp", net.JoinHostPort(host, port), nil); err != nil {
				t.Errorf("in the demo %s of %s: %v", port, host, err)
			}
		}
	}
	if err := (Dialer{}).control("tcp", "8.8.8.8:443", nil); err != nil {
		t.Errorf("443: %v", err)
	}
}
