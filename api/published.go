package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"tolom/access"
	"tolom/api/problem"
	"tolom/fault"
	"tolom/seal"
	"tolom/store"
)

// mountPublished serves the public keys that the platform's answers are verified with. They may be kept for five
// minutes: a new key is published for longer than that before it signs.
func mountPublished(mux *http.ServeMux, ring *access.Ring) {
	mux.HandleFunc("GET "+KeysPath, func(w http.ResponseWriter, r *http.Request) {
		set := seal.KeySet{Keys: []seal.JWK{}}
		if ring != nil {
			keys, err := ring.Keys(r.Context())
			if err != nil {
				problem.Write(w, r, fault.Wrap(fault.OutOfService, err))
				return
			}
			for _, key := range keys.Published {
				set.Keys = append(set.Keys, key.JWK())
			}
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_ = json.NewEncoder(w).Encode(set) // A reader that has gone needs no answer.
	})
}

// CheckpointPath is where the newest signed checkpoint of the log of facts is published: what anybody may keep, so that
// the platform cannot take it back.
const CheckpointPath = "/.well-known/tolom-checkpoint"

// DeedsCheckpointPath is where that of the log of what people did is published. Of the log itself nothing is.
const DeedsCheckpointPath = "/.well-known/tolom-deeds-checkpoint"

// mountCheckpoint serves it as it was signed. Before the first there is none.
func mountCheckpoint(mux *http.ServeMux, path string, kept store.Trail) {
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		if kept == nil {
			problem.Write(w, r, fault.New(fault.NotFound))
			return
		}
		last, err := kept.Checkpoint(r.Context(), 0)
		switch {
		case errors.Is(err, store.ErrNotFound):
			problem.Write(w, r, fault.New(fault.NotFound).Because("nothing was sealed yet"))
			return
		case err != nil:
			problem.Write(w, r, fault.Wrap(fault.OutOfService, err))
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=2")
		_, _ = io.WriteString(w, last.Text) // A reader that has gone needs no answer.
	})
}
