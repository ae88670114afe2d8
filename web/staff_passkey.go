package web

import (
	"encoding/json"
	"io"
	"net/http"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/web/view"
)

// passkeyLimit is the most that a browser sends of a passkey, in bytes.
const passkeyLimit = 32 << 10

func (p *pages) passkeyRoutes(mux *http.ServeMux) {
	mux.Handle("POST "+signInPath+"/passkey", p.page(p.scripted(p.beginSignIn)))
	mux.Handle("POST "+signInPath+"/passkey/finish", p.page(p.scripted(p.finishSignIn)))
	mux.Handle("POST "+accountPath+"/passkeys", p.page(p.scripted(p.beginPasskey)))
	mux.Handle("POST "+accountPath+"/passkeys/finish", p.page(p.scripted(p.finishPasskey)))
	for path, do := range map[string]func(*visit, access.Person) error{"/passkeys/{passkey}": p.removePasskey, "/totp/remove": p.removeTOTP} {
		mux.Handle("GET "+accountPath+path, p.page(p.person(do)))
		mux.Handle("POST "+accountPath+path, p.page(p.person(do)))
	}
}

// fromBrowser is what the script of passkeys sends. Response is the browser's own answer, as its toJSON writes it.
type fromBrowser struct {
	Ticket   string          `json:"ticket"`
	Response json.RawMessage `json:"response"`
	Next     string          `json:"next"`
	Name     string          `json:"name"`
	Password string          `json:"password"`
	Code     string          `json:"code"`
}

// toBrowser is what the script gets: a challenge, where to go on, or what was wrong.
type toBrowser struct {
	*flow.Challenge
	Next  string `json:"next,omitempty"`
	Error string `json:"error,omitempty"`
}

// scripted takes what a script of ours sends and answers in JSON. A refusal is an answer too: "failed", "proof" or "slowed".
func (p *pages) scripted(do func(*visit, fromBrowser) (toBrowser, error)) func(*visit) error {
	return func(v *visit) error {
		if err := sameSite(v.r); err != nil {
			return err
		}
		if p.passkeys == nil {
			return fault.New(fault.NotFound)
		}
		body, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, passkeyLimit))
		if err != nil {
			return badForm(err)
		}
		var in fromBrowser
		if err := json.Unmarshal(body, &in); err != nil {
			return fault.Wrap(fault.InvalidRequest, err)
		}
		out, err := do(v, in)
		status := http.StatusOK
		switch f := fault.From(err); {
		case err == nil:
		case f.Code == fault.RateLimited:
			out.Error, status = "slowed", http.StatusTooManyRequests
		case f.Code == fault.Unauthorized && f.Param != "":
			out.Error, status = "proof", http.StatusUnauthorized
		case f.Code == fault.Unauthorized || f.Code == fault.InvalidRequest:
			out.Error, status = "failed", http.StatusUnauthorized
		default:
			return err
		}
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", "application/json")
		v.w.Header().Set("Cache-Control", "no-store")
		v.w.WriteHeader(status)
		_, err = v.w.Write(text)
		return err
	}
}

func (p *pages) beginSignIn(v *visit, _ fromBrowser) (toBrowser, error) {
	c, err := p.Platform.Registry().BeginPasskeySignIn(v.r.Context(), p.passkeys, p.callerOf(v))
	return toBrowser{Challenge: &c}, err
}

func (p *pages) finishSignIn(v *visit, in fromBrowser) (toBrowser, error) {
	signed, err := p.Platform.Registry().FinishPasskeySignIn(v.r.Context(), p.passkeys, in.Ticket, in.Response, p.callerOf(v))
	if err != nil {
		return toBrowser{}, err
	}
	p.keepStaff(v, signed.Token, int(signed.Session.ExpiresAt.Sub(signed.Session.CreatedAt).Seconds()))
	who, err := p.Gate.Staff(v.r.Context(), signed.Token, p.caller(v.r))
	next := homeOf(who)
	if asked := wanted(in.Next); asked != "" {
		next = asked
	}
	return toBrowser{Next: next}, err
}

// scripter is the person whose page a script runs on.
func (p *pages) scripter(v *visit) (access.Person, error) {
	who, ok, err := p.whoIs(v)
	if err == nil && !ok {
		err = fault.New(fault.Unauthorized)
	}
	return who, err
}

func (p *pages) beginPasskey(v *visit, in fromBrowser) (toBrowser, error) {
	who, err := p.scripter(v)
	if err != nil {
		return toBrowser{}, err
	}
	c, err := p.Platform.Registry().BeginPasskey(v.r.Context(), p.passkeys, who, flow.Proof{Password: in.Password, Code: in.Code}, p.callerOf(v))
	return toBrowser{Challenge: &c}, err
}

// finishPasskey takes the passkey into use.
func (p *pages) finishPasskey(v *visit, in fromBrowser) (toBrowser, error) {
	who, err := p.scripter(v)
	if err != nil {
		return toBrowser{}, err
	}
	out, err := p.Platform.Registry().FinishPasskey(v.r.Context(), p.passkeys, who, in.Ticket, in.Name, in.Response, p.callerOf(v))
	if err != nil {
		return toBrowser{}, err
	}
	p.keepStaff(v, out.Token, int(out.Session.ExpiresAt.Sub(out.Session.CreatedAt).Seconds()))
	return toBrowser{Next: accountPath + "?done=second"}, nil
}

// removePasskey asks for the proof, and then gives up the passkey.
func (p *pages) removePasskey(v *visit, who access.Person) error {
	passkey, err := id.FromToken(id.Passkey, v.r.PathValue("passkey"))
	if err != nil {
		return fault.New(fault.NotFound)
	}
	mine, err := p.Platform.Registry().Account(v.r.Context(), who)
	if err != nil {
		return err
	}
	for _, k := range mine.Passkeys {
		if k.ID == passkey {
			return p.removal(v, who, mine.TOTP, v.text.Say("passkey_remove", "Name", k.Name), func(proof flow.Proof) error {
				return p.Platform.Registry().RemovePasskey(v.r.Context(), who, passkey, proof, p.callerOf(v))
			})
		}
	}
	return fault.New(fault.NotFound)
}

func (p *pages) removeTOTP(v *visit, who access.Person) error {
	return p.removal(v, who, true, v.text.Say("totp_remove"), func(proof flow.Proof) error {
		return p.Platform.Registry().RemoveTOTP(v.r.Context(), who, proof, p.callerOf(v))
	})
}

// removal shows the form that asks for the proof, or does what it asks for.
func (p *pages) removal(v *visit, who access.Person, code bool, heading string, do func(flow.Proof) error) error {
	s := p.plainStaff(v, who)
	page := view.PasskeyRemove{Frame: s.frameAt(v, v.r.URL.Path, heading), Heading: heading, Action: v.r.URL.Path, TOTP: code}
	if v.r.Method == http.MethodGet {
		return v.show(http.StatusOK, view.PasskeyRemovePage(page))
	}
	if err := v.form(); err != nil {
		return err
	}
	err := do(proofOf(v))
	if err == nil {
		return v.then(accountPath + "?done=second")
	}
	text, status, ok := v.sentence(err, map[string]string{"password": "error_proof", "code": "error_second", "": "error_last_factor"})
	if !ok {
		return err
	}
	page.Error = text
	return v.show(status, view.PasskeyRemovePage(page))
}
