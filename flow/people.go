package flow

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

const (
	// leastPassword and mostPassword bound the characters of a password.
	leastPassword, mostPassword = 12, 200
	// leastLetters is how many different characters a password has.
	leastLetters = 5
)

// AddOperator registers staff of the centre without an invitation, for the command line: nobody could invite the first
// one. Without roles it is an operator. Refused: invalid_request for a login that is taken, or a password that is too easy.
func (r *Registry) AddOperator(ctx context.Context, login, password string, roles ...access.Role) (store.Person, error) {
	if len(roles) == 0 {
		roles = []access.Role{access.RoleOperator}
	}
	for _, role := range roles {
		if !role.Of(access.CentreRoles) {
			return store.Person{}, fault.New(fault.InvalidRequest).On("role").Because("the roles of staff are operator, approver and auditor")
		}
	}
	return r.addPerson(ctx, store.Centre, access.Roles(roles), login, "", password)
}

// AddMember registers somebody of a merchant's people without an invitation, as the demo does.
func (r *Registry) AddMember(ctx context.Context, merchant id.ID, role access.Role, login, name, password string) (store.Person, error) {
	if !role.Of(access.MerchantRoles) {
		return store.Person{}, fault.New(fault.InvalidRequest).On("role").Because("this is no role of a merchant's people")
	}
	if _, err := r.Merchant(ctx, merchant); err != nil {
		return store.Person{}, err
	}
	return r.addPerson(ctx, merchant, access.Roles{role}, login, name, password)
}

func (r *Registry) addPerson(ctx context.Context, owner id.ID, roles access.Roles, login, name, password string) (store.Person, error) {
	p, err := r.newPerson(login, name, password)
	if err != nil {
		return p, err
	}
	if _, err := r.desk.OperatorByLogin(ctx, p.Login); !errors.Is(err, store.ErrNotFound) {
		if err == nil {
			err = loginTaken(store.ErrTaken)
		}
		return p, err
	}
	m := r.newMembership(p.ID, owner, roles)
	return p, r.alone(ctx, func(ctx context.Context, in *Registry) error {
		if err := in.desk.Persons().Put(ctx, p); err != nil {
			return loginTaken(written(err))
		}
		if err := put(ctx, in, in.desk.Memberships(), m.ID, m); err != nil {
			return err
		}
		return in.note(ctx, store.PersonEvent{Owner: owner, Person: p.ID, Kind: EventJoined, Detail: m.Roles})
	}, owner)
}

// newPerson makes a person of what was typed.
func (r *Registry) newPerson(login, name, password string) (store.Person, error) {
	login = ReadLogin(login)
	if name == "" {
		name = login
	}
	if err := first(named("login", login, 64), named("name", name, 100), strong(password, login)); err != nil {
		return store.Person{}, err
	}
	if strings.ContainsFunc(login, unicode.IsSpace) {
		return store.Person{}, fault.New(fault.InvalidRequest).On("login").Because("a login has no spaces")
	}
	hash, err := r.hash(password)
	if err != nil {
		return store.Person{}, err
	}
	now := r.world.Clock.Now()
	return store.Person{ID: r.newID(id.Person, r.bucket()), Login: login, Name: name, PasswordHash: hash, CreatedAt: now, ChangedAt: now}, nil
}

func (r *Registry) newMembership(person, owner id.ID, roles access.Roles) store.Membership {
	return store.Membership{ID: r.newID(id.Membership, person.Bucket()), Person: person, Owner: owner, Roles: roles.String(), CreatedAt: r.world.Clock.Now()}
}

func (r *Registry) hash(password string) (string, error) {
	random, err := r.random32()
	if err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	return access.HashPassword(password, [16]byte(random[:16])), nil
}

// ReadLogin brings a login into the one form in which it is kept: composed, in small letters, without spaces around.
func ReadLogin(typed string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(typed)))
}

// loginTaken names the field when a login is another's.
func loginTaken(err error) error {
	if errors.Is(err, store.ErrTaken) {
		return fault.Wrap(fault.InvalidRequest, err).On("login").Because("somebody else has this login")
	}
	return err
}

// strong refuses passwords that are short, of few letters, or made of the login.
func strong(password, login string) error {
	why, letters := "", map[rune]bool{}
	for _, c := range password {
		letters[c] = true
	}
	small := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case n < leastPassword || n > mostPassword || !utf8.ValidString(password):
		why = "a password has 12 to 200 characters"
	case len(letters) < leastLetters:
		why = "the password is made of too few different characters"
	case len(login) >= 4 && strings.Contains(small, login) && n < leastPassword+len(login):
		why = "the password is made of the login"
	case known(small):
		why = "this password is one of those that are tried first"
	default:
		return nil
	}
	return fault.New(fault.InvalidRequest).On("password").Because(why)
}

// runs are what fingers do on keyboards; a password that is a piece of one is no secret.
const runs = "01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm 1qaz2wsx3edc4rfv5tgb6yhn 1q2w3e4r5t6y7u8i9o0p " +
	"йцукенгшщзхъфывапролджэячсмитьбю qwerty123456789 password1234567890 password123456 passw0rd1234567 administrator iloveyou1234567890 letmein1234567890 welcome1234567890"

// known says that a password is a run of keys, or one such twice.
func known(small string) bool {
	half := small[:len(small)/2]
	return strings.Contains(runs, small) || small == half+half && strings.Contains(runs, half)
}
