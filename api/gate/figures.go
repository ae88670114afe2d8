package gate

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Figures counts requests for Prometheus by route, method and status. Routes are patterns, so ids of payments never
// become labels.
type Figures struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	found    sync.Map // ending → series: looking labels up costs more than counting
}

// ending is how a request may end, by the pattern of its route. There are some hundreds.
type ending struct {
	pattern, method string
	status          int
}

// series are where the requests of one ending are counted.
type series struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// buckets are the bounds of the durations in seconds. PSPs are promised an answer within 2 s.
var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 10}

// NewFigures makes the figures and registers them. It panics when they are registered already.
func NewFigures(to prometheus.Registerer) *Figures {
	f := &Figures{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tolom_http_requests_total", Help: "Requests that were answered.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tolom_http_request_seconds", Help: "Time from the first byte of a request to its answer; of a stream, its whole life.",
			Buckets: buckets,
		}, []string{"route", "method"}),
	}
	to.MustRegister(f.requests, f.seconds)
	return f
}

func (f *Figures) count(r *http.Request, status int, took time.Duration) {
	s := f.of(r, ending{r.Pattern, known(r.Method), status})
	s.requests.Inc()
	s.seconds.Observe(took.Seconds())
}

func (f *Figures) of(r *http.Request, e ending) *series {
	if s, ok := f.found.Load(e); ok {
		return s.(*series)
	}
	route := pattern(r)
	s := &series{f.requests.WithLabelValues(route, e.method, strconv.Itoa(e.status)), f.seconds.WithLabelValues(route, e.method)}
	f.found.Store(e, s)
	return s
}

// known keeps invented methods from becoming labels without end.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete:
		return method
	}
	return "other"
}
