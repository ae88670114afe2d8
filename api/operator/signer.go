package operator

import (
	"context"
	"net/http"
	"time"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

type newPSPKey struct {
	Because
	Body NewPSPKey
}

type newCertificate struct {
	Because
	Body NewCertificate
}

// ofPSP narrows a list to a PSP.
type ofPSP struct {
	Page
	PSP string `query:"psp_id" doc:"Of one PSP"`
}

func pspKeyOut(k store.PSPKey) PSPKey {
	return PSPKey{ID: string(k.ID), PSPID: string(k.PSP), Name: k.Name, Algorithm: k.Algorithm, PublicKey: k.Public, NotBefore: wire.At(k.NotBefore),
		NotAfter: wire.At(k.NotAfter), CreatedAt: wire.At(k.CreatedAt), RevokedAt: wire.At(k.RevokedAt)}
}

func certificateOut(c store.Certificate) Certificate {
	return Certificate{ID: string(c.ID), PSPID: string(c.PSP), Name: c.Name, FingerprintOf: c.Of, Fingerprint: c.Fingerprint,
		CreatedAt: wire.At(c.CreatedAt), RemovedAt: wire.At(c.RemovedAt)}
}

func (k *Desk) mountPSPKeys(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psp-keys", ID: "create-psp-key", Status: http.StatusCreated, Summary: "Register a PSP's public key",
		Text:  "Its id is the keyid of the PSP's signatures. Several may work at once: register the next one before the PSP begins to use it.",
		Codes: []fault.Code{fault.NotFound},
		Body: `{"psp_id": "psp_01kar9eba0c4r5s6t7v8w9xyzk", "algorithm": "ed25519", "public_key": "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=", ` +
			`"name": "2026", "not_after": "2027-12-31T00:00:00.000Z"}`,
		Shows: gate.Shown{"name": "2026"}, Waits: Waits,
	}, k.createPSPKey)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/psp-keys", ID: "list-psp-keys", Summary: "List public keys of PSPs",
	}, func(ctx context.Context, in *ofPSP) (*answer[List[PSPKey]], error) {
		return listed(ctx, k.Registry.Desk().PSPKeys(), in.PSP, in.Page, pspKeyOut, func(s store.PSPKey) id.ID { return s.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psp-keys/{id}/revoke", ID: "revoke-psp-key", Summary: "End a public key",
		Text: "It stops working at once on this node and within seconds on all. Without any key that works the PSP is cut off on the live platform: " +
			"ending the last one needs two people.",
		Shows: gate.Shown{"revoked_at": gate.SampleEnd}, Waits: Waits,
	}, func(ctx context.Context, in *about) (*answer[PSPKey], error) {
		i, err := identify(id.PSPKey, in.ID)
		if err != nil {
			return nil, err
		}
		if err := k.ask(ctx, flow.ActRevokePSPKey, i, flow.NoBody{}, in.Reason); err != nil {
			return nil, err
		}
		return read(ctx, k.Registry.Desk().PSPKeys(), i, pspKeyOut)
	})
}

func (k *Desk) createPSPKey(ctx context.Context, in *newPSPKey) (*answer[PSPKey], error) {
	b := in.Body
	psp, err := reference(id.PSP, "psp_id", b.PSPID)
	if err != nil {
		return nil, err
	}
	from, err := moment("not_before", b.NotBefore)
	if err != nil {
		return nil, err
	}
	to, err := moment("not_after", b.NotAfter)
	if err != nil {
		return nil, err
	}
	body := flow.PSPKeyBody{Name: b.Name, Algorithm: b.Algorithm, Public: b.PublicKey, NotBefore: wire.At(from), NotAfter: wire.At(to)}
	p, err := k.Proposals.Ask(ctx, flow.Ask{By: Who(ctx), Action: flow.ActAddPSPKey, Target: psp, Body: body, Reason: in.Reason})
	if err := Asked(p, err); err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().PSPKeys(), id.ID(p.Outcome), pspKeyOut)
}

// moment reads a time of a body; "" is none.
func moment(param, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return time.Time{}, fault.New(fault.InvalidRequest).On(param).Because(param + " is a time such as 2027-12-31T00:00:00Z")
	}
	return at.UTC().Truncate(time.Millisecond), nil
}

