package courier_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"tolom/courier"
)

// TestADeliveryToAShelfThatBreaksAtEachCallArrivesWhole breaks the first attempt at one call after another; nothing
// stands under the file's name before all of it does, and the second attempt brings it.
func TestADeliveryToAShelfThatBreaksAtEachCallArrivesWhole(t *testing.T) {
	f, broke := fileOf("day.xml", 5_000, 1), errors.New("broken")
	for at := 1; ; at++ {
		s, calls := courier.NewShelf(), 0
		s.Fault = func() error {
			if calls++; calls == at {
				return broke
			}
			return nil
		}
		_, err := s.Box("out", "in").Deliver(context.Background(), f)
		if err == nil && calls < at {
			if at < 10 {
				t.Errorf("a delivery makes only %d calls", calls)
			}
			return
		}
		if got := s.Read("out/day.xml"); got != nil && !bytes.Equal(got, contentOf(t, f)) {
			t.Fatalf("broken at call %d, %d bytes stand under its name", at, len(got))
		}
		_, err = s.Box("out", "in").Deliver(context.Background(), f)
		must(t, err)
		if !bytes.Equal(s.Read("out/day.xml"), contentOf(t, f)) || string(s.Read("out/day.xml.sha256")) != f.SHA256+"  day.xml\n" || len(s.Names("out")) != 2 {
			t.Fatalf("broken at call %d, there are %v", at, s.Names("out"))
		}
	}
}

func TestLettersOnAShelfAreTakenAndPutAway(t *testing.T) {
	s := courier.NewShelf()
	s.Lay("in/answer.xml", []byte("yes"))
	s.Lay("in/answer.xml.sha256", []byte("0000  answer.xml\n"))
	box := s.Box("out", "in")
	letters, err := box.Waiting(10)
	must(t, err)
	if len(letters) != 1 || letters[0].Name != "answer.xml" || letters[0].Size != 3 {
		t.Fatalf("there are %v", letters)
	}
	_, digest, _, err := box.Fetch(context.Background(), letters[0])
	if !errors.Is(err, courier.ErrDigest) {
		t.Errorf("a letter that is not what its digest says: %v", err)
	}
	must(t, box.Failed(letters[0], digest, "damaged"))
	if left, _ := box.Waiting(10); len(left) != 0 || len(s.Names("in/failed")) != 3 {
		t.Errorf("left are %v, put away %v", left, s.Names("in/failed"))
	}
}
