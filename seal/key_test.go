package seal

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyIsThePrefixAndTheBits(t *testing.T) {
	var random [32]byte
	for i := range random {
		random[i] = byte(i)
	}
	got := NewKey(MerchantKey, random)
	if want := "sk_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq"; got != want {
		t.Errorf("NewKey = %s, want %s", got, want)
	}
}

func TestEveryKeyIsRecognised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]string{MerchantKey, PSPKey}).Draw(t, "prefix")
		random := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "random"))
		key := NewKey(prefix, random)
		if got, err := ParseKey(key, MerchantKey, PSPKey); got != prefix || err != nil {
			t.Fatalf("ParseKey(%s) = %q, %v; want %q", key, got, err, prefix)
		}
		if len(HashKey(key)) != 64 || strings.Contains(HashKey(key), key[len(prefix):]) {
			t.Fatalf("HashKey(%s) = %s", key, HashKey(key))
		}
	})
}

func TestWhatIsNoKey(t *testing.T) {
	key := NewKey(MerchantKey, [32]byte{1, 2, 3})
	for name, text := range map[string]string{
		"empty":                 "",
		"only a prefix":         MerchantKey,
		"cut":                   key[:len(key)-1],
		"longer":                key + "a",
		"with a space":          " " + key,
		"with a line break":     key + "\n",
		"broken in two":         key[:10] + "\n" + key[10:],
		"in capitals":           strings.ToUpper(key),
		"a foreign letter":      key[:len(key)-1] + "1",
		"spare bits not zero":   key[:len(key)-1] + "b",
		"a prefix of another":   "pk_" + key[3:],
		"a prefix not expected": PSPKey + key[3:],
	} {
		if prefix, err := ParseKey(text, MerchantKey); !errors.Is(err, ErrKey) || prefix != "" {
			t.Errorf("%s: ParseKey(%q) = %q, %v; want a refusal", name, text, prefix, err)
		}
	}
}

func TestHashOfAKeyIsStable(t *testing.T) {
	// The stored hashes of all keys depend on this never changing: SHA-256 of the text "abc".
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := HashKey("abc"); !SameHash(got, want) {
		t.Errorf("HashKey = %s, want %s", got, want)
	}
	for _, other := range []string{"", want[:63], want + "0", strings.Replace(want, "b", "c", 1)} {
		if SameHash(want, other) {
			t.Errorf("SameHash takes %q for %q", other, want)
		}
	}
}