func (k *Desk) mountCertificates(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psp-certificates", ID: "create-psp-certificate", Status: http.StatusCreated, Summary: "Register a PSP's client certificate",
		Text:  "From now on the PSP must connect by TLS with one of its registered certificates. Register the next one before the PSP begins to use it.",
		Codes: []fault.Code{fault.NotFound},
		Body: `{"psp_id": "psp_01kar9eba0c4r5s6t7v8w9xyzk", "fingerprint_of": "public_key", ` +
			`"fingerprint": "9B:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08", "name": "2026"}`,
		Shows: gate.Shown{"name": "2026", "fingerprint_of": store.CertificateKey}, Waits: Waits,
	}, k.createCertificate)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/psp-certificates", ID: "list-psp-certificates", Summary: "List client certificates of PSPs",
	}, func(ctx context.Context, in *ofPSP) (*answer[List[Certificate]], error) {
		return listed(ctx, k.Registry.Desk().Certificates(), in.PSP, in.Page, certificateOut, func(s store.Certificate) id.ID { return s.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psp-certificates/{id}/remove", ID: "remove-psp-certificate", Summary: "Take a client certificate off its PSP's list",
		Text: "It stops working at once on this node and within seconds on all, on open connections too. " +
			"A PSP without any registered certificate needs none, unless the platform is set to want one of everybody: taking the last one off needs two people.",
		Shows: gate.Shown{"removed_at": gate.SampleEnd}, Waits: Waits,
	}, func(ctx context.Context, in *about) (*answer[Certificate], error) {
		i, err := identify(id.Certificate, in.ID)
		if err != nil {
			return nil, err
		}
		if err := k.ask(ctx, flow.ActRemoveCertificate, i, flow.NoBody{}, in.Reason); err != nil {
			return nil, err
		}
		return read(ctx, k.Registry.Desk().Certificates(), i, certificateOut)
	})
}

func (k *Desk) createCertificate(ctx context.Context, in *newCertificate) (*answer[Certificate], error) {
	psp, err := reference(id.PSP, "psp_id", in.Body.PSPID)
	if err != nil {
		return nil, err
	}
	body := flow.CertificateBody{Name: in.Body.Name, Of: in.Body.FingerprintOf, Fingerprint: in.Body.Fingerprint}
	p, err := k.Proposals.Ask(ctx, flow.Ask{By: Who(ctx), Action: flow.ActAddCertificate, Target: psp, Body: body, Reason: in.Reason})
	if err := Asked(p, err); err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().Certificates(), id.ID(p.Outcome), certificateOut)
}

func (k *Desk) mountPlatformKeys(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/platform-keys", ID: "create-platform-key", Status: http.StatusCreated, Summary: "Make the next key of the platform",
		Text: "It is published now and signs in ten minutes, when everybody has seen it. Retire the one before when no answer that it signed is of interest any more.",
		// Refused where the keys come from a file: then the file says which there are.
		Codes: []fault.Code{fault.Forbidden}, Waits: Waits,
	}, func(ctx context.Context, in *Because) (*answer[PlatformKey], error) {
		if k.FileKeys {
			return nil, fault.New(fault.Forbidden).Because("the platform's keys come from a file: add one to it, see docs/psp-signing.md")
		}
		p, err := k.Proposals.Ask(ctx, flow.Ask{By: Who(ctx), Action: flow.ActAddPlatformKey, Body: flow.NoBody{}, Reason: in.Reason})
		if err := Asked(p, err); err != nil {
			return nil, err
		}
		return read(ctx, k.Registry.Desk().PlatformKeys(), id.ID(p.Outcome), k.platformKeyOut)
	})
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/platform-keys", ID: "list-platform-keys", Summary: "List the platform's keys",
		Text: "Those that were made here, also the retired ones. The private parts are never shown.",
	}, func(ctx context.Context, in *Page) (*answer[List[PlatformKey]], error) {
		return listed(ctx, k.Registry.Desk().PlatformKeys(), "", *in, k.platformKeyOut, func(s store.PlatformKey) id.ID { return s.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/platform-keys/{id}/retire", ID: "retire-platform-key", Summary: "Take a key out of the published ones",
		Text:  "The key that signs now cannot be retired.",
		Shows: gate.Shown{"retired_at": gate.SampleEnd},
	}, func(ctx context.Context, in *about) (*answer[PlatformKey], error) {
		i, err := identify(id.PlatformKey, in.ID)
		if err != nil {
			return nil, err
		}
		if err := k.ask(ctx, flow.ActRetirePlatformKey, i, flow.NoBody{}, in.Reason); err != nil {
			return nil, err
		}
		return read(ctx, k.Registry.Desk().PlatformKeys(), i, k.platformKeyOut)
	})
}

func (k *Desk) platformKeyOut(s store.PlatformKey) PlatformKey {
	out := PlatformKey{ID: string(s.ID), SignsFrom: wire.At(s.SignsFrom), CreatedAt: wire.At(s.CreatedAt), RetiredAt: wire.At(s.RetiredAt)}
	// A key that cannot be read is listed without its name; whoever starts the platform hears of it.
	if keys, err := access.OpenKeys([]byte(s.Private)); err == nil {
		out.KeyID, out.Algorithm = keys[0].Public().ID(), string(keys[0].Public().Algorithm())
	}
	return out
}
