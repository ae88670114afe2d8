package access

import (
	"os"
	"strings"
	"testing"
)

// table writes roles and rights as docs/people.md shows them.
func table(roles []Role, list []Right) string {
	var b strings.Builder
	b.WriteString("| right |")
	for _, r := range roles {
		b.WriteString(" " + string(r) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, right := range list {
		b.WriteString("| `" + string(right) + "` |")
		for _, r := range roles {
			mark := " "
			if r.Has(right) {
				mark = " yes "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTheDocumentShowsTheTableOfRights(t *testing.T) {
	text, err := os.ReadFile("../docs/people.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{table(MerchantRoles, MerchantRights), table(CentreRoles, CentreRights)} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/people.md does not hold\n%s", want)
		}
	}
}

func TestEveryRightIsListedAndSomebodys(t *testing.T) {
	known := map[Right]bool{}
	for _, r := range append(append([]Right{}, MerchantRights...), CentreRights...) {
		known[r] = true
	}
	given := map[Right]bool{}
	for role, list := range rights {
		if role.Of(MerchantRoles) == role.Of(CentreRoles) {
			t.Errorf("%s is a role of both or of none", role)
		}
		for _, r := range list {
			given[r] = true
			if !known[r] {
				t.Errorf("%s has %s, which the table does not list", role, r)
			}
		}
	}
	for r := range known {
		if !given[r] {
			t.Errorf("nobody has %s", r)
		}
	}
}

func TestNobodyGivesWhatHeHasNot(t *testing.T) {
	for _, c := range []struct {
		has   string
		gives []Role
	}{
		{"owner", MerchantRoles}, {"manager", nil}, {"cashier", nil}, {"reader", nil},
		{"operator", []Role{RoleOperator, RoleAuditor, RoleOwner}}, {"approver", []Role{RoleApprover, RoleAuditor, RoleOwner}}, {"auditor", nil},
		{"operator approver", []Role{RoleOperator, RoleApprover, RoleAuditor, RoleOwner}},
	} {
		roles := ParseRoles(c.has, append(append([]Role{}, MerchantRoles...), CentreRoles...))
		for _, role := range append(append([]Role{}, MerchantRoles...), CentreRoles...) {
			want := false
			for _, g := range c.gives {
				want = want || g == role
			}
			if roles.MayGive(role) != want {
				t.Errorf("%s gives %s: %v", c.has, role, !want)
			}
		}
	}
}
