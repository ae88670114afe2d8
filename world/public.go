package world

import "net/netip"

// reserved are the networks that look like the public internet but are not: private, shared, local, for
// documentation and benchmarks, for future use (IANA's registries of special-purpose addresses). Those inside
// 2000::/3 that carry an IPv4 address within (Teredo, 6to4) could be a detour to a private one.
var reserved = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// globalUnicast is the only part of IPv6 that is handed out to the public internet. What lies outside (loopback,
// link-local, unique local, NAT64 as 64:ff9b::/96, multicast) needs no list of its own.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// Public says whether an address belongs to the public internet. An IPv4 address written as IPv6 (::ffff:…) is
// judged as the IPv4 address that it is.
func Public(address netip.Addr) bool {
	address = address.Unmap()
	if !address.IsValid() || address.Is6() && !globalUnicast.Contains(address) {
		return false
	}
	for _, network := range reserved {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
