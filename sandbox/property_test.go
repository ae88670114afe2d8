package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/client"
	"tolom/sandbox"
)

// chaos is a stage where anything can go wrong.
type chaos struct {
	*stage
	draw *rapid.T
	late []func() *http.Request // copies of calls that the network still holds
}

// TestBooksEqualThePlatformsAfterAnything has payers and merchants do what they like while the network loses,
// repeats and delays calls, the platform fails with and without doing, and the bank is killed between and within
// steps. At every moment what the platform has taken is held or captured, and at rest the books are equal.
func TestBooksEqualThePlatformsAfterAnything(t *testing.T) {
	rapid.Check(t, func(draw *rapid.T) {
		c := &chaos{stage: newStage(draw), draw: draw}
		c.platform.ask("dynamic", true, 22_00)
		c.platform.ask("another", true, 35_00)
		c.platform.ask("static", false, 0)
		c.network = c.unreliable
		draw.Repeat(map[string]func(*rapid.T){
			"payer":    func(*rapid.T) { c.payer() },
			"merchant": func(*rapid.T) { c.merchant() },
			"step":     func(*rapid.T) { _, _ = c.bank.Step(context.Background()) },
			"wait":     func(*rapid.T) { c.clock.Advance(time.Duration(c.number("seconds", 0, 70)) * time.Second) },
			"kill":     func(*rapid.T) { c.kill() },
			"arrive":   func(*rapid.T) { c.arrive() },
			"":         func(*rapid.T) { c.covered() },
		})
		c.platform.suspended = false
		c.revive()
		c.rest()
		for len(c.late) > 0 {
			c.arrive()
		}
		c.rest()
		c.agree()
	})
}

func (c *chaos) number(label string, low, high int) int {
	return rapid.IntRange(low, high).Draw(c.draw, label)
}

func (c *chaos) payer() {
	ctx := context.Background()
	payer := fmt.Sprintf("payer-%d", c.number("payer", 1, 3))
	text := rapid.SampledFrom([]string{"dynamic", "another", "static"}).Draw(c.draw, "code")
	live := c.bank.Purchases(func(p sandbox.Purchase) bool { return !p.Stage.Final() })
	if len(live) == 0 || c.number("new", 0, 2) == 0 {
		_, _ = c.bank.Scan(ctx, payer, text, 0)
		return
	}
	p := rapid.SampledFrom(live).Draw(c.draw, "purchase").ID
	switch c.number("wish", 0, 3) {
	case 0:
		_, _ = c.bank.Pay(ctx, p, 10_00)
		_, _ = c.bank.Pay(ctx, p, 0)
	case 1:
		_, _ = c.bank.Hold(ctx, p, 0)
	case 2:
		_, _ = c.bank.Confirm(ctx, p)
	case 3:
		_, _ = c.bank.Decline(ctx, p)
	}
}

func (c *chaos) merchant() {
	if c.number("suspend", 0, 5) == 0 {
		c.platform.suspended = !c.platform.suspended
		return
	}
	for i := range len(c.platform.payments) {
		p := c.platform.payments[fmt.Sprintf("pay_%d", i+1)]
		given := int64(0)
		for _, re := range c.platform.refunds {
			if re.PaymentID == *p.ID {
				given += re.Amount
			}
		}
		if p.Status == "success" && p.Amount > given && c.number("refund", 0, 2) == 0 {
			c.platform.giveBack(*p.ID, int64(c.number("amount", 1, int(p.Amount-given))))
		}
	}
}

// kill ends the bank, sometimes in the middle of its next line, which may be written or not.
func (c *chaos) kill() {
	if mode := c.number("mode", 0, 2); mode > 0 {
		c.journal.Strike(func([]byte) (before, after error) {
			if mode == 1 {
				return errPower, nil
			}
			return nil, errPower
		})
		c.payer()
		_, _ = c.bank.Step(context.Background())
		c.journal.Strike(nil)
	}
	c.restart()
}

// arrive delivers a call that was on its way for long. Its answer reaches nobody.
func (c *chaos) arrive() {
	if len(c.late) == 0 {
		return
	}
	i := c.number("which", 0, len(c.late)-1)
	_, _ = client.Direct(c.platform).Transport.RoundTrip(c.late[i]())
	c.late = slices.Delete(c.late, i, i+1)
}

func (c *chaos) unreliable(r *http.Request, send http.RoundTripper) (*http.Response, error) {
	again := copied(r)
	fail := func(status int) (*http.Response, error) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, "trouble", nil) })
		return client.Direct(h).Transport.RoundTrip(again())
	}
	switch c.number("network", 0, 12) {
	case 0:
		return nil, errNetwork
	case 1:
		_, _ = send.RoundTrip(again())
		return nil, errNetwork
	case 2:
		c.late = append(c.late, again)
		return nil, errNetwork
	case 3:
		c.late = append(c.late, again)
	case 4:
		_, _ = send.RoundTrip(again())
	case 5:
		return fail(503)
	case 6:
		_, _ = send.RoundTrip(again())
		return fail(500)
	case 7:
		return fail(rapid.SampledFrom([]int{401, 404, 409, 422}).Draw(c.draw, "refusal"))
	}
	return send.RoundTrip(again())
}

// covered is the promise that matters most: whatever the platform has taken from a payer is held or captured.
func (c *chaos) covered() {
	if err := c.bank.Audit(); err != nil {
		c.draw.Fatal(err)
	}
	for _, p := range c.platform.payments {
		ours, err := c.bank.Purchase(p.PSPPaymentID)
		if err != nil {
			c.draw.Fatalf("the platform has a payment the bank never wrote down: %+v", p.PSPPayment)
		}
		taken := ours.Stage == sandbox.Executing || ours.Stage == sandbox.Succeeded
		if p.Status == "success" && !taken || ours.Stage == sandbox.Succeeded && p.Status != "success" {
			c.draw.Fatalf("the platform says %s, the bank %s: %+v", p.Status, ours.Stage, ours)
		}
	}
}
