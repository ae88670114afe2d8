package notify

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tolom/fault"
	"tolom/payment"
	"tolom/world"
)

// longestURL is how many bytes the address of a webhook may have.
const longestURL = 500

// checkURL refuses addresses that no webhook is sent to: url_not_allowed. A name
// that stands for a private address is found out when it is dialled.
func (c Config) checkURL(text string) error {
	if len(text) > longestURL {
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url has more than 500 bytes")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url is a whole address such as https://shop.example/webhooks")
	case u.User != nil:
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url must not hold a user or password; check the signature of the webhook instead")
	case u.Fragment != "" || strings.Contains(text, "#"):
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url must not have a fragment (#): it is never sent")
	case c.AllowPrivate:
		return nil
	case u.Scheme != "https":
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url must begin with https://")
	case u.Port() != "" && u.Port() != strconv.Itoa(world.WebPort):
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url must not name a port other than 443")
	case strings.HasSuffix(u.Host, ":"):
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("url ends its host with a colon and names no port")
	case !publicHost(u.Hostname()):
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("the host must be a name of the public internet, such as shop.example; in other letters than a-z write it as xn--…")
	}
	return nil
}

// publicHost says whether a host may be one of the public internet: an address of
// it in its plain spelling, or a name that nobody can read as an address. Resolvers
// read 2130706433, 0x7f.1 and 127.1 as addresses, and turn digits and dots of other
// scripts into ours, so such hosts are refused rather than understood.
func publicHost(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Zone() == "" && world.Public(address)
	}
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(host), "."), ".")
	for _, label := range labels {
		if !plainLabel(label) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && !numeric(last) && !slices.Contains(localNames, last)
}

// localNames are the ends of names that only a network of its own knows.
var localNames = []string{"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "localdomain", "arpa", "onion"}

// plainLabel says whether a part of a name is of letters, digits and inner hyphens.
func plainLabel(label string) bool {
	plain := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' }
	return label != "" && len(label) < 64 && label[0] != '-' && label[len(label)-1] != '-' &&
		strings.IndexFunc(label, func(r rune) bool { return !plain(r) }) < 0
}

// numeric says whether a label is a number to a resolver: 10, 0x7f, 017. No
// top-level domain is one.
func numeric(label string) bool {
	return label[0] >= '0' && label[0] <= '9'
}

// checkTypes refuses types of events that do not exist, and gives the list
// sorted and without repeats.
func checkTypes(types []string) ([]string, error) {
	for _, t := range types {
		if kind := payment.FactType(t); !slices.Contains(payment.FactTypes, kind) && !slices.Contains(outside, kind) {
			return nil, fault.New(fault.InvalidRequest).On("types").Because("there is no such type of event; leave types out to get all")
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(types))), nil
}
