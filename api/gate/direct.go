package gate

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"tolom/api/problem"
)

// Direct says how an operation is served without the framework. The calls that every payment makes are: what the
// framework does for them by reflection took as long as deciding them. A body that is not written plainly, or a
// query, still goes the framework's way, so there is one place that refuses and one that describes.
type Direct[I, O any] struct {
	// Read reads a plain body into the input. What it takes must pass the check of bodies. nil: the operation has none.
	Read func(raw []byte, in *I) bool
	// Name puts the {id} of the address into the input; nil when there is none.
	Name func(in *I, id string)
	// Write appends the answer's body to dst, sets its own headers and gives its status.
	Write func(out *O, h http.Header, dst []byte) (status int, text []byte)
}

// AddDirect registers an operation as Add does, and serves it directly where it can be.
func AddDirect[I, O any](d *Door, route Route, direct Direct[I, O], handle func(context.Context, *I) (*O, error)) {
	add(d, route, handle, &shortcut{
		read: func(raw []byte, id string) any {
			in := new(I)
			if direct.Name != nil {
				direct.Name(in, id)
			}
			if plain := direct.Read == nil && len(raw) == 0 || direct.Read != nil && direct.Read(raw, in); !plain {
				return nil
			}
			return in
		},
		serve: func(ctx context.Context, w http.ResponseWriter, in any) {
			out, err := handle(ctx, in.(*I))
			if err != nil {
				refuse(ctx, w, err)
				return
			}
			text := buffers.Get().(*[]byte)
			defer release(text)
			var status int
			h := w.Header()
			h["Content-Type"] = jsonTypes
			status, *text = direct.Write(out, h, (*text)[:0])
			*text = append(*text, '\n')
			w.WriteHeader(status)
			_, _ = w.Write(*text) // A caller that has gone needs no answer.
		},
	})
}

// shortcut is a Direct whose types are forgotten.
type shortcut struct {
	read  func(raw []byte, id string) (in any) // nil when it is not for the shortcut
	serve func(ctx context.Context, w http.ResponseWriter, in any)
}

// jsonTypes is shared by all answers; whoever adds to it gets a copy, as its capacity is used up.
var jsonTypes = []string{jsonType}

// buffers hold bodies on their way in and out.
var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, 2048)) }}

// release gives a buffer back, but for one that a rare large body has stretched.
func release(b *[]byte) {
	if cap(*b) <= 32<<10 {
		buffers.Put(b)
	}
}

// refuse writes an error of a handler as the framework does.
func refuse(ctx context.Context, w http.ResponseWriter, err error) {
	a := problem.From(ctx, err)
	problem.Headers(ctx, w.Header(), a)
	w.Header().Set("Content-Type", problem.ContentType)
	w.WriteHeader(a.Status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(a) // A caller that has gone needs no answer.
}

// served is a handler that is told the {id} of the address.
type served func(w http.ResponseWriter, r *http.Request, id string)

// shortcuts are the routes that are found without the mux.
type shortcuts struct {
	exact map[string]way // by path
	named []way          // with {id}
}

// way is a route by its pattern; prefix and suffix stand around the {id}.
type way struct {
	pattern, method, prefix, suffix string
	serve                           served
}

func (s *shortcuts) add(method, path string, serve served) {
	at := way{pattern: method + " " + path, method: method, serve: serve}
	var named bool
	if at.prefix, at.suffix, named = strings.Cut(path, "{id}"); named {
		s.named = append(s.named, at)
		return
	}
	if s.exact == nil {
		s.exact = map[string]way{}
	}
	s.exact[path] = at
}

// find gives the way of a request that the mux would send there too: only of paths written so that there is nothing
// to clean or to unescape.
func (s *shortcuts) find(r *http.Request) (to way, id string, ok bool) {
	if r.URL.RawPath != "" {
		return way{}, "", false
	}
	path := r.URL.Path
	if to, ok = s.exact[path]; ok {
		return to, "", to.method == r.Method
	}
	for _, to = range s.named {
		rest, begins := strings.CutPrefix(path, to.prefix)
		id, ends := strings.CutSuffix(rest, to.suffix)
		if begins && ends && to.method == r.Method && segment(id) {
			return to, id, true
		}
	}
	return way{}, "", false
}

// segment says whether a part of a path is of the letters of ids, so that it is certainly one part.
func segment(id string) bool {
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return id != ""
}
