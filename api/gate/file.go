package gate

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tolom/api/body"
	"tolom/fault"
)

// mostLarge is how many bodies larger than usual are read at the same time on one node: whoever sends them is known
// only after they are read, as signatures cover them, so their memory is what is bounded.
const mostLarge = 4

// slots count what is under way.
type slots chan struct{}

// enter takes a slot when there is one.
func (s slots) enter() (leave func(), ok bool) {
	select {
	case s <- struct{}{}:
		return func() { <-s }, true
	default:
		return nil, false
	}
}

// roomFor lets a body in that is larger than usual, or may be.
func (g *Gate) roomFor(r *http.Request, ad admission) (leave func(), refusal *fault.Error) {
	if ad.most <= body.MaxBytes || r.ContentLength >= 0 && r.ContentLength <= body.MaxBytes {
		return func() {}, nil
	}
	g.largeOnce.Do(func() { g.large = make(slots, mostLarge) })
	leave, ok := g.large.enter()
	if !ok {
		return nil, fault.New(fault.OutOfService).Because("other large bodies are being read; nothing was done, send it again shortly")
	}
	return leave, nil
}

// mediaKey is where the context has the media type of a file.
type mediaKey struct{}

// MediaOf gives the media type of the file that came with a call, without its parameters; it is one of the route's Files.
func MediaOf(ctx context.Context) string {
	media, _ := ctx.Value(mediaKey{}).(string)
	return media
}

// fileMedia holds a file to the media types that its operation takes.
func fileMedia(r *http.Request, files []string) (string, *fault.Error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(files, media) {
		return "", fault.New(fault.WrongMedia).On("Content-Type").Because("send one of " + strings.Join(files, ", "))
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return "", fault.New(fault.WrongMedia).On("Content-Encoding").Because("send the body as it is, not compressed")
	}
	return media, nil
}

// describeFiles says in the description which files an operation takes.
func describeFiles(op *huma.Operation, r Route) {
	op.RequestBody.Required = true
	op.RequestBody.Content = map[string]*huma.MediaType{}
	for _, media := range r.Files {
		op.RequestBody.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	if r.Body != "" {
		op.RequestBody.Content[r.Files[0]].Example = r.Body
	}
}
