package flow

import (
	"context"
	"time"

	"tolom/id"
	"tolom/proposal"
	"tolom/store"
	"tolom/wire"
)

// The actions on what PSPs and the platform prove by who they are.
const (
	ActAddPSPKey         = "psp_key.add"
	ActRevokePSPKey      = "psp_key.revoke"
	ActAddCertificate    = "certificate.add"
	ActRemoveCertificate = "certificate.remove"
	ActAddPlatformKey    = "platform_key.add"
	ActRetirePlatformKey = "platform_key.retire"
)

// PSPKeyBody is the body of psp_key.add. No NotBefore is from the approval on.
type PSPKeyBody struct {
	PSP       id.ID     `json:"psp"`
	Name      string    `json:"name"`
	Algorithm string    `json:"algorithm"`
	Public    string    `json:"public_key"`
	NotBefore wire.Time `json:"not_before"`
	NotAfter  wire.Time `json:"not_after"`
}

// CertificateBody is the body of certificate.add.
type CertificateBody struct {
	PSP         id.ID  `json:"psp"`
	Name        string `json:"name"`
	Of          string `json:"fingerprint_of"`
	Fingerprint string `json:"fingerprint"`
}

func (s *Proposals) registerSigners() {
	Register(s, Kind[PSPKeyBody]{Name: ActAddPSPKey, Plan: planPSPKey, Write: writePSPKey})
	Register(s, Kind[NoBody]{Name: ActRevokePSPKey, AtOnce: true, Unless: lastPSPKey, Plan: planEnd(pspKeyEnded, "revoked_at"), Write: writeEnd((*Registry).RevokePSPKey)})
	Register(s, Kind[CertificateBody]{Name: ActAddCertificate, Plan: planCertificate, Write: writeCertificate})
	Register(s, Kind[NoBody]{Name: ActRemoveCertificate, AtOnce: true, Unless: lastCertificate, Plan: planEnd(certificateEnded, "removed_at"), Write: writeEnd((*Registry).RemoveCertificate)})
	Register(s, Kind[NoBody]{Name: ActAddPlatformKey, Plan: planPlatformKey, Write: writePlatformKey})
	Register(s, Kind[NoBody]{Name: ActRetirePlatformKey, AtOnce: true, Plan: planEnd(platformKeyEnded, "retired_at"), Write: writeEnd((*Registry).RetirePlatformKey)})
}

func (b PSPKeyBody) key() store.PSPKey {
	return store.PSPKey{PSP: b.PSP, Name: b.Name, Algorithm: b.Algorithm, Public: b.Public, NotBefore: b.NotBefore.Time, NotAfter: b.NotAfter.Time}
}

func planPSPKey(ctx context.Context, r *Registry, target id.ID, b *PSPKeyBody) ([]proposal.Line, error) {
	b.PSP = target
	k, err := r.soundPSPKey(ctx, b.key())
	if err != nil {
		return nil, err
	}
	b.Public = k.Public
	from := proposal.Line{Name: "not_before", After: timeText(b.NotBefore.Time), As: proposal.Moment}
	to := proposal.Line{Name: "not_after", After: timeText(k.NotAfter), As: proposal.Moment}
	return filled([]proposal.Line{newLine("psp", string(k.PSP)), newLine("name", k.Name), newLine("algorithm", k.Algorithm), newLine("public_key", k.Public), from, to}), nil
}

func writePSPKey(ctx context.Context, r *Registry, _ proposal.Proposal, b PSPKeyBody) (string, error) {
	made, err := r.AddPSPKey(ctx, b.key())
	return string(made.ID), err
}

func planCertificate(ctx context.Context, r *Registry, target id.ID, b *CertificateBody) ([]proposal.Line, error) {
	c, err := r.soundCertificate(ctx, store.Certificate{PSP: target, Name: b.Name, Of: b.Of, Fingerprint: b.Fingerprint})
	if err != nil {
		return nil, err
	}
	b.PSP, b.Fingerprint = target, c.Fingerprint
	return filled([]proposal.Line{newLine("psp", string(target)), newLine("name", c.Name), newLine("fingerprint_of", c.Of), newLine("fingerprint", c.Fingerprint)}), nil
}

func writeCertificate(ctx context.Context, r *Registry, _ proposal.Proposal, b CertificateBody) (string, error) {
	made, err := r.AddCertificate(ctx, store.Certificate{PSP: b.PSP, Name: b.Name, Of: b.Of, Fingerprint: b.Fingerprint})
	return string(made.ID), err
}

func pspKeyEnded(ctx context.Context, r *Registry, target id.ID) (string, string, time.Time, error) {
	k, err := r.desk.PSPKeys().Get(ctx, target)
	return string(k.PSP), k.Name, k.RevokedAt, err
}

func certificateEnded(ctx context.Context, r *Registry, target id.ID) (string, string, time.Time, error) {
	c, err := r.desk.Certificates().Get(ctx, target)
	return string(c.PSP), c.Name, c.RemovedAt, err
}

func platformKeyEnded(ctx context.Context, r *Registry, target id.ID) (string, string, time.Time, error) {
	k, err := r.desk.PlatformKeys().Get(ctx, target)
	return "", string(k.ID), k.RetiredAt, err
}

func planPlatformKey(ctx context.Context, r *Registry, _ id.ID, _ *NoBody) ([]proposal.Line, error) {
	published, err := r.roomForPlatformKey(ctx)
	if err != nil {
		return nil, err
	}
	return []proposal.Line{countLine("platform_keys", published, published+1)}, nil
}

func writePlatformKey(ctx context.Context, r *Registry, _ proposal.Proposal, _ NoBody) (string, error) {
	made, err := r.AddPlatformKey(ctx)
	return string(made.ID), err
}
