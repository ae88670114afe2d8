package access

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: 19 MiB, two passes, one lane, the least that OWASP's
// password storage advice names for argon2id.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	keyBytes  = 32
)

// nobody is the hash of a password that nobody can type: comparing with it takes
// the usual time and never agrees. It is written out, since computing it would
// cost every start of the program as much as a login.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// HashPassword gives the PHC text of a password under argon2id with a random salt.
func HashPassword(password string, salt [16]byte) string {
	key := argon2.IDKey([]byte(password), salt[:], passes, memoryKiB, lanes, keyBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
		enc.EncodeToString(salt[:]), enc.EncodeToString(key))
}

// samePassword compares a password with a PHC text, in time that does not tell
// how far they agree. A text that is not argon2id's agrees with nothing.
func samePassword(password, phc string) bool {
	var version, memory, time, parallel int
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &parallel); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 || !between(memory, 1, 1<<20) || !between(time, 1, 16) || !between(parallel, 1, 16) {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(time), uint32(memory), uint8(parallel), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && password != ""
}

// between bounds the cost that a stored text may ask for.
func between(n, least, most int) bool { return least <= n && n <= most }
