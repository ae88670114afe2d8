package access

import (
	"strings"
	"testing"
)

func TestAPasswordCostsWhatIsAdvised(t *testing.T) {
	phc := HashPassword("correct horse battery", [16]byte{1, 2, 3})
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashed as %s", phc)
	}
	if !samePassword("correct horse battery", phc) || samePassword("correct horse batterz", phc) {
		t.Error("passwords are confused")
	}
	if HashPassword("correct horse battery", [16]byte{9}) == phc {
		t.Error("the salt changes nothing")
	}
}

func TestAnUnknownLoginCostsWhatAKnownOneCosts(t *testing.T) {
	cost := func(phc string) string { return strings.Join(strings.Split(phc, "$")[:4], "$") }
	real := HashPassword("x", [16]byte{})
	if cost(nobody) != cost(real) || len(nobody) != len(real) {
		t.Errorf("nobody costs %s, somebody %s", cost(nobody), cost(real))
	}
	for _, password := range []string{"", "x", nobody} {
		if samePassword(password, nobody) {
			t.Errorf("nobody has the password %q", password)
		}
	}
}

func TestDamagedHashesAgreeWithNothing(t *testing.T) {
	good := HashPassword("x", [16]byte{})
	for name, phc := range map[string]string{
		"nothing":                   "",
		"plain text":                "x",
		"another scheme":            strings.Replace(good, "argon2id", "argon2i", 1),
		"another version":           strings.Replace(good, "v=19", "v=16", 1),
		"no cost":                   strings.Replace(good, "m=19456,t=2,p=1", "", 1),
		"no passes":                 strings.Replace(good, "t=2", "t=0", 1),
		"passes below zero":         strings.Replace(good, "t=2", "t=-1", 1),
		"no memory":                 strings.Replace(good, "m=19456", "m=0", 1),
		"memory below zero":         strings.Replace(good, "m=19456", "m=-1", 1),
		"more memory than there is": strings.Replace(good, "m=19456", "m=4294967295", 1),
		"more passes than anyone's": strings.Replace(good, "t=2", "t=4000000000", 1),
		"no lanes":                  strings.Replace(good, "p=1", "p=0", 1),
		"too many lanes":            strings.Replace(good, "p=1", "p=255", 1),
		"an empty key":              good[:strings.LastIndexByte(good, '$')+1],
		"a key that is not base64":  good[:strings.LastIndexByte(good, '$')+1] + "!!!",
		"a salt that is not base64": strings.Replace(good, "AAAAAAAAAAAAAAAAAAAAAA", "!", 1),
		"a part too many":           good + "$x",
	} {
		if samePassword("x", phc) {
			t.Errorf("%s agrees: %s", name, phc)
		}
	}
}
