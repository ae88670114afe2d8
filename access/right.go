package access

import (
	"slices"
	"strings"
)

// Right is one thing that a person may do. Pages and operations name the right that they need and never a role.
type Right string

// The rights within a merchant.
const (
	SeePayments   Right = "see_payments"   // requests, payments and refunds
	MakeRequests  Right = "make_requests"  // ask for money, cancel and pause requests
	GiveBack      Right = "give_back"      // refunds
	SeeStatements Right = "see_statements" // balance, statements, reports, payouts
	HandleKeys    Right = "handle_keys"    // keys of programs, webhooks
	HandleTills   Right = "handle_tills"   // stores, tills, their pairing
	HandlePeople  Right = "handle_people"  // invite, change roles, end memberships and sessions
	SeePeople     Right = "see_people"     // what happened to people's access
)

// The rights at the centre.
const (
	SeePlatform    Right = "see_platform"    // participants, merchants, health, proposals, day closes: all that is shown
	HandleRegistry Right = "handle_registry" // propose and do what an operator does
	Approve        Right = "approve"         // what another proposed
	HandleStaff    Right = "handle_staff"    // invite staff, and the first owner of a merchant
	SeeStaff       Right = "see_staff"       // what happened to the access of staff
)

// Role is what a person is for a merchant or for the centre.
type Role string

// The roles of a merchant's people. A person has one of them in a merchant.
const (
	RoleOwner      Role = "owner"
	RoleManager    Role = "manager"
	RoleCashier    Role = "cashier"
	RoleAccountant Role = "accountant"
	RoleDeveloper  Role = "developer"
	RoleReader     Role = "reader"
)

// The roles of the centre's staff. A person may have several.
const (
	RoleOperator Role = "operator"
	RoleApprover Role = "approver"
	RoleAuditor  Role = "auditor"
)

// MerchantRoles and CentreRoles list the roles in the order in which people are shown them.
var (
	MerchantRoles = []Role{RoleOwner, RoleManager, RoleCashier, RoleAccountant, RoleDeveloper, RoleReader}
	CentreRoles   = []Role{RoleOperator, RoleApprover, RoleAuditor}
)

// rights is the one table of roles and rights. docs/people.md shows it, and a test holds the two together.
var rights = map[Role][]Right{
	RoleOwner:      {SeePayments, MakeRequests, GiveBack, SeeStatements, HandleKeys, HandleTills, HandlePeople, SeePeople},
	RoleManager:    {SeePayments, MakeRequests, GiveBack, SeeStatements, HandleTills},
	RoleCashier:    {SeePayments, MakeRequests},
	RoleAccountant: {SeePayments, SeeStatements},
	RoleDeveloper:  {SeePayments, HandleKeys},
	RoleReader:     {SeePayments, SeeStatements},
	RoleOperator:   {SeePlatform, HandleRegistry, HandleStaff},
	RoleApprover:   {SeePlatform, Approve, HandleStaff},
	RoleAuditor:    {SeePlatform, SeeStaff},
}

// MerchantRights and CentreRights list the rights in the order of the table.
var (
	MerchantRights = []Right{SeePayments, MakeRequests, GiveBack, SeeStatements, HandleKeys, HandleTills, HandlePeople, SeePeople}
	CentreRights   = []Right{SeePlatform, HandleRegistry, Approve, HandleStaff, SeeStaff}
)

// Has says whether a role has a right.
func (r Role) Has(want Right) bool { return slices.Contains(rights[r], want) }

// Of says whether the role is one of a merchant's people, or of the centre's staff.
func (r Role) Of(list []Role) bool { return slices.Contains(list, r) }

// Roles are the roles of one person for one owner.
type Roles []Role

// ParseRoles reads roles with spaces between, of those that list knows; words that it does not know are no roles.
func ParseRoles(text string, list []Role) (out Roles) {
	for word := range strings.FieldsSeq(text) {
		if r := Role(word); r.Of(list) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// String writes the roles with spaces between.
func (rs Roles) String() string {
	words := make([]string, len(rs))
	for i, r := range rs {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

// Have says whether one of the roles has a right.
func (rs Roles) Have(want Right) bool {
	return slices.ContainsFunc(rs, func(r Role) bool { return r.Has(want) })
}

// MayGive says whether people of these roles may give a role to somebody, change it or take it away. Nobody gives what
// he has not: an owner gives every role of a merchant; an operator makes operators and an approver approvers, so that
// neither makes himself a second pair of eyes; both may take on auditors, who only look, and owners of merchants.
func (rs Roles) MayGive(given Role) bool {
	switch {
	case given.Of(MerchantRoles):
		return rs.Have(HandlePeople) || given == RoleOwner && rs.Have(HandleStaff)
	case given == RoleAuditor:
		return rs.Have(HandleStaff)
	}
	return rs.Have(HandleStaff) && slices.Contains(rs, given)
}

// scopesOf is what a person's role lets the use cases of merchants do in his name.
func scopesOf(rs Roles) (s Scopes) {
	for right, scope := range map[Right]Scope{SeePayments: Read, MakeRequests: Request, GiveBack: Refund, SeeStatements: Report} {
		if rs.Have(right) {
			s |= bit(scope)
		}
	}
	return s
}
