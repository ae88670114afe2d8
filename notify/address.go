package notify

import (
	"net/netip"
	"net/url"
	"slices"
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
	case !publicHost(u.Hostname()):
		return fault.New(fault.DeliveryNotAllowed).On("url").Because("the host must be on the public internet")
	}
	return nil
}

func publicHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err != nil || world.Public(address)
}

// checkTypes refuses types of events that do not exist, and gives the list
// sorted and without repeats.
func checkTypes(types []string) ([]string, error) {
	for _, t := range types {
		if !slices.Contains(payment.FactTypes, payment.FactType(t)) {
			return nil, fault.New(fault.InvalidRequest).On("types").Because("there is no such type of event; leave types out to get all")
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(types))), nil
}
