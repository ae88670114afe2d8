package reports

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tolom/api/problem"
	"tolom/fault"
	"tolom/flow"
	"tolom/world"
)

type contentInput struct {
	Named
	Range   string `header:"Range" doc:"The part that is wanted, such as bytes=1048576-"`
	IfRange string `header:"If-Range" doc:"ETag of the file of which you have a part: when it is another by now, all of it comes"`
	Known   string `header:"If-None-Match" doc:"ETag of the file that you have"`
}

// content hands out a file, from wherever it is asked for.
func (k *Desk) content(ctx context.Context, in *contentInput) (*huma.StreamResponse, error) {
	r, file, err := k.Reports.Open(ctx, k.Who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	if k.MostAtOnce > 0 && r.Size > k.MostAtOnce && asked(in.Range, r.Size) > k.MostAtOnce {
		return nil, fault.New(fault.InvalidRequest).On("Range").Because(fmt.Sprintf("the file has %d bytes: fetch it in parts of at most %d, with Range: bytes=0-%d and so on", r.Size, k.MostAtOnce, k.MostAtOnce-1))
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		request, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", r.Order.Format.MediaType())
		h.Set("Content-Disposition", `attachment; filename="`+flow.ReportFileName(r)+`"`)
		h.Set("ETag", `"`+r.Digest+`"`)
		h.Set("Cache-Control", "private, no-cache")
		if request.Header.Get("Range") != "" && !strings.HasPrefix(in.Range, "bytes=") {
			request = request.Clone(request.Context())
			request.Header.Del("Range") // Parts are counted in bytes; another unit is as none (RFC 9110, 14.2).
		}
		whole := patient{w, http.NewResponseController(w)}
		http.ServeContent(&parts{ResponseWriter: whole, request: request}, request, "", time.Time{}, file)
	}}, nil
}

// asked is how many bytes a header Range asks for at most; what cannot be read asks for all.
func asked(header string, size int64) int64 {
	spec, is := strings.CutPrefix(header, "bytes=")
	if !is {
		return size
	}
	var sum int64
	for part := range strings.SplitSeq(spec, ",") {
		first, last, _ := strings.Cut(strings.TrimSpace(part), "-")
		from, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			from = 0
			if suffix, err := strconv.ParseInt(last, 10, 64); err == nil {
				from = max(0, size-suffix)
			}
			last = ""
		}
		to, err := strconv.ParseInt(last, 10, 64)
		if err != nil || to >= size {
			to = size - 1
		}
		sum += max(0, to-from+1)
	}
	return sum
}

// parts refuses a part that the file does not have as everything else here is refused, and not as a line of text.
type parts struct {
	http.ResponseWriter
	request *http.Request
	refused bool
}

// WriteHeader begins the answer, or makes all of it when there is no such part.
func (p *parts) WriteHeader(status int) {
	if status != http.StatusRequestedRangeNotSatisfiable {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.refused = true
	p.Header().Del("Content-Disposition")
	problem.Write(p.ResponseWriter, p.request, fault.New(fault.NoSuchRange).On("Range").Because("write the part as bytes=0-1023, from the first byte, which is 0, to the last"))
}

// Write sends a part of the file.
func (p *parts) Write(b []byte) (int, error) {
	if p.refused {
		return len(b), nil
	}
	return p.ResponseWriter.Write(b)
}

// writeWithin is how long a reader may take for one write before a download is given up; it can be resumed.
const writeWithin = 30 * time.Second

// patient gives each write its time, however long all of them take.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write sends a part of the file.
func (p patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(world.Deadline(writeWithin)) // Writers without deadlines, as in simulations, do without.
	return p.ResponseWriter.Write(b)
}
