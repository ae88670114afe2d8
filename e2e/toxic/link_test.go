package toxic

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is a way to an address on which toxics can be let loose.
type link struct{ proxy *toxiproxy.Proxy }

func newLink(t *testing.T, upstream string) link {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := link{toxiproxy.NewProxy(server, upstream, "127.0.0.1:0", upstream)}
	must(t, l.proxy.Start())
	t.Cleanup(l.proxy.Stop)
	return l
}

// address is where the link begins.
func (l link) address() string { return l.proxy.Listen }

// poison is one toxic with its attributes.
type poison struct {
	name       string
	kind       string // of the proxy; "" for a link that is down
	attributes map[string]any
}

// down takes connections away and refuses new ones.
var down = poison{name: "down"}

// poisons are all toxics there are. The numbers are such that payments hurt: a
// call takes seconds, breaks off in the middle, or is never answered.
var poisons = []poison{
	{"latency", "latency", map[string]any{"latency": 400}},
	{"jitter", "latency", map[string]any{"latency": 150, "jitter": 150}},
	{"bandwidth", "bandwidth", map[string]any{"rate": 2}},
	{"slow_close", "slow_close", map[string]any{"delay": 1000}},
	{"timeout", "timeout", map[string]any{"timeout": 0}},
	{"reset_peer", "reset_peer", map[string]any{"timeout": 20}},
	{"slicer", "slicer", map[string]any{"average_size": 32, "size_variation": 16, "delay": 1000}},
	{"limit_data", "limit_data", map[string]any{"bytes": 1500}},
}

// letLoose poisons one direction: "upstream" towards who is called, or "downstream".
func (l link) letLoose(p poison, direction string) error {
	if p.kind == "" {
		l.proxy.Stop()
		return nil
	}
	text, err := json.Marshal(map[string]any{"name": "toxic", "type": p.kind, "stream": direction, "toxicity": 1, "attributes": p.attributes})
	if err != nil {
		return err
	}
	_, err = l.proxy.Toxics.AddToxicJson(strings.NewReader(string(text)))
	return err
}

// errStuck says that the proxy, not the platform, does not work.
var errStuck = errors.New("the proxy does not let go of its toxic")

// heal takes the toxic away.
func (l link) heal(p poison) error {
	if p.kind == "" {
		return l.proxy.Start()
	}
	healed := make(chan error, 1)
	go func() { healed <- l.proxy.Toxics.RemoveToxic(context.Background(), "toxic") }()
	select {
	case err := <-healed:
		return err
	case <-time.After(10 * time.Second):
		return errStuck
	}
}
