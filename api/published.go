package api

import (
	"encoding/json"
	"net/http"

	"tolom/access"
	"tolom/api/problem"
	"tolom/fault"
	"tolom/seal"
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
