package gate

import "net/http"

// recorder remembers the status of an answer. Unwrap leaves flushing and deadlines to the connection.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap gives the writer below, for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// deaf is a writer that keeps the status and the headers of an answer and drops the rest.
type deaf struct {
	header http.Header
	status int
}

func (d *deaf) Header() http.Header { return d.header }

func (d *deaf) Write(p []byte) (int, error) { return len(p), nil }

func (d *deaf) WriteHeader(status int) { d.status = status }
