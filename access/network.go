package access

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// mostNetworks is how many networks a key may be held to.
const mostNetworks = 20

// ParseNetworks reads networks in CIDR notation, or single addresses. An error names the one that is none.
func ParseNetworks(list []string) ([]netip.Prefix, error) {
	if len(list) > mostNetworks {
		return nil, fmt.Errorf("at most %d networks", mostNetworks)
	}
	var out []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if addr, single := netip.ParseAddr(text); err != nil && single == nil && addr.Zone() == "" {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() {
			return nil, fmt.Errorf("%q is no network: write it as 192.0.2.0/24 or 2001:db8::/32", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// comesFrom says whether an address is in networks with spaces between; none means anywhere. An address that is not
// known is in no network, and what cannot be read allows nothing.
func comesFrom(networks string, from netip.Addr) bool {
	if networks == "" {
		return true
	}
	list, err := ParseNetworks(strings.Fields(networks))
	return err == nil && within(list, from)
}

// NetworksWithin says whether all networks of one list, with spaces between, lie in those of another. None in the other means
// anywhere; none in the first does too, and so lies in nothing narrower. What cannot be read lies nowhere.
func NetworksWithin(inner, outer string) bool {
	if outer == "" {
		return true
	}
	some, err := ParseNetworks(strings.Fields(inner))
	all, wrong := ParseNetworks(strings.Fields(outer))
	if err != nil || wrong != nil || len(some) == 0 {
		return false
	}
	for _, p := range some {
		if !slices.ContainsFunc(all, func(o netip.Prefix) bool { return o.Bits() <= p.Bits() && o.Contains(p.Addr()) }) {
			return false
		}
	}
	return true
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Proxies are the networks of the balancers before the platform, whose word on where a call came from is taken.
type Proxies []netip.Prefix

// Caller gives the address that a call came from: the peer's, or, when the peer is a proxy of ours, the last one in
// X-Forwarded-For that is none. Whatever stands before that the caller may have written itself. The zero address
// when nothing can be read.
func (p Proxies) Caller(peer string, forwarded []string) netip.Addr {
	at, err := netip.ParseAddrPort(peer)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap()
	if !within(p, addr) {
		return addr
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		hop = strings.TrimSpace(hop)
		if hop == "" && len(hops) == 1 {
			return addr
		}
		next, err := netip.ParseAddr(hop)
		if err != nil {
			return netip.Addr{}
		}
		if addr = next.Unmap(); !within(p, addr) {
			return addr
		}
	}
	return addr
}
