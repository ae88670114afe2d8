package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Trouble is what goes wrong with a call of the platform.
type Trouble string

// The troubles. LoseReply is the one that matters in payments: it was done, and nobody knows.
const (
	LoseReply Trouble = "lose_reply" // the platform did it, the answer is lost
	LoseCall  Trouble = "lose_call"  // the platform never got it
	Delay     Trouble = "delay"      // the call waits on its way
	Twice     Trouble = "twice"      // the network delivers it two times
	Decline   Trouble = "decline"    // the bank itself says no to the payer
)

// ErrTrouble says that a fault is not one that can be made.
var ErrTrouble = errors.New("sandbox: there is no such trouble or call")

// Fault is a trouble for the next calls.
type Fault struct {
	Trouble Trouble `json:"trouble"`
	// Call is which calls meet it: "check", "create", "execute", "cancel", "state", "refunds", "ack" or "reconcile"; "" means any.
	Call  string        `json:"call"`
	Times int           `json:"times"` // how many calls; 0 means one
	Wait  time.Duration `json:"-"`     // of a Delay; 0 means 3 s
}

// Faults makes trouble between the bank and the platform: give it to the PSP's http.Client as its Transport and to
// the bank as Config.Faults. Without faults it only passes on. A nil *Faults makes no trouble.
type Faults struct {
	under http.RoundTripper
	sleep func(context.Context, time.Duration)
	mu    sync.Mutex
	list  []Fault
}

// NewFaults passes calls on to a transport.
func NewFaults(under http.RoundTripper) *Faults {
	return &Faults{under: under, sleep: pause}
}

// ErrFault is the error of a call that met a fault.
var ErrFault = errors.New("sandbox: the connection broke, as was wished for")

// Add has the next calls meet a trouble. Refused: ErrTrouble.
func (f *Faults) Add(fault Fault) error {
	troubles := []Trouble{LoseReply, LoseCall, Delay, Twice, Decline}
	calls := []string{"", "check", "create", "execute", "cancel", "state", "refunds", "ack", "reconcile"}
	if !slices.Contains(troubles, fault.Trouble) || !slices.Contains(calls, fault.Call) {
		return ErrTrouble
	}
	fault.Times = max(fault.Times, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fault)
	return nil
}

// Clear ends all trouble.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// List gives the faults that are still to come.
func (f *Faults) List() []Fault {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Fault(nil), f.list...)
}

// next takes the first fault that fits.
func (f *Faults) next(fits func(Fault) bool) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		if !fits(fault) {
			continue
		}
		if f.list[i].Times--; f.list[i].Times == 0 {
			f.list = append(f.list[:i:i], f.list[i+1:]...)
		}
		return fault, true
	}
	return Fault{}, false
}

func (f *Faults) declines() bool {
	if f == nil {
		return false
	}
	_, hit := f.next(func(fault Fault) bool { return fault.Trouble == Decline })
	return hit
}

// RoundTrip passes a call on, or makes the trouble that is due.
func (f *Faults) RoundTrip(request *http.Request) (*http.Response, error) {
	name := callName(request)
	fault, _ := f.next(func(fault Fault) bool {
		return fault.Trouble != Decline && (fault.Call == "" || fault.Call == name)
	})
	switch fault.Trouble {
	case LoseCall:
		return nil, ErrFault
	case LoseReply:
		if response, err := f.under.RoundTrip(request); err == nil {
			drain(response)
		}
		return nil, ErrFault
	case Twice:
		if err := f.first(request); err != nil {
			return nil, err
		}
	case Delay:
		if fault.Wait == 0 {
			fault.Wait = 3 * time.Second
		}
		f.sleep(request.Context(), fault.Wait)
	}
	return f.under.RoundTrip(request)
}

// first sends a copy of the request and throws the answer away.
func (f *Faults) first(request *http.Request) error {
	again := request.Clone(request.Context())
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return err
		}
		again.Body = body
	}
	if response, err := f.under.RoundTrip(again); err == nil {
		drain(response)
	}
	return nil
}

func drain(response *http.Response) {
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// callName tells which call of the PSP API a request is.
func callName(request *http.Request) string {
	path := strings.TrimPrefix(request.URL.Path, "/psp/v1/")
	last := path[strings.LastIndex(path, "/")+1:]
	switch {
	case strings.HasPrefix(path, "reconciliation/"):
		return "reconcile"
	case last == "check" || last == "execute" || last == "cancel" || last == "refunds" || last == "ack":
		return last
	case path == "payments" && request.Method == http.MethodPost:
		return "create"
	case path == "payments" || strings.HasPrefix(path, "payments/"):
		return "state"
	}
	return "other" // keys of the platform, cases
}
