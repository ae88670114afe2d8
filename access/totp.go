package access

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// totpStep is how long a code shows. One before and one after are taken too, for clocks that differ.
const totpStep = 30 * time.Second

// NewTOTP draws a seed, and gives it with the address that authenticator apps read from a picture.
func NewTOTP(issuer, login string, entropy world.Entropy) (seed, address string, err error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: login, Rand: entropy})
	if err != nil {
		return "", "", fault.Wrap(fault.InternalError, err)
	}
	return k.Secret(), k.URL(), nil
}

// TOTPAddress gives the address of a seed that was drawn before.
func TOTPAddress(issuer, login, seed string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed)
	if err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: login, Secret: raw})
	if err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	return k.URL(), nil
}

// TOTPStep gives the step of which a typed code is the code of a seed, near a moment; false when it is none's.
func TOTPStep(seed, typed string, now time.Time) (step int64, ok bool) {
	typed = strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(typed)
	if seed == "" || len(typed) != 6 {
		return 0, false
	}
	middle := now.Unix() / int64(totpStep/time.Second)
	for _, s := range []int64{middle - 1, middle, middle + 1} {
		code, err := hotp.GenerateCodeCustom(seed, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// ErrReplayed says that a code of a second factor was right and had been used.
var ErrReplayed = errors.New("access: the code was used before")

// SecondFactor checks a code of a person's authenticator app or a recovery code, slowed for each account and each network, and
// uses it up. by is ByTOTP or ByRecovery. Refused: unauthorized, with ErrReplayed when the code had been used;
// rate_limited. The person comes from a desk that reads seeds.
func (g *Gate) SecondFactor(ctx context.Context, door string, p store.Person, typed string, from netip.Addr) (by string, err error) {
	tries := []try{{"second " + string(p.ID), secondsOfOne}, networkTry(door, from)}
	if err := g.attempt(ctx, tries); err != nil {
		return "", err
	}
	if step, ok := TOTPStep(p.TOTP, typed, g.clock.Now()); ok {
		err, by = g.desk.SpendStep(ctx, p.ID, step), ByTOTP
	} else if code, ok := ReadRecovery(typed); ok {
		err, by = g.desk.TakeRecovery(ctx, p.ID, HashRecovery(p.ID, code), g.clock.Now()), ByRecovery
	} else {
		err = store.ErrNotFound
	}
	switch {
	case err == nil:
		return by, g.relent(ctx, tries)
	case errors.Is(err, store.ErrTaken):
		return "", fault.Wrap(fault.Unauthorized, ErrReplayed).Because("this code was used already: wait for the next one")
	case errors.Is(err, store.ErrNotFound):
		return "", fault.New(fault.Unauthorized).Because("the code is wrong")
	}
	return "", fault.Wrap(fault.OutOfService, err)
}

const (
	// recoveryLetters leave out what looks alike.
	recoveryLetters = "23456789abcdefghjkmnpqrstvwxyz"
	recoveryLength  = 16
	// RecoveryCodes is how many codes a person gets at a time.
	RecoveryCodes = 10
)

// NewRecovery draws recovery codes, 78 bits each, as they are shown: four groups of four.
func NewRecovery(entropy world.Entropy) (codes []string, err error) {
	for range RecoveryCodes {
		var code []byte
		for len(code) < recoveryLength {
			var b [1]byte
			if _, err := entropy.Read(b[:]); err != nil {
				return nil, fault.Wrap(fault.InternalError, err)
			}
			// Bytes above the last whole multiple are drawn again, so that all letters are alike.
			if n := len(recoveryLetters); int(b[0]) < 256/n*n {
				code = append(code, recoveryLetters[int(b[0])%n])
			}
		}
		t := string(code)
		codes = append(codes, t[:4]+"-"+t[4:8]+"-"+t[8:12]+"-"+t[12:])
	}
	return codes, nil
}

// ReadRecovery reads a recovery code as people type it; false for what cannot be one.
func ReadRecovery(typed string) (code string, ok bool) {
	if len(typed) > 64 {
		return "", false
	}
	code = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(strings.ToLower(typed))
	return code, len(code) == recoveryLength && strings.Trim(code, recoveryLetters) == ""
}

// HashRecovery is what is kept of a recovery code. A code is random and long, so a fast hash does; the person is in it, so
// that equal codes of two people do not look alike.
func HashRecovery(person id.ID, code string) string {
	return seal.HashKey("recovery " + string(person) + " " + code)
}
