package gate

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"tolom/api/problem"
	"tolom/fault"
)

// lines are the attributes of lines in the making.
var lines = sync.Pool{New: func() any { return new(make([]slog.Attr, 0, 8)) }}

// note writes the end of a request into the log and the figures. Paths, queries, headers and bodies are left out:
// they hold what a log should not know. A level that nobody reads costs nothing.
func (g *Gate) note(r *http.Request, x *problem.Exchange, w *recorder, took time.Duration) {
	g.Figures.count(r, w.status, took)
	level := levelOf(r, x)
	if !g.Log.Enabled(r.Context(), level) {
		return
	}
	line := lines.Get().(*[]slog.Attr)
	*line = append((*line)[:0],
		slog.String("method", r.Method), slog.String("route", pattern(r)), slog.Int("status", w.status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("request_id", x.RequestID),
	)
	if x.Caller != "" {
		*line = append(*line, slog.String("caller", x.Caller))
	}
	if x.Fault != nil {
		*line = append(*line, slog.String("code", string(x.Fault.Code)))
		if ours(x.Fault) {
			*line = append(*line, slog.String("error", x.Fault.Error()))
		}
	}
	g.Log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", *line...) // It keeps copies.
	lines.Put(line)
}

// levelOf is error for what failed on our side. A caller that has left broke the call off itself.
func levelOf(r *http.Request, x *problem.Exchange) slog.Level {
	if x.Fault != nil && ours(x.Fault) && r.Context().Err() == nil {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// ours says that a refusal is not the caller's doing.
func ours(f *fault.Error) bool { return f.Kind() == fault.Internal || f.Kind() == fault.Unavailable }

// pattern names the route of a request without its method.
func pattern(r *http.Request) string {
	if r.Pattern == "" {
		return "unknown"
	}
	if _, path, found := strings.Cut(r.Pattern, " "); found {
		return path
	}
	return r.Pattern
}
