package id

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func draw(t *rapid.T, name string) (time.Time, uint16, Random) {
	ms := rapid.Int64Range(0, 1<<48-1).Draw(t, name+"_ms")
	var r Random
	copy(r[:], rapid.SliceOfN(rapid.Byte(), len(r), len(r)).Draw(t, name+"_random"))
	return time.UnixMilli(ms).UTC(), rapid.Uint16().Draw(t, name+"_bucket"), r
}

func TestAnIDTellsItsTimeAndBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, bucket, r := draw(t, "id")
		made := New(Payment, at, bucket, r)
		back, err := Parse(Payment, string(made))
		if err != nil || back != made || len(made) != len("pay_")+26 {
			t.Fatalf("%q does not parse: %v", made, err)
		}
		if !back.Time().Equal(at) || back.Bucket() != bucket || back.Kind() != Payment {
			t.Fatalf("%s says %v %d %s, made of %v %d", made, back.Time(), back.Bucket(), back.Kind(), at, bucket)
		}
		if again, err := FromToken(Payment, made.Token()); err != nil || again != made {
			t.Fatalf("token %q gives %q, %v", made.Token(), again, err)
		}
	})
}

func TestIDsSortAsTheirTimesDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at1, b1, r1 := draw(t, "first")
		at2, b2, r2 := draw(t, "second")
		if a, b := New(Event, at1, b1, r1), New(Event, at2, b2, r2); at1.Before(at2) && a >= b {
			t.Fatalf("%s of %v does not sort before %s of %v", a, at1, b, at2)
		}
	})
}

func TestAllSixtySixRandomBitsCount(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_000)
	seen := map[ID]bool{New(Request, at, 7, Random{}): true}
	for bit := range 66 {
		var r Random
		r[8-bit/8] = 1 << (bit % 8)
		seen[New(Request, at, 7, r)] = true
	}
	if len(seen) != 67 {
		t.Fatalf("67 different randoms made %d different ids", len(seen))
	}
}

func TestForeignShapesAreRefused(t *testing.T) {
	good := string(New(Request, time.UnixMilli(1), 2, Random{}))
	for _, text := range []string{"", "pr_", good[:len(good)-1], good + "0", "pay_" + good[3:], "PR_" + good[3:],
		good[:10] + "I" + good[11:], good[:10] + "\x00" + good[11:], good[:10] + "u" + good[11:]} {
		if got, err := Parse(Request, text); err == nil {
			t.Errorf("Parse accepted %q as %q", text, got)
		}
	}
}

func TestBucketOfSpreadsAndRepeats(t *testing.T) {
	if BucketOf("ab", "c") == BucketOf("a", "bc") {
		t.Error("the border between words does not count")
	}
	if first, again := BucketOf("x", "y"), BucketOf("x", "y"); first != again {
		t.Error("one name has two buckets")
	}
}

func TestTheNextIDSortsRightAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, bucket, r := draw(t, "id")
		made := New(Batch, at, bucket, r)
		next := made.Next()
		if _, err := Parse(Batch, string(next)); err != nil || next <= made || next.Kind() != Batch {
			t.Fatalf("%s comes after %s: %v", next, made, err)
		}
	})
	for text, want := range map[ID]ID{
		"bat_00000000000000000000000000": "bat_00000000000000000000000001",
		"bat_0000000000000000000000009z": "bat_000000000000000000000000a0",
		"bat_0000000000000zzzzzzzzzzzzz": "bat_00000000000010000000000000",
		"":                               "",
	} {
		if got := text.Next(); got != want {
			t.Errorf("after %s comes %s, want %s", text, got, want)
		}
	}
}
