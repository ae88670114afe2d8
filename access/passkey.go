package access

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// Passkeys make and check passkeys (WebAuthn) for one address of the platform. The authenticator must have verified its
// holder, by fingerprint, face or PIN: so a passkey is two factors in one.
type Passkeys struct {
	w    *webauthn.WebAuthn
	host string
}

// NewPasskeys makes passkeys for the address of the pages. Browsers know no passkeys of numbers, so those of a machine's
// own address are of localhost.
func NewPasskeys(base string) (*Passkeys, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("access: passkeys need a whole address, not %q", base)
	}
	host, port := u.Hostname(), ""
	if u.Port() != "" {
		port = ":" + u.Port()
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsLoopback() {
		host = "localhost"
	}
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Tölöm", RPOrigins: []string{u.Scheme + "://" + host + port},
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("access: passkeys of %q: %w", base, err)
	}
	return &Passkeys{w, host}, nil
}

// Host is the name that passkeys are bound to; pages under another name cannot ask for them.
func (k *Passkeys) Host() string { return k.host }

// holder is a person as the library asks for one.
type holder struct {
	person store.Person
	keys   []webauthn.Credential
}

func holderOf(p store.Person, keys []store.Passkey) (*holder, error) {
	h := &holder{person: p}
	for _, k := range keys {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(k.Record), &c); err != nil {
			return nil, fault.Wrap(fault.InternalError, fmt.Errorf("the passkey %s is damaged: %w", k.ID, err))
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

// WebAuthnID names the person to authenticators, without saying who it is.
func (h *holder) WebAuthnID() []byte { return []byte(h.person.ID) }

// WebAuthnName is the login.
func (h *holder) WebAuthnName() string { return h.person.Login }

// WebAuthnDisplayName is what the person wants to be called.
func (h *holder) WebAuthnDisplayName() string { return h.person.Name }

// WebAuthnCredentials are the passkeys that there are.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// BeginCreate gives what the browser needs to make a passkey, and what to keep until it comes back.
func (k *Passkeys) BeginCreate(p store.Person, have []store.Passkey) (options json.RawMessage, state string, err error) {
	h, err := holderOf(p, have)
	if err != nil {
		return nil, "", err
	}
	creation, session, err := k.w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	return parts(creation, session, err)
}

// BeginGet gives what the browser needs to sign in with whichever passkey it has.
func (k *Passkeys) BeginGet() (options json.RawMessage, state string, err error) {
	assertion, session, err := k.w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	return parts(assertion, session, err)
}

func parts(options any, session *webauthn.SessionData, err error) (json.RawMessage, string, error) {
	if err != nil {
		return nil, "", fault.Wrap(fault.InternalError, err)
	}
	text, err := json.Marshal(options)
	if err != nil {
		return nil, "", fault.Wrap(fault.InternalError, err)
	}
	state, err := json.Marshal(session)
	if err != nil {
		return nil, "", fault.Wrap(fault.InternalError, err)
	}
	return text, string(state), nil
}

// FinishCreate checks what the browser made. The passkey has credential and record set. Refused: unauthorized.
func (k *Passkeys) FinishCreate(p store.Person, state string, response []byte) (out store.Passkey, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(state), &session); err != nil {
		return out, fault.Wrap(fault.InternalError, err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return out, badPasskey(err)
	}
	made, err := k.w.CreateCredential(&holder{person: p}, session, parsed)
	if err != nil {
		return out, badPasskey(err)
	}
	return passkeyOf(made)
}

// Holder gives the person whom an authenticator names in what it signed, before anything of it is checked. Refused:
// unauthorized.
func (k *Passkeys) Holder(response []byte) (id.ID, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return "", badPasskey(err)
	}
	person, err := id.Parse(id.Person, string(parsed.Response.UserHandle))
	if err != nil {
		return "", badPasskey(err)
	}
	return person, nil
}

// FinishGet checks what the browser signed, and gives the passkey with its record as it is now. find gives the person whom
// an authenticator names, with the passkeys that work. Refused: unauthorized.
func (k *Passkeys) FinishGet(state string, response []byte, find func(person id.ID) (store.Person, []store.Passkey, error)) (who store.Person, used store.Passkey, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(state), &session); err != nil {
		return who, used, fault.Wrap(fault.InternalError, err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return who, used, badPasskey(err)
	}
	_, credential, err := k.w.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		name, err := id.Parse(id.Person, string(handle))
		if err != nil {
			return nil, err
		}
		p, keys, err := find(name)
		if err != nil {
			return nil, err
		}
		who = p
		return holderOf(p, keys)
	}, session, parsed)
	switch {
	case fault.Has(err, fault.OutOfService):
		return who, used, err
	case err != nil:
		return who, used, badPasskey(err)
	case credential.Authenticator.CloneWarning:
		return who, used, badPasskey(errors.New("its counter went back: there is a copy of it"))
	}
	used, err = passkeyOf(credential)
	return who, used, err
}

func passkeyOf(c *webauthn.Credential) (store.Passkey, error) {
	record, err := json.Marshal(c)
	if err != nil {
		return store.Passkey{}, fault.Wrap(fault.InternalError, err)
	}
	return store.Passkey{Credential: base64.RawURLEncoding.EncodeToString(c.ID), Record: string(record)}, nil
}

func badPasskey(err error) error {
	return fault.Wrap(fault.Unauthorized, err).Because("the passkey was not accepted")
}
