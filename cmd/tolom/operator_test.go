package main

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/store"
	"tolom/world"
)

// says runs a command with a line of standard input.
func says(t *testing.T, c interface {
	Run(context.Context, *stdio) error
}, line string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := c.Run(t.Context(), &stdio{In: strings.NewReader(line), Out: &out})
	return out.String(), err
}

// TestStaffIsAddedAndLetInAgainOnTheServer: a first operator is added with roles and a password of standard input, never one
// that is easy or a login that is taken; whoever lost both factors is let in with a new password alone, and whatever was open
// before is ended.
func TestStaffIsAddedAndLetInAgainOnTheServer(t *testing.T) {
	dsn := "sqlite:" + t.TempDir() + "/tolom.db"
	add := func(login, password string, roles ...string) (string, error) {
		return says(t, &operatorAddCmd{DB: dsn, Role: roles, Login: login}, password+"\r\n")
	}
	if out, err := add("chief", "correct horse battery", "operator", "auditor"); err != nil || !strings.HasPrefix(out, "operator chief has the id prs_") {
		t.Fatalf("%s, %v", out, err)
	}
	for _, wrong := range [][2]string{{"chief", "correct horse battery"}, {"other", "short"}, {"other", ""}, {"", "correct horse battery"}} {
		if out, err := add(wrong[0], wrong[1], "operator"); err == nil {
			t.Errorf("%q was added: %s", wrong, out)
		}
	}
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w, at := world.System(), flow.Caller{Address: netip.MustParseAddr("192.0.2.1")}
	gate := access.New(s, w.Clock)
	r := flow.NewRegistry(s, gate, w)
	in, err := r.SignIn(t.Context(), "chief", "correct horse battery", at)
	if err != nil {
		t.Fatal(err)
	}
	who, err := gate.Staff(t.Context(), in.Token, at.Address)
	if err != nil || who.Centre.String() != "operator auditor" {
		t.Fatalf("%v, %v", who.Centre, err)
	}
	if err := s.SetTOTP(t.Context(), who.ID, "JBSWY3DPEHPK3PXP", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if out, err := says(t, &operatorPasswordCmd{DB: dsn, Login: "chief"}, "12345\n"); err == nil {
		t.Errorf("an easy password was taken: %s", out)
	}
	if out, err := says(t, &operatorPasswordCmd{DB: dsn, Login: "nobody"}, "another horse battery\n"); err == nil {
		t.Errorf("nobody has a new password: %s", out)
	}
	if out, err := says(t, &operatorPasswordCmd{DB: dsn, Login: "chief"}, "another horse battery\n"); err != nil || !strings.Contains(out, "chief signs in with the new password alone") {
		t.Fatalf("%s, %v", out, err)
	}
	gate.Forget()
	if _, err := gate.Staff(t.Context(), in.Token, at.Address); !fault.Has(err, fault.Unauthorized) {
		t.Errorf("the session of before goes on: %v", err)
	}
	if _, err := r.SignIn(t.Context(), "chief", "correct horse battery", at); !fault.Has(err, fault.Unauthorized) {
		t.Errorf("the old password: %v", err)
	}
	if in, err = r.SignIn(t.Context(), "chief", "another horse battery", at); err != nil || in.Token == "" {
		t.Errorf("the new password alone: %+v, %v", in, err)
	}
}
