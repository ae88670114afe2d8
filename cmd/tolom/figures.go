package main

import (
	"github.com/prometheus/client_golang/prometheus"
)

// figures gives the gauges and counters of the inner rooms to /metrics.
type figures struct{ a *app }

var (
	queued    = prometheus.NewDesc("tolom_engine_queued_commands", "Commands that wait for the next batch.", nil, nil)
	passSteps = prometheus.NewDesc("tolom_job_steps_total", "Steps of a pass.", []string{"pass"}, nil)
	passDid   = prometheus.NewDesc("tolom_job_done_total", "Things that a pass has done.", []string{"pass"}, nil)
	passFails = prometheus.NewDesc("tolom_job_failures_total", "Steps of a pass that failed.", []string{"pass"}, nil)
)

// Describe is how Prometheus asks what there is.
func (f *figures) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queued, passSteps, passDid, passFails} {
		to <- d
	}
}

// Collect is how Prometheus asks for the figures.
func (f *figures) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(queued, prometheus.GaugeValue, float64(f.a.engine.Queued()))
	for _, p := range f.a.jobs.Figures() {
		to <- prometheus.MustNewConstMetric(passSteps, prometheus.CounterValue, float64(p.Steps), p.Pass)
		to <- prometheus.MustNewConstMetric(passDid, prometheus.CounterValue, float64(p.Did), p.Pass)
		to <- prometheus.MustNewConstMetric(passFails, prometheus.CounterValue, float64(p.Fails), p.Pass)
	}
}
